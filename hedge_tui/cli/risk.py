"""`hedge risk`: accounts, net delta, what a move of the market would do, states, and limits in force."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import formats
from hedge_tui.cli.asking import with_engine
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json
from hedge_tui.cli.table import figures, print_rows, text

if TYPE_CHECKING:
    from hedge_tui.wire.client import EngineClient

RISK = (
    text("account"),
    figures("equity", formats.money),
    figures("exposure", formats.money, "net delta"),
    figures("leverage", formats.exact_two, "lev", spare=3),
    figures("margin_ratio", formats.ratio, "margin"),
    figures("liquidation_move", formats.percent, "liq. at move"),
    figures("if_filled_leverage", formats.exact_two, "lev if filled", spare=4),
    figures("if_filled_margin", formats.ratio, "margin if filled", spare=2),
    figures("orders", formats.plain, spare=1),
    text("state", spare=5),
    text("trading"),
)
EXPOSURE = (
    text("asset"),
    figures("long"),
    figures("short"),
    figures("net"),
    figures("net_value", formats.money, "net value"),
    figures("accounts", formats.plain, spare=1),
)
STRESS = (
    figures("move", formats.percent),
    figures("equity", formats.money),
    figures("change", formats.signed_money),
    text("liquidated"),
)
STRESSED = (
    text("account"),
    figures("equity", formats.money),
    figures("change", formats.signed_money),
    figures("margin_ratio", formats.ratio, "margin"),
    text("liquidated"),
)
HELD = (
    text("of", spare=0),
    text("state", spare=0),
    text("by", spare=0),
    text("reason", spare=1),
    text("lift", spare=2, title="to lift it"),
)
LIMITS = (
    text("scope"),
    text("name"),
    figures("value", formats.plain),
    figures("used", formats.plain),
    figures("left", formats.plain),
    figures("percent", formats.plain, "used %"),
    text("by", spare=2),
    text("origin", spare=1),
)


def risk(
    ctx: typer.Context,
    json: Json = False,
    stress: Annotated[
        str, typer.Option("--stress", help='Moves as in the console: "-10%" or "BTC -15% ETH -20%".')
    ] = "",
) -> None:
    """Print exposure, margin use, what a move of the market would do, states, and limits in force."""
    desk = desk_of(ctx)
    if stress:
        from hedge_tui.command.parser import parse

        parse(f"stress {stress}")  # a mistake in it is a mistake of usage

    async def get(client: EngineClient) -> tuple[Any, ...]:
        return (
            await client.query("accounts"),
            await client.query("exposure"),
            await client.query("risk", moves=stress),
            await client.query("restraints"),
        )

    accounts, exposure, found, restraints = with_engine(desk, get)
    if json:
        print_json({"accounts": accounts, "exposure": exposure, "risk": found, **restraints})
        return
    if stress:
        _print_stress(found)
        return
    print_rows(RISK, _rows(accounts, found, restraints["states"]), "no account: hedge accounts add")
    sys.stdout.write("\n")
    print_rows(EXPOSURE, exposure, "no exposure")
    sys.stdout.write("\nif everything but cash moved at once\n")
    table = [{**row, "liquidated": " ".join(row["liquidated"])} for row in found["table"]]
    print_rows(STRESS, table, "no account is connected")
    if restraints["holds"]:
        sys.stdout.write("\nheld\n")
        print_rows(HELD, [{**row, "of": row["scope"]} for row in restraints["holds"]], "")
    sys.stdout.write("\nlimits; money in the reporting currency, 0 lets nothing through\n")
    print_rows(LIMITS, [_limit(row) for row in restraints["limits"]], "no limit")


def _limit(row: dict[str, Any]) -> dict[str, Any]:
    """A limit with how much of it is used up, and numbers a person can read."""
    value, used = row["value"], row["used"]
    part = float(used) / float(value) * 100 if used is not None and float(value) else None
    shown = {key: None if row[key] is None else _grouped(row[key]) for key in ("value", "used", "left")}
    return {**row, **shown, "percent": None if part is None else f"{part:.0f}"}


def _grouped(value: str) -> str:
    """Thousands apart, at most two decimals beyond what is below one; words as they are."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if abs(number) < 1:
        return f"{number:,.8f}".rstrip("0").rstrip(".")
    return f"{number:,.2f}".removesuffix(".00")


def _rows(
    accounts: list[dict[str, Any]], found: dict[str, Any], states: dict[str, str]
) -> list[dict[str, Any]]:
    """One row per account; what was never read is not known, where the engine counts it as nothing."""
    known = {row["account"]: row for row in found["accounts"]}
    rows = []
    for account in accounts:
        row = {
            "account": account["account"],
            "state": account["state"],
            "trading": states[account["account"]],
        }
        if (figures_ := known.get(account["account"])) is not None:
            filled = (figures_["if_buys_fill"], figures_["if_sells_fill"])
            row |= figures_ | {
                "if_filled_leverage": _most(one["leverage"] for one in filled),
                "if_filled_margin": _most(one["margin_ratio"] for one in filled),
            }
        rows.append(row)
    return rows


def _most(values: Any) -> str | None:
    """The largest of some numbers as text; None where none is known."""
    return max((value for value in values if value is not None), key=float, default=None)


def _print_stress(found: dict[str, Any]) -> None:
    result = found["stress"]
    rows = [
        {**row, "liquidated": "; ".join(_words(one) for one in row["liquidations"])}
        for row in sorted(result["accounts"], key=lambda row: float(row["change"]))
    ]
    rows.append({"account": "desk", "equity": result["equity"], "change": result["change"], "liquidated": ""})
    print_rows(STRESSED, rows, "no account is connected: hedge accounts list")
    sys.stdout.write(f"in {found['currency']}; nothing was sent\n")


def _words(one: dict[str, Any]) -> str:
    prices = ", ".join(f"{id_.partition(':')[2]} at {price}" for id_, price in one["prices"].items())
    return f"{one['margin_mode']} {one['settle']}: {prices}"
