"""At which price: numbers, references to the market, drawings, distances and triggers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import NOWHERE, Span

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.domain.order import TriggerSource


class PriceRef(StrEnum):
    """What a price starts from."""

    NUMBER = "number"
    BID = "bid"
    ASK = "ask"
    MID = "mid"
    MARK = "mark"
    LAST = "last"
    ENTRY = "entry"
    """The position's entry price; in tp and sl the average price of the order's own fills."""
    LINE = "line"
    """A drawing's price at the time of sending."""


class OffsetUnit(StrEnum):
    """What an offset or a distance is measured in."""

    TICKS = "t"
    BASIS_POINTS = "bp"
    PERCENT = "%"
    PRICE = ""
    """Units of the quote asset."""


@dataclass(frozen=True, slots=True)
class Offset:
    """Added to a reference price; signed, never 0."""

    value: Decimal
    unit: OffsetUnit
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Distance:
    """How far from the average fill, without a direction; above 0, never in PRICE units."""

    value: Decimal
    unit: OffsetUnit
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Price:
    """A price, to be resolved when it is sent.

    Attributes:
        value: for NUMBER, above 0, else None.
        line: the drawing's name for LINE, else "".
        offset: never with NUMBER.
    """

    reference: PriceRef
    value: Decimal | None = None
    line: str = ""
    offset: Offset | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A price that sets an order off.

    Attributes:
        price: a Distance only in tp and sl.
        source: which price is watched; None leaves the account's default, which the preview shows.
    """

    price: Price | Distance
    source: TriggerSource | None = None
    span: Span = field(default=NOWHERE, compare=False)
