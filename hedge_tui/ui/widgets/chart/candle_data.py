"""Candles of one chart, folded 4:1 again and again: a zoom costs the screen's width, not the history's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hedge_tui.domain.series import FloatArray, IntArray

FOLD = 4
OPEN, HIGH, LOW, CLOSE, VOLUME = range(5)


def fold(block: FloatArray, count: int) -> FloatArray:
    """Join every `count` candles of `block`, shape (5, n), into one; the last group may be short.

    >>> fold(np.array([[1, 2, 3], [5, 6, 7], [0, 1, 2], [2, 3, 4], [10, 10, 10.0]]), 2).tolist()
    [[1.0, 3.0], [6.0, 7.0], [0.0, 2.0], [3.0, 4.0], [20.0, 10.0]]
    """
    if count == 1 or not block.shape[1]:
        return block
    first = np.arange(0, block.shape[1], count)
    last = np.minimum(first + count, block.shape[1]) - 1
    return np.stack(
        [
            block[OPEN, first],
            np.fmax.reduceat(block[HIGH], first),
            np.fmin.reduceat(block[LOW], first),
            block[CLOSE, last],
            np.add.reduceat(block[VOLUME], first),
        ]
    )


class CandleData:
    """Candles and their folded copies; index 0 is the oldest.

    Attributes:
        version: grows with every change.
    """

    def __init__(self) -> None:
        self._open_ns: IntArray = np.zeros(64, np.int64)
        self._levels: list[FloatArray] = [np.zeros((5, 64))]
        self._count = 0
        self.version = 0

    def __len__(self) -> int:
        return self._count

    @property
    def open_ns(self) -> IntArray:
        """UTC nanoseconds, shape (n,), increasing. Not a copy."""
        return self._open_ns[: self._count]

    @property
    def block(self) -> FloatArray:
        """Open, high, low, close, volume, shape (5, n). Not a copy."""
        return self._levels[0][:, : self._count]

    @property
    def highest(self) -> float:
        """Highest price of all candles; NaN if there are none."""
        size, level = self._count, 0
        while size > FOLD and level + 1 < len(self._levels):
            size, level = -(-size // FOLD), level + 1
        return float(np.fmax.reduce(self._levels[level][HIGH, :size], initial=np.nan))

    def replace(self, open_ns: ArrayLike, columns: list[ArrayLike]) -> None:
        """Take whole arrays: times, then open, high, low, close, volume.

        Raises ValueError when lengths differ or the times do not increase.
        """
        times = np.array(open_ns, np.int64)
        block = np.array([np.asarray(column, np.float64) for column in columns])
        if block.shape != (5, len(times)):
            raise ValueError(f"{len(times)} open times, but candle columns of shape {block.shape}")
        if np.any(np.diff(times) <= 0):
            raise ValueError("open times of candles must increase")
        self._open_ns, self._count = times, len(times)
        self._levels = [block]
        while self._levels[-1].shape[1] > 1:
            self._levels.append(fold(self._levels[-1], FOLD))
        self.version += 1

    def put(self, open_ns: int, values: tuple[float, float, float, float, float]) -> None:
        """Change the last candle if it opened then, or append a newer one.

        Raises ValueError for a time before the last candle's.
        """
        last = int(self._open_ns[self._count - 1]) if self._count else None
        if last is not None and open_ns < last:
            raise ValueError(f"candle opens at {open_ns}, before the last one at {last}")
        if last is None or open_ns > last:
            self._append(open_ns)
        self._levels[0][:, self._count - 1] = values
        self._refold()
        self.version += 1

    def _append(self, open_ns: int) -> None:
        if self._count == len(self._open_ns):
            room = max(64, self._count // 2)
            self._open_ns = np.concatenate([self._open_ns, np.zeros(room, np.int64)])
        self._open_ns[self._count] = open_ns
        self._count += 1

        need, level = self._count, 0
        while True:
            if level == len(self._levels):
                self._levels.append(np.zeros((5, need)))
            block = self._levels[level]
            if block.shape[1] < need:
                spare = np.zeros((5, max(16, need // 2)))
                self._levels[level] = np.hstack([block, spare])
            if need <= 1:
                return
            need, level = -(-need // FOLD), level + 1

    def _refold(self) -> None:
        """The last candle changed: so did the last one of each level above."""
        size = self._count
        for level in range(1, len(self._levels)):
            start = (size - 1) // FOLD * FOLD
            group = fold(self._levels[level - 1][:, start:size], FOLD)
            size = -(-size // FOLD)
            self._levels[level][:, size - 1] = group[:, 0]

    def columns(self, first: int, last: int, per_column: int) -> FloatArray:
        """Candles of the columns `first` to `last` (excluded), each `per_column` candles wide.

        Column j holds the candles from j * per_column, so that columns do not change their content when the
        view moves. Shape (5, m), m the columns that there are. `per_column` is a power of two.
        """
        level, step = 0, per_column
        while step >= FOLD and level + 1 < len(self._levels):
            level, step = level + 1, step // FOLD
        size = self._count
        for _ in range(level):
            size = -(-size // FOLD)
        return fold(self._levels[level][:, first * step : min(last * step, size)], step)

    def index_at(self, at_ns: int) -> int:
        """The candle that holds a moment; -1 before the first."""
        return int(np.searchsorted(self.open_ns, at_ns, side="right")) - 1
