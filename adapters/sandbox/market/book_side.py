"""One side of an instrument's outside liquidity: levels that stay where they are while the price moves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from adapters.sandbox.market.listing import Listing
    from adapters.sandbox.market.updates import Level


class BookSide:
    """Levels of one side, by price in ticks.

    Args:
        sign: +1 for bids, -1 for asks: a larger sign times price is nearer to the touch.
        depth: levels that it keeps.
    """

    def __init__(self, listing: Listing, sign: int, rng: random.Random, depth: int) -> None:
        self._listing = listing
        self._sign = sign
        self._rng = rng
        self._depth = depth
        self._levels: dict[int, Level] = {}
        self._told: tuple[Level, ...] | None = None
        self._best = 0
        self._gap = max(1.0, listing.anchor * 10.0**listing.tick_decimals * (0.000012 + listing.spread / 6))

    def levels(self) -> tuple[Level, ...]:
        """Best first."""
        if self._told is None:
            self._told = tuple(self._levels[at] for at in sorted(self._levels, reverse=self._sign > 0))
        return self._told

    def follow(self, best: int) -> None:
        """Move the touch: what was crossed goes, what opened up is filled, the far end is kept full."""
        levels, sign = self._levels, self._sign
        if best != self._best or best not in levels:
            self._told = None
            for at in [at for at in levels if sign * at > sign * best]:
                del levels[at]
            self._best = best
            if best not in levels:
                self._fill_down(best)
            self._trim()

    def flutter(self, changes: int) -> None:
        """Change a few levels: new sizes, levels that appear or go; the touch always stays."""
        if not self._levels:
            return
        self._told = None
        prices = list(self._levels)
        for _ in range(changes):
            at = self._best if self._rng.random() < 0.35 else prices[int(self._rng.random() * len(prices))]
            chance = self._rng.random()
            if chance < 0.12 and at != self._best:
                self._levels.pop(at, None)
            elif chance < 0.28:
                self._put(at - self._sign * self._step(0))
            else:
                self._put(at)
        self._trim()

    def take(self, price: int, quantity: Decimal) -> None:
        """Remove what an account's trade took at `price`; the level vanishes when nothing is left."""
        level = self._levels.get(price)
        if level is None:
            return
        self._told = None
        rest = level[1] - quantity
        if rest > 0:
            self._levels[price] = (level[0], rest)
        else:
            del self._levels[price]

    def _fill_down(self, best: int) -> None:
        """Levels from `best` away from the touch until the levels that were there before."""
        sign = self._sign
        nearest = max((sign * at for at in self._levels), default=None)
        at = best
        for _ in range(self._depth):
            self._put(at)
            at -= sign * self._step(abs(best - at))
            if nearest is not None and sign * at <= nearest:
                return

    def _trim(self) -> None:
        levels, sign = self._levels, self._sign
        if self._best not in levels:
            self._put(self._best)
        if len(levels) > self._depth + 8:
            for at in sorted(levels, key=lambda at: sign * at)[: len(levels) - self._depth]:
                del levels[at]
        while len(levels) < self._depth:
            far = min(levels, key=lambda at: sign * at)
            at = far - sign * self._step(abs(self._best - far))
            if at < 1:
                return
            self._put(at)

    def _step(self, distance: int) -> int:
        """Ticks to the next level; they lie further apart away from the touch, often on round numbers."""
        mean = self._gap * (1.0 + distance / (40.0 * self._gap))
        return 1 + int(self._rng.expovariate(1.0 / mean)) if mean > 1.0 else 1

    def _put(self, at: int) -> None:
        if at < 1 or self._sign * (at - self._best) > 0:
            return
        listing = self._listing
        away = abs(at - self._best) / (30.0 * self._gap)
        size = listing.lots_per_trade * (0.8 + 1.6 * away**0.7) * self._rng.lognormvariate(0.0, 0.9)
        if at % 100 == 0:
            size *= 4.0
        elif at % 10 == 0:
            size *= 1.8
        price = Decimal(at).scaleb(-listing.tick_decimals)
        self._levels[at] = (price, Decimal(1 + int(size)).scaleb(-listing.lot_decimals))
