"""The public side of one venue, as the engine needs it; see `hedge_tui.domain.ports.venue`.

What an adapter must hold, in the order in which the cards ask for it:

1.  Instruments carry the grid as the venue states it now, in Decimals from its own digits.
2.  Quotes keep the venue's digits beside the floats: order prices are made from them.
3.  State (quotes, stats, books, forming candles) may be conflated, newest wins; prints may not.
4.  Events are handed over in batches, at most 30 a second.
5.  A topic that is no longer watched falls silent; a topic that comes back opens again.
6.  Each topic has a health of its own: silence where there should be none is STALE after 5 s.
7.  A frame that cannot be read is skipped; a connection that is lost is opened again with back-off.
8.  `candles` gives closed candles only, oldest first, each open once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.health import FeedHealth, FeedState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.market import Funding, OpenInterest
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.venue import MarketEvent
    from hedge_tui.domain.series import CandleSeries

_WHY = "this venue's adapter has no connection"


class UnconnectedData:
    """A `DataClient` that knows nothing and says so.

    Args:
        venue: the venue's id.
        clock: of the engine.
    """

    def __init__(self, venue: str, clock: Clock) -> None:
        self.venue = venue
        self._clock = clock
        self._sink: Callable[[Sequence[MarketEvent]], None] | None = None
        self._topics: tuple[str, ...] = ()

    async def start(self, sink: Callable[[Sequence[MarketEvent]], None]) -> None:
        """Say that there is no connection. A real one: connect in a task and return at once."""
        self._sink = sink
        sink([self._health("public", FeedState.FAILED)])

    async def instruments(self, *, anew: bool = False) -> list[Instrument]:
        """Raise: an empty list would mean that the venue lists nothing."""
        del anew
        raise Unavailable(f"instruments of {self.venue}: {_WHY}")

    async def watch(self, topics: Sequence[str]) -> None:
        """Say of each new topic that it does not flow. A real one: open and close streams to match."""
        fresh = [topic for topic in topics if topic not in self._topics]
        self._topics = tuple(topics)
        if self._sink is not None and fresh:
            self._sink([self._health(topic, FeedState.FAILED) for topic in fresh])

    async def candles(
        self, instrument: InstrumentId, timeframe: Timeframe, since_ns: int, until_ns: int
    ) -> CandleSeries:
        """Raise: an empty series would mean that nothing traded."""
        del timeframe, since_ns, until_ns
        raise Unavailable(f"candles of {instrument}: {_WHY}")

    async def open_interest(self, instrument: InstrumentId, since_ns: int) -> OpenInterest:
        """Raise; a venue that does not tell it raises Refused, and is not asked again."""
        del since_ns
        raise Unavailable(f"open interest of {instrument}: {_WHY}")

    async def funding(self) -> list[Funding]:
        """Raise, likewise."""
        raise Unavailable(f"funding of {self.venue}: {_WHY}")

    async def stop(self) -> None:
        """Close everything; here there is nothing."""
        if self._sink is not None:
            self._sink([self._health("public", FeedState.STOPPED)])
            self._sink = None

    def _health(self, topic: str, state: FeedState) -> FeedHealth:
        return FeedHealth(f"{self.venue}:{topic}", "", self.venue, state, self._clock.now_ns(), detail=_WHY)
