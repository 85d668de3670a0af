"""Leverage brackets: how much margin a position needs, and how large it may be, by its notional."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from adapters.paper.ledger import ZERO


@dataclass(frozen=True, slots=True)
class MarginBracket:
    """One bracket, as venues publish them.

    Attributes:
        number: from 1. floor, cap: notional in quote, floor exclusive of the bracket before.
        rate: maintenance margin as a fraction of notional.
        offset: subtracted from notional * rate, so that the margin does not jump at a floor (`cum`).
        max_leverage: highest leverage of positions in it.
    """

    number: int
    floor: Decimal
    cap: Decimal
    rate: Decimal
    offset: Decimal
    max_leverage: Decimal


_STEPS = tuple(Decimal(step) for step in (100, 75, 50, 25, 20, 10, 5, 4, 3, 2, 1))
_DEFAULT_LEVERAGE = Decimal(20)
_FIRST_CAP = Decimal(10_000)
_RATE_STEP = Decimal("0.0001")


def default_brackets(max_leverage: Decimal | None) -> tuple[MarginBracket, ...]:
    """Brackets for an instrument whose venue publishes none here.

    The maintenance rate is half the initial margin at the bracket's highest leverage; the first cap
    is 10,000 times that leverage, each next one five times the cap before.
    """
    top = max_leverage or _DEFAULT_LEVERAGE
    out: list[MarginBracket] = []
    floor, cap, offset, rate = ZERO, _FIRST_CAP * top, ZERO, ZERO
    for number, leverage in enumerate((top, *(step for step in _STEPS if step < top)), start=1):
        next_rate = (1 / (2 * leverage)).quantize(_RATE_STEP, ROUND_CEILING)
        offset += floor * (next_rate - rate)
        rate = next_rate
        out.append(MarginBracket(number, floor, cap, rate, offset, leverage))
        floor, cap = cap, cap * 5
    return tuple(out)


def bracket_of(brackets: tuple[MarginBracket, ...], notional: Decimal) -> MarginBracket:
    """The bracket that a position of `notional` (unsigned) lies in; the last one has no cap."""
    for bracket in brackets:
        if notional <= bracket.cap:
            return bracket
    return brackets[-1]


def largest_notional(brackets: tuple[MarginBracket, ...], leverage: Decimal) -> Decimal:
    """The largest position, in quote, that may be held at `leverage`."""
    return max((b.cap for b in brackets if b.max_leverage >= leverage), default=ZERO)
