"""Limits as a venue states them itself (Binance's `rateLimits`); a row that makes no sense is left out."""

from __future__ import annotations

from typing import Any

from hedge_tui.domain.ports.pacing import Per, RateLimit

_UNITS = {"SECOND": ("s", 1.0), "MINUTE": ("m", 60.0), "HOUR": ("h", 3600.0), "DAY": ("d", 86_400.0)}
_KINDS = {
    "REQUEST_WEIGHT": ("weight", Per.ADDRESS, "x-mbx-used-weight-"),
    "ORDERS": ("orders", Per.ACCOUNT, "x-mbx-order-count-"),
    "RAW_REQUESTS": ("requests", Per.ADDRESS, ""),
    "CONNECTIONS": ("connects", Per.ADDRESS, ""),
}


def stated_limits(rows: Any) -> tuple[RateLimit, ...]:
    """The limits in the rows of an `exchangeInfo` answer.

    >>> row = {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300}
    >>> [(one.name, one.limit, one.window_s) for one in stated_limits([row])]
    [('orders_10s', 300.0, 10.0)]
    """
    found = [_limit(row) for row in rows] if isinstance(rows, list) else []
    return tuple(limit for limit in found if limit is not None)


def _limit(row: Any) -> RateLimit | None:
    try:
        counts, per, header = _KINDS[row["rateLimitType"]]
        unit, seconds = _UNITS[row["interval"]]
        count, limit = int(row["intervalNum"]), float(row["limit"])
    except (KeyError, TypeError, ValueError):
        return None
    if count < 1 or limit <= 0:
        return None
    span = f"{count}{unit}"
    return RateLimit(f"{counts}_{span}", counts, per, limit, count * seconds, header and header + span)
