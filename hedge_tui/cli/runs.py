"""`hedge runs`: confirmed lines and what became of their orders."""

from __future__ import annotations

import typer

from hedge_tui.cli import formats
from hedge_tui.cli.asking import ask
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json
from hedge_tui.cli.table import figures, print_rows, text


def command(ctx: typer.Context, json: Json = False) -> None:
    """Print confirmed lines, oldest first."""
    desk = desk_of(ctx)
    rows = ask(desk, "runs")
    if json:
        print_json(rows)
        return
    from hedge_tui.config import zone

    columns = (
        text("run", spare=2),
        figures("at_ns", formats.when(zone(desk.settings)), "time"),
        text("text", "line"),
        text("origin", spare=1),
        figures("orders", formats.plain),
        figures("live", formats.plain),
        figures("filled", formats.plain),
        figures("failed", formats.plain),
        figures("unknown", formats.plain),
        figures("filled_pct", formats.basis_points, "filled %", spare=3),
    )
    print_rows(columns, rows, 'no line was confirmed yet; try: hedge do "@ACCOUNT buy 500usd BTC.p" --yes')
