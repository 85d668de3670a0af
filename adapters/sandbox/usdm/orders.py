"""USD-M order handlers: new, modify, cancel, and the queries for orders and trades."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.sandbox import order_fields
from adapters.sandbox.digits import fixed
from adapters.sandbox.refusal import VenueRefusal, missing
from adapters.sandbox.selection import select_orders, select_trades
from adapters.sandbox.usdm import price_match
from adapters.sandbox.usdm.order_payload import Digits, algo_waiting, order_row, trade_row
from adapters.sandbox.usdm.order_request import read_order
from adapters.sandbox.usdm.refusals import refusal_of
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.paper.events import Event
    from adapters.paper.records import PaperOrder
    from adapters.paper.self_trade import SelfTrade
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import OrderRequest

BAND_UP, BAND_DOWN = Decimal("1.15"), Decimal("0.85")
LONGEST_SPAN_MS = 7 * 86_400_000


def place(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST order."""
    instrument = venue.instrument(call)
    match = price_match.fill_in(venue, call, instrument)
    request = read_order(call, instrument, venue.next_made())
    refuse_reducing_in_hedge_mode(venue, request)
    order = place_request(venue, instrument, request, order_fields.self_trade(call), match)
    return order_row(order, Digits.of(instrument), with_time=False)


def place_request(
    venue: ServedVenue,
    instrument: Instrument,
    request: OrderRequest,
    self_trade: SelfTrade,
    match: str = "",
) -> PaperOrder:
    """Give a request to the matching core, tell everybody, and return the order as it stands.

    `match` is the word of `priceMatch`, if one was sent.

    Raises:
        VenueRefusal: the core refused.
    """
    venue.feed.refresh(instrument)
    try:
        events = venue.paper.place(request, venue.now_ns(), self_trade=self_trade, note=match)
    except PaperRefusal as error:
        if error.code is RefusalCode.MIN_NOTIONAL:
            raise _below_notional(instrument) from error
        if error.code is RefusalCode.PRICE_BAND:
            raise VenueRefusal(*_band_words(venue, request)) from error
        raise refusal_of(error) from error
    venue.tell(events)
    return last_order(events, request.client_order_id)


def refuse_reducing_in_hedge_mode(venue: ServedVenue, request: OrderRequest) -> None:
    """A leg is closed by its position side there.

    Raises:
        VenueRefusal: -1106, `reduceOnly` was sent.
    """
    if request.reduce_only and venue.paper.hedge_mode(request.account):
        raise VenueRefusal(-1106, "Parameter 'reduceonly' sent when not required.")


def test(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST order/test: all checks, no order."""
    instrument = venue.instrument(call)
    request = read_order(call, instrument, venue.next_made())
    venue.feed.refresh(instrument)
    try:
        venue.paper.test(request, venue.now_ns())
    except PaperRefusal as error:
        raise refusal_of(error) from error
    return {}


def modify(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """PUT order: another price and quantity for a resting limit order."""
    instrument = venue.instrument(call)
    order = _find(venue, call, instrument)
    order_fields.side(call)
    quantity, price = order_fields.required(call, "quantity"), order_fields.required(call, "price")
    digits = Digits.of(instrument)
    if order_fields.digits(quantity) > digits.quantity or order_fields.digits(price) > digits.price:
        raise VenueRefusal(-1111, "Precision is over the maximum defined for this asset.")
    venue.feed.refresh(instrument)
    try:
        events = venue.paper.amend(
            call.owner.name,
            instrument.id,
            order_id=order.order_id,
            quantity=quantity,
            price=price,
            now_ns=venue.now_ns(),
        )
    except PaperRefusal as error:
        raise refusal_of(error) from error
    venue.tell(events)
    return order_row(last_order(events, order.client_order_id), digits, with_time=False)


def cancel(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """DELETE order."""
    instrument = venue.instrument(call)
    order_id, client_id = named(call, "orderId", "origClientOrderId")
    return cancel_one(venue, call, instrument, order_id, client_id)


def cancel_all(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """DELETE allOpenOrders of one symbol; conditional orders that wait stay, as at the venue."""
    instrument = venue.instrument(call)
    venue.tell(venue.paper.cancel_all(call.owner.name, instrument.id, venue.now_ns(), which="orders"))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def query(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET order."""
    instrument = venue.instrument(call)
    return order_row(_find(venue, call, instrument), Digits.of(instrument))


def open_order(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET openOrder."""
    instrument = venue.instrument(call)
    order = _find(venue, call, instrument)
    if not order.status.open:
        raise VenueRefusal(-2013, "Order does not exist.")
    return order_row(order, Digits.of(instrument))


def open_orders(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET openOrders, of one symbol or all; without conditional orders that wait."""
    only = venue.instrument(call).id if call.params.get("symbol") else None
    orders = venue.paper.open_orders(call.owner.name, only)
    return [_row(venue, order) for order in orders if not algo_waiting(order)]


def all_orders(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET allOrders: from `orderId` upward, or in a time span, or the newest."""
    instrument = venue.instrument(call)
    _check_span(call)
    orders = [one for one in venue.paper.all_orders(call.owner.name, instrument.id) if not algo_waiting(one)]
    return [_row(venue, order) for order in select_orders(orders, call)]


def user_trades(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET userTrades of one symbol."""
    instrument = venue.instrument(call)
    _check_span(call)
    trades = select_trades(venue.paper.trades(call.owner.name, instrument.id), call)
    return [trade_row(trade, Digits.of(instrument), instrument.settle) for trade in trades]


def named(call: Call, id_name: str, client_name: str) -> tuple[int | None, str | None]:
    """The order a call names, by the venue's id or by the client's.

    Raises:
        VenueRefusal: -1102, it names none.
    """
    order_id = call.integer(id_name)
    client_id = call.params.get(client_name) or None
    if order_id is None and client_id is None:
        raise missing(id_name)
    return order_id, None if order_id is not None else client_id


def last_order(events: Sequence[Event], client_id: str) -> PaperOrder:
    """An order as the last event about it shows it."""
    found: PaperOrder | None = None
    for event in events:
        order: PaperOrder | None = getattr(event, "order", None)
        if order is not None and order.client_order_id == client_id:
            found = order
    if found is None:
        raise PaperRefusal(RefusalCode.UNKNOWN_ORDER, f"no event tells of the order {client_id}")
    return found


def _check_span(call: Call) -> None:
    start, end = call.integer("startTime"), call.integer("endTime")
    if start is not None and end is not None and end - start > LONGEST_SPAN_MS:
        raise VenueRefusal(-4165, "Maximum time interval is 7 days.")


def _find(venue: ServedVenue, call: Call, instrument: Instrument) -> PaperOrder:
    order_id, client_id = named(call, "orderId", "origClientOrderId")
    order = venue.paper.order(call.owner.name, instrument.id, order_id, client_id)
    if order is None or algo_waiting(order):
        raise VenueRefusal(-2013, "Order does not exist.")
    return order


def cancel_one(
    venue: ServedVenue, call: Call, instrument: Instrument, order_id: int | None, client_id: str | None
) -> dict[str, Any]:
    """Cancel one regular order.

    Raises:
        VenueRefusal: -2011, it is not open, or waits as a conditional order.
    """
    known = venue.paper.order(call.owner.name, instrument.id, order_id, client_id)
    if known is None or algo_waiting(known):
        raise VenueRefusal(-2011, "Unknown order sent.")
    try:
        events = venue.paper.cancel(
            call.owner.name, instrument.id, order_id=known.order_id, now_ns=venue.now_ns()
        )
    except PaperRefusal as error:
        raise refusal_of(error) from error
    venue.tell(events)
    return order_row(last_order(events, known.client_order_id), Digits.of(instrument), with_time=False)


def _below_notional(instrument: Instrument) -> VenueRefusal:
    least = instrument.grid.min_notional
    return VenueRefusal(
        -4164, f"Order's notional must be no smaller than {least} (unless you choose reduce only)."
    )


def _band_words(venue: ServedVenue, request: OrderRequest) -> tuple[int, str]:
    """The venue's number and words for a limit price too far from the mark."""
    buying = request.side is Side.BUY
    mark = venue.paper.mark(request.instrument) or venue.paper.last(request.instrument) or Decimal(0)
    digits = Digits.of(venue.by_id[str(request.instrument)])
    if buying:
        return -4016, f"Limit price can't be higher than {fixed(mark * BAND_UP, digits.price)}."
    return -4024, f"Limit price can't be lower than {fixed(mark * BAND_DOWN, digits.price)}."


def _row(venue: ServedVenue, order: PaperOrder) -> dict[str, Any]:
    return order_row(order, Digits.of(venue.by_id[str(order.instrument)]))
