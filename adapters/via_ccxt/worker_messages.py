"""What the feed worker and the engine say to each other over `hedge_tui.wire.pipe`.

Each kind of event travels in a list of its own, typed, so that one decoder reads a whole batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from adapters.via_ccxt.followed import Followed
from hedge_tui.domain.candle import Candle, Timeframe
from hedge_tui.domain.health import FeedHealth
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.market import Book, MarketStats, Quote, Trade
from hedge_tui.domain.ports.pacing import Heard, Went  # noqa: TC001 - msgspec resolves it
from hedge_tui.domain.route import DIRECT, Route
from hedge_tui.domain.series import CandleSeries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.domain.ports.venue import MarketEvent


class WorkerSettings(msgspec.Struct, frozen=True):
    """What a worker is told first.

    Attributes:
        symbols: unified symbols that `quotes` and `stats` cover; empty for those that `followed` chooses.
        seed: of its random source; None for a real one.
        followed: which instruments are covered where `symbols` is empty.
        routes: the ways out; the passwords of proxies are told apart.
    """

    venue: str
    mode: str = "live"
    connect: str | None = None
    ca_file: str | None = None
    symbols: tuple[str, ...] = ()
    batches_per_s: float = 25.0
    seed: int | None = None
    followed: Followed = Followed()
    routes: tuple[Route, ...] = (DIRECT,)


class Batch(msgspec.Struct, omit_defaults=True):
    """One hand-over of market events, or what a response said about the rate budgets."""

    quotes: list[Quote] = []
    stats: list[MarketStats] = []
    books: list[Book] = []
    trades: list[Trade] = []
    candles: list[Candle] = []
    healths: list[FeedHealth] = []
    heard: list[Heard] = []
    went: list[Went] = []

    def events(self) -> list[MarketEvent]:
        """All market events, state first."""
        return [*self.healths, *self.quotes, *self.stats, *self.books, *self.trades, *self.candles]


class PackedSeries(msgspec.Struct, frozen=True, array_like=True):
    """Candles as the raw bytes of their columns: little-endian int64 and float64."""

    instrument: str
    timeframe: str
    columns: tuple[bytes, bytes, bytes, bytes, bytes, bytes]


BATCH_DECODER = msgspec.msgpack.Decoder(Batch)


def batch_of(events: Sequence[MarketEvent]) -> Batch:
    """The events in lists by kind."""
    batch = Batch([], [], [], [], [], [])
    lists: dict[type, list[MarketEvent]] = {
        Quote: batch.quotes,  # type: ignore[dict-item]
        MarketStats: batch.stats,  # type: ignore[dict-item]
        Book: batch.books,  # type: ignore[dict-item]
        Trade: batch.trades,  # type: ignore[dict-item]
        Candle: batch.candles,  # type: ignore[dict-item]
        FeedHealth: batch.healths,  # type: ignore[dict-item]
    }
    for event in events:
        lists[type(event)].append(event)
    return batch


def pack_series(series: CandleSeries) -> PackedSeries:
    """A series for the pipe."""
    import numpy as np

    opens, *values = series.columns()
    return PackedSeries(
        str(series.instrument),
        str(series.timeframe),
        (  # type: ignore[arg-type]
            np.ascontiguousarray(opens, "<i8").tobytes(),
            *(np.ascontiguousarray(column, "<f8").tobytes() for column in values),
        ),
    )


def unpack_series(packed: PackedSeries) -> CandleSeries:
    """A series from the pipe; its columns cannot be written."""
    import numpy as np

    opens, *values = packed.columns
    return CandleSeries(
        InstrumentId(packed.instrument),
        Timeframe(packed.timeframe),
        np.frombuffer(opens, "<i8"),
        *(np.frombuffer(column, "<f8") for column in values),
    )
