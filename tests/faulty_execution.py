"""A paper account behind a bad line, for simulated worlds: what is lost, late or said twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.paper.client import PaperExecution, PaperHub
from hedge_tui.domain.account import AccountSnapshot
from hedge_tui.domain.errors import OutcomeUnknown
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.health import FeedHealth
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.margin import MarginTerms
from hedge_tui.domain.order import OrderRef, OrderRequest, PositionSide
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from hedge_tui.domain.ports.venue import PrivateEvent


@dataclass
class Faults:
    """How bad the line to the venue is; probabilities per call.

    Attributes:
        lose_request: the call never arrives, and no answer comes. lose_answer: it arrives; no answer comes.
        delay_s: longest delay of an answer. lookup_lag_s: how long a new order cannot be looked up.
        stream_lag_s: longest delay of a stream's event. lookup_fails: a look-up has no answer.
        settings_unreadable: nobody can say what leverage, margin and position mode are.
    """

    lose_request: float = 0.0
    lose_answer: float = 0.0
    lookup_fails: float = 0.0
    delay_s: float = 0.05
    lookup_lag_s: float = 0.0
    stream_lag_s: float = 0.2
    stream_cut: bool = False
    settings_unreadable: bool = False


@dataclass
class Hooks:
    """What a test does to the calls of one desk.

    Attributes:
        before_place, before_cancel: see what is about to leave, and may raise.
        placed, cancelled: bend the list of answers.
    """

    before_place: Callable[[str, Sequence[OrderRequest]], None] = lambda _account, _requests: None
    before_cancel: Callable[[str, Sequence[OrderRef]], None] = lambda _account, _refs: None
    placed: Callable[[list[Report]], list[Report]] = list
    cancelled: Callable[[list[Report]], list[Report]] = list


class FaultyExecution(PaperExecution):
    """A paper account behind a line that loses, delays and repeats."""

    def __init__(
        self, hub: PaperHub, account: str, faults: Faults, rng: random.Random, hooks: Hooks | None = None
    ) -> None:
        super().__init__(hub, account, "binanceusdm")
        self.hooks = hooks or Hooks()
        self.faults = faults
        self._rng = rng
        self._outer: Callable[[PrivateEvent], None] = lambda _: None
        self._last_due = 0.0
        self.placed: list[str] = []
        self.settings: list[str] = []

    async def start(self, sink: Callable[[PrivateEvent], None]) -> None:
        self._outer = sink
        await super().start(self._later)

    async def place(self, requests: Sequence[OrderRequest]) -> list[Report]:
        self.hooks.before_place(self.account, requests)
        await self._delay()
        reports = []
        for request in requests:
            if self._rng.random() < self.faults.lose_request:
                reports.append(self._silence(request))
                continue
            self.placed.append(request.client_order_id)
            (report,) = await super().place([request])
            lost = self._rng.random() < self.faults.lose_answer
            reports.append(self._silence(request) if lost else report)
        await self._delay()
        return self.hooks.placed(reports)

    async def cancel(self, refs: Sequence[OrderRef]) -> list[Report]:
        self.hooks.before_cancel(self.account, refs)
        await self._delay()
        reports = []
        for ref in refs:
            if self._rng.random() < self.faults.lose_request:
                reports.append(self._no_cancel(ref))
                continue
            (report,) = await super().cancel([ref])
            reports.append(self._no_cancel(ref) if self._rng.random() < self.faults.lose_answer else report)
        await self._delay()
        return self.hooks.cancelled(reports)

    async def find_order(self, ref: OrderRef) -> Report | None:
        await self._delay()
        if self._rng.random() < self.faults.lookup_fails:
            raise OutcomeUnknown("no answer")
        found = await super().find_order(ref)
        if found is not None and found.venue_ns is not None and self._fresh(found.venue_ns):
            return None
        return found

    async def open_orders(self, instruments: Sequence[InstrumentId] = ()) -> list[Report]:
        await self._delay()
        if self._rng.random() < self.faults.lookup_fails:
            raise OutcomeUnknown("no answer")
        return [
            r
            for r in await super().open_orders(instruments)
            if r.venue_ns is None or not self._fresh(r.venue_ns)
        ]

    async def fills(self, since_ns: int, instruments: Sequence[InstrumentId]) -> list[Fill]:
        await self._delay()
        return [f for f in await super().fills(since_ns, instruments) if not self._fresh(f.venue_ns)]

    async def set_leverage(self, instrument: InstrumentId, leverage: Decimal) -> None:
        await self._setting("leverage", super().set_leverage(instrument, leverage))

    async def set_margin_mode(self, instrument: InstrumentId, *, isolated: bool) -> None:
        await self._setting("margin mode", super().set_margin_mode(instrument, isolated=isolated))

    async def change_isolated_margin(
        self, instrument: InstrumentId, side: PositionSide, change: Decimal
    ) -> None:
        await self._setting("margin", super().change_isolated_margin(instrument, side, change))

    async def set_hedge_mode(self, *, enabled: bool) -> None:
        await self._setting("position mode", super().set_hedge_mode(enabled=enabled))

    async def margin_terms(self) -> list[MarginTerms]:
        await self._readable()
        return await super().margin_terms()

    async def hedge_mode(self) -> bool | None:
        await self._readable()
        return await super().hedge_mode()

    async def snapshot(self) -> AccountSnapshot:
        if self.faults.settings_unreadable:
            raise OutcomeUnknown("no answer")
        return await super().snapshot()

    async def _readable(self) -> None:
        await self._delay()
        if self.faults.settings_unreadable or self._rng.random() < self.faults.lookup_fails:
            raise OutcomeUnknown("no answer")

    async def _setting(self, what: str, call: Coroutine[Any, Any, None]) -> None:
        """A setting is changed once at most, whatever is heard of it."""
        self.settings.append(what)
        await self._delay()
        if self._rng.random() < self.faults.lose_request:
            call.close()
            await self._delay()
            raise OutcomeUnknown("time-out")
        await call
        await self._delay()
        if self._rng.random() < self.faults.lose_answer:
            raise OutcomeUnknown("time-out")

    def _fresh(self, venue_ns: int) -> bool:
        return self._hub.clock.now_ns() - venue_ns < self.faults.lookup_lag_s * 1e9

    def _later(self, event: PrivateEvent) -> None:
        """Events of one stream keep their order, and come late."""
        if self.faults.stream_cut and not isinstance(event, FeedHealth):
            return
        loop = asyncio.get_running_loop()
        # Never at the same instant: a loop keeps no order among timers of one instant.
        due = loop.time() + self._rng.random() * self.faults.stream_lag_s
        self._last_due = max(self._last_due + 1e-6, due)
        loop.call_at(self._last_due, self._outer, event)

    async def _delay(self) -> None:
        await asyncio.sleep(self._rng.random() * self.faults.delay_s)

    def _silence(self, request: OrderRequest) -> Report:
        return Report(
            ReportKind.NO_ANSWER,
            self.account,
            request.instrument,
            request.client_order_id,
            self._hub.clock.now_ns(),
            reason="time-out",
        )

    def _no_cancel(self, ref: OrderRef) -> Report:
        return Report(
            ReportKind.CANCEL_NO_ANSWER,
            self.account,
            ref.instrument,
            ref.client_order_id,
            self._hub.clock.now_ns(),
            reason="time-out",
        )
