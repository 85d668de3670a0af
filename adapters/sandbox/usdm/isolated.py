"""USD-M isolated margin handlers: moving a position's own margin, and the history of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.sandbox import order_fields
from adapters.sandbox.digits import fixed, millis
from adapters.sandbox.refusal import VenueRefusal
from adapters.sandbox.selection import within
from adapters.sandbox.usdm.order_payload import SIDES
from adapters.sandbox.usdm.order_request import position_side
from adapters.sandbox.usdm.refusals import refusal_of

if TYPE_CHECKING:
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue

ADD, REDUCE = "1", "2"
_REFUSALS = {
    RefusalCode.NOT_ISOLATED: (-4049, "Add margin only support for isolated position."),
    RefusalCode.INSUFFICIENT_MARGIN: (-4050, "Cross balance insufficient."),
    RefusalCode.INSUFFICIENT_BALANCE: (-4051, "Isolated balance insufficient."),
}


def move(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST positionMargin: type 1 adds, 2 takes back."""
    instrument = venue.instrument(call)
    amount, kind = order_fields.required(call, "amount"), call.text("type")
    if kind not in (ADD, REDUCE):
        raise VenueRefusal(-4052, "No need to change margin type.")
    if amount <= 0:
        raise VenueRefusal(-1102, "Mandatory parameter 'amount' was not sent, was empty/null, or malformed.")
    side = position_side(call)
    venue.feed.refresh(instrument)
    delta = amount if kind == ADD else -amount
    try:
        events = venue.paper.move_margin(call.owner.name, instrument.id, side, delta, venue.now_ns())
    except PaperRefusal as error:
        if error.code in _REFUSALS:
            raise VenueRefusal(*_REFUSALS[error.code]) from error
        raise refusal_of(error) from error
    venue.tell(events)
    return {
        "amount": float(amount),
        "code": 200,
        "msg": "Successfully modify position margin.",
        "type": int(kind),
    }


def history(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET positionMargin/history of one symbol, oldest first."""
    instrument = venue.instrument(call)
    kind, start, end = call.params.get("type"), call.integer("startTime"), call.integer("endTime")
    rows = [
        {
            "symbol": instrument.venue_symbol,
            "type": int(ADD if one.quantity > 0 else REDUCE),
            "deltaType": one.kind,
            "amount": fixed(abs(one.quantity)),
            "asset": one.asset,
            "time": millis(one.at_ns),
            "positionSide": SIDES[one.side],
            "clientTranId": "",
        }
        for one in venue.paper.margin_changes(call.owner.name)
        if one.instrument == instrument.id
        and within(one.at_ns, start, end)
        and (not kind or kind == (ADD if one.quantity > 0 else REDUCE))
    ]
    return rows[-call.limit(500, 500) :]


def adl_quantile(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET adlQuantile: places in the deleveraging queue of what is held, of one symbol or all."""
    account = call.owner.name
    venue.feed.refresh_account(account)
    wanted = {str(one.id) for one in venue.chosen(call)}
    places: dict[str, dict[str, int]] = {}
    for held in venue.paper.positions(account):
        if held.quantity and str(held.instrument) in wanted:
            symbol = venue.by_id[str(held.instrument)].venue_symbol
            place = venue.paper.adl_quantile(account, held.instrument, held.side)
            places.setdefault(symbol, {})[SIDES[held.side]] = place
    return [{"symbol": symbol, "adlQuantile": sides} for symbol, sides in places.items()]
