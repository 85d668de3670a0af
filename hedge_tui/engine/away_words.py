"""The away report in words, for a person; pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

NS = 1_000_000_000
SHOWN = 8
"""Most lines of one kind; the data has them all."""


class AwayWords:
    """Speaks in one time zone, by its IANA name."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def lines(self, found: dict[str, Any]) -> list[str]:
        """The report in words, most urgent first."""
        currency, pnl, fills = found["currency"], found["pnl"], found["fills"]
        since = found["since_ns"]
        lines = [
            f"since {self._when(since)}, {duration((found['until_ns'] - since) // NS)}"
            if since
            else "since ever"
        ]
        lines.append(
            f"PnL {pnl['net']} {currency}: realized {pnl['realized']}, fees {pnl['fees']},"
            f" funding {pnl['funding']}"
        )
        if pnl["with_open_positions"] is not None:
            lines.append(f"with open positions {pnl['with_open_positions']} {currency}")
        lines += _some("orders unknown", [_order_words(one) for one in found["orders"]["unknown"]])
        lines += _some(
            "alarms", [f"{self._when(a['at_ns'])} {a['account']} {a['text']}" for a in found["alarms"]]
        )
        lines += _some("orders refused", [_order_words(one) for one in found["orders"]["refused"]])
        lines += _some(
            "engine restarts",
            [
                f"{self._when(r['from_ns'])}, {duration(r['seconds'])}: {'stopped' if r['clean'] else 'died'}"
                for r in found["restarts"]
            ],
        )
        lines += _some(
            "lost streams",
            [
                f"{o['account']} {self._when(o['from_ns'])}, "
                + (duration(o["seconds"]) if o["to_ns"] else "still lost")
                + (f": {o['why']}" if o["why"] else "")
                for o in found["outages"]
            ],
        )
        words = [
            f"{one['account']}: {one['count']}, {one['notional']} {currency}" for one in fills["accounts"]
        ]
        more = "" if fills["complete"] else ", and older ones in the journal alone"
        lines += _some(f"fills, {fills['notional']} {currency}{more}", words, count=fills["count"])
        lines += _some("money moved, no PnL", [self._moved(one) for one in found["moved"]])
        lines += _some(
            "warnings", [f"{self._when(w['at_ns'])} {w['account']} {w['text']}" for w in found["warnings"]]
        )
        return lines

    def _moved(self, one: dict[str, Any]) -> str:
        quantity = f"{Decimal(one['quantity']).normalize():f} {one['asset']}"
        return f"{one['account']} {one['kind']} {quantity} {self._when(one['venue_ns'])}"

    def _when(self, at_ns: int) -> str:
        return f"{datetime.fromtimestamp(at_ns / NS, self._zone):%m-%d %H:%M}"


def duration(seconds: int) -> str:
    """In its two largest units.

    >>> duration(45), duration(95), duration(7320), duration(190_000)
    ('45 s', '1 min 35 s', '2 h 2 min', '2 d 4 h')
    """
    for size, word, below, small in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // below
            return f"{seconds // size} {word}" + (f" {rest} {small}" if rest else "")
    return f"{seconds} s"


def _some(title: str, words: list[str], count: int | None = None) -> list[str]:
    """A heading with how many there are, and the first of them; nothing for none."""
    if not words:
        return []
    more = [f"  and {len(words) - SHOWN} more"] if len(words) > SHOWN else []
    lines = ["  " + " ".join(one.split()) for one in words[:SHOWN]]
    return ["", f"{len(words) if count is None else count} {title}", *lines, *more]


def _order_words(one: dict[str, Any]) -> str:
    reason = f": {one['reason']}" if one["reason"] else ""
    what = f"{one['side']} {one['quantity']} {one['symbol']}"
    return f"#{one['row']} {one['account']} {what} {one['status']}{reason}"
