"""Request weights and order counts: used-weight headers, 429 with Retry-After, the 418 ban after abuse.

Windows are the venue's: aligned to the clock, by client address for weights, by account for orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.sandbox.refusal import VenueRefusal


@dataclass(frozen=True, slots=True)
class Window:
    """One limit.

    Attributes:
        header: suffix of the response header, such as 1M or 10S.
        seconds: length. limit: most that fits in it.
        words: how the venue's message calls the interval.
    """

    header: str
    seconds: int
    limit: int
    words: str


@dataclass(frozen=True, slots=True)
class LimitTable:
    """A venue's limits, as exchangeInfo states them."""

    weight: Window
    orders: tuple[Window, ...]


SPOT_LIMITS = LimitTable(
    weight=Window("1M", 60, 6000, "1 MINUTE"),
    orders=(Window("10S", 10, 100, "10 SECOND"), Window("1D", 86_400, 200_000, "1 DAY")),
)
USDM_LIMITS = LimitTable(
    weight=Window("1M", 60, 2400, "1 MINUTE"),
    orders=(Window("10S", 10, 300, "10 SECOND"), Window("1M", 60, 1200, "1 MINUTE")),
)
MAX_ORDERS = {"spot": 200, "usdm": 200}
"""Open orders that an account may have in one instrument."""
MAX_TRIGGERS = {"spot": 5, "usdm": 100}
"""Waiting stops among them."""
INTERVALS = {"1M": ("MINUTE", 1), "10S": ("SECOND", 10), "1D": ("DAY", 1)}
"""Of each window: the venue's word and number."""
STRIKES = 10
"""Requests sent after the first 429 of a minute before the address is banned."""
FIRST_BAN_S = 120
LONGEST_BAN_S = 3 * 86_400


def rate_limits(table: LimitTable) -> list[dict[str, Any]]:
    """The `rateLimits` rows of a venue's limits."""
    rows = [("REQUEST_WEIGHT", table.weight), *(("ORDERS", window) for window in table.orders)]
    return [
        {
            "rateLimitType": kind,
            "interval": INTERVALS[window.header][0],
            "intervalNum": INTERVALS[window.header][1],
            "limit": window.limit,
        }
        for kind, window in rows
    ]


class RateLimiter:
    """Counts one venue's requests and orders.

    Args:
        table: the venue's limits.
        enforce: False counts and reports, but refuses nothing.
        report: False leaves the used-weight headers out.
    """

    def __init__(self, table: LimitTable, *, enforce: bool, report: bool = True) -> None:
        self.table = table
        self._report = report
        self._enforce = enforce
        self._used: dict[tuple[str, str], tuple[int, int]] = {}
        self._strikes: dict[str, tuple[int, int]] = {}
        self._banned_until: dict[str, float] = {}
        self._bans: dict[str, int] = {}

    def charge(self, address: str, weight: int, now_ms: int) -> int:
        """Count a request's weight; returns the weight used in this minute.

        Raises:
            VenueRefusal: 429 over the limit, 418 while banned; both with Retry-After in seconds.
        """
        now = now_ms / 1000
        banned = self._banned_until.get(address, 0.0)
        if now < banned:
            raise self._ban_refusal(banned, now)
        used = self._add(f"w:{address}", self.table.weight, weight, now)
        if self._enforce and used > self.table.weight.limit:
            raise self._over_weight(address, now)
        return used

    def count_orders(self, account: str, orders: int, now_ms: int) -> dict[str, str]:
        """Count an account's new orders; returns the order-count headers.

        Raises:
            VenueRefusal: -1015 with 429 and Retry-After; the orders are not counted then.
        """
        now = now_ms / 1000
        for window in self.table.orders:
            used = self._peek(f"o:{account}", window, now)
            if self._enforce and used + orders > window.limit:
                raise VenueRefusal(
                    -1015,
                    f"Too many new orders; current limit is {window.limit} orders per {window.words}.",
                    429,
                    {"Retry-After": str(_left(window, now))},
                )
        return {
            f"X-MBX-ORDER-COUNT-{window.header}": str(self._add(f"o:{account}", window, orders, now))
            for window in self.table.orders
        }

    def weight_headers(self, used: int) -> dict[str, str]:
        """The used-weight headers of a response."""
        if not self._report:
            return {}
        return {"X-MBX-USED-WEIGHT-1M": str(used), "X-MBX-USED-WEIGHT": str(used)}

    def used_weight(self, address: str, now_ms: int) -> int:
        """Weight used by an address in the running minute."""
        return self._peek(f"w:{address}", self.table.weight, now_ms / 1000)

    def used_orders(self, account: str, now_ms: int) -> list[tuple[Window, int]]:
        """Orders counted for an account in each running window."""
        now = now_ms / 1000
        return [(window, self._peek(f"o:{account}", window, now)) for window in self.table.orders]

    def ban(self, address: str, seconds: float, now_ms: int) -> None:
        """Refuse everything from an address for a while, as after abuse; 0 lifts the ban."""
        self._banned_until[address] = now_ms / 1000 + seconds if seconds > 0 else 0.0

    def clear(self) -> None:
        """Forget all counts and bans."""
        self._used.clear()
        self._strikes.clear()
        self._banned_until.clear()
        self._bans.clear()

    def _peek(self, owner: str, window: Window, now: float) -> int:
        index, used = self._used.get((owner, window.header), (-1, 0))
        return used if index == int(now // window.seconds) else 0

    def _add(self, owner: str, window: Window, quantity: int, now: float) -> int:
        used = self._peek(owner, window, now) + quantity
        self._used[owner, window.header] = (int(now // window.seconds), used)
        return used

    def _over_weight(self, address: str, now: float) -> VenueRefusal:
        window = self.table.weight
        index, strikes = self._strikes.get(address, (-1, 0))
        current = int(now // window.seconds)
        strikes = strikes + 1 if index == current else 1
        self._strikes[address] = (current, strikes)
        if strikes > STRIKES:
            bans = self._bans.get(address, 0)
            self._bans[address] = bans + 1
            until = now + min(FIRST_BAN_S * 2**bans, LONGEST_BAN_S)
            self._banned_until[address] = until
            return self._ban_refusal(until, now)
        return VenueRefusal(
            -1003,
            f"Too much request weight used; current limit is {window.limit} request weight "
            f"per {window.words}. Please use WebSocket Streams for live updates to avoid polling the API.",
            429,
            {"Retry-After": str(_left(window, now))},
        )

    def _ban_refusal(self, until: float, now: float) -> VenueRefusal:
        return VenueRefusal(
            -1003,
            f"Way too much request weight used; IP banned until {int(until * 1000)}. "
            "Please use WebSocket Streams for live updates to avoid bans.",
            418,
            {"Retry-After": str(max(1, int(until - now)))},
        )


def _left(window: Window, now: float) -> int:
    """Whole seconds until the window turns over, at least 1."""
    return max(1, int(window.seconds - now % window.seconds))
