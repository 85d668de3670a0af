"""Figures of group headers: many groups at once, each from the values of its members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.domain.series import FloatArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hedge_tui.ui.widgets.live_table.row_store import SlotArray

Total = Callable[[FloatArray], float]
"""One column of some rows, blanks included as NaN -> one figure."""

Reduce = Callable[[FloatArray, "SlotArray", FloatArray], FloatArray]
"""(values, starts, other) -> one figure per run. `starts` is where each run of `values` begins, none empty.
`other` holds the values of the column that the figure leans on, or is `values` again."""


@dataclass(frozen=True, slots=True)
class Subtotal:
    """How the values of a group's members become the figure of its header.

    Attributes:
        reduce: for all groups in one call.
        by: key of the column that `reduce` gets as `other`; "" for none.
    """

    reduce: Reduce
    by: str = ""

    @classmethod
    def of(cls, function: Subtotal | Total) -> Subtotal:
        """`function`, or one that calls it group by group: slow only where thousands are sorted by it."""
        if isinstance(function, Subtotal):
            return function
        return cls(_each(function))


def total_of(function: Total, values: FloatArray) -> float:
    """A figure over some rows; NaN if the function fails on these values."""
    try:
        return float(function(values))
    except (ValueError, ZeroDivisionError):
        return float("nan")


def _each(function: Total) -> Reduce:
    def reduce(values: FloatArray, starts: SlotArray, other: FloatArray) -> FloatArray:
        del other
        return np.array([total_of(function, run) for run in np.split(values, starts[1:])], np.float64)

    return reduce


def _known(values: FloatArray, starts: SlotArray) -> NDArray[np.int64]:
    return np.add.reduceat((~np.isnan(values)).astype(np.int64), starts)


def _sum(values: FloatArray, starts: SlotArray, other: FloatArray) -> FloatArray:
    del other
    sums = np.add.reduceat(np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf), starts)
    return np.where(_known(values, starts) > 0, sums, np.nan)


def _mean(values: FloatArray, starts: SlotArray, other: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return _sum(values, starts, other) / _known(values, starts)


def _min(values: FloatArray, starts: SlotArray, other: FloatArray) -> FloatArray:
    del other
    least: FloatArray = np.fmin.reduceat(values, starts)
    return least


def _max(values: FloatArray, starts: SlotArray, other: FloatArray) -> FloatArray:
    del other
    most: FloatArray = np.fmax.reduceat(values, starts)
    return most


def _common(values: FloatArray, starts: SlotArray, other: FloatArray) -> FloatArray:
    del other
    least = np.minimum.reduceat(values, starts)
    return np.where(least == np.maximum.reduceat(values, starts), least, np.nan)


def _leading(values: FloatArray, starts: SlotArray, other: FloatArray) -> FloatArray:
    weight = np.where(np.isnan(other), -np.inf, other)
    most = np.repeat(np.maximum.reduceat(weight, starts), np.diff(starts, append=len(values)))
    places = np.where(weight == most, np.arange(len(values)), -1)
    lead: FloatArray = values[np.maximum.reduceat(places, starts)]
    return lead


def _weighted(values: FloatArray, starts: SlotArray, other: FloatArray) -> FloatArray:
    usable = ~np.isnan(values) & ~np.isnan(other)
    weight = np.where(usable, other, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        up = np.add.reduceat(np.where(usable, values, 0.0) * weight, starts)
        return up / np.add.reduceat(weight, starts)


SUM = Subtotal(_sum)
MEAN = Subtotal(_mean)
MIN = Subtotal(_min)
MAX = Subtotal(_max)
COMMON = Subtotal(_common)
"""The value that all members have, blank if they differ; the one that suits columns of text."""


def leading(by: str) -> Subtotal:
    """The value of the member that has the most in column `by`: the price where most is traded, say."""
    return Subtotal(_leading, by)


def weighted(by: str) -> Subtotal:
    """Mean with column `by` as weight: an entry price over positions of the same asset, say."""
    return Subtotal(_weighted, by)
