"""Funding of perpetuals: eight-hour rates from the premium, their history, and open interest.

Read by `simulation`. Everything is a function of time and seed, so that history never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.noise import FloatArray, IntArray, KeyArray, drift, key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.sandbox.market.basis import Basis
    from adapters.sandbox.market.listing import Listing

INTERVAL_H = 8
_INTEREST = 0.0001
_BAND = 0.0005


def rate_of(premium: FloatArray) -> FloatArray:
    """The venue's formula: mean premium plus the interest, held within a band around the premium."""
    rate = premium + np.clip(_INTEREST - premium, -_BAND, _BAND)
    capped: FloatArray = np.clip(rate, -0.02, 0.02)
    return np.round(capped, 8)


class Funding:
    """Rates by instrument and hour."""

    def __init__(self, seed: int, listings: Sequence[Listing], basis: Basis) -> None:
        self._basis = basis
        self._keys: KeyArray = np.array(
            [key_of(seed, "interest", item.instrument.id) for item in listings], np.uint64
        )
        self._open = np.array(
            [item.trades_per_hour * item.lots_per_trade * (4.0 + 6.0 * (item.rank > 20)) for item in listings]
        )

    def paid(self, which: IntArray, due_hours: IntArray) -> FloatArray:
        """The rate paid at each due hour (a multiple of 8, since the epoch); shapes equal."""
        return rate_of(self._basis.run(which, due_hours - INTERVAL_H, INTERVAL_H).mean(axis=1))

    def running(self, hour: int, share: float) -> FloatArray:
        """What every instrument's running interval would pay, `share` of `hour` being over."""
        start = hour // INTERVAL_H * INTERVAL_H
        which = np.arange(len(self._keys))
        past = hour - start
        premium = self._basis.run(which, np.full(len(which), start), past + 2)
        now = premium[:, past] * (1.0 - share) + premium[:, past + 1] * share
        return rate_of((premium[:, : past + 1].sum(axis=1) + now * share) / (past + 1 + share))

    def open_interest(self, which: IntArray, minutes: IntArray) -> IntArray:
        """Lots open at each minute; shapes equal."""
        keys = self._keys[which]
        mood = 0.35 * drift(keys, minutes, 9 * 1440) + 0.06 * drift(keys ^ np.uint64(1), minutes, 300)
        mood = mood + 0.006 * drift(keys ^ np.uint64(2), minutes, 12)
        lots: IntArray = np.rint(self._open[which] * np.exp(mood)).astype(np.int64)
        return lots
