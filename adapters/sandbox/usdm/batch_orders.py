"""USD-M batches: several orders in one request, each answered for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from adapters.sandbox.call import Call
from adapters.sandbox.refusal import VenueRefusal, missing
from adapters.sandbox.usdm.orders import cancel_one, modify, place

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.served_venue import ServedVenue

LARGEST_BATCH = 5
LARGEST_CANCEL_BATCH = 10


def place_all(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """POST batchOrders: up to five, each answered for itself."""
    return _batch(venue, call, place)


def modify_all(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """PUT batchOrders: up to five, each answered for itself."""
    return _batch(venue, call, modify)


def cancel_many(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """DELETE batchOrders: up to ten ids of one symbol, each answered for itself."""
    instrument = venue.instrument(call)
    by_id = _json_list(call, "orderIdList") or _json_list(call, "orderidlist")
    by_client = _json_list(call, "origClientOrderIdList") or _json_list(call, "origclientorderidlist")
    if not by_id and not by_client:
        raise missing("orderIdList")
    if max(len(by_id), len(by_client)) > LARGEST_CANCEL_BATCH:
        raise VenueRefusal(-4082, "Invalid number of batch orders.")
    asked = [(int(one), None) for one in by_id] if by_id else [(None, str(one)) for one in by_client]
    rows: list[dict[str, Any]] = []
    for order_id, client_id in asked:
        try:
            rows.append(cancel_one(venue, call, instrument, order_id, client_id))
        except VenueRefusal as refusal:
            rows.append(refusal.body())
    return rows


def count_batch(call: Call) -> int:
    """How many orders a batch holds, for the order limits."""
    try:
        return len(_json_list(call, "batchOrders"))
    except VenueRefusal:
        return 1


def _batch(
    venue: ServedVenue, call: Call, one: Callable[[ServedVenue, Call], dict[str, Any]]
) -> list[dict[str, Any]]:
    orders = _json_list(call, "batchOrders")
    if not orders:
        raise missing("batchOrders")
    if len(orders) > LARGEST_BATCH:
        raise VenueRefusal(-4082, "Invalid number of batch orders.")
    rows: list[dict[str, Any]] = []
    for order in orders:
        if not isinstance(order, dict):
            raise VenueRefusal(-1130, "Data sent for parameter 'batchOrders' is not valid.")
        params = {name: _text(value) for name, value in order.items()}
        try:
            rows.append(one(venue, Call(call.method, call.path, params, call.now_ms, call.account)))
        except VenueRefusal as refusal:
            rows.append(refusal.body())
    return rows


def _json_list(call: Call, name: str) -> list[Any]:
    text = call.params.get(name, "")
    if not text:
        return []
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise VenueRefusal(-1130, f"Data sent for parameter '{name}' is not valid.") from error
    if not isinstance(found, list):
        raise VenueRefusal(-1130, f"Data sent for parameter '{name}' is not valid.")
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
