"""`hedge away`: what happened since a console last looked, or since a given time ago."""

from __future__ import annotations

import re
import sys
import time
from typing import Annotated

import typer

from hedge_tui.cli.asking import ask
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json, shown
from hedge_tui.domain.errors import CommandError

_UNITS = {"m": 60, "min": 60, "h": 3_600, "d": 86_400}


def command(
    ctx: typer.Context,
    json: Json = False,
    since: Annotated[str, typer.Option("--since", help="How long ago, such as 30m, 8h or 2d.")] = "",
) -> None:
    """Print fills, refused and unknown orders, alarms, lost streams, restarts, money moved and PnL.

    Without --since: since the last console left.
    """
    since_ns = time.time_ns() - seconds(since) * 1_000_000_000 if since else 0
    found = ask(desk_of(ctx), "away", since_ns=since_ns)
    if json:
        print_json(found)
    elif not found["since_ns"]:
        sys.stdout.write(
            "a console is attached, and none ever left; a time of your own: hedge away --since 8h\n"
        )
    else:
        sys.stdout.write("\n".join(shown(line) if line else "" for line in found["lines"]) + "\n")


def seconds(text: str) -> int:
    """Seconds of `30m`, `8h` or `2d`.

    Raises:
        CommandError: it is none of them.
    """
    found = re.fullmatch(r"(\d{1,5})\s*(m|min|h|d)", text.strip())
    if found is None or not int(found[1]):
        raise CommandError(f"{text!r} is no time span", hint="such as 30m, 8h or 2d")
    return int(found[1]) * _UNITS[found[2]]
