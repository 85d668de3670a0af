"""`hedge markets`: every instrument with its figures."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hedge_tui.cli import formats
from hedge_tui.cli.asking import ask
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json
from hedge_tui.cli.table import figures, print_rows, text
from hedge_tui.domain.errors import CommandError

MARKETS = (
    text("venue", spare=1),
    text("symbol"),
    figures("last"),
    figures("change_5m", formats.percent, "5 m", spare=6),
    figures("change_1h", formats.percent, "1 h", spare=5),
    figures("change_24h", formats.percent, "24 h"),
    figures("turnover_24h", formats.compact, "volume", spare=2),
    figures("relative_volume", formats.plain, "rel vol", spare=7),
    figures("spread_bp", formats.basis_points, "spread bp", spare=4),
    figures("funding_rate", formats.rate, "funding"),
    figures("funding_apr", formats.percent, "fund apr", spare=8),
    figures("interest_value", formats.compact, "open int", spare=9),
    figures("interest_24h", formats.percent, "oi 24 h", spare=10),
    figures("net_value", formats.signed_money, "own value", spare=3),
)


def command(  # noqa: PLR0917 - each is an option of its own
    ctx: typer.Context,
    json: Json = False,
    find: Annotated[str, typer.Option("--find", help="Only symbols that contain this.")] = "",
    venue: Annotated[str, typer.Option("--venue", help="Only this venue.")] = "",
    sort: Annotated[str, typer.Option("--sort", help="Field of --json to sort by.")] = "",
    limit: Annotated[int, typer.Option("--limit", "--count", min=0, help="At most so many; 0: all.")] = 0,
) -> None:
    """Print instruments with their figures, largest turnover first; 50 at a terminal.

    --sort takes any field of --json, such as change_5m, relative_volume, funding_apr or interest_24h: largest
    first, words by the alphabet, unknown figures last; --sort=-change_24h turns it around.
    """
    rows = [
        row
        for row in ask(desk_of(ctx), "markets")
        if find.upper() in row["symbol"].upper() and venue in ("", row["venue"])
    ]
    rows = _sorted(rows, sort)[: limit or (None if json else 50)]
    empty = f'no instrument has "{find}" in its symbol' if find else "no instruments yet: hedge engine status"
    print_json(rows) if json else print_rows(MARKETS, rows, empty)


def _sorted(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Rows by one field.

    Raises:
        CommandError: there is no such field.
    """
    name = sort.removeprefix("-") or "turnover_24h"
    if rows and name not in rows[0]:
        from hedge_tui.config.place import nearest

        raise CommandError(f'no field is called "{name}"; {nearest(name, list(rows[0]))}')
    known = [row for row in rows if row[name] is not None]
    words = bool(known) and isinstance(known[0][name], str)
    known.sort(key=lambda row: row[name], reverse=sort.startswith("-") is words)
    return known + [row for row in rows if row[name] is None]
