"""`hedge engine run|status|stop|unit`: the process behind the screen."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits, formats
from hedge_tui.cli.asking import ask
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.output import print_json, shown
from hedge_tui.domain.errors import ConfigError, EngineUnreachable

if TYPE_CHECKING:
    from hedge_tui.cli.desk import Desk

app = command_group("The process that keeps the desk running; the screen is only its viewer.")


@app.command("run")
def run(
    ctx: typer.Context,
    passphrase_stdin: Annotated[
        bool, typer.Option("--passphrase-stdin", help="Read the vault's passphrase from standard input.")
    ] = False,
) -> int:
    """Run an engine here until SIGTERM or Ctrl+C; `hedge` starts one by itself when it needs one.

    At a terminal it asks for the vault's passphrase; without it accounts wait for `hedge unlock`.
    """
    from hedge_tui.bootstrap.launch import engine_owner
    from hedge_tui.cli.passphrase import passphrase_for_engine
    from hedge_tui.credentials.process import harden

    harden()  # before a passphrase is in this process
    desk = desk_of(ctx)
    settings = desk.settings
    # The journal's lock is what counts; this only says it before anything is loaded or asked.
    if (owner := engine_owner(desk.paths.data_dir)) is not None:
        raise ConfigError(
            f"{desk.paths.data_dir} is in use by process {owner}, its engine; hedge engine stop ends it"
        )
    from hedge_tui.bootstrap.engine_process import read_passphrase_from_stdin, run_engine

    if passphrase_stdin:
        passphrase: str | None = read_passphrase_from_stdin()
    else:
        passphrase = passphrase_for_engine(desk) if sys.stdin.isatty() else None
    return run_engine(desk.paths, settings, desk.socket, passphrase, _say)


@app.command("status")
def status(ctx: typer.Context, json: Json = False) -> int:
    """Say what the engine is doing; exits 3 when there is none, or when it does not answer."""
    desk = desk_of(ctx)
    try:
        found: dict[str, Any] = ask(desk, "status")
    except EngineUnreachable as error:
        raise _stuck(desk) or error from None
    if json:
        print_json(found)
        return exits.DONE
    for name, value in status_lines(found, time.time_ns()):
        sys.stdout.write(f"{name:<12} {shown(value)}\n")
    return exits.DONE


@app.command("stop")
def stop(ctx: typer.Context) -> int:
    """End the engine; resting orders stay at their venues."""
    from hedge_tui.bootstrap.launch import stop_engine

    desk = desk_of(ctx)
    if stop_engine(desk.socket, desk.paths.data_dir):
        sys.stdout.write("the engine has ended; resting orders stay at their venues\n")
        return exits.DONE
    sys.stdout.write("no engine runs on this data directory\n")
    return exits.NO_ENGINE


@app.command("unit")
def unit(ctx: typer.Context) -> None:
    """Print a systemd unit that starts the engine at boot and opens its vault by an encrypted credential."""
    from hedge_tui.cli.engine_unit import unit_text

    desk = desk_of(ctx)
    name = desk.settings.vault.credential
    sys.stdout.write(unit_text(desk.paths, name, data_dir_given=desk.data_dir_given))


def status_lines(found: dict[str, Any], now_ns: int) -> list[tuple[str, str]]:
    """The status as a person reads it: (what, how it is)."""
    vault = "locked: accounts wait for `hedge unlock`" if found["locked"] else "open"
    lines = [
        ("engine", f"process {found['pid']}, version {found['version']}"),
        ("running for", formats.ago(found["started_ns"], now_ns)),
        ("data", found["data_dir"]),
        ("accounts", f"{found['connected']} of {found['accounts']} connected"),
        ("vault", vault if found["accounts"] else "no account is configured: hedge accounts add"),
        ("instruments", f"{found['quotes']} of {found['instruments']} with a quote"),
        ("orders", f"{found['working_orders']} working, {found['unknown_orders']} unknown"),
        ("journal", found["journal"]),
        ("clients", str(found["clients"])),
    ]
    if found["faults"]:
        lines.append(("faults", f"{found['faults']}: please report them, with the engine's log"))
    return lines


def _stuck(desk: Desk) -> EngineUnreachable | None:
    """What is known of an engine that runs and does not answer; None when there is none."""
    from hedge_tui.bootstrap.launch import engine_owner
    from hedge_tui.bootstrap.places import stuck_file
    from hedge_tui.bootstrap.watchdog import read_stuck

    way_out = "hedge panic works without it; kill -9 {pid} ends it, the journal keeps what was sent"
    if (found := read_stuck(stuck_file(desk.paths.data_dir))) is not None:
        calls = "\n         ".join(reversed(found["stack"]))
        return EngineUnreachable(
            f"the engine (process {found['pid']}) has stood still for {found['seconds']:.0f} s and may hang,"
            f" in\n         {calls}\n       {way_out.format(pid=found['pid'])}"
        )
    if (pid := engine_owner(desk.paths.data_dir)) is not None:
        return EngineUnreachable(
            f"the engine (process {pid}) does not answer; it may hang, or was stopped;"
            f" {way_out.format(pid=pid)}"
        )
    return None


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()
