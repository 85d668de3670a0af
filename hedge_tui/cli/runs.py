"""`hedge runs`: confirmed lines and what became of their orders."""

from __future__ import annotations

import typer

from hedge_tui.cli.asking import ask
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json, print_table

COLUMNS = ("run", "text", "origin", "orders", "live", "filled", "failed", "unknown", "filled_pct")


def command(ctx: typer.Context, json: Json = False) -> None:
    """Print confirmed lines, oldest first."""
    rows = ask(desk_of(ctx), "runs")
    if json:
        print_json(rows)
    else:
        print_table(
            COLUMNS, [[row[column] for column in COLUMNS] for row in rows], "no line was confirmed yet"
        )
