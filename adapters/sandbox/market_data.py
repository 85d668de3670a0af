"""Public market-data handlers of both venues: they differ in prefixes and weights, hardly in payloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.sandbox.refusal import VenueRefusal, missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue

INTERVALS = frozenset(
    ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
)
PERIODS = frozenset(("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d"))
DEPTHS = {"spot": (100, 5000), "usdm": (500, 1000)}
_USDM_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)


def ping(_venue: ServedVenue, _call: Call) -> dict[str, Any]:
    """GET ping."""
    return {}


def time(_venue: ServedVenue, call: Call) -> dict[str, int]:
    """GET time."""
    return {"serverTime": call.now_ms}


def depth(venue: ServedVenue, call: Call) -> Any:
    """GET depth."""
    instrument = venue.instrument(call)
    default, largest = DEPTHS[venue.kind]
    asked = call.integer("limit")
    if venue.kind == "usdm" and asked is not None and asked not in _USDM_DEPTHS:
        raise VenueRefusal(-4021, f"{asked} is not valid depth limit")
    return venue.feed.rows.depth(instrument.venue_symbol, call.limit(default, largest))


def trades(venue: ServedVenue, call: Call) -> Any:
    """GET trades and historicalTrades."""
    instrument = venue.instrument(call)
    return venue.feed.rows.trades(instrument.venue_symbol, call.limit(500, 1000), call.integer("fromId"))


def agg_trades(venue: ServedVenue, call: Call) -> Any:
    """GET aggTrades."""
    return venue.feed.rows.agg_trades(
        venue.instrument(call).venue_symbol,
        call.integer("fromId"),
        call.integer("startTime"),
        call.integer("endTime"),
        call.limit(500, 1000),
    )


def klines(venue: ServedVenue, call: Call) -> Any:
    """GET klines of trades."""
    return _klines(venue, call, "last")


def mark_klines(venue: ServedVenue, call: Call) -> Any:
    """GET markPriceKlines."""
    return _klines(venue, call, "mark")


def index_klines(venue: ServedVenue, call: Call) -> Any:
    """GET indexPriceKlines: named by `pair`."""
    return _klines(venue, call, "index", "pair")


def _klines(venue: ServedVenue, call: Call, price: str, name: str = "symbol") -> Any:
    instrument = venue.instrument(call, name)
    interval = call.text("interval")
    if interval not in INTERVALS or (interval == "1s" and venue.kind == "usdm"):
        raise VenueRefusal(-1120, "Invalid interval.")
    start, end = call.integer("startTime"), call.integer("endTime")
    largest = 1000 if venue.kind == "spot" else 1500
    return venue.feed.rows.klines(
        instrument.venue_symbol, interval, start, end, call.limit(500, largest), price
    )


def ticker_24h(venue: ServedVenue, call: Call) -> Any:
    """GET ticker/24hr, of one symbol or all."""
    return _one_or_all(venue, call, venue.feed.rows.ticker_24h)


def ticker_price(venue: ServedVenue, call: Call) -> Any:
    """GET ticker/price."""
    return _one_or_all(venue, call, venue.feed.rows.ticker_price)


def book_ticker(venue: ServedVenue, call: Call) -> Any:
    """GET ticker/bookTicker."""
    return _one_or_all(venue, call, venue.feed.rows.book_ticker)


def average_price(venue: ServedVenue, call: Call) -> Any:
    """GET avgPrice."""
    return venue.feed.rows.average_price(venue.instrument(call).venue_symbol)


def premium_index(venue: ServedVenue, call: Call) -> Any:
    """GET premiumIndex."""
    return _one_or_all(venue, call, venue.feed.rows.premium_index)


def funding_rate(venue: ServedVenue, call: Call) -> Any:
    """GET fundingRate: history, of one symbol or of all."""
    start, end, limit = call.integer("startTime"), call.integer("endTime"), call.limit(100, 1000)
    chosen = venue.chosen(call)
    # All are paid at the same hours, so that no more than its part of the rows can be asked of each.
    part = -(-limit // max(1, len(chosen))) + 1 if len(chosen) > 1 else limit
    rows = [
        row for one in chosen for row in venue.feed.rows.funding_history(one.venue_symbol, start, end, part)
    ]
    rows.sort(key=lambda row: row["fundingTime"])
    return rows[:limit] if start is not None else rows[-limit:]


def funding_info(venue: ServedVenue, _call: Call) -> Any:
    """GET fundingInfo."""
    return [
        {
            "symbol": one.venue_symbol,
            "adjustedFundingRateCap": "0.02000000",
            "adjustedFundingRateFloor": "-0.02000000",
            "fundingIntervalHours": one.funding_interval_h,
            "disclaimer": False,
        }
        for one in venue.instruments.values()
    ]


def open_interest(venue: ServedVenue, call: Call) -> Any:
    """GET openInterest."""
    return venue.feed.rows.open_interest(venue.instrument(call).venue_symbol)


def open_interest_history(venue: ServedVenue, call: Call) -> Any:
    """GET openInterestHist."""
    instrument, period = venue.instrument(call), call.text("period")
    if period not in PERIODS:
        raise VenueRefusal(-1130, "Data sent for parameter 'period' is not valid.")
    return venue.feed.rows.open_interest_history(
        instrument.venue_symbol,
        period,
        call.integer("startTime"),
        call.integer("endTime"),
        call.limit(30, 500),
    )


def empty_list(_venue: ServedVenue, _call: Call) -> list[Any]:
    """Answers what exists at the venue but has no rows here, such as margin pairs."""
    return []


def _one_or_all(venue: ServedVenue, call: Call, row: Callable[[str], dict[str, Any]]) -> Any:
    if call.params.get("symbol"):
        return row(venue.instrument(call).venue_symbol)
    names = call.params.get("symbols")
    if names is not None:
        wanted = [name.strip().strip('"') for name in names.strip("[]").split(",") if name]
        if not wanted:
            raise missing("symbols")
        unknown = [name for name in wanted if name not in venue.instruments]
        if unknown:
            raise VenueRefusal(-1121, "Invalid symbol.")
        return [row(name) for name in wanted]
    return [row(name) for name in venue.instruments]
