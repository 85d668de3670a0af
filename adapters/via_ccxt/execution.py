"""`ExecutionClient` over ccxt.pro: one account at one venue, REST and private stream. Made by `factory`."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.account_desk import AccountDesk
from adapters.via_ccxt.account_memory import AccountMemory
from adapters.via_ccxt.backoff import Backoff
from adapters.via_ccxt.binance_frames import EXPIRED, PRIVATE, event_of, news_of
from adapters.via_ccxt.caller import VenueCaller
from adapters.via_ccxt.cancel_desk import CancelDesk
from adapters.via_ccxt.generic_frames import GenericFrames
from adapters.via_ccxt.health import HealthKeeper
from adapters.via_ccxt.instance import build_instance, close_instance
from adapters.via_ccxt.margin_desk import MarginDesk
from adapters.via_ccxt.open_list import OpenList
from adapters.via_ccxt.order_desk import OrderDesk
from adapters.via_ccxt.past_spot import SpotPast
from adapters.via_ccxt.past_usdm import UsdmPast
from adapters.via_ccxt.private_stream import PrivateStream
from adapters.via_ccxt.quirks import Amend
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.refresh import AccountRefresh
from adapters.via_ccxt.speech import Speech
from adapters.via_ccxt.supervisor import supervise
from adapters.via_ccxt.wiring import Wiring
from hedge_tui.domain.account import AccountDelta, AccountSnapshot
from hedge_tui.domain.errors import HedgeError, Unavailable
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import InstrumentId, symbol_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from adapters.via_ccxt.execution_parts import ExecutionParts
    from adapters.via_ccxt.past_rows import PastSources
    from hedge_tui.domain.margin import LeverageBracket, MarginTerms
    from hedge_tui.domain.order import OrderRef, OrderRequest, PositionSide
    from hedge_tui.domain.past import PastPage
    from hedge_tui.domain.ports.venue import PrivateEvent
    from hedge_tui.domain.report import Report

_log = logging.getLogger(__name__)
_FILLS_OVERLAP_NS = 60 * 1_000_000_000
_SNAPSHOT_TRIES = 3


class CcxtExecutionClient:
    """One account; see `ExecutionClient`."""

    def __init__(self, parts: ExecutionParts) -> None:
        self.account = parts.account.name
        self.venue = parts.account.venue
        self.max_batch = parts.quirks.max_batch
        self.amends_by_replacing = parts.quirks.amend is Amend.REPLACE
        self._parts = parts
        self._symbols: dict[str, str] = {}
        self._wiring = Wiring(
            parts.quirks,
            parts.pacer,
            Redactor(parts.keys.values()),
            account=self.account,
            monotonic=parts.clock.monotonic,
        )
        self._speech = Speech(self.account, parts.quirks, parts.clock.now_ns, self._symbols)
        self._caller = VenueCaller(self._wiring, self.account)
        self._memory = AccountMemory(0, margin=self.venue != "binance")
        self._orders = OrderDesk(
            self._caller, self._wiring, self._speech, noticed=self._memory.notice, say=self._emit
        )
        self._margin = MarginDesk(self._caller, self._wiring, self._speech)
        self._desk = AccountDesk(
            self._caller, self._wiring, self._speech, self._skipped, self._margin.known_mode
        )
        self._past = self._past_of(parts.quirks.past)
        self._sink: Callable[[PrivateEvent], None] = _nowhere
        self._health = HealthKeeper(
            f"{self.account}:private",
            self.account,
            self.venue,
            parts.clock,
            self._say,
        )
        self._cancels = CancelDesk(self._caller, self._wiring, self._speech, self._desk.open_orders)
        self._open_list = OpenList(self.account, self._desk, self._list_says)
        self._refresh = AccountRefresh(
            self.account, parts.clock, self._hand_snapshot, lambda: self._health.state is FeedState.LIVE
        )
        self._generic = GenericFrames(self._speech, self._emit, self._skipped)
        self._stream: PrivateStream | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, sink: Callable[[PrivateEvent], None]) -> None:
        """Begin to connect and return; health says when the account is LIVE."""
        if self._task is not None:
            return
        self._sink = sink
        self._memory.fills_since_ns = self._parts.clock.now_ns()
        self._task = asyncio.create_task(
            supervise(self._run, self._health, Backoff(self._parts.rng, first_s=0.5), self._wiring.redact),
            name=f"{self.account}:private",
        )

    async def stop(self) -> None:
        """Close the stream and the session; safe to call twice."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self._refresh.stop()
        await self._open_list.stop()
        await self._caller.stop()
        self._health.become(FeedState.STOPPED, "")
        self._sink = _nowhere

    async def place(self, requests: Sequence[OrderRequest]) -> list[Report]:
        """See `ExecutionClient.place`."""
        reports = await self._orders.place(requests)
        for report in reports:
            self._memory.remember(report)
            if report.code in self._parts.quirks.mode_codes:
                self._margin.forget_mode()
                self._refresh.due(soon=True)
        return reports

    def recall(self) -> None:
        """See `ExecutionClient.recall`."""
        self._caller.recall()

    async def cancel(self, refs: Sequence[OrderRef]) -> list[Report]:
        """See `ExecutionClient.cancel`."""
        return await self._cancels.cancel(refs)

    async def cancel_all(self, instrument: InstrumentId) -> bool:
        """See `ExecutionClient.cancel_all`."""
        return await self._cancels.cancel_all(instrument)

    async def dead_man(self, instrument: InstrumentId, seconds: int) -> None:
        """See `ExecutionClient.dead_man`."""
        await self._cancels.dead_man(instrument, seconds)

    async def amend(self, ref: OrderRef, request: OrderRequest) -> Report:
        """See `ExecutionClient.amend`."""
        return await self._orders.amend(ref, request)

    async def find_order(self, ref: OrderRef) -> Report | None:
        """See `ExecutionClient.find_order`."""
        return await self._desk.find_order(ref)

    async def open_orders(self, instruments: Sequence[InstrumentId] = ()) -> list[Report]:
        """See `ExecutionClient.open_orders`."""
        reports = await self._desk.open_orders([symbol_of(one) for one in instruments] or None)
        for report in reports:
            self._memory.notice(report.instrument)
        return reports

    async def fills(self, since_ns: int, instruments: Sequence[InstrumentId]) -> list[Fill]:
        """See `ExecutionClient.fills`."""
        found = await self._desk.fills(since_ns, instruments)
        return [self._memory.named(fill) for fill in found]

    async def snapshot(self) -> AccountSnapshot:
        """See `ExecutionClient.snapshot`."""
        snapshot = await self._desk.snapshot()
        self._memory.snapshot(snapshot)
        return snapshot

    def past_sources(self, traded: Sequence[InstrumentId], *, whole: bool) -> tuple[str, ...]:
        """See `ExecutionClient.past_sources`."""
        return self._past.sources(traded, whole=whole) if self._past is not None else ()

    async def read_past(
        self, source: str, mark: str, known: Callable[[tuple[str, str, str]], bool]
    ) -> PastPage:
        """See `ExecutionClient.read_past`."""
        if self._past is None:
            raise Unavailable(f"{self.venue} does not tell the past")
        return await self._past.read(source, mark, known)

    async def set_leverage(self, instrument: InstrumentId, leverage: Decimal) -> None:
        """See `ExecutionClient.set_leverage`."""
        await self._margin.set_leverage(symbol_of(instrument), leverage)

    async def set_margin_mode(self, instrument: InstrumentId, *, isolated: bool) -> None:
        """See `ExecutionClient.set_margin_mode`."""
        await self._margin.set_margin_mode(symbol_of(instrument), isolated=isolated)

    async def change_isolated_margin(
        self, instrument: InstrumentId, side: PositionSide, change: Decimal
    ) -> None:
        """See `ExecutionClient.change_isolated_margin`."""
        await self._margin.change_isolated_margin(symbol_of(instrument), side, change)

    async def set_hedge_mode(self, *, enabled: bool) -> None:
        """See `ExecutionClient.set_hedge_mode`."""
        await self._margin.set_hedge_mode(enabled=enabled)

    async def hedge_mode(self) -> bool | None:
        """See `ExecutionClient.hedge_mode`."""
        return await self._margin.hedge_mode()

    async def margin_terms(self) -> list[MarginTerms]:
        """See `ExecutionClient.margin_terms`."""
        return await self._margin.terms()

    async def leverage_brackets(self) -> dict[InstrumentId, tuple[LeverageBracket, ...]]:
        """See `ExecutionClient.leverage_brackets`."""
        return await self._margin.brackets()

    async def renew_rules(self) -> None:
        """See `ExecutionClient.renew_rules`; orders on their way keep what they were made with."""
        markets = await self._parts.renewed()
        self._symbols.update({i.venue_symbol: i.symbol for i in markets.instruments})
        if self._caller.ready:
            markets.hand_to(self._caller.instance)

    def _past_of(self, dialect: str) -> PastSources | None:
        if dialect == "usdm":
            return UsdmPast(self._caller, self._speech, self._skipped)
        if dialect == "spot":
            return SpotPast(self._caller, self._speech, lambda: list(self._symbols.values()), self._skipped)
        return None

    def _say(self, health: FeedHealth) -> None:
        self._sink(health)

    async def _run(self) -> None:
        """Load markets, then keep the stream alive; `supervise` starts it again when it fails."""
        try:
            markets = await self._parts.markets()
        except HedgeError as error:
            raise Unavailable(f"markets: {error}") from None
        instance = await build_instance(
            self._wiring,
            self._parts.egress,
            self._parts.account.mode,
            keys=self._parts.keys,
            ping_s=self._parts.quirks.private_ping_s,
        )
        try:
            markets.hand_to(instance)
            self._symbols.update({i.venue_symbol: i.symbol for i in markets.instruments})
            if self._parts.quirks.private_tap:
                self._wiring.tap = self._tap
            self._caller.attach(instance)
            self._stream = PrivateStream(
                instance,
                self._wiring,
                health=self._health,
                repair=self._repair,
                take=self._take,
                backoff=Backoff(self._parts.rng),
                refused=self._caller.refused_on_stream,
            )
            await self._stream.run()
        finally:
            self._caller.attach(None)
            await close_instance(instance)

    async def _repair(self) -> None:
        """Ask what is true and hand it over: snapshot, open orders, fills since the last one known."""
        since_ns = self._memory.fills_since_ns - _FILLS_OVERLAP_NS
        self._margin.forget_mode()
        await self._hand_snapshot()
        known = {symbol_of(InstrumentId(one)) for one in self._memory.touched}
        for report in await self._open_list.first(known):
            self._list_says(report)
        touched = sorted(self._memory.touched)
        if touched or not self._parts.quirks.trades_need_symbol:
            for fill in await self.fills(since_ns, touched):
                self._emit(fill)

    def _list_says(self, report: Report) -> None:
        self._memory.notice(report.instrument)
        self._emit(report)

    async def _hand_snapshot(self) -> None:
        """Hand over a snapshot that no change has overtaken while it was asked."""
        for _ in range(_SNAPSHOT_TRIES):
            seen = self._memory.changes
            snapshot = await self.snapshot()
            if self._memory.changes == seen:
                break
        self._refresh.done()
        self._sink(snapshot)

    def _tap(self, _url: str, message: Any) -> bool:
        """A parsed frame of the private stream, of a venue whose frames are read here."""
        event = event_of(message)
        self._health.message()
        if event.get("e") in EXPIRED and self._stream is not None:
            self._stream.end(f"the venue ended the stream ({event['e']})")
            return True
        for news in news_of(event, self._speech):
            self._emit(news)
        return event.get("e") in PRIVATE

    def _take(self, name: str, answer: Any) -> None:
        """An answer of a ccxt.pro watch method, of a venue whose frames ccxt reads."""
        if not self._parts.quirks.private_tap:
            self._health.message()
            self._generic.take(name, answer)

    def _emit(self, event: PrivateEvent) -> None:
        if isinstance(event, Fill | AccountDelta):
            self._refresh.due()
        self._sink(self._memory.completed(event))

    def _skipped(self, words: str) -> None:
        _log.warning("%s: skipped: %s", self.account, words)
        if self._health.state is FeedState.LIVE:
            self._health.become(FeedState.LIVE, self._wiring.redact(words))

    def __repr__(self) -> str:
        return f"<{self.account} at {self.venue}>"


def _nowhere(_event: PrivateEvent) -> None:
    """Where events go before the start and after the stop."""
