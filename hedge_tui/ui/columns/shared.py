"""Columns that several topics have, and the words that are coloured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.ui.widgets.live_table import Column, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hedge_tui.domain.series import FloatArray
    from hedge_tui.ui.widgets.live_table.column import Tint

STATES: dict[str, Tint] = {
    "live": "up",
    "filled": "up",
    "partial": "accent",
    "acked": "accent",
    "sending": "accent",
    "starting": "accent",
    "intent": "muted",
    "cancelled": "muted",
    "expired": "muted",
    "stopped": "muted",
    "external": "muted",
    "rejected": "down",
    "denied": "down",
    "failed": "down",
    "absent": "down",
    "unknown": "warning",
    "cancel_unknown": "warning",
    "amend_unknown": "warning",
    "stale": "warning",
    "reconnecting": "warning",
    "locked": "warning",
}
MODES: dict[str, Tint] = {"live": "down", "demo": "warning", "paper": "accent", "sandbox": "accent"}
DAYS_FROM_H = 72
LEVELS: dict[str, Tint] = {"info": "muted", "warning": "warning", "alarm": "down", "error": "down"}


def text(key: str, label: str, width: int, **more: object) -> Column:
    """A column of words without colours of their own."""
    return Column(key=key, label=label, width=width, kind=Kind.TEXT, **more)  # type: ignore[arg-type]


def word(key: str, label: str, width: int, words: dict[str, Tint]) -> Column:
    """A column of words with a colour each."""
    return Column(key=key, label=label, width=width, kind=Kind.WORD, words=words)


def side() -> Column:
    """buy, sell, long or short."""
    return Column(key="side", label="Side", width=5, kind=Kind.WORD)


def money(key: str, label: str, width: int = 12, *, signed: bool = False) -> Column:
    """An amount in the reporting currency; signed ones are coloured and flash."""
    return Column(
        key=key, label=label, width=width, signed=signed, tint="sign" if signed else "", flash=signed
    )


def price(key: str, label: str, width: int = 11, *, flash: bool = False) -> Column:
    """A price with the digits it needs."""
    return Column(key=key, label=label, width=width, decimals="digits", flash=flash)


def quantity(key: str, label: str, width: int = 12) -> Column:
    """Base units or contracts."""
    return Column(key=key, label=label, width=width, decimals="lots")


def digits(key: str) -> Column:
    """A hidden column that holds how many decimals others show."""
    return Column(key=key, label="", width=1, visible=False)


def count(key: str, label: str, *, tint: Tint = "") -> Column:
    """How many; nothing is shown for none, so that what is there stands out."""
    return Column(key=key, label=label, width=max(5, len(label)), decimals=0, tint=tint, blank="")


def nonzero(key: str) -> Callable[[Mapping[str, Any]], object]:
    """A derived value for `count`: NaN instead of zero."""
    return lambda row: row[key] or float("nan")


def minutes_text(minutes: float) -> str:
    """A length of time in five cells that sort like what they say; "" when it is not known.

    >>> minutes_text(7), minutes_text(95), minutes_text(60 * 30), minutes_text(60 * 24 * 12.5)
    ('    7m', ' 1h35m', '30h00m', '   12d')
    """
    if not np.isfinite(minutes):
        return ""
    hours, rest = divmod(int(minutes), 60)
    if hours >= DAYS_FROM_H:
        return f"{hours // 24:>5}d"
    return f"{hours:>2}h{rest:02}m" if hours else f"{rest:>5}m"


def clock(key: str, label: str, width: int = 8) -> Column:
    """A moment."""
    return Column(key=key, label=label, width=width, kind=Kind.TIME)


def sum_of(values: FloatArray) -> float:
    """Sum of what is known; NaN when nothing is."""
    return float(np.nansum(values)) if np.isfinite(values).any() else float("nan")


def decimals_of(value: float) -> int:
    """Digits that a price or quantity needs when its grid is not at hand: at most six significant ones.

    >>> decimals_of(64000.5), decimals_of(1.2345), decimals_of(0.00012)
    (1, 4, 5)
    """
    if not np.isfinite(value) or value == 0:
        return 2
    most = max(0, min(8, 5 - int(np.floor(np.log10(abs(value))))))
    return len(f"{value:.{most}f}".rstrip("0").partition(".")[2])
