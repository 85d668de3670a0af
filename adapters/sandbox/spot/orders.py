"""Spot order handlers: new, test, cancel, cancel-replace, cancel-all, queries for orders and trades."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.paper.events import Event, OrderCancelled, OrderTraded
from adapters.paper.records import PaperStatus
from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.sandbox.refusal import VenueRefusal, missing
from adapters.sandbox.selection import select_orders, select_trades
from adapters.sandbox.spot.order_lists import done_lists
from adapters.sandbox.spot.order_payload import cancelled_order, new_order, order_row, trade_row
from adapters.sandbox.spot.order_request import SpotOrder, read_order
from adapters.sandbox.spot.refusals import refusal_of

if TYPE_CHECKING:
    from adapters.paper.records import PaperOrder
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue
    from hedge_tui.domain.instrument import Instrument

LONGEST_SPAN_MS = 86_400_000
_STYLES = ("ACK", "RESULT", "FULL")
_RESTRICTIONS = {"ONLY_NEW": PaperStatus.NEW, "ONLY_PARTIALLY_FILLED": PaperStatus.PARTIALLY_FILLED}
_ALL_FAILED = "Order cancel-replace failed."
_HALF_FAILED = "Order cancel-replace partially failed."
_DEFAULT_STYLE = {"MARKET": "FULL", "LIMIT": "FULL"}


def place(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST order."""
    instrument, order = _read(venue, call)
    style = _style(call)
    return _place(venue, instrument, order, style)


def test(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST order/test: all checks, no order."""
    instrument, order = _read(venue, call)
    venue.feed.refresh(instrument)
    try:
        venue.paper.test(order.request, venue.now_ns())
    except PaperRefusal as error:
        raise refusal_of(error) from error
    return {}


def cancel(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """DELETE order; one of a list takes the whole list with it."""
    instrument = venue.instrument(call)
    order_id, client_id = _named(call, "orderId", "origClientOrderId")
    return _cancel(venue, call, instrument, order_id, client_id)


def cancel_replace(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST order/cancelReplace: cancel one order, then place another.

    Raises:
        VenueRefusal: -2022 when the cancel failed and nothing was placed; -2021 when one half failed. Both
            carry what happened in `data`, as at the venue.
    """
    mode = call.text("cancelReplaceMode")
    if mode not in ("STOP_ON_FAILURE", "ALLOW_FAILURE"):
        raise VenueRefusal(-1145, "Invalid cancelReplaceMode.")
    instrument = venue.instrument(call)
    order_id, client_id = _named(call, "cancelOrderId", "cancelOrigClientOrderId")
    _, order = _read(venue, call)
    halves: dict[str, Any] = {
        "cancelResult": "SUCCESS",
        "newOrderResult": "SUCCESS",
        "cancelResponse": None,
        "newOrderResponse": None,
    }
    try:
        halves["cancelResponse"] = _cancel(venue, call, instrument, order_id, client_id)
    except VenueRefusal as error:
        halves |= {"cancelResult": "FAILURE", "cancelResponse": error.body()}
        if mode == "STOP_ON_FAILURE":
            halves["newOrderResult"] = "NOT_ATTEMPTED"
            raise VenueRefusal(-2022, _ALL_FAILED, data=halves) from error
    try:
        halves["newOrderResponse"] = _place(venue, instrument, order, _style(call))
    except VenueRefusal as error:
        halves |= {"newOrderResult": "FAILURE", "newOrderResponse": error.body()}
    failures = [halves["cancelResult"], halves["newOrderResult"]].count("FAILURE")
    if failures == 1:
        raise VenueRefusal(-2021, _HALF_FAILED, 409, data=halves)
    if failures == 2:
        raise VenueRefusal(-2022, _ALL_FAILED, data=halves)
    return halves


def cancel_all(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """DELETE openOrders of one symbol.

    Raises:
        VenueRefusal: -2011, there was none.
    """
    instrument = venue.instrument(call)
    cancel_id = f"cancel{venue.next_made():016d}"
    events = venue.paper.cancel_all(call.owner.name, instrument.id, venue.now_ns())
    gone = [event.order for event in events if isinstance(event, OrderCancelled)]
    if not gone:
        raise VenueRefusal(-2011, "Unknown order sent.")
    venue.tell(events, cancel_id)
    rows = [
        cancelled_order(one, instrument.venue_symbol, cancel_id, _quote(venue, one))
        for one in gone
        if one.list_id < 0
    ]
    return [*rows, *done_lists(instrument, events, cancel_id)]


def query(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET order."""
    instrument = venue.instrument(call)
    order_id, client_id = _named(call, "orderId", "origClientOrderId")
    order = venue.paper.order(call.owner.name, instrument.id, order_id, client_id)
    if order is None:
        raise VenueRefusal(-2013, "Order does not exist.")
    return order_row(order, instrument.venue_symbol, _quote(venue, order))


def open_orders(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET openOrders, of one symbol or all."""
    only = venue.instrument(call).id if call.params.get("symbol") else None
    return [_row(venue, order) for order in venue.paper.open_orders(call.owner.name, only)]


def all_orders(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET allOrders: from `orderId` upward, or in a time span, or the newest."""
    instrument = venue.instrument(call)
    _check_span(call)
    orders = venue.paper.all_orders(call.owner.name, instrument.id)
    return [_row(venue, order) for order in select_orders(orders, call)]


def my_trades(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET myTrades: by order, from a trade id, in a time span, or the newest."""
    instrument = venue.instrument(call)
    _check_span(call)
    trades = select_trades(venue.paper.trades(call.owner.name, instrument.id), call)
    return [trade_row(trade, instrument.venue_symbol) for trade in trades]


def _check_span(call: Call) -> None:
    start, end = call.integer("startTime"), call.integer("endTime")
    if start is not None and end is not None and end - start > LONGEST_SPAN_MS:
        raise VenueRefusal(
            -1127, "Lookup interval is too big. More than 24 hours between startTime and endTime."
        )


def _read(venue: ServedVenue, call: Call) -> tuple[Instrument, SpotOrder]:
    instrument = venue.instrument(call)
    venue.feed.refresh(instrument)
    return instrument, read_order(call, instrument, venue.next_made(), venue.feed.base_for)


def _place(venue: ServedVenue, instrument: Instrument, order: SpotOrder, style: str) -> dict[str, Any]:
    try:
        events = venue.paper.place(
            order.request, venue.now_ns(), self_trade=order.self_trade, visible=order.visible
        )
    except PaperRefusal as error:
        raise refusal_of(error) from error
    placed = _last(events, order.request.client_order_id)
    if order.quote_quantity:
        venue.quote_quantities[placed.order_id] = order.quote_quantity
    venue.tell(events)
    trades = [
        event.trade
        for event in events
        if isinstance(event, OrderTraded) and event.order.order_id == placed.order_id
    ]
    return new_order(placed, instrument.venue_symbol, trades, style, order.quote_quantity)


def _cancel(
    venue: ServedVenue, call: Call, instrument: Instrument, order_id: int | None, client_id: str | None
) -> dict[str, Any]:
    cancel_id = (
        call.params.get("newClientOrderId")
        if call.method == "DELETE"
        else call.params.get("cancelNewClientOrderId")
    )
    cancel_id = cancel_id or f"cancel{venue.next_made():016d}"
    _check_restrictions(call, venue.paper.order(call.owner.name, instrument.id, order_id, client_id))
    try:
        events = venue.paper.cancel(
            call.owner.name,
            instrument.id,
            order_id=order_id,
            client_order_id=client_id,
            now_ns=venue.now_ns(),
        )
    except PaperRefusal as error:
        raise refusal_of(error) from error
    gone = next(
        event.order
        for event in events
        if isinstance(event, OrderCancelled)
        and client_id in (None, event.order.client_order_id)
        and order_id in (None, event.order.order_id)
    )
    venue.tell(events, cancel_id)
    return cancelled_order(gone, instrument.venue_symbol, cancel_id, _quote(venue, gone))


def _check_restrictions(call: Call, order: PaperOrder | None) -> None:
    """`cancelRestrictions`: cancel only an order that has not, or has, executed in part.

    Raises:
        VenueRefusal: -2011 it is otherwise, -1152 another word.
    """
    word = call.params.get("cancelRestrictions", "")
    if not word or order is None:
        return
    if word not in _RESTRICTIONS:
        raise VenueRefusal(-1152, "Invalid cancelRestrictions.")
    if order.status.open and order.status is not _RESTRICTIONS[word]:
        raise VenueRefusal(-2011, "Order was not canceled due to cancel restrictions.")


def _last(events: list[Event], client_id: str) -> PaperOrder:
    """The new order as the last event about it shows it."""
    found: PaperOrder | None = None
    for event in events:
        order: PaperOrder | None = getattr(event, "order", None)
        if order is not None and order.client_order_id == client_id:
            found = order
    if found is None:
        raise PaperRefusal(RefusalCode.UNKNOWN_ORDER, f"no event tells of the new order {client_id}")
    return found


def _style(call: Call) -> str:
    text = call.params.get("newOrderRespType") or _DEFAULT_STYLE.get(call.params.get("type", ""), "ACK")
    if text not in _STYLES:
        raise VenueRefusal(-1101, "Invalid newOrderRespType.")
    return text


def _named(call: Call, id_name: str, client_name: str) -> tuple[int | None, str | None]:
    order_id = call.integer(id_name)
    client_id = call.params.get(client_name) or None
    if order_id is None and client_id is None:
        raise missing(id_name)
    return order_id, None if order_id is not None else client_id


def _row(venue: ServedVenue, order: PaperOrder) -> dict[str, Any]:
    return order_row(order, venue.by_id[str(order.instrument)].venue_symbol, _quote(venue, order))


def _quote(venue: ServedVenue, order: PaperOrder) -> Decimal:
    return venue.quote_quantities.get(order.order_id, Decimal(0))
