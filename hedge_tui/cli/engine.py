"""`hedge engine run|status|stop`: the process behind the screen."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.output import print_json, print_table

app = command_group("The process that keeps the desk running; the screen is only its viewer.")


@app.command("run")
def run(
    ctx: typer.Context,
    passphrase_stdin: Annotated[
        bool, typer.Option("--passphrase-stdin", help="Read the vault's passphrase from standard input.")
    ] = False,
) -> int:
    """Run an engine here until SIGTERM; `hedge` starts one by itself when it needs one."""
    from hedge_tui.bootstrap.engine_process import read_passphrase_from_stdin, run_engine

    desk = desk_of(ctx)
    passphrase = read_passphrase_from_stdin() if passphrase_stdin else None
    return run_engine(desk.paths, desk.settings, desk.socket, passphrase)


@app.command("status")
def status(ctx: typer.Context, json: Json = False) -> int:
    """Say what the engine is doing."""
    from hedge_tui.bootstrap.launch import attach

    desk = desk_of(ctx)

    async def ask() -> dict[str, object]:
        client = await attach(desk.socket)
        try:
            found: dict[str, object] = await client.query("status")
            return found
        finally:
            await client.close()

    found = asyncio.run(ask())
    if json:
        print_json(found)
    else:
        print_table(("what", "value"), [(key, _word(value)) for key, value in found.items()])
    return exits.DONE


@app.command("stop")
def stop(ctx: typer.Context) -> int:
    """End the engine; resting orders stay at their venues."""
    from hedge_tui.bootstrap.launch import stop_engine

    if stop_engine(desk_of(ctx).socket):
        sys.stdout.write("the engine has ended; resting orders stay at their venues\n")
        return exits.DONE
    sys.stdout.write("no engine runs on this data directory\n")
    return exits.NO_ENGINE


def _word(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
