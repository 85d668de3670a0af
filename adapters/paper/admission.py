"""The rules a new or amended order must pass before it touches book or money."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.paper.trailing import rises_to
from hedge_tui.domain.order import OrderType, PositionSide, Side, TimeInForce, TriggerSource

if TYPE_CHECKING:
    from adapters.paper.instrument_book import InstrumentBook
    from hedge_tui.domain.instrument import Grid
    from hedge_tui.domain.order import OrderRequest

_MARKET = (
    OrderType.MARKET,
    OrderType.STOP_MARKET,
    OrderType.TAKE_PROFIT_MARKET,
    OrderType.TRAILING_STOP,
)
_CLOSING = (OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET)
_LIMIT = (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT)

_LARGEST_EXPONENT = 17
_TRAIL = {"spot": (Decimal("0.1"), Decimal(20)), "usdm": (Decimal("0.1"), Decimal(10))}
_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)


@dataclass(frozen=True, slots=True)
class PriceBand:
    """How far a limit price may lie from the reference price, as factors of it.

    Attributes:
        down, up: such as 0.85 and 1.15.
        both_sides: True: every order is held by both (spot); False: buys by `up`, sells by `down`.
    """

    down: Decimal
    up: Decimal
    both_sides: bool


def check_request(
    request: OrderRequest,
    book: InstrumentBook,
    kind: Literal["spot", "usdm"],
    band: PriceBand,
    now_ns: int,
    *,
    later: bool = False,
) -> None:
    """Run every rule that needs neither the account's orders nor its money, cheapest first.

    `later`: it is placed only after another order has filled, and the price may be elsewhere then.

    Raises:
        PaperRefusal: the first rule that it breaks.
    """
    instrument = book.instrument
    if not instrument.active:
        raise PaperRefusal(RefusalCode.INSTRUMENT_CLOSED, f"{instrument.venue_symbol} takes no orders now")
    _check_shape(request, kind)
    if request.type is OrderType.TRAILING_STOP or (request.type.triggered and request.trail_pct is not None):
        _check_trail(request.trail_pct, kind)
    if request.time_in_force is TimeInForce.GTD and (
        request.expire_ns is None or request.expire_ns <= now_ns
    ):
        raise PaperRefusal(
            RefusalCode.EXPIRE_TIME, f"GTD until {request.expire_ns} ns is not after now, {now_ns} ns"
        )
    grid = instrument.grid
    if not request.close_position:
        check_quantity(grid, request.quantity, market=request.type in _MARKET)
    if request.price is not None and request.type in _LIMIT:
        check_price(grid, request.price, "price")
        check_band(book, request.side, request.price, kind, band)
    if request.trigger_price is not None and request.type.triggered:
        check_price(grid, request.trigger_price, "trigger price")
        if not later:
            _check_trigger(request, book)
    if not (request.reduce_only or request.close_position):
        price = request.price or request.trigger_price or _reference(book, kind)
        check_notional(book, request.quantity, price)


def _sane(value: Decimal) -> bool:
    """A number that the arithmetic of money can hold: no NaN, no infinity, nothing beyond 10^17."""
    return value.is_finite() and value.adjusted() <= _LARGEST_EXPONENT


def check_price(grid: Grid, price: Decimal, what: str) -> None:
    """On the tick and inside the instrument's limits."""
    if not _sane(price) or price <= 0 or price % grid.tick:
        raise PaperRefusal(RefusalCode.TICK, f"{what} {price:f} is not a multiple of the tick {grid.tick:f}")
    if price < grid.min_price:
        raise PaperRefusal(
            RefusalCode.PRICE_BAND, f"{what} {price:f} is below the lowest, {grid.min_price:f}"
        )
    if grid.max_price is not None and price > grid.max_price:
        raise PaperRefusal(
            RefusalCode.PRICE_BAND, f"{what} {price:f} is above the highest, {grid.max_price:f}"
        )


def check_quantity(grid: Grid, quantity: Decimal, *, market: bool) -> None:
    """On the lot and inside the instrument's limits."""
    if not _sane(quantity) or quantity <= 0 or quantity % grid.lot:
        raise PaperRefusal(
            RefusalCode.LOT, f"quantity {quantity:f} is not a multiple of the lot {grid.lot:f}"
        )
    if quantity < grid.min_quantity:
        raise PaperRefusal(
            RefusalCode.MIN_QUANTITY, f"quantity {quantity:f} is below the smallest, {grid.min_quantity:f}"
        )
    most = grid.max_quantity
    if market and grid.max_market_quantity is not None:
        most = grid.max_market_quantity
    if most is not None and quantity > most:
        raise PaperRefusal(RefusalCode.MAX_QUANTITY, f"quantity {quantity:f} is above the largest, {most:f}")


def check_notional(book: InstrumentBook, quantity: Decimal, price: Decimal | None) -> None:
    """Worth enough; not asked while no price is known."""
    least = book.instrument.grid.min_notional
    if not least or price is None:
        return
    notional = book.instrument.notional(quantity, price)
    if notional < least:
        raise PaperRefusal(
            RefusalCode.MIN_NOTIONAL, f"notional {notional:f} is below the smallest, {least:f}"
        )


def check_band(
    book: InstrumentBook, side: Side, price: Decimal, kind: Literal["spot", "usdm"], band: PriceBand
) -> None:
    """Not too far from the reference price; not asked while that is unknown."""
    reference = _reference(book, kind)
    if reference is None:
        return
    high, low = reference * band.up, reference * band.down
    if price > high and (band.both_sides or side is Side.BUY):
        raise PaperRefusal(RefusalCode.PRICE_BAND, f"price {price:f} is above the limit {high:f}")
    if price < low and (band.both_sides or side is Side.SELL):
        raise PaperRefusal(RefusalCode.PRICE_BAND, f"price {price:f} is below the limit {low:f}")


def check_position_side(request: OrderRequest, *, hedge_mode: bool) -> None:
    """NET in one-way mode, LONG or SHORT in hedge mode, where reduce-only has no meaning."""
    if hedge_mode is (request.position_side is PositionSide.NET):
        mode = "hedge" if hedge_mode else "one-way"
        raise PaperRefusal(RefusalCode.POSITION_SIDE, f"position side {request.position_side} in {mode} mode")
    if hedge_mode and request.reduce_only:
        raise PaperRefusal(RefusalCode.POSITION_SIDE, "reduce-only with a position side in hedge mode")


def _reference(book: InstrumentBook, kind: Literal["spot", "usdm"]) -> Decimal | None:
    return book.reference(TriggerSource.MARK if kind == "usdm" else TriggerSource.LAST)


def _check_shape(request: OrderRequest, kind: Literal["spot", "usdm"]) -> None:
    """Refuse fields that do not go together."""
    wrong = _wrong_fields(request) or (_wrong_on_spot(request) if kind == "spot" else "")
    if wrong:
        raise PaperRefusal(RefusalCode.ORDER_TYPE, wrong)


def _wrong_fields(request: OrderRequest) -> str:
    kind = request.type
    if kind not in _LIMIT and kind not in _MARKET:
        return f"type {kind} is not offered"
    if kind in _LIMIT and request.price is None:
        return f"type {kind} without a price"
    trails = kind is OrderType.TRAILING_STOP or request.trail_pct is not None
    if kind.triggered and request.trigger_price is None and not trails:
        return f"type {kind} without a trigger price"
    if request.post_only and (kind not in _LIMIT or request.time_in_force in _AT_ONCE):
        return f"post-only with type {kind}, {request.time_in_force}"
    if request.time_in_force is TimeInForce.GTD and kind in _MARKET:
        return f"GTD with type {kind}"
    if request.close_position and kind not in _CLOSING:
        return f"close-position with type {kind}"
    if request.close_position and request.reduce_only:
        return "close-position with reduce-only"
    return ""


def _wrong_on_spot(request: OrderRequest) -> str:
    if request.reduce_only or request.close_position:
        return "reduce-only or close-position on spot"
    if request.position_side is not PositionSide.NET:
        return f"position side {request.position_side} on spot"
    if request.type is OrderType.TRAILING_STOP:
        return "a trailing stop on spot"
    if request.type.triggered and request.trigger_source is TriggerSource.MARK:
        return "trigger by mark on spot"
    return ""


def _check_trail(percent: Decimal | None, kind: Literal["spot", "usdm"]) -> None:
    low, high = _TRAIL[kind]
    if percent is None or not _sane(percent) or not low <= percent <= high:
        raise PaperRefusal(RefusalCode.TRAIL, f"trail of {percent} % is not between {low} % and {high} %")


def _check_trigger(request: OrderRequest, book: InstrumentBook) -> None:
    price, trigger = book.reference(request.trigger_source), request.trigger_price
    if price is None or trigger is None:
        return
    rising = rises_to(request.type, request.side)
    if (price >= trigger) if rising else (price <= trigger):
        raise PaperRefusal(
            RefusalCode.WOULD_TRIGGER,
            f"trigger {trigger:f} would be set off at once: {request.trigger_source} is {price:f}",
        )
