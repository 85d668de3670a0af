"""`hedge panic [flat]`: cancels entries on every account, at once; also when the engine hangs or is gone."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import desk_of
from hedge_tui.domain.errors import CommandError, EngineUnreachable

if TYPE_CHECKING:
    from hedge_tui.bootstrap.break_glass import AccountPanic
    from hedge_tui.cli.desk import Desk

HELLO_S = 1.5
ANSWER_S = 12.0
"""The engine attempts all cancels within 5 s; one that has said nothing after this hangs."""


def command(
    ctx: typer.Context,
    flat: Annotated[str, typer.Argument(help='"flat" closes every position too.')] = "",
) -> int:
    """Cancel entries on every account and keep protective stops; asks nothing, needs no lock.

    With `flat` positions are closed at market too. Where the engine hangs or is gone, the vault is opened
    here (the passphrase is asked for, or read from standard input) and the cancels go out over connections
    of their own; `flat` needs the engine.
    """
    if flat not in ("", "flat"):
        raise CommandError(f'panic takes "flat" or nothing, not "{flat}"', hint="hedge panic flat")
    desk = desk_of(ctx)
    try:
        text = asyncio.run(_by_engine(desk, f"panic {flat}".strip()))
    except EngineUnreachable as error:
        return _by_ourselves(desk, error, flat=bool(flat))
    sys.stdout.write(text + "\n")
    return exits.UNKNOWN if "without an answer" in text else exits.DONE


async def _by_engine(desk: Desk, line: str) -> str:
    from hedge_tui.bootstrap.launch import attach
    from hedge_tui.wire.messages import Done

    client = await attach(desk.socket, timeout_s=HELLO_S)
    try:
        async with asyncio.timeout(ANSWER_S):
            answer = await client.submit(line, origin="cli")
    except TimeoutError:
        raise EngineUnreachable(f"the engine has said nothing for {ANSWER_S:.0f} s") from None
    finally:
        await client.close()
    assert isinstance(answer, Done)
    return answer.text


def _by_ourselves(desk: Desk, why: EngineUnreachable, *, flat: bool) -> int:
    from hedge_tui.bootstrap.break_glass import cancel_everything
    from hedge_tui.cli.vault_door import open_vault

    sys.stderr.write(f"{why}\ncancelling without it\n")
    sys.stderr.flush()
    found = cancel_everything(desk.settings, open_vault(desk))
    for one in found:
        sys.stdout.write(f"{one.account}: {_words(one)}\n")
    if flat:
        sys.stderr.write("hedge: positions are still open: closing them needs the engine\n")
    if any(one.silent for one in found):
        return exits.UNKNOWN
    return exits.FAILED if flat or any(one.problem for one in found) else exits.DONE


def _words(one: AccountPanic) -> str:
    if one.problem:
        return f"NOT REACHED: {one.problem}"
    words = [f"{one.cancelled} cancelled"]
    if one.refused:
        words.append(f"{one.refused} already gone or refused")
    if one.silent:
        words.append(f"{one.silent} WITHOUT AN ANSWER, look at the venue")
    if one.kept:
        words.append(f"{one.kept} protective stops kept")
    return ", ".join(words)
