"""The commands that only look: balances, positions, orders, fills, markets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import formats
from hedge_tui.cli.asking import with_engine
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json
from hedge_tui.cli.table import figures, print_rows, text
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.cli.desk import Desk
    from hedge_tui.wire.client import EngineClient

Account = Annotated[str, typer.Option("--account", help="Only this account.")]

BALANCES = (
    text("account"),
    text("venue", spare=2),
    text("asset"),
    figures("total"),
    figures("free"),
    figures("locked", spare=1),
    figures("value", formats.money),
)
POSITIONS = (
    text("account"),
    text("venue", spare=5),
    text("symbol"),
    text("side"),
    figures("quantity"),
    figures("entry_price", title="entry"),
    figures("mark_price", title="mark", spare=2),
    figures("notional", formats.money, spare=1),
    figures("unrealized", formats.signed_money),
    figures("break_even", formats.price, "break-even", spare=8),
    figures("liquidation_price", title="liquidation", spare=3),
    figures("liquidation_distance", formats.ratio, "liq. in", spare=7),
    figures("protected", formats.ratio, "protected", spare=6),
    figures("funding_next", formats.signed_money, "next funding", spare=9),
    figures("adl", formats.plain, "ADL", spare=10),
    figures("leverage", spare=4),
)
ORDERS = (
    figures("row", formats.plain),
    text("account"),
    text("symbol"),
    text("side"),
    text("type", spare=4),
    figures("price"),
    figures("trigger_price", title="trigger", spare=5),
    figures("quantity"),
    figures("filled"),
    figures("average_price", title="average", spare=3),
    text("status"),
    text("flags", spare=2),
    text("reason", spare=1),
)


def balances(ctx: typer.Context, json: Json = False, account: Account = "") -> None:
    """Print what each account holds; `value` is in the reporting currency."""
    rows = _rows(desk_of(ctx), "balances", account)
    print_json(rows) if json else print_rows(
        BALANCES, rows, "no balances: is an account connected? hedge accounts list"
    )


def positions(ctx: typer.Context, json: Json = False, account: Account = "") -> None:
    """Print open positions at live marks."""
    rows = _rows(desk_of(ctx), "positions", account)
    empty = 'no open positions; one is opened by: hedge do "@ACCOUNT buy 500usd BTC.p"'
    print_json(rows) if json else print_rows(POSITIONS, rows, empty)


def orders(
    ctx: typer.Context,
    json: Json = False,
    account: Account = "",
    every: Annotated[bool, typer.Option("--all", help="Finished orders too, newest last.")] = False,
) -> None:
    """Print orders that may still trade: live, partly filled, unknown."""
    rows = _rows(desk_of(ctx), "orders", account, working=not every)
    empty = "no orders" if every else "no order works; finished ones: hedge orders --all"
    print_json(rows) if json else print_rows(ORDERS, rows, empty)


def fills(
    ctx: typer.Context,
    json: Json = False,
    account: Account = "",
    count: Annotated[int, typer.Option("--count", min=1, help="At most this many, newest last.")] = 500,
) -> None:
    """Print executions, newest last."""
    desk = desk_of(ctx)
    rows = _rows(desk, "fills", account, count=count)
    if json:
        print_json(rows)
        return
    from hedge_tui.config import zone

    columns = (
        figures("venue_ns", formats.when(zone(desk.settings)), "time"),
        text("account"),
        text("symbol"),
        text("side"),
        figures("quantity"),
        figures("price"),
        figures("commission"),
        text("commission_asset", "in", spare=1),
        figures("realized", formats.signed_money),
        text("liquidity", spare=2),
    )
    print_rows(columns, rows, "no fills yet")


def _rows(desk: Desk, query: str, account: str, **args: Any) -> list[dict[str, Any]]:
    """The answer of a query, of one account where one is named.

    Raises:
        CommandError: nobody is called so; an empty table would say that the account holds nothing.
    """

    async def get(client: EngineClient) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await client.query(query, **args)
        if not account:
            return rows
        known = [row["account"] for row in await client.query("accounts")]
        if account not in known:
            from hedge_tui.config.place import nearest

            raise CommandError(f'no account is called "{account}"; {nearest(account, known)}')
        return [row for row in rows if row["account"] == account]

    return with_engine(desk, get)
