"""The port to the local history of candles and equity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.series import CandleSeries


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """What one account (or "" for the desk) was worth at one minute.

    Attributes:
        equity: balances plus unrealized PnL, in `currency`.
        balance: without unrealized PnL.
        unrealized_pnl, realized_pnl, fees, funding: of the day so far, in `currency`.
    """

    account: str
    at_ns: int
    currency: str
    equity: Decimal
    balance: Decimal
    unrealized_pnl: Decimal
    realized_pnl: Decimal
    fees: Decimal
    funding: Decimal


@dataclass(frozen=True, slots=True)
class SeriesSpan:
    """What is kept of one series.

    Attributes:
        first_ns, last_ns: opens of the oldest and newest closed candle; 0 when empty.
        rows: number of candles. gaps: known holes as (first missing open, last missing open, cause).
    """

    instrument: InstrumentId
    timeframe: Timeframe
    first_ns: int
    last_ns: int
    rows: int
    gaps: tuple[tuple[int, int, str], ...] = ()
    bytes: int = 0


class History(Protocol):
    """Closed candles and equity, kept for ever on this machine."""

    async def put_candles(self, series: CandleSeries) -> int:
        """Keep closed candles; those already kept are ignored. Returns how many were new."""
        ...

    async def last(self, instrument: InstrumentId, timeframe: Timeframe, count: int) -> CandleSeries:
        """The newest `count` candles, oldest first."""
        ...

    async def before(
        self, instrument: InstrumentId, timeframe: Timeframe, open_ns: int, count: int
    ) -> CandleSeries:
        """The `count` candles before `open_ns`, oldest first."""
        ...

    async def spans(self) -> list[SeriesSpan]:
        """All series that are kept."""
        ...

    async def mark_empty(
        self, instrument: InstrumentId, timeframe: Timeframe, first_ns: int, last_ns: int, cause: str
    ) -> None:
        """Record that the venue was asked for this range and had nothing."""
        ...

    async def put_equity(self, points: Sequence[EquityPoint]) -> None:
        """Keep equity points."""
        ...

    async def equity(self, account: str, since_ns: int) -> list[EquityPoint]:
        """Points of one account ("" for the desk), oldest first."""
        ...

    async def equity_line(
        self, account: str, currency: str, since_ns: int, step_ns: int
    ) -> list[tuple[int, Decimal]]:
        """(UTC nanoseconds, equity) of one account, oldest first.

        Of each step of `step_ns` the lowest, the highest and the last point: no fall is lost.
        """
        ...

    async def close(self) -> None:
        """Seal, sync and stop."""
        ...
