"""`hedge away`: what happened since a console last looked, or since a given time ago."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from hedge_tui.cli.asking import ask
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json, shown


def command(
    ctx: typer.Context,
    json: Json = False,
    since: Annotated[str, typer.Option("--since", help="How long ago, such as 30m, 8h or 2d.")] = "",
) -> None:
    """Print fills, refused and unknown orders, alarms, lost streams, restarts, money moved and PnL.

    Without --since: since the last console left.
    """
    from hedge_tui.command.grammar.numbers import read_duration

    back_ns = read_duration(since, (0, len(since)), "8h").ns if since else 0
    since_ns = time.time_ns() - back_ns if back_ns else 0
    found = ask(desk_of(ctx), "away", since_ns=since_ns)
    if json:
        print_json(found)
    elif not found["since_ns"]:
        sys.stdout.write(
            "a console is attached, and none ever left; a time of your own: hedge away --since 8h\n"
        )
    else:
        sys.stdout.write("\n".join(shown(line) if line else "" for line in found["lines"]) + "\n")
