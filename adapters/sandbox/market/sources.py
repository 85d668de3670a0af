"""Where a market's prices come from: a seeded history, or a recording that is played as if it were one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from adapters.sandbox.market.hours import Hours
from adapters.sandbox.market.listing import VenueKind, list_instruments
from adapters.sandbox.market.minutes import Minutes

if TYPE_CHECKING:
    from adapters.sandbox.market.basis import Basis
    from adapters.sandbox.market.listing import Listing
    from adapters.sandbox.market.noise import IntArray


class HourSource(Protocol):
    """Hourly candles as rows of `columns`."""

    def candles(self, index: int, first: int, end: int) -> IntArray:
        """Hours [first, end) of one instrument, counted from the epoch, shape (end - first, 8)."""
        ...


class MinuteSource(Protocol):
    """Minute candles as rows of `columns`, also of minutes to come."""

    def between(self, index: int, first: int, end: int) -> IntArray:
        """Minutes [first, end) of one instrument, counted from the epoch, shape (end - first, 8)."""
        ...

    def across(self, hour: int) -> IntArray:
        """The minutes of one hour of every instrument, shape (instruments, 60, 8)."""
        ...


class CountSource(Protocol):
    """Trades since an instrument's first minute."""

    def before(self, which: IntArray, hours: IntArray) -> IntArray:
        """Trades of each instrument before the start of each hour; equal shapes."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What `MarketSimulation` lets happen."""

    listings: list[Listing]
    hours: HourSource
    minutes: MinuteSource
    clock: CountSource
    basis: Basis


@lru_cache(maxsize=4)
def seeded(kind: VenueKind, seed: int, count: int) -> Sources:
    """The seeded market of one venue kind; equal arguments share one, whose numbers never change.

    Raises:
        ValueError: more instruments than there are.
    """
    listings = list_instruments(kind, count)
    hours = Hours(seed, listings)
    return Sources(listings, hours, Minutes(seed, listings, hours), hours.clock, hours.basis)
