"""Labels under a chart: round moments, in the trader's own offset from UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.domain.candle import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS

if TYPE_CHECKING:
    from hedge_tui.domain.series import IntArray

_STEPS_NS = (
    *(n * SECOND_NS for n in (1, 5, 15, 30)),
    *(n * MINUTE_NS for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR_NS for n in (1, 2, 3, 4, 6, 12)),
    *(n * DAY_NS for n in (1, 2, 4, 7, 14)),
)
_MONTHS = (1, 2, 3, 6, 12, 24, 60)
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LABEL_CELLS = 6


def clock_text(at_ns: int, offset_ns: int, *, seconds: bool = False) -> str:
    """Date and time of day as read at `offset_ns` east of UTC.

    >>> clock_text(1_700_000_000_000_000_000, 3_600_000_000_000)
    '2023-11-14 23:13'
    """
    text = str(np.datetime64((at_ns + offset_ns) // SECOND_NS, "s")).replace("T", " ")
    return text if seconds else text[:-3]


def time_ticks(open_ns: IntArray, stride: int, offset_ns: int) -> list[tuple[int, str]]:
    """(column, label) where a round moment begins, far enough apart to be read.

    Args:
        open_ns: opening time of each shown column, increasing, shape (n,).
        stride: cells from one column to the next.
        offset_ns: the trader's clock minus UTC.
    """
    if len(open_ns) < 2:
        return []
    local = open_ns + offset_ns
    width = max(1, int(np.median(np.diff(local))))
    columns = -(-(LABEL_CELLS + 5) // stride)
    months = np.asarray(local // SECOND_NS, "datetime64[s]").astype("datetime64[M]").astype(np.int64)
    step = next((s for s in _STEPS_NS if s >= width * columns and s >= width), None)
    if step is not None:
        buckets = (local - 4 * DAY_NS) // step if step % (7 * DAY_NS) == 0 else local // step
    else:
        need = width * columns / (30.44 * DAY_NS)
        buckets = months // next((m for m in _MONTHS if m >= need), _MONTHS[-1])
    places = np.flatnonzero(np.diff(buckets)) + 1
    found: list[tuple[int, str]] = []
    for place in places.tolist():
        at, before = int(local[place]), int(local[place - 1])
        if step is not None and step < DAY_NS and at % step and at - before == width:
            # Columns of many candles need not open on the round moment: the one that holds it is marked.
            at, place = at - at % step, place - 1  # noqa: PLW2901 - the column before is meant
        if not found or place - found[-1][0] >= columns - 2:
            found.append((place, _label(at, before, step)))
    return found


def _label(at_ns: int, before_ns: int, step: int | None) -> str:
    moment = np.datetime64(at_ns // SECOND_NS, "s")
    year, month, day = str(moment.astype("datetime64[D]")).split("-")
    if at_ns // DAY_NS == before_ns // DAY_NS:
        return str(moment)[11 : 19 if step is not None and step < MINUTE_NS else 16]
    if year != str(np.datetime64(before_ns // SECOND_NS, "s"))[:4]:
        return year
    if step is None:
        return _NAMES[int(month) - 1]
    return f"{_NAMES[int(month) - 1]} {int(day)}"
