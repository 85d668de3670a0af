"""Resolves a typed price against the market, on the instrument's grid."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Offset, OffsetUnit, Price, PriceRef
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.rounding import price_on_grid

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import PositionSide, Side
    from hedge_tui.domain.plan import Leg
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A price ready to send.

    Attributes:
        price: on the grid. reference: what it was derived from ("ask" = 64,000.1), None for plain numbers.
        note: says so when the typed number was moved onto the grid, else "".
    """

    price: Decimal
    reference: Decimal | None
    note: str = ""


def resolve(
    price: Price,
    instrument: Instrument,
    side: Side,
    view: View,
    account: str,
    *,
    position: PositionSide | None = None,
) -> Resolved:
    """The price to send; `position` is whose entry is meant in hedge mode.

    Raises:
        CommandError: the market does not tell the reference now, or the result is not above 0.
    """
    if price.reference is PriceRef.NUMBER:
        assert price.value is not None
        value = price_on_grid(side, price.value, instrument.grid.tick)
        note = "" if value == price.value else f"{price.value} rounded to the tick {instrument.grid.tick}"
        return _positive(Resolved(value, None, note), price)
    reference = reference_price(price, instrument, view, account, position)
    moved = reference if price.offset is None else offset(reference, price.offset, instrument)
    return _positive(Resolved(price_on_grid(side, moved, instrument.grid.tick), reference), price)


def reference_price(
    price: Price, instrument: Instrument, view: View, account: str, position: PositionSide | None = None
) -> Decimal:
    """The market price a reference word stands for.

    Raises:
        CommandError: it is not known now.
    """
    value = _reference(price, instrument, view, account, position)
    if value is None or value <= 0:
        raise CommandError(
            f"{price.reference} of {instrument.symbol} at {instrument.venue} is not known now",
            price.span,
            hint="wait for its quotes, or type the price as a number",
        )
    return value


def offset(reference: Decimal, by: Offset, instrument: Instrument) -> Decimal:
    """`reference` moved by a typed offset."""
    match by.unit:
        case OffsetUnit.TICKS:
            return reference + by.value * instrument.grid.tick
        case OffsetUnit.BASIS_POINTS:
            return reference * (1 + by.value / 10_000)
        case OffsetUnit.PERCENT:
            return reference * (1 + by.value / 100)
        case OffsetUnit.PRICE:
            return reference + by.value


def touch(instrument: Instrument, view: View) -> tuple[Decimal | None, Decimal | None]:
    """Best bid and ask in the venue's own digits; None where a side is empty."""
    quote = view.markets.quotes.get(instrument.id)
    if quote is None:
        return None, None
    return _digits(quote.bid_text, quote.bid), _digits(quote.ask_text, quote.ask)


def working_price(instrument: Instrument, side: Side, view: View) -> Decimal | None:
    """What a market order would be judged at: the far touch, else mark or last."""
    bid, ask = touch(instrument, view)
    far = ask if side.sign > 0 else bid
    if far is not None:
        return far
    mark = view.markets.mark(instrument.id)
    return Decimal(repr(mark)) if mark > 0 else None


def reference_now(leg: Leg, view: View) -> Decimal | None:
    """What a leg's price was made from, as it is now; None when the market does not tell.

    Legs at a typed number depend on nothing.
    """
    instrument = view.markets.instruments[leg.instrument]
    if leg.typed_price:
        word = re.match(r"[a-z]*", leg.typed_price)
        assert word is not None
        side = leg.request.position_side if leg.request is not None else None
        return _reference(Price(PriceRef(word[0])), instrument, view, leg.account, side)
    assert leg.request is not None
    return working_price(instrument, leg.request.side, view)


def typed(price: Price | None) -> str:
    """How the price was typed, for the preview; "" for numbers and market orders."""
    if price is None or price.reference is PriceRef.NUMBER:
        return ""
    word = f"line:{price.line}" if price.reference is PriceRef.LINE else str(price.reference)
    if price.offset is None:
        return word
    return f"{word}{price.offset.value:+f}{price.offset.unit.value}"


def _reference(
    price: Price, instrument: Instrument, view: View, account: str, position: PositionSide | None = None
) -> Decimal | None:
    bid, ask = touch(instrument, view)
    match price.reference:
        case PriceRef.BID:
            return bid
        case PriceRef.ASK:
            return ask
        case PriceRef.MID:
            return (bid + ask) / 2 if bid is not None and ask is not None else None
        case PriceRef.MARK:
            return _finite(view.markets.mark(instrument.id))
        case PriceRef.LAST:
            return _finite(view.markets.last(instrument.id))
        case PriceRef.ENTRY:
            found = [p for p in view.accounts[account].positions.values() if p.instrument == instrument.id]
            if len(found) > 1:  # long and short
                found = [p for p in found if p.position_side is position]
            return found[0].entry_price if found else None
        case _:
            raise CommandError(
                "prices of drawings are not in this release", price.span, hint="type the price as a number"
            )


def _digits(text: str, value: float) -> Decimal | None:
    if text:
        return Decimal(text)
    return _finite(value)


def _finite(value: float) -> Decimal | None:
    return Decimal(repr(value)) if math.isfinite(value) and value > 0 else None


def _positive(resolved: Resolved, price: Price) -> Resolved:
    if resolved.price <= 0:
        raise CommandError(f"the price comes out as {resolved.price}; it must be above 0", price.span)
    return resolved
