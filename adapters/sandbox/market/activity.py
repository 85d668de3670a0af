"""How much is traded when: the clock of trade counts, and daily volume moods.

Counts come from a formula that can be summed to any hour, so that trade ids run without gaps from an
instrument's first day, wherever one looks. Read by `hours` and `simulation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.listing import Listing, trait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.sandbox.market.noise import FloatArray, IntArray

_PERIODS_H = np.array([24.0, 12.0, 168.0, 233.7, 771.3])
_SWINGS = np.array([0.20, 0.07, 0.10, 0.09, 0.09])
_BUSIEST_UTC_H = 15.0

_MORNING = (1.18, 1.05, 0.94, 0.86, 0.80, 0.76, 0.78, 0.86, 1.00, 0.98, 0.92, 0.90)
_AFTERNOON = (0.98, 1.22, 1.52, 1.50, 1.36, 1.18, 1.04, 0.98, 0.94, 0.90, 0.92, 1.04)
_BY_HOUR = np.array([*_MORNING, *_AFTERNOON])
BY_HOUR: FloatArray = _BY_HOUR / _BY_HOUR.mean()
"""Share of a day's variance and volume by UTC hour: the opens of Asia, Europe and America stand out."""


class TradeClock:
    """Trades since an instrument's first day, by hour."""

    def __init__(self, listings: Sequence[Listing]) -> None:
        self._rate = np.array([listing.trades_per_hour for listing in listings])
        self._first = np.array([listing.first_minute // 60 for listing in listings], np.int64)
        own = np.array([trait(listing.asset, "phase") * 2 * np.pi for listing in listings])
        daily = np.full(len(listings), -2 * np.pi * _BUSIEST_UTC_H / 24.0 + np.pi / 2)
        self._phases = np.stack([daily, own * 0 + 1.1, own * 0 + 0.4, own, own * 3], axis=1)
        self._base = self._raw(np.arange(len(listings)), self._first)

    def before(self, which: IntArray, hours: IntArray) -> IntArray:
        """Trades of each instrument before the start of each hour; equal shapes."""
        return self._raw(which, hours) - self._base[which]

    def _raw(self, which: IntArray, hours: IntArray) -> IntArray:
        # The integral of rate x (1 + sum of swings x sin(...)): it always rises, as the swings sum below 1.
        turn = 2 * np.pi / _PERIODS_H
        angle = hours[:, None] * turn + self._phases[which]
        waves = (_SWINGS / turn * -np.cos(angle)).sum(axis=1)
        trades: IntArray = np.floor(self._rate[which] * (hours + waves)).astype(np.int64)
        return trades
