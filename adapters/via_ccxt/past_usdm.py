"""Reads the past of a Binance USD-M account: the income history, and the executions it names.

Every movement of the wallet is a row of the income history. Rows of executions bear the trade's id: those
that are not in the books yet are asked for by instrument, so that nothing is guessed about what was traded.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.numbers import decimal_of
from adapters.via_ccxt.parse_fill import fill_of
from adapters.via_ccxt.past_rows import (
    REACH_MS,
    UNREADABLE,
    income_flow,
    instrument_named,
    own_trades,
    raw,
    readable,
)
from hedge_tui.domain.errors import OutcomeUnknown
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.past import PastPage
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.via_ccxt.caller import VenueCaller
    from adapters.via_ccxt.speech import Speech
    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.instrument import InstrumentId

    Known = Callable[[tuple[str, str, str]], bool]

_log = logging.getLogger(__name__)
SOURCE = "income"
PAGE = 1000
OVERLAP_MS = 600_000
"""Read again behind the newest row: a venue may enter rows late."""
LATE_MS = 3_600_000
"""An execution in the income history that the trade list still lacks by then is booked from the former."""
_OF_TRADES = ("REALIZED_PNL", "COMMISSION")
_TRADE_PAGES = 200


class UsdmPast:
    """One account.

    Args:
        caller, speech: of the account. skipped: told in words about each row that cannot be read.
    """

    def __init__(self, caller: VenueCaller, speech: Speech, skipped: Callable[[str], None]) -> None:
        self._caller = caller
        self._speech = speech
        self._skipped = skipped

    def sources(self, traded: Sequence[InstrumentId], *, whole: bool) -> tuple[str, ...]:
        """The income history holds everything."""
        del traded, whole
        return (SOURCE,)

    async def read(self, source: str, mark: str, known: Known) -> PastPage:
        """The next 1,000 rows from the mark on, a time in milliseconds."""
        del source
        now_ms = self._speech.now_ns() // 1_000_000
        oldest_ms = now_ms - REACH_MS
        start_ms = max(int(mark), oldest_ms) if mark else oldest_ms
        rows = await self._income(start_ms, now_ms)
        if len(rows) < PAGE:
            # Not before what was read up to already: the overlap of a page that was cut short would loop.
            mark_ms, until_ms = max(start_ms, now_ms - OVERLAP_MS), now_ms
        else:
            rows, mark_ms = await self._whole_instants(rows)
            until_ms = mark_ms
        fills, flows = await self._booked(rows, known, now_ms)
        done = until_ms == now_ms
        ns = 1_000_000
        return PastPage(
            fills, flows, str(mark_ms), until_ms * ns, done, settles=True, oldest_ns=oldest_ms * ns
        )

    async def _income(self, start_ms: int, end_ms: int, page: int = 1) -> list[dict[str, Any]]:
        query = {"startTime": start_ms, "endTime": end_ms, "limit": PAGE, "page": page}
        rows = await self._caller.ask(Lane.HISTORY, raw("fapiPrivateGetIncome", query))
        if not isinstance(rows, list):
            raise OutcomeUnknown("the income history is not a list")
        return sorted(rows, key=lambda row: int(row["time"]))

    async def _whole_instants(self, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
        """A full page without its last millisecond, which the next page begins with; (rows, that time)."""
        last_ms = int(rows[-1]["time"])
        kept = [row for row in rows if int(row["time"]) < last_ms]
        if kept:
            return kept, last_ms
        found, page = list(rows), 1
        while len(rows) == PAGE:
            page += 1
            rows = await self._income(last_ms, last_ms, page)
            found += rows
        return found, last_ms + 1

    async def _booked(
        self, rows: list[dict[str, Any]], known: Known, now_ms: int
    ) -> tuple[tuple[Fill, ...], tuple[CashFlow, ...]]:
        flows: list[CashFlow] = []
        missing: dict[InstrumentId, dict[str, list[dict[str, Any]]]] = {}
        for row in rows:
            try:
                trade_id = str(row.get("tradeId") or "")
                instrument = instrument_named(str(row.get("symbol") or ""), self._speech)
                if row["incomeType"] not in _OF_TRADES or not trade_id or instrument is None:
                    flows.append(income_flow(row, self._speech))
                elif not known((self._speech.account, instrument, trade_id)):
                    missing.setdefault(instrument, {}).setdefault(trade_id, []).append(row)
            except UNREADABLE as error:
                self._skipped(f"a row of the income history cannot be read: {error}")
        fills: list[Fill] = []
        for instrument, trades in missing.items():
            found = await self._trades(instrument, trades)
            fills += found
            for fill in found:
                trades.pop(fill.trade_id, None)
            flows += self._without_trade(instrument, trades, now_ms)
        return tuple(sorted(fills, key=lambda fill: (fill.venue_ns, fill.trade_id))), tuple(flows)

    async def _trades(self, instrument: InstrumentId, trades: dict[str, list[dict[str, Any]]]) -> list[Fill]:
        """The executions from the first to the last of those wanted."""
        times = [int(row["time"]) for rows in trades.values() for row in rows]
        symbol, since_ms, last_ms = symbol_of(instrument), min(times), max(times)
        query: dict[str, Any] = {"endTime": min(last_ms + 1, since_ms + 7 * 86_400_000 - 1)}
        since: int | None = since_ms
        found: dict[str, Fill] = {}
        for _ in range(_TRADE_PAGES):
            page = await self._caller.ask(Lane.HISTORY, own_trades(symbol, since, PAGE, query))
            told = readable(page, fill_of, self._speech, "an execution", self._skipped)
            found |= {fill.trade_id: fill for fill in told}
            newest_ms = max((int(trade["timestamp"]) for trade in page), default=0)
            if trades.keys() <= found.keys() or newest_ms > last_ms:
                break
            if len(page) >= PAGE:
                since, query = None, {"fromId": max(int(trade["id"]) for trade in page) + 1}
            elif since is not None and query["endTime"] < last_ms:
                since = query["endTime"]
                query = {"endTime": min(last_ms + 1, since + 7 * 86_400_000 - 1)}
            else:
                break
        return list(found.values())

    def _without_trade(
        self, instrument: InstrumentId, trades: dict[str, list[dict[str, Any]]], now_ms: int
    ) -> list[CashFlow]:
        """What the ledger says of executions that the venue does not list.

        Raises:
            OutcomeUnknown: one is so young that it may only be late.
        """
        rows = [row for found in trades.values() for row in found]
        if any(int(row["time"]) > now_ms - LATE_MS for row in rows):
            late = next(iter(trades))
            raise OutcomeUnknown(f"{instrument}: trade {late} is in the ledger and not listed yet")
        if rows:
            _log.warning(
                "%s: %s trades of %s are booked from the ledger",
                self._speech.account,
                len(trades),
                instrument,
            )
        return [income_flow(row, self._speech) for row in rows if decimal_of(row["income"])]
