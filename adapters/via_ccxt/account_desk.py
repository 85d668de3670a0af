"""Asks one account's orders, fills, balances and positions over REST. Used by `execution`.

Every question raises `Unavailable`, `Refused` or `OutcomeUnknown` when there is no complete answer;
a single row that cannot be read is skipped and said, never taken for "none".
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.margin_desk import holds_contracts
from adapters.via_ccxt.order_ids import to_venue
from adapters.via_ccxt.parse_account import balances_of, margins_of, positions_of
from adapters.via_ccxt.parse_fill import fill_of
from adapters.via_ccxt.parse_order import client_id_of, report_of
from adapters.via_ccxt.quirks import Lookup
from hedge_tui.domain.account import AccountSnapshot
from hedge_tui.domain.errors import OutcomeUnknown
from hedge_tui.domain.instrument import InstrumentId, symbol_of
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from adapters.via_ccxt.caller import VenueCaller
    from adapters.via_ccxt.speech import Speech
    from adapters.via_ccxt.wiring import Wiring
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.order import OrderRef
    from hedge_tui.domain.report import Report

_log = logging.getLogger(__name__)
_PAGES = 60
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)


class AccountDesk:
    """The questions of one account.

    Args:
        caller, wiring, speech: of the account's instance.
        skipped: told in words about each row that cannot be read.
        mode: whether long and short are held apart.

    Attributes:
        shown: symbols that the newest answer about positions named; None where it does not name all that
            have orders.
    """

    def __init__(
        self,
        caller: VenueCaller,
        wiring: Wiring,
        speech: Speech,
        skipped: Callable[[str], None],
        mode: Callable[[], Awaitable[bool | None]],
    ) -> None:
        self._caller = caller
        self._quirks = wiring.quirks
        self._speech = speech
        self._skipped = skipped
        self._mode = mode
        self.shown: set[str] | None = None

    async def snapshot(self) -> AccountSnapshot:
        """Balances and positions now."""
        at_ns = self._speech.now_ns()
        instance = self._caller.instance
        contracts = holds_contracts(instance)
        balance = await self._caller.ask(Lane.ACCOUNT, lambda x: x.fetch_balance())
        structures = await self._positions() if contracts else []
        if not isinstance(balance, dict) or not isinstance(structures, list):
            raise OutcomeUnknown("the account's answer is not what was asked for")
        initial, maintenance = margins_of(balance) if contracts else (None, None)
        try:
            balances = balances_of(balance, self._speech, self._skipped)
        except _UNREADABLE as error:
            raise OutcomeUnknown(str(error)) from None
        return AccountSnapshot(
            self._speech.account,
            at_ns,
            balances,
            positions_of(structures, self._speech, self._skipped, instance.options.get("leverageBrackets")),
            initial,
            maintenance,
            await self._mode() if contracts else None,
        )

    async def open_orders(self, symbols: Sequence[str] | None = None) -> list[Report]:
        """All resting orders, conditional ones too; with `symbols` only theirs."""
        ways = [{}, dict(self._quirks.trigger_params)] if self._quirks.separate_triggers else [{}]
        wanted: Sequence[str | None] = symbols if symbols is not None else [None]
        found = await asyncio.gather(*(self._list(symbol, way) for symbol in wanted for way in ways))
        return [report for reports in found for report in reports]

    async def conditional_orders(self) -> list[Report]:
        """All conditional orders of a venue that lists them apart."""
        return await self._list(None, dict(self._quirks.trigger_params))

    async def _list(self, symbol: str | None, way: dict[str, Any]) -> list[Report]:
        rows = await self._caller.ask(Lane.RECONCILE, lambda x: x.fetch_open_orders(symbol, None, None, way))
        return self._reports(rows)

    async def _positions(self) -> Any:
        """Positions; `shown` learns which symbols the answer names, flat ones with orders too."""
        answer = await self._caller.call(Lane.ACCOUNT, lambda x: x.fetch_positions())
        if answer.verdict is not None:
            raise answer.verdict.error()
        rows = answer.attempt.json
        if self._quirks.positions_name_orders and isinstance(rows, list):
            symbols = self._speech.symbols
            ids = [str(row.get("symbol")) for row in rows if isinstance(row, dict)]
            self.shown = {symbols[id_] for id_ in ids if id_ in symbols}
        return answer.value

    async def find_order(self, ref: OrderRef) -> Report | None:
        """One order by its client id; None is the venue's definite "no such order"."""
        quirks = self._quirks
        if quirks.lookup is Lookup.CLIENT_ID or (quirks.lookup is Lookup.VENUE_ID and ref.venue_order_id):
            return await self._fetch(ref)
        return await self._scan(ref)

    async def fills(self, since_ns: int, instruments: Sequence[InstrumentId]) -> list[Fill]:
        """Executions since `since_ns`, oldest first."""
        symbols = [symbol_of(i) for i in instruments] if self._quirks.trades_need_symbol else [None]
        pages = await asyncio.gather(*(self._trades(symbol, since_ns // 1_000_000) for symbol in symbols))
        wanted = set(instruments)
        found: dict[tuple[str, str, str], Fill] = {}
        for trade in (trade for page in pages for trade in page):
            try:
                fill = fill_of(trade, self._speech)
            except _UNREADABLE as error:
                self._skipped(f"an execution cannot be read: {error}")
                continue
            if fill.venue_ns >= since_ns and (not wanted or fill.instrument in wanted):
                found[fill.key] = fill
        return sorted(found.values(), key=lambda fill: (fill.venue_ns, fill.trade_id))

    async def _fetch(self, ref: OrderRef) -> Report | None:
        params: dict[str, Any] = {}
        if self._quirks.fetch_id_param:
            params[self._quirks.fetch_id_param] = to_venue(ref.client_order_id, self._quirks.id_form)
        if ref.triggered:
            params |= self._quirks.trigger_params
        venue_id = None if self._quirks.fetch_id_param else ref.venue_order_id
        symbol = symbol_of(ref.instrument)
        answer = await self._caller.call(
            Lane.RECONCILE, lambda x: x.fetch_order(venue_id, symbol, dict(params))
        )
        if answer.verdict is not None:
            if answer.verdict.absent:
                return None
            raise answer.verdict.error()
        row = answer.value
        if not isinstance(row, dict) or not row.get("id"):
            raise OutcomeUnknown("the venue's answer names no order")
        became = _became(row)
        if became:
            return await self._became(became, ref)
        return report_of(row, self._speech, client_id=ref.client_order_id, with_request=True)

    async def _became(self, venue_id: str, ref: OrderRef) -> Report:
        """A triggered conditional order lives on as a regular one, whose state counts."""
        row = await self._caller.ask(
            Lane.RECONCILE, lambda x: x.fetch_order(venue_id, symbol_of(ref.instrument))
        )
        return report_of(row, self._speech, client_id=ref.client_order_id, with_request=True)

    async def _scan(self, ref: OrderRef) -> Report | None:
        """Search the lists: open orders first, then what the venue still knows of ended ones."""
        symbol = symbol_of(ref.instrument)
        way = dict(self._quirks.trigger_params) if ref.triggered else {}
        instance = self._caller.instance
        lists: list[Callable[[Any], Any]] = [lambda x: x.fetch_open_orders(symbol, None, None, way)]
        if instance.has.get("fetchClosedOrders") is True:
            lists.append(lambda x: x.fetch_closed_orders(symbol))
        if instance.has.get("fetchCanceledOrders") is True:
            lists.append(lambda x: x.fetch_canceled_orders(symbol))
        for ask in lists:
            for row in await self._caller.ask(Lane.RECONCILE, ask):
                if self._speech.client_id(client_id_of(row)) == ref.client_order_id:
                    return report_of(row, self._speech, with_request=True)
        if len(lists) == 1:
            raise OutcomeUnknown("the order is not open, and this venue does not list ended orders")
        return None

    async def _trades(self, symbol: str | None, since_ms: int) -> list[Any]:
        """Pages of own trades until one is not full and reaches to now."""
        span_ms = self._quirks.trades_span_s * 1_000
        found: dict[str, Any] = {}
        limit = self._quirks.trades_page

        def since(at_ms: int) -> Callable[[Any], Any]:
            return lambda x: x.fetch_my_trades(symbol, at_ms, limit)

        for _ in range(_PAGES):
            page = await self._caller.ask(Lane.RECONCILE, since(since_ms))
            fresh = [trade for trade in page if str(trade.get("id")) not in found]
            found |= {str(trade.get("id")): trade for trade in fresh}
            if len(page) >= limit and fresh:
                since_ms = max(int(trade.get("timestamp") or since_ms) for trade in page)
            elif span_ms and since_ms + span_ms < self._speech.now_ns() // 1_000_000:
                since_ms += span_ms
            else:
                return list(found.values())
        _log.warning("%s: more executions of %s than %s pages hold", self._speech.account, symbol, _PAGES)
        return list(found.values())

    def _reports(self, rows: Any) -> list[Report]:
        if not isinstance(rows, list):
            raise OutcomeUnknown("the list of open orders is not a list")
        reports = []
        for row in rows:
            try:
                reports.append(report_of(row, self._speech, with_request=True))
            except _UNREADABLE as error:
                self._skipped(f"an open order cannot be read: {error}")
        return reports


def _became(row: Any) -> str:
    """The id of the regular order that a conditional one has become, or ""."""
    info = row.get("info")
    if not isinstance(info, dict) or info.get("algoStatus") not in ("TRIGGERED", "FINISHED"):
        return ""
    return str(info.get("actualOrderId") or "")
