"""One venue's public data for the engine and its paper accounts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.market import Funding, OpenInterest
    from hedge_tui.domain.ports.venue import DataClient, MarketEvent
    from hedge_tui.domain.series import CandleSeries

    Sink = Callable[[Sequence[MarketEvent]], None]


class SharedData:
    """A `DataClient` around another one; paper accounts hear what it says and follow topics of their own."""

    def __init__(self, inner: DataClient) -> None:
        self.venue = inner.venue
        self._inner = inner
        self._tap: Sink = _nobody
        self._known: Callable[[list[Instrument]], None] = lambda _: None
        self._asked: tuple[str, ...] | None = None
        self._extra: frozenset[str] = frozenset()
        self._told: tuple[str, ...] = ()

    def listen(self, tap: Sink, known: Callable[[list[Instrument]], None]) -> None:
        """Hand public data to `tap` too, and the venue's instruments to `known` whenever they are asked."""
        self._tap, self._known = tap, known

    async def follow(self, topics: Iterable[str]) -> None:
        """Follow these besides what the engine asks for."""
        self._extra = frozenset(topics)
        if self._asked is not None:
            await self._tell()

    async def start(self, sink: Sink) -> None:
        """See `DataClient.start`."""

        def both(events: Sequence[MarketEvent]) -> None:
            sink(events)
            self._tap(events)

        await self._inner.start(both)

    async def instruments(self, *, anew: bool = False) -> list[Instrument]:
        """See `DataClient.instruments`."""
        found = await self._inner.instruments(anew=anew)
        self._known(found)
        return found

    async def watch(self, topics: Sequence[str]) -> None:
        """See `DataClient.watch`."""
        self._asked = tuple(topics)
        await self._tell()

    async def candles(
        self, instrument: InstrumentId, timeframe: Timeframe, since_ns: int, until_ns: int
    ) -> CandleSeries:
        """See `DataClient.candles`."""
        return await self._inner.candles(instrument, timeframe, since_ns, until_ns)

    async def open_interest(self, instrument: InstrumentId, since_ns: int) -> OpenInterest:
        """See `DataClient.open_interest`."""
        return await self._inner.open_interest(instrument, since_ns)

    async def funding(self) -> list[Funding]:
        """See `DataClient.funding`."""
        return await self._inner.funding()

    async def stop(self) -> None:
        """See `DataClient.stop`."""
        self._tap = _nobody
        await self._inner.stop()

    async def _tell(self) -> None:
        topics = tuple(sorted({*(self._asked or ()), *self._extra}))
        if topics != self._told:
            await self._inner.watch(topics)
            self._told = topics


def _nobody(_events: Sequence[MarketEvent]) -> None:
    """Where events go while no paper account listens."""
