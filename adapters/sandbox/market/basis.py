"""How far a perpetual stands from its index, what funding that costs, and how much of it is open.

Spot instruments have a basis too, next to none: it keeps USDC pairs from being copies of USDT pairs.
Read by `hours` (it is part of the price) and by `funding`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.noise import FloatArray, IntArray, KeyArray, drift_run, key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.sandbox.market.listing import Listing


class Basis:
    """Log premium of each instrument over its index, by hour."""

    def __init__(self, seed: int, listings: Sequence[Listing]) -> None:
        self._keys: KeyArray = np.array(
            [key_of(seed, "basis", listing.instrument.id) for listing in listings], np.uint64
        )
        perpetual = np.array([listing.kind == "usdm" for listing in listings])
        rank = np.array([min(1.0, listing.rank / 100) for listing in listings])
        self._slow = np.where(perpetual, 0.00035 + 0.0006 * rank, 0.00004)
        self._fast = np.where(perpetual, 0.00012 + 0.0003 * rank, 0.00003)
        self._lean = np.where(perpetual, 0.00004, 0.0)

    def run(self, which: IntArray, start: IntArray, length: int) -> FloatArray:
        """Premium at `length` consecutive hours from `start` for each instrument of `which`.

        Returns:
            Shape (len(which), length), log of price over index.
        """
        keys = self._keys[which][:, None]
        slow = drift_run(keys, start, length, 40)
        fast = drift_run(keys ^ np.uint64(1), start, length, 3)
        return (
            self._lean[which][:, None] + self._slow[which][:, None] * slow + self._fast[which][:, None] * fast
        )
