"""USD-M income history: by kind, symbol and time, in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.paper.records import IncomeKind
from adapters.sandbox.digits import fixed, millis
from adapters.sandbox.refusal import VenueRefusal
from adapters.sandbox.selection import within

if TYPE_CHECKING:
    from adapters.paper.records import PaperIncome
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue

DEFAULT_SPAN_MS = 7 * 86_400_000
"""Looked back when neither a start nor an end is asked for."""
_WORDS = {IncomeKind.LIQUIDATION_FEE: IncomeKind.INSURANCE_CLEAR}
"""The venue has one word for what the insurance fund takes and gives."""


def income(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET income, oldest first; without a start the newest, and `page` counts from the oldest asked for.

    Raises:
        VenueRefusal: -1130, no such kind of income.
    """
    kind, start, end = call.params.get("incomeType"), call.integer("startTime"), call.integer("endTime")
    if kind and kind not in set(IncomeKind):
        raise VenueRefusal(-1130, "Data sent for parameter 'incomeType' is not valid.")
    only = venue.instrument(call).id if call.params.get("symbol") else None
    earliest = call.now_ms - DEFAULT_SPAN_MS if start is None and end is None else start
    chosen = [
        one
        for one in venue.paper.income(call.owner.name)
        if (not kind or _word(one) == kind)
        and (only is None or one.instrument == only)
        and within(one.at_ns, earliest, end)
    ]
    limit, page = call.limit(100, 1000), call.integer("page")
    if page:
        chosen = chosen[(page - 1) * limit : page * limit]
    else:
        chosen = chosen[:limit] if start is not None else chosen[-limit:]
    return [_row(venue, one) for one in chosen]


def _word(one: PaperIncome) -> str:
    return _WORDS.get(one.kind, one.kind).value


def _row(venue: ServedVenue, one: PaperIncome) -> dict[str, Any]:
    return {
        "symbol": venue.by_id[str(one.instrument)].venue_symbol if one.instrument else "",
        "incomeType": _word(one),
        "income": fixed(one.quantity),
        "asset": one.asset,
        "info": one.info or (str(one.trade_id) if one.trade_id else _word(one)),
        "time": millis(one.at_ns),
        "tranId": one.income_id,
        "tradeId": str(one.trade_id) if one.trade_id else "",
    }
