"""A preview and its result as `hedge do` prints them, for people and as JSON."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from hedge_tui.cli import formats
from hedge_tui.cli.output import shown
from hedge_tui.cli.table import figures, print_rows, text

if TYPE_CHECKING:
    from hedge_tui.wire.messages import LegRow, Preview, Result

MARKET = "market"
"""Stands before the reference price of an order without a limit."""

LEGS = (
    text("act", spare=7),
    text("account"),
    text("side"),
    figures("quantity", show=str),
    text("instrument"),
    text("symbol"),
    text("type", spare=4),
    figures("price", show=str),
    text("flags", spare=2),
    figures("notional", shown),
    figures("fee", shown, spare=3),
    text("effect", spare=1),
    figures("margin_after", shown, "margin after", spare=6),
    text("note"),
)
RESULTS = (
    text("account"),
    text("instrument", spare=1),
    text("status"),
    figures("filled"),
    figures("average_price", title="average"),
    text("reason"),
)


def preview_document(answer: Preview) -> dict[str, Any]:
    """The preview's fields: amounts as digits with their asset beside them, null for what there is not."""
    return {
        "hash": answer.hash,
        "headline": answer.headline,
        "legs": [_leg(row) for row in answer.rows],
        "totals": [
            {"account": account, "legs": legs, **_amount("notional", notional), **_amount("fee", fee)}
            for account, legs, notional, fee in answer.totals
        ],
        "warnings": list(answer.warnings),
        "sendable": answer.sendable,
        "expires_in_s": answer.expires_in_s,
        "preview_only": answer.preview_only,
    }


def result_document(result: Result) -> dict[str, Any]:
    """The result's fields."""
    return {"run": result.run, "sent": result.sent, "legs": [_nulls(_fields(leg)) for leg in result.legs]}


def print_preview(answer: Preview) -> None:
    """The legs, those that cannot be sent included, then the headline and the warnings."""
    rows = [_row(row) for row in answer.rows]
    # The venue is said where the symbols alone would not tell the legs apart.
    several = len({str(row["instrument"]).partition(":")[0] for row in rows}) > 1
    columns = [
        one for one in LEGS if one.name != ("symbol" if several else "instrument") and _used(one.name, rows)
    ]
    print_rows(columns, rows, "no legs")
    sys.stdout.write("\n")
    # Why a leg is not sent stands on a line of its own: in the table a narrow terminal would cut it.
    for leg in answer.rows:
        if leg.problem:
            symbol = leg.instrument.partition(":")[2]
            what = " ".join(word for word in (leg.account, leg.side, symbol) if word)
            sys.stdout.write(f"NOT SENT {what}: {shown(leg.problem)}\n")
    sys.stdout.write(f"{shown(answer.headline)}\n")
    for warning in answer.warnings:
        sys.stdout.write(f"! {shown(warning)}\n")


def print_result(result: Result) -> None:
    """What became of each leg."""
    sys.stdout.write(f"\nrun {result.run}: {result.sent} sent\n")
    print_rows(RESULTS, [_fields(leg) for leg in result.legs], "no answer yet: hedge orders")


def _leg(row: LegRow) -> dict[str, Any]:
    """A leg for machines: the screen's texts taken apart."""
    fields = _fields(row)
    price, reference = row.price, None
    if price.startswith(MARKET):
        price, reference = "", price.removeprefix(MARKET).strip(" ~") or None
    fields |= {"venue": row.instrument.partition(":")[0], "price": price, "reference_price": reference}
    fields |= _amount("notional", row.notional) | _amount("fee", row.fee)
    fields["margin_after"] = row.margin_after.replace(",", "")
    if row.new:
        fields["quantity"] = ""
    return _nulls(fields)


def _amount(name: str, shown_text: str) -> dict[str, str | None]:
    """`1,234.50 USDT` as digits and asset."""
    digits, _, asset = shown_text.partition(" ")
    return {name: digits.replace(",", "") or None, f"{name}_asset": asset or None}


def _nulls(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value == "" else value for name, value in fields.items()}


def _row(row: LegRow) -> dict[str, Any]:
    """A leg for people."""
    fields = _fields(row)
    price = row.price if row.price.startswith(MARKET) else formats.exact(row.price)
    fields["price"] = f"{price} ({row.typed_price})" if row.typed_price else price
    fields["quantity"] = shown(row.quantity) if row.new else formats.exact(row.quantity)
    fields["symbol"] = row.instrument.partition(":")[2]
    fields["note"] = "NOT SENT" if row.problem else row.note
    return fields


def _used(name: str, rows: list[dict[str, Any]]) -> bool:
    """A column without any value is left out, apart from those that everybody looks for."""
    always = ("account", "side", "quantity", "price", "notional")
    if name == "act":
        return any(row["act"] != "place" for row in rows)
    return name in always or any(row.get(name) for row in rows)


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}
