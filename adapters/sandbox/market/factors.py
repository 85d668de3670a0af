"""What moves prices together: the log paths of the market, of its sectors and of every asset, by day.

A path is pinned at the edges of blocks of 256 days by independent draws and bridged between them, so any
day of any year costs one block. Days are counted from the epoch. Read by `hours`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adapters.sandbox.market.noise import FloatArray, IntArray, KeyArray, bell, drift, key_of, normal

BLOCK_DAYS = 256
_MARKET_REGIME = 0.30
_OWN_REGIME = 0.28


@dataclass(frozen=True, slots=True)
class DayFactors:
    """Factor values of some (factor, day) pairs, one element each.

    Attributes:
        start, end: log level at the day's first and last instant.
        sigma: the day's volatility (log, whole day).
    """

    start: FloatArray
    end: FloatArray
    sigma: FloatArray


class FactorPaths:
    """Log paths of all factors.

    Args:
        seed: of the whole sandbox; spot and perpetuals share it and hence the paths.
        names: of the factors; index 0 is the market, whose volatility regime touches all.
        sigma: mean daily volatility of each factor.
    """

    def __init__(self, seed: int, names: list[str], sigma: FloatArray) -> None:
        self.keys: KeyArray = np.array([key_of(seed, "factor", name) for name in names], np.uint64)
        self.sigma = sigma
        self._blocks: dict[int, tuple[FloatArray, FloatArray, list[bool]]] = {}
        self._market = np.array([key_of(seed, "regime")], np.uint64)

    def at(self, factors: IntArray, days: IntArray) -> DayFactors:
        """Levels and volatility for each (factor, day) pair of two arrays of equal shape (n,)."""
        start = np.empty(len(factors))
        end = np.empty(len(factors))
        sigma = np.empty(len(factors))
        blocks = days // BLOCK_DAYS
        for block in np.unique(blocks).tolist():
            chosen = blocks == block
            which = factors[chosen]
            levels, sigmas = self._block(block, which)
            offset = days[chosen] - block * BLOCK_DAYS
            start[chosen] = levels[which, offset]
            end[chosen] = levels[which, offset + 1]
            sigma[chosen] = sigmas[which, offset]
        return DayFactors(start, end, sigma)

    def market_regime(self, days: IntArray) -> FloatArray:
        """The market's mood by day: above 0 is nervous; standard normal, lasting about two weeks."""
        return drift(self._market, days, 14)

    def _block(self, block: int, factors: IntArray) -> tuple[FloatArray, FloatArray]:
        if block not in self._blocks:
            count = len(self.keys)
            self._blocks[block] = (
                np.empty((count, BLOCK_DAYS + 1)),
                np.empty((count, BLOCK_DAYS)),
                [False] * count,
            )
        levels, sigmas, known = self._blocks[block]
        missing = [factor for factor in np.unique(factors).tolist() if not known[factor]]
        if missing:
            chosen = np.array(missing)
            levels[chosen], sigmas[chosen] = self._compute(block, chosen)
            for factor in missing:
                known[factor] = True
        return levels, sigmas

    def _compute(self, block: int, factors: IntArray) -> tuple[FloatArray, FloatArray]:
        keys = self.keys[factors][:, None]
        days = block * BLOCK_DAYS + np.arange(BLOCK_DAYS)[None, :]
        mood = _MARKET_REGIME * self.market_regime(days)
        mood = mood + _OWN_REGIME * (
            0.8 * drift(keys ^ np.uint64(1), days, 9) + 0.6 * bell(keys ^ np.uint64(2), days)
        )
        sigma = self.sigma[factors][:, None] * np.exp(mood - (_MARKET_REGIME**2 + _OWN_REGIME**2) / 2)
        walk = np.cumsum(sigma * normal(keys ^ np.uint64(3), days), axis=1)
        spent = np.cumsum(sigma * sigma, axis=1)
        first, last = self._anchor(factors, block), self._anchor(factors, block + 1)
        pull = (walk[:, -1:] - (last - first)) / spent[:, -1:]
        levels = np.empty((len(factors), BLOCK_DAYS + 1))
        levels[:, :1] = first
        levels[:, 1:] = first + walk - spent * pull
        levels[:, -1:] = last
        return levels, sigma

    def _anchor(self, factors: IntArray, block: int) -> FloatArray:
        # Two independent anchors differ as much as a free walk of a block would, yet no price runs away.
        spread = self.sigma[factors] * (BLOCK_DAYS / 2) ** 0.5
        drawn: FloatArray = spread * normal(self.keys[factors] ^ np.uint64(4), np.array([block]))
        return drawn[:, None]
