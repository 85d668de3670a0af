"""The commands that only look: balances, positions, orders, fills, pnl, risk, markets."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Annotated, Any

import typer

from hedge_tui.cli.asking import ask
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json, print_table

Account = Annotated[str, typer.Option("--account", help="Only this account.")]


def balances(ctx: typer.Context, json: Json = False, account: Account = "") -> None:
    """Print what each account holds; `value` is in the reporting currency."""
    rows = _of(ask(desk_of(ctx), "balances"), account)
    _show(rows, json, ("account", "venue", "asset", "total", "free", "locked", "value"), "no balances")


def positions(ctx: typer.Context, json: Json = False, account: Account = "") -> None:
    """Print open positions at live marks."""
    rows = _of(ask(desk_of(ctx), "positions"), account)
    columns = (
        "account",
        "symbol",
        "side",
        "quantity",
        "entry_price",
        "mark_price",
        "notional",
        "unrealized",
        "liquidation_price",
        "leverage",
    )
    _show(rows, json, columns, "no open positions")


def orders(
    ctx: typer.Context,
    json: Json = False,
    account: Account = "",
    every: Annotated[bool, typer.Option("--all", help="Finished orders too, newest last.")] = False,
) -> None:
    """Print orders that may still trade: live, partly filled, unknown."""
    rows = _of(ask(desk_of(ctx), "orders", working=not every), account)
    columns = (
        "row",
        "account",
        "symbol",
        "side",
        "type",
        "price",
        "quantity",
        "filled",
        "average_price",
        "status",
        "flags",
        "reason",
    )
    _show(rows, json, columns, "no orders")


def fills(
    ctx: typer.Context,
    json: Json = False,
    account: Account = "",
    count: Annotated[int, typer.Option("--count", help="At most this many, newest last.")] = 500,
) -> None:
    """Print executions, newest last."""
    rows = _of(ask(desk_of(ctx), "fills", count=count), account)
    columns = ("account", "symbol", "side", "quantity", "price", "commission", "commission_asset", "realized")
    _show(rows, json, columns, "no fills yet")


def pnl(ctx: typer.Context, json: Json = False) -> None:
    """Print profit and loss of today per account, and in total."""
    found = ask(desk_of(ctx), "pnl")
    if json:
        print_json(found)
        return
    columns = (
        "account",
        "venue",
        "equity",
        "pnl_today",
        "unrealized",
        "realized_today",
        "fees_today",
        "funding_today",
    )
    _show(
        [*found["accounts"], {"account": "total", "venue": "", **found["total"]}], json, columns, "no account"
    )
    sys.stdout.write(f"in {found['currency']}\n")


def risk(ctx: typer.Context, json: Json = False) -> None:
    """Print exposure, margin use and the caps in force."""
    from hedge_tui.config.settings import RiskCaps

    desk = desk_of(ctx)
    accounts, exposure = ask(desk, "accounts"), ask(desk, "exposure")
    caps = {
        account.name: {
            cap: getattr(desk.settings.risk.for_account(account.name), cap) for cap in RiskCaps.__slots__
        }
        for account in desk.settings.accounts
    }
    if json:
        print_json({"accounts": accounts, "exposure": exposure, "caps": caps})
        return
    columns = ("account", "equity", "exposure", "margin_used", "margin_ratio", "positions", "orders", "state")
    _show(accounts, json, columns, "no account")
    sys.stdout.write("\n")
    _show(exposure, json, ("asset", "long", "short", "net", "net_value", "accounts"), "no exposure")


def markets(
    ctx: typer.Context,
    json: Json = False,
    find: Annotated[str, typer.Option("--find", help="Only symbols that contain this.")] = "",
    count: Annotated[int, typer.Option("--count", help="At most this many, largest volume first.")] = 50,
) -> None:
    """Print instruments with their quotes, largest 24 h volume first."""
    rows = [r for r in ask(desk_of(ctx), "markets") if find.upper() in r["symbol"].upper()]
    rows.sort(key=lambda row: -(row["volume_24h"] or 0))
    columns = (
        "venue",
        "symbol",
        "last",
        "bid",
        "ask",
        "spread_bp",
        "change_24h",
        "volume_24h",
        "funding_rate",
    )
    _show(rows if json else rows[:count], json, columns, "no instruments yet")


def _of(rows: list[dict[str, Any]], account: str) -> list[dict[str, Any]]:
    return [row for row in rows if not account or row["account"] == account]


def _show(rows: list[dict[str, Any]], json: bool, columns: tuple[str, ...], empty: str) -> None:
    if json:
        print_json(rows)
        return
    print_table(columns, [[_cell(row.get(column)) for column in columns] for row in rows], empty)


def _cell(value: Any) -> Any:
    """Digits as numbers, so that the table sets them to the right."""
    if isinstance(value, str):
        try:
            return Decimal(value)
        except ArithmeticError:
            return value
    if isinstance(value, float):
        return Decimal(f"{value:.10g}")
    return value
