"""Spot order lists: OCO, OTO and OTOCO, their cancelling and the queries for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.paper.events import OrderCancelled, OrderListChanged
from adapters.paper.refusal import PaperRefusal
from adapters.sandbox import order_fields
from adapters.sandbox.call import Call
from adapters.sandbox.digits import millis
from adapters.sandbox.refusal import VenueRefusal, missing
from adapters.sandbox.selection import within
from adapters.sandbox.spot.order_payload import cancelled_order, list_body, new_order
from adapters.sandbox.spot.order_request import read_order
from adapters.sandbox.spot.refusals import refusal_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.paper.events import Event
    from adapters.paper.records import PaperOrderList
    from adapters.sandbox.served_venue import ServedVenue
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import OrderRequest

_MAKER = ("LIMIT_MAKER",)
_STOPS = ("STOP_LOSS", "STOP_LOSS_LIMIT")
_TARGETS = ("TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
_FIELDS = {
    "Type": "type",
    "Price": "price",
    "StopPrice": "stopPrice",
    "TimeInForce": "timeInForce",
    "ClientOrderId": "newClientOrderId",
    "Quantity": "quantity",
    "Side": "side",
}
"""Endings of a list's parameters, and what a single order calls them."""


def oco(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST orderList/oco: one order above the price and one below, of which one will trade.

    Raises:
        VenueRefusal: -1168 both are limit orders, -1158 types that do not go together, or as for an order.
    """
    instrument = venue.instrument(call)
    shared = {"side": call.text("side"), "quantity": call.text("quantity")}
    pair = _pair(venue, call, instrument, shared, "")
    return _place(venue, call, instrument, None, pair)


def old_oco(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST order/oco, the venue's older form: a limit-maker order and a stop."""
    limit = {"Type": "LIMIT_MAKER", "Price": call.text("price")}
    stop = {"Type": "STOP_LOSS", "StopPrice": call.text("stopPrice")}
    if call.params.get("stopLimitPrice"):
        stop |= {
            "Type": "STOP_LOSS_LIMIT",
            "Price": call.params["stopLimitPrice"],
            "TimeInForce": call.text("stopLimitTimeInForce"),
        }
    for leg, name in ((limit, "limitClientOrderId"), (stop, "stopClientOrderId")):
        if call.params.get(name):
            leg["ClientOrderId"] = call.params[name]
    selling = order_fields.side(call).sign < 0
    above, below = (limit, stop) if selling else (stop, limit)
    call.params |= {f"above{name}": text for name, text in above.items()}
    call.params |= {f"below{name}": text for name, text in below.items()}
    return oco(venue, call)


def oto(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST orderList/oto: an order, and one that is placed when it has filled."""
    instrument = venue.instrument(call)
    working = _working(venue, call, instrument)
    return _place(venue, call, instrument, working, [_leg(venue, call, instrument, "pending", {})])


def otoco(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST orderList/otoco: an order, and an OCO that is placed when it has filled."""
    instrument = venue.instrument(call)
    working = _working(venue, call, instrument)
    shared = {"side": call.text("pendingSide"), "quantity": call.text("pendingQuantity")}
    return _place(venue, call, instrument, working, _pair(venue, call, instrument, shared, "pending"))


def cancel(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """DELETE orderList.

    Raises:
        VenueRefusal: -2011, nothing of it is open.
    """
    instrument = venue.instrument(call)
    list_id, client_id = _named(call, "listClientOrderId")
    try:
        events = venue.paper.cancel_list(
            call.owner.name, list_id=list_id, client_id=client_id, now_ns=venue.now_ns()
        )
    except PaperRefusal as error:
        raise refusal_of(error) from error
    cancel_id = call.params.get("newClientOrderId") or f"cancel{venue.next_made():016d}"
    venue.tell(events, cancel_id)
    return next(done_lists(instrument, events, cancel_id))


def done_lists(instrument: Instrument, events: Sequence[Event], cancel_id: str) -> Any:
    """The lists that a call has ended, as the venue answers them, with their cancelled orders."""
    gone = {event.order.order_id: event.order for event in events if isinstance(event, OrderCancelled)}
    for event in events:
        if isinstance(event, OrderListChanged) and event.orders.done:
            reports = [
                cancelled_order(gone[order_id], instrument.venue_symbol, cancel_id)
                for order_id, _ in event.orders.orders
                if order_id in gone
            ]
            yield {**list_body(event.orders, instrument.venue_symbol), "orderReports": reports}


def query(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET orderList.

    Raises:
        VenueRefusal: -2018, there is none.
    """
    list_id, client_id = _named(call, "origClientOrderId")
    found = venue.paper.order_list(call.owner.name, list_id, client_id)
    if found is None:
        raise VenueRefusal(-2018, "Order list does not exist.")
    return _row(venue, found)


def every(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET allOrderList: from `fromId` upward, or in a time span, or the newest."""
    first, start, end = call.integer("fromId"), call.integer("startTime"), call.integer("endTime")
    chosen = [
        one
        for one in venue.paper.order_lists(call.owner.name)
        if (first is None or one.list_id >= first) and within(one.updated_ns, start, end)
    ]
    limit = call.limit(500, 1000)
    return [_row(venue, one) for one in (chosen[:limit] if first is not None else chosen[-limit:])]


def open_lists(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET openOrderList."""
    return [_row(venue, one) for one in venue.paper.order_lists(call.owner.name) if not one.done]


def _place(
    venue: ServedVenue,
    call: Call,
    instrument: Instrument,
    working: OrderRequest | None,
    others: list[OrderRequest],
) -> dict[str, Any]:
    client_id = order_fields.client_order_id(call, "listClientOrderId", venue.next_made())
    venue.feed.refresh(instrument)
    try:
        events = venue.paper.place_list(working, others, venue.now_ns(), client_id=client_id)
    except PaperRefusal as error:
        raise refusal_of(error) from error
    venue.tell(events)
    made = next(event.orders for event in events if isinstance(event, OrderListChanged))
    orders = [
        venue.paper.order(call.owner.name, instrument.id, order_id=order_id) for order_id, _ in made.orders
    ]
    symbol = instrument.venue_symbol
    reports = [new_order(order, symbol, (), "RESULT") for order in orders if order is not None]
    return {**list_body(made, symbol, started=True), "orderReports": reports}


def _pair(
    venue: ServedVenue, call: Call, instrument: Instrument, shared: dict[str, str], prefix: str
) -> list[OrderRequest]:
    above, below = (f"{prefix}{word}" if prefix else word.lower() for word in ("Above", "Below"))
    types = [call.text(f"{above}Type"), call.params.get(f"{below}Type", "")]
    if types == ["LIMIT_MAKER", "LIMIT_MAKER"]:
        raise VenueRefusal(-1168, "Both OCO orders cannot be limit.")
    buying = shared["side"] == "BUY"
    high, low = (_STOPS, _MAKER + _TARGETS) if buying else (_MAKER + _TARGETS, _STOPS)
    if types[0] not in high or types[1] not in low:
        raise VenueRefusal(-1158, f"Order type not supported in OCO: {types[0]} above, {types[1]} below.")
    return [_leg(venue, call, instrument, name, shared) for name in (above, below)]


def _working(venue: ServedVenue, call: Call, instrument: Instrument) -> OrderRequest:
    if call.text("workingType") not in ("LIMIT", "LIMIT_MAKER"):
        raise VenueRefusal(-1116, "Invalid orderType.")
    return _leg(venue, call, instrument, "working", {})


def _leg(
    venue: ServedVenue, call: Call, instrument: Instrument, prefix: str, shared: dict[str, str]
) -> OrderRequest:
    """One order of a list: parameters that start with `prefix`, and those that its orders share."""
    own = {
        plain: call.params[prefix + ending]
        for ending, plain in _FIELDS.items()
        if call.params.get(prefix + ending)
    }
    one = Call(
        call.method, call.path, {"symbol": call.params["symbol"], **shared, **own}, call.now_ms, call.account
    )
    return read_order(one, instrument, venue.next_made(), venue.feed.base_for).request


def _named(call: Call, client_name: str) -> tuple[int | None, str | None]:
    list_id, client_id = call.integer("orderListId"), call.params.get(client_name) or None
    if list_id is None and client_id is None:
        raise missing("orderListId")
    return list_id, client_id


def _row(venue: ServedVenue, one: PaperOrderList) -> dict[str, Any]:
    return list_body(one, venue.by_id[str(one.instrument)].venue_symbol) | {
        "transactionTime": millis(one.updated_ns)
    }
