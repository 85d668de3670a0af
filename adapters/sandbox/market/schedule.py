"""All trades of one minute of all instruments, in order of time. Made by `simulation` a minute ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market import tape
from adapters.sandbox.market.columns import HIGH, LOW, OPEN
from adapters.sandbox.market.noise import FloatArray, IntArray, KeyArray, key_of
from hedge_tui.domain.candle import MINUTE_NS

if TYPE_CHECKING:
    from adapters.sandbox.market.listing import Listing
    from adapters.sandbox.market.sources import MinuteSource


@dataclass(frozen=True, slots=True)
class Schedule:
    """Trades of a minute as parallel lists, oldest first.

    Attributes:
        time_ns: absolute. which: instrument. buy: the taker bought.
        rows: the minute's candles, shape (instruments, 8).
        middles: mid price at two-second edges in ticks, shape (instruments, 31).
        spreads: in ticks, by instrument.
    """

    minute: int
    time_ns: list[int]
    which: list[int]
    ticks: list[int]
    lots: list[int]
    buy: list[bool]
    rows: IntArray
    middles: FloatArray
    spreads: list[int]


class Scheduler:
    """Draws schedules, a few instruments at a time if there is time."""

    def __init__(self, seed: int, listings: list[Listing], minutes: MinuteSource) -> None:
        self._minutes = minutes
        self._keys = [tape.instrument_key(seed, item.instrument.id) for item in listings]
        self._shape_keys: KeyArray = np.array(
            [key_of(seed, "shape", item.asset) for item in listings], np.uint64
        )
        self._spread = np.array([item.spread for item in listings])
        self._minute = -1
        self._rows: IntArray = np.empty(0, np.int64)
        self._middles: FloatArray = np.empty(0)
        self._spreads: IntArray = np.empty(0, np.int64)
        self._tapes: list[tape.Tape] = []

    def prepare(self, minute: int, budget: int) -> None:
        """Draw up to `budget` more instruments of `minute`."""
        if minute != self._minute:
            self._start(minute)
        for index in range(len(self._tapes), min(len(self._keys), len(self._tapes) + budget)):
            self._tapes.append(
                self.tape(index, minute, self._rows[index], self._middles[index], self._spreads[index])
            )

    def take(self, minute: int) -> Schedule:
        """The whole schedule of `minute`."""
        self.prepare(minute, len(self._keys))
        tapes = self._tapes
        time_ms = np.concatenate([item.time_ms for item in tapes])
        order = np.argsort(time_ms, kind="stable")
        which = np.repeat(np.arange(len(tapes)), [len(item.time_ms) for item in tapes])
        return Schedule(
            minute,
            (minute * MINUTE_NS + time_ms[order] * 1_000_000).tolist(),
            which[order].tolist(),
            np.concatenate([item.ticks for item in tapes])[order].tolist(),
            np.concatenate([item.lots for item in tapes])[order].tolist(),
            np.concatenate([item.buy for item in tapes])[order].tolist(),
            self._rows,
            self._middles,
            self._spreads.tolist(),
        )

    def past(self, index: int, minute: int) -> tape.Tape:
        """The trades of one instrument in any minute."""
        row = self._minutes.between(index, minute, minute + 1)[0]
        shape = tape.excursion(self._shape_keys[index : index + 1], minute)[0]
        spread = self._spread_ticks(row[None, :], self._spread[index : index + 1])[0]
        return self.tape(index, minute, row, tape.middle(row, shape), spread)

    def tape(self, index: int, minute: int, row: IntArray, middles: FloatArray, spread: int) -> tape.Tape:
        """The trades of one instrument and minute from its candle."""
        return tape.draw(row, middles, int(spread), self._keys[index], minute)

    def _start(self, minute: int) -> None:
        self._minute = minute
        hour, within = divmod(minute, 60)
        self._rows = self._minutes.across(hour)[:, within]
        self._middles = tape.middle(self._rows, tape.excursion(self._shape_keys, minute))
        self._spreads = self._spread_ticks(self._rows, self._spread)
        self._tapes = []

    def _spread_ticks(self, rows: IntArray, typical: FloatArray) -> IntArray:
        """Wider when the minute's range is wide."""
        price = rows[:, OPEN].astype(np.float64)
        nervous = np.clip(np.sqrt((rows[:, HIGH] - rows[:, LOW]) / (price * 0.0011)), 0.6, 3.0)
        ticks: IntArray = np.maximum(np.rint(price * typical * nervous), 1.0).astype(np.int64)
        return ticks
