"""Where orders that wait are set off: typed triggers onto the grid, and what would not wait at all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Distance, OffsetUnit
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import OrderType, PositionSide, Side, TriggerSource
from hedge_tui.engine.execution import prices

if TYPE_CHECKING:
    from hedge_tui.command.ast import Trigger
    from hedge_tui.command.ast.order import Trail
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.execution.view import View

TRAIL_DIGITS = Decimal("0.1")
"""Step of a trailing distance in percent: Binance takes one decimal."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How an order waits.

    Attributes:
        type: of the order, by what it waits for. price: trigger, or where a trailing stop begins;
            on the grid. trail_pct: of a trailing stop.
        problem: why it would not wait, or "". notes: for the preview.
    """

    type: OrderType
    price: Decimal | None = None
    source: TriggerSource = TriggerSource.LAST
    trail_pct: Decimal | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What a trigger belongs to: the account's instrument, and the side of the order it sets off."""

    account: str
    instrument: Instrument
    side: Side
    position: PositionSide = PositionSide.NET


def waits(
    stop: Trigger | None, trig: Trigger | None, place: Place, view: View, *, limit: bool
) -> Waits | None:
    """How `stop:` or `trig:` make an order wait; None without either.

    Raises:
        CommandError: the price is not known now.
    """
    typed = stop or trig
    if typed is None:
        return None
    price, notes = _price(typed, place, view)
    source = typed.source or TriggerSource.LAST
    if stop is not None:
        type_ = OrderType.STOP_LIMIT if limit else OrderType.STOP_MARKET
    else:
        type_ = OrderType.TAKE_PROFIT_LIMIT if limit else OrderType.TAKE_PROFIT_MARKET
    # A stop waits for the price to come on in the order's own direction, a take-profit for the other.
    direction = place.side.sign if stop is not None else -place.side.sign
    return Waits(type_, price, source, None, _set_off_now(price, source, direction, place, view), notes)


def trails(trail: Trail, begin: Trigger | None, place: Place, view: View) -> Waits:
    """How a trailing stop waits.

    Raises:
        CommandError: its distance cannot be said in percent.
    """
    distance = trail.distance
    if distance.unit is OffsetUnit.PERCENT:
        percent = distance.value
    elif distance.unit is OffsetUnit.BASIS_POINTS:
        percent = distance.value / 100
    else:
        raise CommandError("a venue follows in percent", distance.span, "for example: trail 1%")
    problem = ""
    if percent % TRAIL_DIGITS:
        problem = f"{percent.normalize():f} % is no multiple of {TRAIL_DIGITS} %"
    price, notes = (None, ()) if begin is None else _price(begin, place, view)
    source = trail.source or (begin.source if begin is not None else None) or TriggerSource.LAST
    if price is not None:
        # It begins to follow when the price has come as far as a take-profit would.
        problem = problem or _set_off_now(
            price, source, -place.side.sign, place, view, what="begin to follow"
        )
    return Waits(OrderType.TRAILING_STOP, price, source, percent, problem, notes)


def _price(typed: Trigger, place: Place, view: View) -> tuple[Decimal, tuple[str, ...]]:
    if isinstance(typed.price, Distance):
        raise CommandError("a trigger needs a price", typed.span)
    resolved = prices.resolve(
        typed.price, place.instrument, place.side.opposite, view, place.account, position=place.position
    )
    return resolved.price, (f"trigger {resolved.note}",) if resolved.note else ()


def _set_off_now(
    trigger: Decimal,
    source: TriggerSource,
    direction: int,
    place: Place,
    view: View,
    *,
    what: str = "be set off",
) -> str:
    """A trigger on the wrong side of the market would not wait, or would be refused."""
    instrument = place.instrument.id
    now = view.markets.mark(instrument) if source is TriggerSource.MARK else view.markets.last(instrument)
    if not now > 0 or (trigger - Decimal(repr(now))) * direction > 0:
        return ""
    side = "above" if direction > 0 else "below"
    return f"would {what} at once: {trigger:f} is not {side} the {source} price {now:f}"
