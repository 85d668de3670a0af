"""Which candles of a series are missing, and whether the venue ever had them. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from store.history.columns import holes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from store.history.catalog import SeriesState

MISSING = "not fetched"
"""The cause of a gap about which the venue was not asked yet."""


def series_gaps(
    state: SeriesState, hot_holes: Sequence[tuple[int, int]], all_opens: Callable[[], Any]
) -> list[tuple[int, int, str]]:
    """Gaps of a series: (first missing open, last missing open, cause), microseconds, oldest first.

    Args:
        state: the series.
        hot_holes: holes among its hot rows.
        all_opens: gives every open; asked only where hot rows lie inside the sealed range, so that the
            holes noted per file do not tell the whole story.
    """
    width = state.timeframe.width_ns // 1_000
    interleaved = state.hot_rows and state.files and state.hot_first_us < state.files[-1].last_us
    if interleaved:
        found = holes(all_opens(), width)
    else:
        found = [hole for file in state.files for hole in file.holes]
        edges = [(file.first_us, file.last_us) for file in state.files]
        if state.hot_rows:
            edges.append((state.hot_first_us, state.hot_last_us))
        for (_, end), (start, _) in pairwise(edges):
            if start - end > width:
                found.append((end + width, start - width))
        found = sorted((*found, *hot_holes))
    return [gap for hole in found for gap in explain(hole, state.empty, width)]


def explain(
    hole: tuple[int, int], empty: Sequence[tuple[int, int, str]], width: int
) -> list[tuple[int, int, str]]:
    """Split a hole by the ranges, sorted by start, in which the venue is known to have had nothing."""
    first, last = hole
    found: list[tuple[int, int, str]] = []
    for empty_first, empty_last, cause in empty:
        if empty_last < first or empty_first > last:
            continue
        start, end = max(first, empty_first), min(last, empty_last)
        if start > first:
            found.append((first, start - width, MISSING))
        found.append((start, end, cause))
        first = end + width
    if first <= last:
        found.append((first, last, MISSING))
    return found
