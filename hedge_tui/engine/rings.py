"""Rings of evenly spaced samples for many instruments: what was known when, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.series import FloatArray

FIRST_ROWS = 64


class Ring:
    """The newest `slots` samples of each instrument, `step_ns` apart; NaN where nothing is known.

    A sample belongs to a moment that is a multiple of the step since the epoch, written as its number:
    `at_ns // step_ns`. When time goes on, the oldest moments are forgotten for all instruments at once, so a
    moment that nobody sampled is unknown and never an older sample in disguise.

    Args:
        step_ns: between two moments. slots: moments that are kept; one row costs 8 bytes for each.
    """

    def __init__(self, step_ns: int, slots: int) -> None:
        self.step_ns = step_ns
        self.slots = slots
        self._rows: dict[InstrumentId, int] = {}
        self._values: FloatArray = np.full((FIRST_ROWS, slots), np.nan)
        self._newest = -1
        self._latest: list[int] = []

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, instrument: InstrumentId) -> bool:
        return instrument in self._rows

    def put(self, instrument: InstrumentId, moment: int, value: float) -> None:
        """Know a number at a moment; one that is too old to be kept is ignored, a later word wins."""
        if moment <= self._newest - self.slots:
            return
        self._reach(moment)
        row = self._row(instrument)
        self._values[row, moment % self.slots] = value
        self._latest[row] = max(self._latest[row], moment)

    def at(self, instrument: InstrumentId, moment: int) -> float:
        """The sample of one moment, NaN if it is not known."""
        row = self._rows.get(instrument)
        if row is None or not self._newest - self.slots < moment <= self._newest:
            return float("nan")
        return float(self._values[row, moment % self.slots])

    def near(self, instrument: InstrumentId, moment: int, within: int) -> float:
        """The known sample nearest to a moment, at most `within` moments away; the older of two."""
        for away in range(within + 1):
            for one in (moment - away, moment + away):
                value = self.at(instrument, one)
                if value == value:  # noqa: PLR0124 - NaN test
                    return value
        return float("nan")

    def span(self, instrument: InstrumentId, first: int, count: int) -> FloatArray:
        """Samples of `count` moments from `first` on, oldest first, NaN where unknown; a copy."""
        found = np.full(count, np.nan)
        row = self._rows.get(instrument)
        low, high = max(first, self._newest - self.slots + 1), min(first + count, self._newest + 1)
        if row is not None and low < high:
            moments = np.arange(low, high)
            found[moments - first] = self._values[row, moments % self.slots]
        return found

    def newest(self, instrument: InstrumentId) -> int:
        """The latest moment that is known of an instrument, -1 for none."""
        row = self._rows.get(instrument)
        latest = -1 if row is None else self._latest[row]
        return latest if latest > self._newest - self.slots else -1

    def complete(self, first: int, count: int) -> set[InstrumentId]:
        """Instruments of which all of `count` moments from `first` on are known; the ring holds as many."""
        if first <= self._newest - self.slots or first + count - 1 > self._newest:
            return set()
        moments = np.arange(first, first + count) % self.slots
        holes = np.isnan(self._values[: len(self._rows)][:, moments]).sum(axis=1).tolist()
        return {one for one, row in self._rows.items() if not holes[row]}

    def _row(self, instrument: InstrumentId) -> int:
        row = self._rows.get(instrument)
        if row is None:
            row = self._rows[instrument] = len(self._rows)
            self._latest.append(-1)
            if row == len(self._values):
                self._values = np.concatenate([self._values, np.full_like(self._values, np.nan)])
        return row

    def _reach(self, moment: int) -> None:
        """Make room up to `moment`: what lies between the newest and it is unknown."""
        if moment <= self._newest:
            return
        if moment - self._newest >= self.slots:
            self._values[:] = np.nan
        else:
            self._values[:, np.arange(self._newest + 1, moment + 1) % self.slots] = np.nan
        self._newest = moment
