"""`hedge history status`: what is recorded on this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import typer

from hedge_tui.cli.asking import ask
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.output import print_json, print_table

app = command_group("Candles recorded on this machine, in Parquet files that any tool reads.")


@app.command("status")
def status(ctx: typer.Context, json: Json = False) -> None:
    """Print every recorded series: span, candles, known gaps, bytes."""
    rows: list[dict[str, Any]] = ask(desk_of(ctx), "spans")
    if json:
        print_json(rows)
        return
    columns = ("instrument", "timeframe", "from", "to", "candles", "gaps", "bytes")
    table = [
        (
            row["instrument"],
            row["timeframe"],
            _day(row["first_ns"]),
            _day(row["last_ns"]),
            row["rows"],
            len(row["gaps"]),
            row["bytes"],
        )
        for row in rows
    ]
    print_table(columns, table, "nothing recorded yet: open a chart, its candles are kept")


def _day(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns / 1e9, UTC):%Y-%m-%d %H:%M}" if at_ns else "-"
