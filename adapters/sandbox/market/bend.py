"""Bend a path so that its highest and lowest point come to lie where a coarser level has already put them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from adapters.sandbox.market.noise import FloatArray


def bend(
    at: FloatArray, length: float, *, peak: FloatArray, lift: FloatArray, trough: FloatArray, drop: FloatArray
) -> FloatArray:
    """What to add to paths: 0 at both ends, `lift` at `peak`, `drop` at `trough`, straight in between.

    `at` are the positions asked for, in [0, length], shape (n,). `peak` and `trough` are where the extremes
    lie, inside (0, length), `lift` and `drop` how much is missing there, all of shape (r,). The result has
    shape (r, n); where peak and trough coincide, it goes to the mean of lift and drop.
    """
    same = peak == trough
    mean = (lift + drop) / 2
    first = np.minimum(peak, trough)[:, None]
    second = np.maximum(peak, trough)[:, None]
    peak_first = peak < trough
    one = np.where(same, mean, np.where(peak_first, lift, drop))[:, None]
    two = np.where(same, mean, np.where(peak_first, drop, lift))[:, None]
    width = np.where(same[:, None], 1.0, second - first)
    between = one + (two - one) * (at - first) / width
    added: FloatArray = np.where(
        at <= first,
        one * at / first,
        np.where(at >= second, two * (length - at) / (length - second), between),
    )
    return added
