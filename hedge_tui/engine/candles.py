"""Candles of what is watched: from the local history, filled up from the venue, continued live."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.domain.candle import DAY_NS, Candle, Timeframe
from hedge_tui.domain.errors import HedgeError, VenueError
from hedge_tui.domain.instrument import venue_of
from hedge_tui.domain.ports.pacing import Lane, in_lane
from hedge_tui.domain.series import CandleSeries

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.ports.history import History
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.feeds import Feeds

log = logging.getLogger(__name__)

SHOWN = 1_500
"""Candles kept in memory for each chart that somebody looks at."""
PAGE = 1_000
MAX_REQUESTS = 60
"""Most requests of one back-fill; what is missing then is fetched when it is scrolled to."""

Key = tuple["InstrumentId", Timeframe]


class Live:
    """The newest candles of one series, the forming one last.

    Attributes:
        series: closed candles and the forming one. revision: counts changes.
        changed_from: index of the first candle changed since a reader looked; len(series) for none.
        loaded: the first fill is complete.
    """

    def __init__(self, instrument: InstrumentId, timeframe: Timeframe) -> None:
        self.series = CandleSeries.empty(instrument, timeframe)
        self.revision = 0
        self.loaded = False
        self.closed_through = 0

    def put(self, candle: Candle) -> bool:
        """Take a candle in; returns True when it opened a new one."""
        s = self.series
        row = (candle.open, candle.high, candle.low, candle.close, candle.volume)
        self.revision += 1
        if len(s) and candle.open_ns == s.open_ns[-1]:
            if not s.close.flags.writeable:  # as it came from the history
                s = self.series = s.sliced(np.arange(len(s)))
            for column, value in zip(s.columns()[1:], row, strict=True):
                column[-1] = value
            return False
        if len(s) and candle.open_ns < s.open_ns[-1]:
            return False
        self.series = _joined(s, _series(candle)).sliced(slice(-SHOWN, None))
        return True

    def merge(self, closed: CandleSeries) -> None:
        """Put older or corrected closed candles under what is there."""
        self.revision += 1
        self.series = _joined(closed, self.series).sliced(slice(-SHOWN, None))


class CandleDesk:
    """Keeps the series that charts look at, and records what has closed."""

    def __init__(
        self,
        desk: Desk,
        feeds: Feeds,
        history: History | None,
        spawn: Callable[..., object],
        backfill_days: int = 0,
    ) -> None:
        self._desk = desk
        self._feeds = feeds
        self._history = history
        self._spawn = spawn
        self._backfill_days = backfill_days
        self.live: dict[Key, Live] = {}
        self.watched: set[Key] = set()
        feeds.on_candle = self.take

    def watch(self, wanted: set[Key]) -> None:
        """Follow exactly these series from now on."""
        for key in wanted - self.live.keys():
            self.live[key] = Live(*key)
            self._spawn(self._fill(key), name=f"candles:{key[0]}:{key[1]}")
        for key in self.live.keys() - wanted:
            del self.live[key]
        self._feeds.want("chart", {(i, f"candles:{tf.value}") for i, tf in wanted})

    def take(self, candle: Candle) -> None:
        """A forming or closed candle from a feed."""
        key = (candle.instrument, candle.timeframe)
        live = self.live.get(key)
        if live is None:
            return
        opened = live.put(candle)
        if opened and live.loaded:
            self._spawn(self._record(key), name="candles:record")

    async def before(self, key: Key, open_ns: int, count: int) -> CandleSeries:
        """Closed candles before `open_ns`, from the history or else from the venue; oldest first."""
        kept = CandleSeries.empty(*key)
        if self._history is not None:
            kept = await self._history.before(key[0], key[1], open_ns, count)
        first = int(kept.open_ns[0]) if len(kept) else open_ns
        missing = count - len(kept)
        contiguous = len(kept) == 0 or int(kept.open_ns[-1]) == open_ns - key[1].width_ns
        if missing > 0 or not contiguous:
            since = (first if contiguous else open_ns) - max(missing, 200) * key[1].width_ns
            with in_lane(Lane.MARKET):
                fetched = await self._fetch(key, since, first if contiguous else open_ns)
            await self._keep(fetched)
            kept = _joined(fetched, kept).sliced(slice(-count, None))
        return kept

    async def _fill(self, key: Key) -> None:
        """History first (at once), then what is missing up to now."""
        live = self.live.get(key)
        if live is None:
            return
        try:
            if self._history is not None:
                live.merge(await self._history.last(key[0], key[1], SHOWN))
            width = key[1].width_ns
            now_open = key[1].open_of(self._desk.clock.now_ns())
            oldest = now_open - 1_000 * width
            kept = live.series.open_ns
            since = int(kept[-1]) + width if len(kept) and kept[-1] >= oldest else oldest
            if since < now_open:
                with in_lane(Lane.MARKET):
                    fetched = await self._fetch(key, since, now_open)
                live.merge(fetched)
                await self._keep(fetched)
        except HedgeError as error:
            self._desk.note("warning", "candles", f"{key[0]} {key[1]}: {error}")
        live.loaded = True
        live.revision += 1
        if key[1] is Timeframe.M1 and self._backfill_days and self._history is not None:
            self._spawn(self._backfill(key, self._history), name=f"backfill:{key[0]}")

    async def _backfill(self, key: Key, history: History) -> None:
        """Record 1m candles as far back as configured, page by page, oldest last."""
        width = key[1].width_ns
        target = key[1].open_of(self._desk.clock.now_ns()) - self._backfill_days * DAY_NS
        try:
            for _ in range(MAX_REQUESTS):
                kept = await history.last(key[0], key[1], self._backfill_days * DAY_NS // width)
                first = int(kept.open_ns[0]) if len(kept) else target
                if first <= target or not len(kept):
                    return
                page = await self._fetch(key, max(target, first - PAGE * width), first)
                if not await self._keep(page):
                    return
        except HedgeError as error:
            log.info("back-filling %s: %s", key[0], error)

    async def _fetch(self, key: Key, since_ns: int, until_ns: int) -> CandleSeries:
        """Ask the venue page by page; stops at an empty page.

        Raises:
            VenueError: no usable answer.
        """
        client = self._feeds.client(venue_of(key[0]))
        found = CandleSeries.empty(*key)
        until_ns = key[1].open_of(until_ns)
        if client is None:
            return found
        for _ in range(MAX_REQUESTS):
            if since_ns >= until_ns:
                break
            page = await client.candles(key[0], key[1], since_ns, until_ns)
            if not len(page):
                break
            found = _joined(found, page)
            since_ns = int(page.open_ns[-1]) + key[1].width_ns
        return found

    async def _record(self, key: Key) -> None:
        """Ask the venue for the candles that have just closed: a stream may have missed their end."""
        live = self.live.get(key)
        if live is None or len(live.series) < 2:
            return
        forming = int(live.series.open_ns[-1])
        since = live.closed_through or forming - 5 * key[1].width_ns
        await asyncio.sleep(1.0)
        try:
            with in_lane(Lane.MARKET):
                closed = await self._fetch(key, since, forming)
            live.merge(closed)
            await self._keep(closed)
            if len(closed):
                live.closed_through = int(closed.open_ns[-1])
        except VenueError as error:
            log.warning("%s %s: %s", *key, error)

    async def _keep(self, closed: CandleSeries) -> int:
        """Record closed candles; returns how many were new (0 when they could not be recorded)."""
        if self._history is None or not len(closed):
            return 0
        try:
            return await self._history.put_candles(closed)
        except HedgeError as error:
            self._desk.note("warning", "history", str(error))
            return 0


def _series(candle: Candle) -> CandleSeries:
    values = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    return CandleSeries(
        candle.instrument,
        candle.timeframe,
        np.array([candle.open_ns], np.int64),
        *(np.array([value], np.float64) for value in values),
    )


def _joined(first: CandleSeries, second: CandleSeries) -> CandleSeries:
    """Both, by open time; where both have a candle, `second` wins."""
    if not len(first):
        return second
    if not len(second):
        return first
    opens = np.concatenate([first.open_ns, second.open_ns])
    order = np.argsort(opens, kind="stable")
    last = np.append(opens[order][1:] != opens[order][:-1], [True])
    pick = order[last]
    columns = [np.concatenate([a, b])[pick] for a, b in zip(first.columns(), second.columns(), strict=True)]
    return CandleSeries(second.instrument, second.timeframe, *columns)
