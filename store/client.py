"""The engine's side of the history: the domain's `History` port, spoken to a process of its own.

Imports neither duckdb nor pyarrow. `store.worker_link` keeps the process running.
"""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.ports.history import EquityPoint, SeriesSpan
from store.frames import columns_of, series_of
from store.worker_link import WORKER, WorkerLink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.series import CandleSeries

_FOREVER_US = 1 << 62
_PUT_ROWS = 50_000
_SEAL_STEP_S = 1.0


class HistoryClient:
    """Implements the domain's `History` port. Use `start`, then the calls, then `close`.

    Every call may raise StoreError: a disk that refuses, or no answer in time.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        on_notice: Callable[[str], None] = lambda _text: None,
        command: Sequence[str] = WORKER,
        timeout_s: float = 30.0,
    ) -> None:
        """`on_notice` hears each notice once; `timeout_s` bounds every call, restarts included."""
        self._link = WorkerLink((*command, "--data-dir", str(data_dir)), on_notice, timeout_s)

    @property
    def trouble(self) -> str:
        """Why the history does not serve at this moment, or ""."""
        return self._link.trouble

    @property
    def notices(self) -> tuple[str, ...]:
        """What the trader should hear: damage mended, disk refusing, process restarted; newest last."""
        return tuple(self._link.notices)

    @property
    def restarts(self) -> int:
        """How often the process had to be started again."""
        return self._link.restarts

    @property
    def pid(self) -> int:
        """The process's id, for memory figures; 0 before the first start."""
        return self._link.pid

    async def start(self) -> None:
        """Start the process and wait until it serves, or until it has failed for the first time.

        Never raises: trading does not depend on the history. `trouble` says what is wrong.
        """
        await self._link.start()

    async def put_candles(self, series: CandleSeries) -> int:
        """Keep closed candles; those already kept are ignored. Returns how many were new; durable then.

        Raises:
            StoreError: not kept; the message says why (a full disk, no worker).
            LedgerError: the series is not one (unsorted, not finite).
        """
        new = 0
        for start in range(0, len(series), _PUT_ROWS):
            part = series.sliced(slice(start, start + _PUT_ROWS))
            new += await self._link.ask(
                "put_candles", str(series.instrument), series.timeframe.value, columns_of(part)
            )
        return new

    async def last(self, instrument: InstrumentId, timeframe: Timeframe, count: int) -> CandleSeries:
        """The newest `count` candles, oldest first."""
        return await self._newest(instrument, timeframe, _FOREVER_US, count)

    async def before(
        self, instrument: InstrumentId, timeframe: Timeframe, open_ns: int, count: int
    ) -> CandleSeries:
        """The `count` candles before `open_ns`, oldest first."""
        return await self._newest(instrument, timeframe, _up_to_us(open_ns), count)

    async def _newest(
        self, instrument: InstrumentId, timeframe: Timeframe, until_us: int, count: int
    ) -> CandleSeries:
        packed = await self._link.ask("newest", str(instrument), timeframe.value, until_us, count)
        return series_of(instrument, timeframe, packed)

    async def span(
        self, instrument: InstrumentId, timeframe: Timeframe, first_ns: int, until_ns: int
    ) -> CandleSeries:
        """All candles with first_ns <= open < until_ns, oldest first."""
        bounds = (_up_to_us(first_ns), _up_to_us(until_ns))
        packed = await self._link.ask("between", str(instrument), timeframe.value, *bounds)
        return series_of(instrument, timeframe, packed)

    async def spans(self) -> list[SeriesSpan]:
        """All series that are kept, with their gaps."""
        return msgspec.convert(await self._link.ask("spans"), list[SeriesSpan])

    async def mark_empty(
        self, instrument: InstrumentId, timeframe: Timeframe, first_ns: int, last_ns: int, cause: str
    ) -> None:
        """Record that the venue had no candles with opens from `first_ns` to `last_ns`."""
        mark = (first_ns // 1_000, last_ns // 1_000, cause)
        await self._link.ask("mark_empty", str(instrument), timeframe.value, mark)

    async def put_equity(self, points: Sequence[EquityPoint]) -> None:
        """Keep equity points, once for each account and time; amounts to twelve places."""
        await self._link.ask("put_equity", list(points))

    async def equity(self, account: str, since_ns: int) -> list[EquityPoint]:
        """Points of one account ("" for the desk) from `since_ns` on, oldest first."""
        return msgspec.convert(await self._link.ask("equity", account, since_ns), list[EquityPoint])

    async def equity_line(
        self, account: str, currency: str, since_ns: int, step_ns: int
    ) -> list[tuple[int, Decimal]]:
        """(UTC nanoseconds, equity) of one account, oldest first.

        Of each step of `step_ns` the lowest, the highest and the last point are told.
        """
        rows = await self._link.ask("equity_line", account, currency, since_ns, step_ns)
        return msgspec.convert(rows, list[tuple[int, Decimal]])

    async def seal(self, budget_s: float | None = None) -> int:
        """Seal hot rows now, all of them or for `budget_s` seconds; returns how many were moved."""
        if budget_s is not None:
            return int(await self._link.ask("seal", budget_s))
        total = 0
        while moved := int(await self._link.ask("seal", _SEAL_STEP_S)):
            total += moved
        return total

    async def verify(self) -> list[str]:
        """Compare sealed files with their digests; what differs, one sentence each."""
        return list(await self._link.ask("verify"))

    async def close(self) -> None:
        """Seal for a second, then stop the process; within five seconds in all, again is harmless.

        What is not sealed is just as durable and is sealed the next time.
        """
        if self._link.up:
            with contextlib.suppress(StoreError):
                await self.seal(_SEAL_STEP_S)
        await self._link.stop()


def _up_to_us(at_ns: int) -> int:
    """Rounded up: an open before `at_ns` is before this many microseconds."""
    return -(-at_ns // 1_000)
