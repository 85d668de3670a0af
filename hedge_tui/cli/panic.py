"""`hedge panic [flat]`: cancels entries on every account, at once."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking import with_engine
from hedge_tui.cli.desk import desk_of


def command(
    ctx: typer.Context,
    flat: Annotated[str, typer.Argument(help='"flat" closes every position too.')] = "",
) -> int:
    """Cancel entries on every account and keep protective stops; asks nothing, needs no lock.

    With `flat` positions are closed at market too.
    """
    from hedge_tui.domain.errors import CommandError
    from hedge_tui.wire.messages import Done

    if flat not in ("", "flat"):
        raise CommandError(f'panic takes "flat" or nothing, not "{flat}"', hint="hedge panic flat")
    answer = with_engine(desk_of(ctx), lambda client: client.submit(f"panic {flat}".strip(), origin="cli"))
    assert isinstance(answer, Done)
    sys.stdout.write(answer.text + "\n")
    return exits.DONE
