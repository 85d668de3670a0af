"""USD-M conditional orders (`algoOrder` and its relatives): stops and take-profits that wait."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.paper.refusal import PaperRefusal
from adapters.sandbox import order_fields
from adapters.sandbox.refusal import VenueRefusal, missing
from adapters.sandbox.selection import within
from adapters.sandbox.usdm import price_match
from adapters.sandbox.usdm.order_payload import ALGO_OFFSET, Digits, algo_row, algo_waiting, is_algo
from adapters.sandbox.usdm.order_request import read_algo
from adapters.sandbox.usdm.orders import place_request, refuse_reducing_in_hedge_mode
from adapters.sandbox.usdm.refusals import refusal_of
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from adapters.paper.records import PaperOrder
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import OrderRequest


def place(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST algoOrder."""
    instrument = venue.instrument(call)
    match = price_match.fill_in(venue, call, instrument)
    request = read_algo(call, instrument, venue.next_made(), held=_held(venue, call, instrument))
    refuse_reducing_in_hedge_mode(venue, request)
    _refuse_second_closer(venue, request)
    order = place_request(venue, instrument, request, order_fields.self_trade(call), match)
    return algo_row(order, Digits.of(instrument))


def cancel(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """DELETE algoOrder.

    Raises:
        VenueRefusal: -2011, no such conditional order waits.
    """
    order = _find(venue, call)
    if order is None or not algo_waiting(order) or not order.status.open:
        raise VenueRefusal(-2011, "Unknown order sent.")
    try:
        events = venue.paper.cancel(
            call.owner.name, order.instrument, order_id=order.order_id, now_ns=venue.now_ns()
        )
    except PaperRefusal as error:
        raise refusal_of(error) from error
    venue.tell(events)
    return {
        "algoId": ALGO_OFFSET + order.order_id,
        "clientAlgoId": order.client_order_id,
        "code": "200",
        "msg": "success",
    }


def cancel_all(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """DELETE algoOpenOrders of one symbol."""
    instrument = venue.instrument(call)
    venue.tell(venue.paper.cancel_all(call.owner.name, instrument.id, venue.now_ns(), which="stops"))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def query(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET algoOrder.

    Raises:
        VenueRefusal: -2013, there is none.
    """
    order = _find(venue, call)
    if order is None:
        raise VenueRefusal(-2013, "Order does not exist.")
    return _row(venue, order)


def open_orders(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET openAlgoOrders, of one symbol or all."""
    only = venue.instrument(call).id if call.params.get("symbol") else None
    return [_row(venue, one) for one in venue.paper.open_orders(call.owner.name, only) if algo_waiting(one)]


def all_orders(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET allAlgoOrders of one symbol."""
    instrument = venue.instrument(call)
    orders = [one for one in venue.paper.all_orders(call.owner.name, instrument.id) if is_algo(one)]
    start, end = call.integer("startTime"), call.integer("endTime")
    chosen = [one for one in orders if within(one.created_ns, start, end)]
    return [_row(venue, one) for one in chosen[-call.limit(500, 1000) :]]


def _find(venue: ServedVenue, call: Call) -> PaperOrder | None:
    """The conditional order by `algoId` or `clientAlgoId`; a symbol need not be sent."""
    algo_id, client_id = call.integer("algoId"), call.params.get("clientAlgoId")
    if algo_id is None and not client_id:
        raise missing("algoId")
    order_id = None if algo_id is None else algo_id - ALGO_OFFSET
    instruments = [venue.instrument(call)] if call.params.get("symbol") else venue.instruments.values()
    for instrument in instruments:
        order = venue.paper.order(
            call.owner.name, instrument.id, order_id, client_id if order_id is None else None
        )
        if order is not None and is_algo(order):
            return order
    return None


def _refuse_second_closer(venue: ServedVenue, request: OrderRequest) -> None:
    """One stop and one take-profit of each side may close a whole position."""
    if not request.close_position:
        return
    for one in venue.paper.open_orders(request.account, request.instrument):
        same = (one.side, one.position_side, one.original_type)
        if one.close_position and same == (request.side, request.position_side, request.type):
            raise VenueRefusal(
                -4130,
                "An open stop or take profit order with GTE and closePosition in the direction is existing.",
            )


def _held(venue: ServedVenue, call: Call, instrument: Instrument) -> Decimal:
    """Unsigned quantity of the position that a close-position order on this side would close; 0 if none."""
    if not call.flag("closePosition"):
        return Decimal(0)
    selling = call.params.get("side") == Side.SELL.value.upper()
    wanted = call.params.get("positionSide", "BOTH")
    for position in venue.paper.positions(call.owner.name):
        fits = wanted in ("", "BOTH") or position.side.value.upper() == wanted
        if (
            position.instrument == instrument.id
            and fits
            and position.quantity
            and (position.quantity > 0) is selling
        ):
            return abs(position.quantity)
    raise VenueRefusal(-4509, "TIF GTE can only be used with open positions or open orders.")


def _row(venue: ServedVenue, order: PaperOrder) -> dict[str, Any]:
    return algo_row(order, Digits.of(venue.by_id[str(order.instrument)]))
