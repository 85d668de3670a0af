"""Lines for keys that trade: from the ladder, the chart's cross-hair and the sizes 1 to 5. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.ui.row_lines import cancel_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

LETTERS = {"spot": "s", "perpetual": "p"}
COUNT = 5


def typed_symbol(instrument: str, markets: Mapping[str, Mapping[str, Any]], venue: str) -> str:
    """The instrument as a trader types it, where it can mean no other.

    Args:
        instrument: its id.
        markets: rows of the markets query.
        venue: of the accounts in scope, "" for several. At another one the full name stands, and is refused:
            a price seen at one venue is never sent to another.
    """
    row = markets.get(instrument)
    if row is None or row["venue"] != venue:
        return instrument
    letter = LETTERS.get(str(row["kind"]))
    alike = sum(
        other["base"] == row["base"] and other["kind"] == row["kind"] and other["venue"] == venue
        for other in markets.values()
    )
    return f"{row['base']}.{letter}" if letter and alike == 1 else str(row["symbol"])


def order_line(side: str, size: str, symbol: str, price: Decimal | None, *, at_once: bool = False) -> str:
    """`buy 500usd BTC.p at 64000 !`.

    >>> order_line("buy", "500usd", "BTC.p", None)
    'buy 500usd BTC.p'
    """
    text = f"{side} {size} {symbol}" + (f" at {price:f}" if price is not None else "")
    return f"{text} !" if at_once else text


def cancel_at_once(rows: Sequence[Mapping[str, Any]]) -> str:
    """Cancels these orders without a dialog; cancels never need arming."""
    return f"{cancel_line(rows)} !"


def presets_of(settings: Mapping[str, str], configured: Sequence[str]) -> tuple[str, ...]:
    """Sizes of the keys 1 to 5: those set while running, else the configured ones."""
    found = list(configured[:COUNT])
    for n in range(COUNT):
        if size := settings.get(f"preset.{n + 1}"):
            found += [size] * (n + 1 - len(found))
            found[n] = size
    return tuple(found)
