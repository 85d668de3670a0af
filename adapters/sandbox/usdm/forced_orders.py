"""USD-M orders that the venue itself made: liquidations and deleveraging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.sandbox.refusal import VenueRefusal
from adapters.sandbox.selection import within
from adapters.sandbox.usdm.order_payload import Digits, order_row

if TYPE_CHECKING:
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue

_PREFIXES = {"LIQUIDATION": ("autoclose-",), "ADL": ("adl_autoclose",), "": ("autoclose-", "adl_autoclose")}


def forced_orders(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET forceOrders: the account's own, of one symbol or all, newest first.

    Raises:
        VenueRefusal: -1130, another `autoCloseType` than LIQUIDATION or ADL.
    """
    prefixes = _PREFIXES.get(call.params.get("autoCloseType", ""))
    if prefixes is None:
        raise VenueRefusal(-1130, "Data sent for parameter 'autoCloseType' is not valid.")
    start, end = call.integer("startTime"), call.integer("endTime")
    rows = [
        order_row(order, Digits.of(instrument))
        for instrument in venue.chosen(call)
        for order in venue.paper.all_orders(call.owner.name, instrument.id)
        if order.client_order_id.startswith(prefixes) and within(order.created_ns, start, end)
    ]
    return sorted(rows, key=lambda row: -int(row["orderId"]))[: call.limit(50, 100)]
