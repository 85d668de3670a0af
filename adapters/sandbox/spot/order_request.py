"""A new spot order as the client wrote it, made into an `OrderRequest` for the matching core."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.paper.self_trade import SelfTrade
from adapters.sandbox import order_fields
from adapters.sandbox.refusal import VenueRefusal, missing
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, TimeInForce

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.call import Call
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import Side

PRECISION = 8
TRAIL_BIPS = 10, 2000
"""Smallest and largest `trailingDelta`, in hundredths of a percent."""
ICEBERG_PARTS = 10
"""The most parts that an iceberg may be shown in."""
_TYPES = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "STOP_LOSS": OrderType.STOP_MARKET,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT_MARKET,
    "TAKE_PROFIT_LIMIT": OrderType.TAKE_PROFIT_LIMIT,
}
_PRICED = frozenset({"LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"})
_TRIGGERED = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
_TIMED = frozenset({"LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"})


@dataclass(frozen=True, slots=True)
class SpotOrder:
    """What the client asked for.

    Attributes:
        quote_quantity: of a market order sized in quote; 0 otherwise.
        visible: of an iceberg, how much of it is shown at a time; None: all.
    """

    request: OrderRequest
    quote_quantity: Decimal
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    visible: Decimal | None = None


def read_order(
    call: Call, instrument: Instrument, made: int, base_for: Callable[[Instrument, Side, Decimal], Decimal]
) -> SpotOrder:
    """Read and check the parameters of a new order.

    Args:
        call: the request.
        instrument: the market it names.
        made: running number, for a client id when none was sent.
        base_for: what quantity of base a quote quantity buys or sells at the book now.

    Raises:
        VenueRefusal: -1102, -1106, -1111, -1115, -1116, -1117 or -1013, as the venue would.
    """
    side = order_fields.side(call)
    word = call.text("type")
    if word not in _TYPES:
        raise VenueRefusal(-1116, "Invalid orderType.")
    for name in ("reduceOnly", "positionSide", "closePosition"):
        if call.params.get(name):
            raise VenueRefusal(-1106, f"Parameter '{name}' sent when not required.")
    if word not in _TIMED and call.params.get("timeInForce"):
        raise VenueRefusal(-1106, "Parameter 'timeInForce' sent when not required.")
    time_in_force = order_fields.time_in_force(call, required=word in _TIMED)
    price = _positive(call, "price", "Invalid price.") if word in _PRICED else None
    if price is None and call.params.get("price"):
        raise VenueRefusal(-1106, "Parameter 'price' sent when not required.")
    trail = _trail(call, word)
    wants_trigger = word in _TRIGGERED and (trail is None or call.params.get("stopPrice"))
    trigger = _positive(call, "stopPrice", "Invalid stop price.") if wants_trigger else None
    quote_quantity = call.decimal("quoteOrderQty") if word == "MARKET" else None
    if quote_quantity is not None:
        quantity = order_fields.round_down(base_for(instrument, side, quote_quantity), instrument.grid.lot)
        if quantity <= 0:
            raise VenueRefusal(-1013, "Filter failure: NOTIONAL")
    else:
        if word == "MARKET" and not call.params.get("quantity"):
            raise missing("quantity")
        quantity = _positive(call, "quantity", "Invalid quantity.")
    request = OrderRequest(
        client_order_id=ClientOrderId(order_fields.client_order_id(call, "newClientOrderId", made)),
        account=call.owner.name,
        instrument=instrument.id,
        side=side,
        type=_TYPES[word],
        quantity=quantity,
        price=price,
        trigger_price=trigger,
        time_in_force=time_in_force,
        post_only=word == "LIMIT_MAKER",
        trail_pct=trail,
    )
    visible = _visible(call, word, time_in_force, quantity)
    return SpotOrder(request, quote_quantity or Decimal(0), order_fields.self_trade(call), visible)


def _trail(call: Call, word: str) -> Decimal | None:
    """`trailingDelta` in percent; the client writes hundredths of one."""
    bips = call.integer("trailingDelta")
    if bips is None:
        return None
    if word not in _TRIGGERED:
        raise VenueRefusal(-1106, "Parameter 'trailingDelta' sent when not required.")
    if not TRAIL_BIPS[0] <= bips <= TRAIL_BIPS[1]:
        raise VenueRefusal(-1013, "Filter failure: TRAILING_DELTA")
    return Decimal(bips) / 100


def _visible(call: Call, word: str, time_in_force: TimeInForce, quantity: Decimal) -> Decimal | None:
    """`icebergQty`: what is shown at a time of an order that rests until it is cancelled."""
    visible = call.decimal("icebergQty")
    if not visible:
        return None
    if word not in _PRICED or time_in_force is not TimeInForce.GTC:
        raise VenueRefusal(-1013, "Iceberg orders must be GTC.")
    if visible > quantity:
        raise VenueRefusal(-1013, "IcebergQty exceeds QTY.")
    if quantity > visible * ICEBERG_PARTS:
        raise VenueRefusal(-1013, "Filter failure: ICEBERG_PARTS")
    return visible


def _positive(call: Call, name: str, words: str) -> Decimal:
    value = order_fields.required(call, name)
    if order_fields.digits(value) > PRECISION:
        raise VenueRefusal(-1111, f"Parameter '{name}' has too much precision.")
    if value <= 0:
        raise VenueRefusal(-1013, words)
    return value
