"""Public trades as Binance's REST rows. Part of `MarketRows`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.sandbox.market.market import Market, Print

_MINUTE_MS = 60_000
_NS_PER_MS = 1_000_000


def trade_rows(market: Market, index: int, limit: int, from_id: int | None) -> list[dict[str, Any]]:
    """The `limit` newest trades, or those from an id on, oldest first."""
    found = _newest(market, index, limit) if from_id is None else _from_id(market, index, from_id, limit)
    return [_trade_row(market, index, one) for one in found]


def agg_trade_rows(
    market: Market, index: int, *, from_id: int | None, start_ms: int | None, end_ms: int | None, limit: int
) -> list[dict[str, Any]]:
    """Aggregates from an id, in a span of time, or the newest."""
    now_ms = market.now_ns // _NS_PER_MS
    if from_id is not None:
        found = _from_id(market, index, from_id, limit)
    elif start_ms is not None:
        last_ms = min(now_ms, end_ms if end_ms is not None else now_ms)
        span = market.prints(index, start_ms // _MINUTE_MS, last_ms // _MINUTE_MS)
        found = list(islice((one for one in span if start_ms <= one.time_ms <= last_ms), limit))
    else:
        found = _newest(market, index, limit, end_ms)
    texts, spot = market.texts[index], market.kind == "spot"
    rows = []
    for one in found:
        row: dict[str, Any] = {
            "a": one.trade_id,
            "p": texts.ticks(one.ticks),
            "q": texts.lots(one.lots),
            "f": one.trade_id,
            "l": one.trade_id,
            "T": one.time_ms,
            "m": not one.buy,
        }
        if spot:
            row["M"] = True
        rows.append(row)
    return rows


def _trade_row(market: Market, index: int, one: Print) -> dict[str, Any]:
    texts = market.texts[index]
    row: dict[str, Any] = {
        "id": one.trade_id,
        "price": texts.ticks(one.ticks),
        "qty": texts.lots(one.lots),
        "quoteQty": texts.turnover(4 * one.ticks * one.lots),
        "time": one.time_ms,
        "isBuyerMaker": not one.buy,
    }
    if market.kind == "spot":
        row["isBestMatch"] = True
    return row


def _newest(market: Market, index: int, limit: int, end_ms: int | None = None) -> list[Print]:
    last_ms = market.now_ns // _NS_PER_MS
    last_ms = last_ms if end_ms is None else min(last_ms, end_ms)
    found: list[Print] = []
    for minute in _minutes_back(last_ms // _MINUTE_MS):
        earlier = [one for one in market.prints(index, minute, minute) if one.time_ms <= last_ms]
        found = earlier + found
        if len(found) >= limit or (found and not earlier):
            break
    return found[-limit:]


def _minutes_back(last: int) -> Iterator[int]:
    # A quiet instrument trades several times a minute; 1,000 trades never need more than this.
    return iter(range(last, max(0, last - 1000), -1))


def _from_id(market: Market, index: int, from_id: int, limit: int) -> list[Print]:
    minute = market.find_print(index, max(1, from_id))
    if minute is None:
        return []
    now_minute = market.now_ns // _NS_PER_MS // _MINUTE_MS
    span = market.prints(index, minute, now_minute)
    return list(islice((one for one in span if one.trade_id >= from_id), limit))
