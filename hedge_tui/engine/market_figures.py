"""Figures of one market that no venue says: pure, in floats for the screen; NaN for what is not known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hedge_tui.domain.candle import DAY_NS, HOUR_NS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.instrument import Instrument

NAN = math.nan
BP = 10_000
YEAR_H = 365 * 24


def change(now: float, past: float) -> float:
    """From `past` to `now`, fraction.

    >>> change(110.0, 100.0)
    0.1
    """
    return round(now / past - 1, 6) if past > 0 else NAN


def funding_apr(rate: float, interval_h: float | None) -> float:
    """A funding rate per interval as a simple yearly fraction: 0.0001 each 8 h is 10.95 %.

    >>> round(funding_apr(0.0001, 8), 6)
    0.1095
    """
    return round(rate * YEAR_H / interval_h, 6) if interval_h else NAN


def premium_bp(mark: float, index: float) -> float:
    """How far the mark stands above the index, basis points."""
    return round((mark / index - 1) * BP, 2) if index > 0 else NAN


def basis_apr(price: float, index: float, expiry_ns: int | None, now_ns: int) -> float:
    """The premium of a dated future as a simple yearly fraction; NaN without an end and in its last hour.

    >>> from hedge_tui.domain.candle import DAY_NS
    >>> round(basis_apr(101.0, 100.0, 73 * DAY_NS, 0), 6)
    0.05
    """
    if expiry_ns is None or not index > 0 or expiry_ns - now_ns < HOUR_NS:
        return NAN
    return round((price / index - 1) * 365 * DAY_NS / (expiry_ns - now_ns), 6)


def day_position(last: float, low: float, high: float) -> float:
    """Where the last price stands between the day's low (0) and high (1); may be a little outside."""
    return round((last - low) / (high - low), 3) if high > low else NAN


def unit_value(instrument: Instrument, price: float) -> float:
    """Quote assets that one unit (base, or a contract) is worth at `price`."""
    size = float(instrument.contract_size)
    return size if instrument.inverse else size * price


def slippage_bp(levels: Iterable[tuple[float, float]], mid: float, worth: float) -> float:
    """What taking `worth` costs against the mid, basis points; NaN where the levels do not hold as much.

    Args:
        levels: (price, worth of what rests there) of one side, best first.
        mid: of best bid and ask.
        worth: in quote like that of the levels, above 0.

    >>> slippage_bp([(101.0, 101.0), (102.0, 1_000.0)], 100.0, 203.0)
    150.0
    """
    left, bought = worth, 0.0
    for price, resting in levels:
        taken = min(left, resting)
        bought += taken / price
        left -= taken
        if left <= worth * 1e-12:
            return round(abs(worth / bought / mid - 1) * BP, 2)
    return NAN
