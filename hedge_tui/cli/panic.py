"""`hedge panic [flat|stop]`: cancels entries on every account at once, whether an engine answers or not."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.domain.errors import CommandError, EngineUnreachable

if TYPE_CHECKING:
    from hedge_tui.cli.desk import Desk

HELLO_S = 1.5
ANSWER_S = 7.0
"""The engine answers within 5 s; one that has said nothing after this hangs."""
LOOK_EVERY_S = 0.3
LIMIT_S = 120.0


def command(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(help='"flat" closes every position too, "stop" ends the trying.')
    ] = "",
    flat: Annotated[bool, typer.Option("--flat", help="Close every position too.")] = False,
    limit_s: Annotated[
        float, typer.Option("--for", help="Seconds to follow it until everything is proved.")
    ] = LIMIT_S,
    json: Json = False,
) -> int:
    """Cancel entries on every account and keep protective stops; asks nothing, needs no lock.

    With `flat` positions are closed at market too, and their stops dropped once they are flat. It goes on
    until everything is proved: what this command leaves unproved, the engine goes on with. Where the engine
    hangs or is gone, the vault is opened here (the passphrase is asked for, or read from standard input) and
    the same is done over connections of its own, with a record in the data directory.
    """
    if what not in ("", "flat", "stop"):
        raise CommandError(f'panic takes "flat", "stop" or nothing, not "{what}"', hint="hedge panic flat")
    desk, closing = desk_of(ctx), flat or what == "flat"
    line = f"panic {'stop' if what == 'stop' else 'flat' if closing else ''}".strip()
    try:
        found = asyncio.run(_by_engine(desk, line, limit_s, quiet=json))
    except EngineUnreachable as error:
        if what == "stop":
            raise
        found = _by_ourselves(desk, error, flat=closing, limit_s=limit_s, quiet=json)
    if json:
        from hedge_tui.cli.output import print_json

        print_json(found)
    return _exit_code(found["accounts"])


async def _by_engine(desk: Desk, line: str, limit_s: float, *, quiet: bool) -> dict[str, Any]:
    from hedge_tui.bootstrap.launch import attach
    from hedge_tui.wire.messages import Done

    client = await attach(desk.socket, timeout_s=HELLO_S)
    try:
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await client.submit(line, origin="cli")
        except TimeoutError:
            raise EngineUnreachable(f"the engine has said nothing for {ANSWER_S:.0f} s") from None
        assert isinstance(answer, Done)
        if not quiet:
            _say(answer.text)
        if client.welcome.locked and line != "panic stop":
            raise EngineUnreachable("the engine's vault is locked: it reaches no account")
        accounts: list[dict[str, Any]] = await client.query("panic")
        told = {one["account"]: one["words"] for one in accounts}
        end = asyncio.get_running_loop().time() + limit_s
        while not all(one["settled"] for one in accounts) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(LOOK_EVERY_S)
            accounts = await client.query("panic")
            for one in accounts:
                if one["settled"] and told.get(one["account"]) != one["words"]:
                    told[one["account"]] = one["words"]
                    if not quiet:
                        _say(f"{one['account']}: {one['words']}")
        if not quiet and not all(one["settled"] for one in accounts):
            sys.stderr.write("the engine goes on trying: hedge panic stop ends it\n")
    finally:
        await client.close()
    return {"by": "engine", "why": "", "record": None, "accounts": accounts}


def _by_ourselves(
    desk: Desk, why: EngineUnreachable, *, flat: bool, limit_s: float, quiet: bool
) -> dict[str, Any]:
    from hedge_tui.bootstrap.break_glass import panic_by_ourselves
    from hedge_tui.cli.vault_door import open_vault

    sys.stderr.write(f"{why}\ndoing it without the engine\n")
    sys.stderr.flush()

    def say(account: str, words: str) -> None:
        if not quiet:
            _say(f"{account}: {words}")

    done = panic_by_ourselves(
        desk.settings, open_vault(desk), desk.paths.data_dir, flat=flat, limit_s=limit_s, say=say
    )
    if done.record_problem:
        sys.stderr.write(f"hedge: what was done is not all written down: {done.record_problem}\n")
    else:
        sys.stderr.write(f"what was done is written in {done.record}\n")
    return {"by": "break glass", "why": str(why), "record": done.record, "accounts": done.accounts}


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _exit_code(accounts: list[dict[str, Any]]) -> int:
    """Done; unknown when something has no answer; failed when an account was not reached or is not whole."""
    if any(one["silent"] and one["heard"] for one in accounts):
        return exits.UNKNOWN
    whole = all(one["phase"] == "done" and not one["stuck"] for one in accounts)
    return exits.DONE if whole else exits.FAILED
