"""`hedge pnl`: today by account, or the PnL book by day, session, account, instrument and more."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import formats
from hedge_tui.cli.asking import ask
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json
from hedge_tui.cli.table import figures, print_rows, text
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.cli.desk import Desk

BY = ("day", "session", "account", "venue", "group", "instrument", "tag")
DAYS = 30
TODAY = (
    text("account"),
    text("venue", spare=1),
    figures("equity", formats.money),
    figures("pnl_today", formats.signed_money, "today"),
    figures("unrealized", formats.signed_money),
    figures("realized_today", formats.signed_money, "realized"),
    figures("fees_today", formats.money, "fees"),
    figures("funding_today", formats.signed_money, "funding"),
)
_NOBODY = {
    "group": "no group",
    "tag": "no tag",
    "session": "before any session",
    "instrument": "of the account",
}


def command(  # noqa: PLR0917 - typer calls it by name
    ctx: typer.Context,
    json: Json = False,
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="So many trading days, today's included.")
    ] = None,
    since: Annotated[
        str, typer.Option("--since", help="Instead: the first trading day, as 2026-11-01.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help=" | ".join(BY))] = "",
    account: Annotated[str, typer.Option("--account", help="Only this account.")] = "",
) -> None:
    """Print profit and loss: of today per account, or with any option out of the PnL book.

    Net is realized less fees, with funding and other income; open positions are only in today's table. Money
    moved in or out is listed and is no profit. Values are in the reporting currency at live prices; --json
    holds the exact sum of every asset beside them.
    """
    desk = desk_of(ctx)
    if days is None and not (since or by or account):
        _today(desk, json=json)
        return
    found = ask(desk, "pnl_book", **_question(days, since, by, account))
    if json:
        print_json(found)
        return
    _print(found)


def _question(days: int | None, since: str, by: str, account: str) -> dict[str, Any]:
    """The arguments of the query.

    Raises:
        CommandError: one of them means nothing, or two contradict each other.
    """
    from hedge_tui.config.place import nearest

    if by and by not in BY:
        raise CommandError(f"PnL is not told by {by!r}; {nearest(by, BY)}", hint=f"one of: {' '.join(BY)}")
    if days is not None and since:
        raise CommandError(f"--days {days} and --since {since} say two things", hint="write one of them")
    if since:
        try:
            date.fromisoformat(since)
        except ValueError:
            raise CommandError(f"{since!r} is no date", hint="write it as 2026-11-01") from None
    if days is None and not since and by in ("", "day"):
        days = DAYS
    return {"by": by or "day", "days": days, "since": since, "account": account}


def _today(desk: Desk, *, json: bool) -> None:
    found = ask(desk, "pnl")
    if json:
        print_json(found)
        return
    word = "total (live)" if found.get("left_out") else "total"
    total = [{"account": word, **found["total"]}] if found["accounts"] else []
    print_rows(TODAY, [*found["accounts"], *total], "no account is connected: hedge accounts list")
    if total:
        sys.stdout.write(f"in {found['currency']}; other days: hedge pnl --days {DAYS}\n")


def _print(found: dict[str, Any]) -> None:
    by = found["by"]
    columns = (
        text("key", by),
        figures("net", formats.signed_money),
        figures("realized", formats.signed_money),
        figures("fees", formats.money),
        figures("funding", formats.signed_money),
        figures("other", formats.signed_money, spare=2),
        figures("fills", formats.plain, spare=4),
        figures("deposits", formats.signed_money, spare=5),
        figures("withdrawals", formats.signed_money, "withdrawn", spare=6),
        figures("transfers", formats.signed_money, spare=3),
    )
    rows = [{**row, "key": row["key"] or _NOBODY.get(by, "-")} for row in found["rows"]]
    if not rows:
        more = "a longer one: hedge pnl --days 90" if found["since_ns"] else "it begins with the first fill"
        sys.stdout.write(f"nothing was booked in this time; {more}\n")
    else:
        print_rows(columns, [*rows, {"key": "total", **found["total"]}], "")
        sys.stdout.write(
            f"in {found['currency']} at live prices; days begin at {found['day_start']} {found['timezone']}\n"
        )
    unpriced = found["total"]["unpriced"]
    if unpriced:
        sys.stdout.write(f"left out, no price of: {', '.join(unpriced)}; exact sums: --json\n")
    for one in found["imports"]:
        if not one["done"]:
            sys.stdout.write(f"{one['account']}: {one['progress'] or 'its past is not imported yet'}\n")
