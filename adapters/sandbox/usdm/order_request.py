"""A new USD-M order, regular or conditional, as the client wrote it, made into an `OrderRequest`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.sandbox import order_fields
from adapters.sandbox.refusal import VenueRefusal, missing
from adapters.sandbox.usdm.order_payload import Digits
from hedge_tui.domain.order import (
    ClientOrderId,
    OrderRequest,
    OrderType,
    PositionSide,
    TimeInForce,
    TriggerSource,
)

if TYPE_CHECKING:
    from adapters.sandbox.call import Call
    from hedge_tui.domain.instrument import Instrument

SHORTEST_GTD_MS = 600_000
LAST_GTD_MS = 253_402_300_799_000
REGULAR = {"MARKET": OrderType.MARKET, "LIMIT": OrderType.LIMIT}
CONDITIONAL = {
    "STOP": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP_MARKET,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT_LIMIT,
    "TAKE_PROFIT_MARKET": OrderType.TAKE_PROFIT_MARKET,
    "TRAILING_STOP_MARKET": OrderType.TRAILING_STOP,
}
_SIDES = {
    "": PositionSide.NET,
    "BOTH": PositionSide.NET,
    "LONG": PositionSide.LONG,
    "SHORT": PositionSide.SHORT,
}
_SOURCES = {"": TriggerSource.LAST, "CONTRACT_PRICE": TriggerSource.LAST, "MARK_PRICE": TriggerSource.MARK}
_USE_ALGO = "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."


def read_order(call: Call, instrument: Instrument, made: int) -> OrderRequest:
    """A regular order of `POST order`.

    Args:
        call: the request.
        instrument: the market it names.
        made: running number, for a client id when none was sent.

    Raises:
        VenueRefusal: -4120 for a conditional type, else as `_read`.
    """
    word = call.text("type")
    if word in CONDITIONAL:
        raise VenueRefusal(-4120, _USE_ALGO)
    if word not in REGULAR:
        raise VenueRefusal(-1116, "Invalid orderType.")
    client_id = order_fields.client_order_id(call, "newClientOrderId", made)
    return _read(call, instrument, REGULAR[word], client_id, held=Decimal(0))


def read_algo(call: Call, instrument: Instrument, made: int, *, held: Decimal) -> OrderRequest:
    """A conditional order of `POST algoOrder`; `held` is the quantity of the position, for close-position.

    Raises:
        VenueRefusal: -1116 for another type, else as `_read`.
    """
    if call.text("algoType") != "CONDITIONAL":
        raise VenueRefusal(-4500, "Invalid algo type.")
    word = call.text("type")
    if word not in CONDITIONAL:
        raise VenueRefusal(-1116, "Invalid orderType.")
    client_id = order_fields.client_order_id(call, "clientAlgoId", made)
    return _read(call, instrument, CONDITIONAL[word], client_id, held=held)


def _read(
    call: Call, instrument: Instrument, kind: OrderType, client_id: ClientOrderId, *, held: Decimal
) -> OrderRequest:
    side = order_fields.side(call)
    digits = Digits.of(instrument)
    priced = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT)
    post_only = call.params.get("timeInForce") == "GTX"
    gtd = call.params.get("timeInForce") == "GTD"
    if post_only or gtd:
        time_in_force = TimeInForce.GTD if gtd else TimeInForce.GTC
    else:
        time_in_force = order_fields.time_in_force(call, required=kind is OrderType.LIMIT)
    close_position = call.flag("closePosition")
    quantity = held if close_position else _quantity(call, digits)
    price = _price(call, "price", digits) if priced else None
    if price is None and call.params.get("price") and kind is OrderType.MARKET:
        raise VenueRefusal(-1106, "Parameter 'price' sent when not required.")
    trailing = kind is OrderType.TRAILING_STOP
    trigger = _trigger(call, digits, trailing=trailing) if kind.triggered else None
    source = _SOURCES.get(call.params.get("workingType", ""))
    if source is None:
        raise VenueRefusal(-4078, "Invalid working type")
    expire = _good_till(call) if gtd else None
    return OrderRequest(
        client_order_id=client_id,
        account=call.owner.name,
        instrument=instrument.id,
        side=side,
        type=kind,
        quantity=quantity,
        price=price,
        trigger_price=trigger,
        trigger_source=source,
        time_in_force=time_in_force,
        post_only=post_only,
        reduce_only=call.flag("reduceOnly"),
        close_position=close_position,
        position_side=position_side(call),
        expire_ns=None if expire is None else expire * 1_000_000,
        trail_pct=order_fields.required(call, "callbackRate") if trailing else None,
    )


def _good_till(call: Call) -> int:
    """`goodTillDate` of a GTD order, milliseconds."""
    until = call.integer("goodTillDate")
    if until is None:
        raise missing("goodTillDate")
    if not call.now_ms + SHORTEST_GTD_MS < until < LAST_GTD_MS:
        raise VenueRefusal(
            -5040,
            "The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller "
            f"than {LAST_GTD_MS} (UTC 9999-12-31 23:59:59)",
        )
    return until


def position_side(call: Call) -> PositionSide:
    """`positionSide`; BOTH when absent.

    Raises:
        VenueRefusal: -4060, another word.
    """
    found = _SIDES.get(call.params.get("positionSide", ""))
    if found is None:
        raise VenueRefusal(-4060, "Invalid position side.")
    return found


def _trigger(call: Call, digits: Digits, *, trailing: bool) -> Decimal | None:
    """The trigger price; of a trailing stop the price, if any, from which it follows."""
    if not trailing:
        return _price(call, "triggerPrice", digits)
    name = "activatePrice" if call.params.get("activatePrice") else "activationPrice"
    return _price(call, name, digits) if call.params.get(name) else None


def _quantity(call: Call, digits: Digits) -> Decimal:
    value = order_fields.required(call, "quantity")
    if order_fields.digits(value) > digits.quantity:
        raise VenueRefusal(-1111, "Precision is over the maximum defined for this asset.")
    if value <= 0:
        raise VenueRefusal(-4003, "Quantity less than or equal to zero.")
    return value


def _price(call: Call, name: str, digits: Digits) -> Decimal:
    value = order_fields.required(call, name)
    if order_fields.digits(value) > digits.price:
        raise VenueRefusal(-1111, "Precision is over the maximum defined for this asset.")
    if value <= 0:
        raise VenueRefusal(
            -4001 if name == "price" else -4006, f"{name.capitalize()} less than or equal to zero."
        )
    return value
