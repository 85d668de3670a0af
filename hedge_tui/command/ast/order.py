"""The body of `buy` and `sell`: what is ordered, how it is worked, what is attached to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from hedge_tui.command.ast.line import NOWHERE, Span, Symbol

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast.amount import Size
    from hedge_tui.command.ast.moment import Duration, Moment
    from hedge_tui.command.ast.price import Distance, Price, Trigger
    from hedge_tui.domain.order import PositionSide, Side, TimeInForce, TriggerSource


class MarginMode(StrEnum):
    """Which money stands behind a position."""

    ISOLATED = "iso"
    CROSS = "cross"


class Shape(StrEnum):
    """How a ladder's prices or quantities are laid out."""

    LINEAR = "linear"
    """Equal steps, equal quantities."""
    GEOMETRIC = "geo"
    """Equal ratios between prices, equal quantities."""
    SKEWED = "skew"
    """Equal steps; the last quantity is `skew` times the first."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A ladder of `count` (at least 2) limit orders from `start` to `end`.

    Attributes:
        skew: last quantity over first, above 0; only with SKEWED, else None.
    """

    kind: ClassVar[str] = "scale"
    count: int
    start: Price
    end: Price
    shape: Shape = Shape.LINEAR
    skew: Decimal | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Twap:
    """`slices` (at least 2) orders evenly over `over`.

    Attributes:
        jitter: percent of a slice's interval, above 0 to 100; None for none.
        chase: each slice is chased instead of taken.
    """

    kind: ClassVar[str] = "twap"
    slices: int
    over: Duration
    jitter: Decimal | None = None
    chase: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Chase:
    """One order kept at the best price of its side, never past `limit`."""

    kind: ClassVar[str] = "chase"
    limit: Price | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Iceberg:
    """A limit order of which only `show` (AMOUNT or ORDER) is seen at a time."""

    kind: ClassVar[str] = "iceberg"
    show: Size
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Swarm:
    """The quantity in `count` (at least 2) smaller orders of uneven size."""

    kind: ClassVar[str] = "swarm"
    count: int
    span: Span = field(default=NOWHERE, compare=False)


Algo = Scale | Twap | Chase | Iceberg | Swarm
"""How an order is worked over time or price."""


@dataclass(frozen=True, slots=True)
class Trail:
    """A stop that follows the price at `distance`.

    Attributes:
        activate: profit from the average fill at which it starts to follow ("ts 2% 0.5%"); None: at once.
    """

    distance: Distance
    activate: Distance | None = None
    source: TriggerSource | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Attach:
    """What protects a filled order; one cancels the others; sized to what filled."""

    tp: Trigger | None = None
    sl: Trigger | None = None
    trail: Trail | None = None
    span: Span = field(default=NOWHERE, compare=False)

    def __bool__(self) -> bool:
        """Whether anything is attached."""
        return self.tp is not None or self.sl is not None or self.trail is not None


@dataclass(frozen=True, slots=True)
class Flags:
    """Conditions of an order.

    Attributes:
        time_in_force: None when not written.
        expires: with GTD, else None.
        stop: price at which the order is released when the market moves against it.
        trig: price at which it is released when the market moves its way.
        leverage, margin_mode: change the instrument's setting, existing positions included.
        spans: where each flag was typed, by its word ("post", "gtd", "stop", "lev" ...).
    """

    post: bool = False
    time_in_force: TimeInForce | None = None
    expires: Moment | None = None
    reduce: bool = False
    stop: Trigger | None = None
    trig: Trigger | None = None
    leverage: Decimal | None = None
    margin_mode: MarginMode | None = None
    spans: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    span: Span = field(default=NOWHERE, compare=False)

    def span_of(self, word: str) -> Span:
        """Where the flag `word` was typed; (0, 0) when it was not."""
        return next((span for name, span in self.spans if name == word), NOWHERE)


@dataclass(frozen=True, slots=True)
class Order:
    """Buy or sell.

    Attributes:
        symbols: at least one, none twice.
        position: LONG or SHORT in hedge mode; None when not written.
        price: None for a market order, or for an algo that brings its own.
    """

    kind: ClassVar[str] = "order"
    side: Side
    size: Size
    symbols: tuple[Symbol, ...]
    position: PositionSide | None = None
    price: Price | None = None
    algo: Algo | None = None
    attach: Attach = field(default_factory=Attach)
    flags: Flags = field(default_factory=Flags)
    span: Span = field(default=NOWHERE, compare=False)
