"""Which factors move which instrument: market, sector, its own, minus those of the quote asset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.assets import ASSETS
from adapters.sandbox.market.factors import FactorPaths
from adapters.sandbox.market.listing import Listing, trait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from adapters.sandbox.market.noise import FloatArray, IntArray

_MARKET_SIGMA = 0.0195
_SECTOR_SIGMA = 0.0120


class Exposures:
    """The loads of every instrument on the factor paths.

    Attributes:
        paths: the factors; 0 is the market.
        anchor: log of the price around which each instrument wanders, shape (instruments,).
    """

    def __init__(self, seed: int, listings: Sequence[Listing]) -> None:
        sectors = sorted({sector for _, _, sector in ASSETS})
        names = ["market", *sectors, *(name for name, _, _ in ASSETS)]
        sigma = [_MARKET_SIGMA] + [_SECTOR_SIGMA] * len(sectors)
        sigma += [_own_sigma(name, rank) for rank, (name, _, _) in enumerate(ASSETS)]
        self.paths = FactorPaths(seed, names, np.array(sigma))
        self.anchor = np.log(np.array([listing.anchor for listing in listings]))
        place = {name: at for at, name in enumerate(names)}
        loads = [_loads(listing, place) for listing in listings]
        self._widths = np.array([len(pairs) for pairs in loads])
        width = int(self._widths.max())
        self._factors = np.zeros((len(listings), width), np.int64)
        self._loads = np.zeros((len(listings), width))
        for at, pairs in enumerate(loads):
            for column, (factor, load) in enumerate(pairs):
                self._factors[at, column] = factor
                self._loads[at, column] = load
        risk = self._loads * self.paths.sigma[self._factors]
        self._weights = risk / np.sqrt((risk**2).sum(axis=1))[:, None]

    def of(self, which: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """(factor, load) arrays of the given instruments, one pair for each rank of factor."""
        for column in range(int(self._widths[which].max())):
            yield self._factors[which, column], self._loads[which, column]

    def weights(self, which: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
        """As `of`, with the share of each factor in the deviation; the squares of an instrument sum to 1."""
        for column in range(int(self._widths[which].max())):
            yield self._factors[which, column], self._weights[which, column]


def _own_sigma(name: str, rank: int) -> float:
    if rank == 0:
        return 0.0075
    return 0.013 + 0.022 * min(1.0, rank / 90) + 0.008 * trait(name, "sigma")


def market_load(name: str, rank: int) -> float:
    """Beta to the market."""
    if rank == 0:
        return 1.0
    return 1.05 + 0.45 * trait(name, "beta") * min(1.0, 0.4 + rank / 30)


def _loads(listing: Listing, place: dict[str, int]) -> list[tuple[int, float]]:
    pairs = _asset_loads(listing.asset, place)
    if listing.quote_asset:
        pairs = pairs + [(factor, -load) for factor, load in _asset_loads(listing.quote_asset, place)]
    merged: dict[int, float] = {}
    for factor, load in pairs:
        merged[factor] = merged.get(factor, 0.0) + load
    return list(merged.items())


def _asset_loads(asset: str, place: dict[str, int]) -> list[tuple[int, float]]:
    rank, sector = next((rank, sector) for rank, (name, _, sector) in enumerate(ASSETS) if name == asset)
    own_sector = 0.5 if rank == 0 else 0.7 + 0.6 * trait(asset, "sector")
    return [(0, market_load(asset, rank)), (place[sector], own_sector), (place[asset], 1.0)]
