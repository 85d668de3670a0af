"""The calls that the history's process answers, by name: plain values in, plain values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import msgspec

from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.errors import LedgerError, StoreError
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.ports.history import EquityPoint
from store.frames import pack_columns, unpack_columns

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from store.history.history_store import HistoryStore


def _put_candles(history: HistoryStore, instrument: str, timeframe: str, packed: list[bytes]) -> int:
    where = (InstrumentId(instrument), Timeframe(timeframe))
    new = history.candles.put(history.writer, *where, unpack_columns(packed), history.now_s())
    history.count_write(new)
    return new


def _newest(history: HistoryStore, instrument: str, timeframe: str, until_us: int, count: int) -> list[bytes]:
    where = (InstrumentId(instrument), Timeframe(timeframe))
    return pack_columns(history.candles.newest(history.reader, *where, until_us, count))


def _between(history: HistoryStore, instrument: str, timeframe: str, first: int, until: int) -> list[bytes]:
    where = (InstrumentId(instrument), Timeframe(timeframe))
    return pack_columns(history.candles.between(history.reader, *where, first, until))


def _spans(history: HistoryStore) -> list[Any]:
    return list(history.candles.spans(history.reader))


def _mark_empty(history: HistoryStore, instrument: str, timeframe: str, mark: list[Any]) -> None:
    history.count_write()
    where = (InstrumentId(instrument), Timeframe(timeframe))
    history.candles.mark_empty(history.writer, *where, msgspec.convert(mark, tuple[int, int, str]))


def _put_equity(history: HistoryStore, points: list[Any]) -> None:
    history.count_write(history.equity.put(history.writer, msgspec.convert(points, list[EquityPoint])))


def _equity(history: HistoryStore, account: str, since_ns: int) -> list[EquityPoint]:
    return history.equity.read(history.reader, account, since_ns)


def _equity_line(
    history: HistoryStore, account: str, currency: str, since_ns: int, step_ns: int
) -> list[tuple[int, Decimal]]:
    return history.equity.line(history.reader, account, currency, since_ns, step_ns)


def _seal(history: HistoryStore, budget_s: float | None) -> int:
    moved = history.seal_all(budget_s)
    history.checkpoint()
    return moved


def _verify(history: HistoryStore) -> list[str]:
    return history.verify()


def _notices(history: HistoryStore) -> list[str]:
    return list(history.notices)


READS: dict[str, Callable[..., Any]] = {
    "newest": _newest,
    "between": _between,
    "spans": _spans,
    "equity": _equity,
    "equity_line": _equity_line,
    "verify": _verify,
    "notices": _notices,
}
"""Calls of the reading thread."""
WRITES: dict[str, Callable[..., Any]] = {
    "put_candles": _put_candles,
    "mark_empty": _mark_empty,
    "put_equity": _put_equity,
    "seal": _seal,
}
"""Calls of the writing thread; each is durable when it returns and harmless when repeated."""


def failure_of(error: Exception) -> tuple[str, str, bool]:
    """(failure word of the reply, message, whether the process must end) for an error of a call."""
    if isinstance(error, LedgerError | ValueError | TypeError | msgspec.ValidationError):
        return "caller", str(error), False
    if isinstance(error, StoreError | OSError | duckdb.Error):
        return "store", str(error), isinstance(error, duckdb.FatalException | duckdb.InternalException)
    return "bug", f"{type(error).__name__}: {error}", False
