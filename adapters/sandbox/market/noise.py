"""Chance that can be asked for at any place: every number is a hash of a key and an index.

A price history that can be read anywhere, in any order, and after a restart, cannot come from a
generator with a state. Used by everything in this folder that belongs to history; the live book, which
nobody can ask for afterwards, uses a plain `random.Random`.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
KeyArray = NDArray[np.uint64]

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15
_MIX1 = 0xBF58476D1CE4E5B9
_MIX2 = 0x94D049BB133111EB
_LANE_MEAN = 4 * 32767.5
_LANE_SD = (4 * (65536.0**2 - 1) / 12) ** 0.5


def key_of(*parts: int | str) -> int:
    """One 64-bit key from a seed, names and tags; the order of the parts matters."""
    state = 0
    for part in parts:
        word = crc32(part.encode()) if isinstance(part, str) else part & _MASK
        state = _finish((state + word + _GAMMA) & _MASK)
    return state


def _finish(word: int) -> int:
    word = ((word ^ (word >> 30)) * _MIX1) & _MASK
    word = ((word ^ (word >> 27)) * _MIX2) & _MASK
    return word ^ (word >> 31)


def words(keys: KeyArray, index: IntArray) -> KeyArray:
    """64 random bits for each pair of key and index, broadcast against each other (splitmix64)."""
    mixed = keys + index.astype(np.uint64) * np.uint64(_GAMMA)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(_MIX1)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(_MIX2)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def uniform(keys: KeyArray, index: IntArray) -> FloatArray:
    """Evenly spread over the open interval (0, 1)."""
    return ((words(keys, index) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def normal(keys: KeyArray, index: IntArray) -> FloatArray:
    """Standard normal, tails to 6.7 deviations (Box-Muller on the two halves of one word)."""
    bits = words(keys, index)
    radius = ((bits >> np.uint64(32)).astype(np.float64) + 0.5) * 2.0**-32
    angle = (bits & np.uint64(0xFFFFFFFF)).astype(np.float64) * (2.0**-32 * 2 * np.pi)
    return np.sqrt(-2.0 * np.log(radius)) * np.cos(angle)


def bell(keys: KeyArray, index: IntArray) -> FloatArray:
    """Nearly normal, tails cut at 3.5 deviations: a third of the price of `normal`, for what is summed."""
    bits = words(keys, index)
    lane = np.uint64(0xFFFF)
    total = (bits & lane).astype(np.float64)
    for shift in (16, 32, 48):
        total += (bits >> np.uint64(shift)) & lane
    total -= _LANE_MEAN
    total *= 1.0 / _LANE_SD
    return total


def drift(keys: KeyArray, index: IntArray, period: int) -> FloatArray:
    """A smooth standard-normal curve over integer time that wanders once in about `period` steps."""
    cell = index // period
    share = (index - cell * period) / period
    share = share * share * (3.0 - 2.0 * share)
    low = bell(keys, cell)
    high = bell(keys, cell + 1)
    return (low * (1.0 - share) + high * share) / np.sqrt((1.0 - share) ** 2 + share**2)


def drift_run(keys: KeyArray, start: IntArray, length: int, period: int) -> FloatArray:
    """`drift` over runs of consecutive indices, equal to it bit for bit and several times cheaper.

    `keys` has one key a run, shape (r, 1), `start` the first index of each, shape (r,); the result has
    shape (r, length).
    """
    first = start[:, None] // period
    lattice = bell(keys, first + np.arange((length + period - 2) // period + 2))
    index = start[:, None] + np.arange(length)
    cell = index // period
    share = (index - cell * period) / period
    share = share * share * (3.0 - 2.0 * share)
    low = np.take_along_axis(lattice, cell - first, axis=1)
    high = np.take_along_axis(lattice, cell - first + 1, axis=1)
    return (low * (1.0 - share) + high * share) / np.sqrt((1.0 - share) ** 2 + share**2)
