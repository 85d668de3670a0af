"""An ExecutionClient whose venue is a `PaperVenue` in this process: on paper, and under simulated time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.paper.events import Event, OrderAmended, OrderCancelled, PaperRefusal, RefusalCode
from adapters.paper.reports import fill_of, flow_of, order_report, position_of, private_events
from hedge_tui.domain.account import AccountSnapshot, Balance
from hedge_tui.domain.errors import Refused
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.margin import LeverageBracket, MarginTerms
from hedge_tui.domain.order import PositionSide
from hedge_tui.domain.past import PastPage
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from adapters.paper.venue import PaperVenue
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import OrderRef, OrderRequest
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.venue import PrivateEvent

PAGE = 500
"""Rows of one page of the past, at least: rows of one instant stay together."""
OVERLAP_NS = 600 * 1_000_000_000


@contextmanager
def _refusing() -> Iterator[None]:
    """The paper venue's no, as the port says it."""
    try:
        yield
    except PaperRefusal as refusal:
        raise Refused(str(refusal), refusal.code.value) from refusal


class PaperHub:
    """Hands the events of one paper venue to the accounts they belong to."""

    def __init__(self, venue: PaperVenue, clock: Clock, *, spot: bool) -> None:
        self.venue = venue
        self.clock = clock
        self.spot = spot
        self._sinks: dict[str, Callable[[PrivateEvent], None]] = {}

    def listen(self, account: str, sink: Callable[[PrivateEvent], None] | None) -> None:
        """Hand the account's events to `sink` from now on; None stops."""
        if sink is None:
            self._sinks.pop(account, None)
        else:
            self._sinks[account] = sink

    def publish(self, events: Sequence[Event]) -> None:
        """Tell the listening accounts what happened."""
        now = self.clock.now_ns()
        for event in events:
            for said in private_events(event, now, spot=self.spot):
                sink = self._sinks.get(getattr(said, "account", ""))
                if sink is not None:
                    sink(said)


class PaperExecution:
    """One account of a paper venue; answers are immediate."""

    max_batch = 5
    amends_by_replacing = False

    def __init__(self, hub: PaperHub, account: str, venue: str) -> None:
        self.account = account
        self.venue = venue
        self._hub = hub
        self._sink: Callable[[PrivateEvent], None] = lambda _: None

    async def start(self, sink: Callable[[PrivateEvent], None]) -> None:
        """Hand over a snapshot, open orders, and from now on every event."""
        self._sink = sink
        self._hub.listen(self.account, sink)
        sink(await self.snapshot())
        for report in await self.open_orders():
            sink(report)
        self._say(FeedState.LIVE)

    async def place(self, requests: Sequence[OrderRequest]) -> list[Report]:
        """Place each order; a refusal is the venue's definite no."""
        return [self._place(request) for request in requests]

    def recall(self) -> None:
        """Nothing ever waits here: an order is at the venue as soon as it is placed."""

    async def cancel(self, refs: Sequence[OrderRef]) -> list[Report]:
        """Cancel each order."""
        return [self._cancel(ref) for ref in refs]

    async def cancel_all(self, instrument: InstrumentId) -> bool:
        """Cancel everything resting in one instrument."""
        self._hub.publish(self._hub.venue.cancel_all(self.account, instrument, self._now()))
        return True

    async def dead_man(self, instrument: InstrumentId, seconds: int) -> None:
        """Refused: there is no such switch here."""
        del instrument, seconds
        raise Refused("this venue has no dead-man switch")

    async def amend(self, ref: OrderRef, request: OrderRequest) -> Report:
        """Change quantity and price; the order keeps its id."""
        try:
            events = self._hub.venue.amend(
                self.account,
                ref.instrument,
                client_order_id=ref.client_order_id,
                quantity=request.quantity,
                price=request.price or Decimal(0),
                now_ns=self._now(),
            )
        except PaperRefusal as refusal:
            return self._refused(ReportKind.AMEND_REFUSED, ref, refusal)
        self._hub.publish(events)
        amended = next((e.order for e in events if isinstance(e, OrderAmended)), None)
        if amended is None:
            return self._refused(ReportKind.AMEND_REFUSED, ref, None)
        return order_report(amended, self._now(), kind=ReportKind.AMENDED)

    async def find_order(self, ref: OrderRef) -> Report | None:
        """One order by its client id."""
        order = self._hub.venue.order(self.account, ref.instrument, client_order_id=ref.client_order_id)
        return order_report(order, self._now()) if order is not None else None

    async def open_orders(self, instruments: Sequence[InstrumentId] = ()) -> list[Report]:
        """Everything resting, or what rests in some instruments."""
        return [
            order_report(o, self._now())
            for o in self._hub.venue.open_orders(self.account)
            if not instruments or o.instrument in instruments
        ]

    async def fills(self, since_ns: int, instruments: Sequence[InstrumentId]) -> list[Fill]:
        """Executions since `since_ns`, oldest first."""
        found = [
            fill_of(trade, self._now(), spot=self._hub.spot)
            for instrument in instruments
            for trade in self._hub.venue.trades(self.account, instrument)
            if trade.at_ns >= since_ns
        ]
        return sorted(found, key=lambda fill: fill.venue_ns)

    async def snapshot(self) -> AccountSnapshot:
        """Balances and positions now."""
        venue = self._hub.venue
        balances = tuple(
            Balance(self.account, asset, b.total, b.free, b.locked)
            for asset, b in venue.balances(self.account).items()
        )
        if self._hub.spot:
            return AccountSnapshot(self.account, self._now(), balances, ())
        positions = tuple(
            position_of(
                self.account,
                p,
                venue.brackets(p.instrument),
                venue.adl_quantile(self.account, p.instrument, p.side),
            )
            for p in venue.positions(self.account)
            if p.quantity
        )
        initial = sum((p.initial_margin or Decimal(0) for p in positions), Decimal(0))
        maintenance = sum((p.maintenance_margin or Decimal(0) for p in positions), Decimal(0))
        return AccountSnapshot(
            self.account,
            self._now(),
            balances,
            positions,
            initial,
            maintenance,
            hedge_mode=venue.hedge_mode(self.account),
        )

    def past_sources(self, traded: Sequence[InstrumentId], *, whole: bool) -> tuple[str, ...]:
        """Executions of everything, and what else moved money."""
        del traded, whole
        return ("trades", "income")

    async def read_past(
        self, source: str, mark: str, known: Callable[[tuple[str, str, str]], bool]
    ) -> PastPage:
        """A page of what happened at and after the mark, a time in nanoseconds."""
        del known
        venue, now, since_ns = self._hub.venue, self._now(), int(mark or 0)
        if source == "income":
            rows = [one for one in venue.income(self.account) if one.at_ns >= since_ns]
            page, until_ns = _cut([one.at_ns for one in rows], now)
            flows = tuple(flow for one in rows[:page] if (flow := flow_of(one)) is not None)
            done = page == len(rows)
            return PastPage((), flows, _after(until_ns, done=done), until_ns, done, settles=True)
        fills = await self.fills(since_ns, list(venue.instruments))
        page, until_ns = _cut([fill.venue_ns for fill in fills], now)
        done = page == len(fills)
        return PastPage(tuple(fills[:page]), (), _after(until_ns, done=done), until_ns, done)

    async def set_leverage(self, instrument: InstrumentId, leverage: Decimal) -> None:
        """Change the leverage of one instrument."""
        with _refusing():
            self._hub.venue.set_leverage(self.account, instrument, leverage)

    async def set_margin_mode(self, instrument: InstrumentId, *, isolated: bool) -> None:
        """Choose isolated or cross margin for one instrument."""
        if self._hub.venue.is_isolated(self.account, instrument) is not isolated:
            with _refusing():
                self._hub.venue.set_margin_mode(self.account, instrument, isolated=isolated)

    async def change_isolated_margin(
        self, instrument: InstrumentId, side: PositionSide, change: Decimal
    ) -> None:
        """Move money into or out of an isolated position."""
        with _refusing():
            events = self._hub.venue.move_margin(self.account, instrument, side, change, self._now())
        self._hub.publish(events)

    async def set_hedge_mode(self, *, enabled: bool) -> None:
        """Hold long and short apart, or net them."""
        if self._hub.venue.hedge_mode(self.account) is not enabled:
            with _refusing():
                self._hub.venue.set_hedge_mode(self.account, enabled=enabled)

    async def hedge_mode(self) -> bool | None:
        """Whether long and short are held apart."""
        return None if self._hub.spot else self._hub.venue.hedge_mode(self.account)

    async def margin_terms(self) -> list[MarginTerms]:
        """Leverage and margin mode of every instrument."""
        venue = self._hub.venue
        return [
            MarginTerms(self.account, i, venue.leverage(self.account, i), venue.is_isolated(self.account, i))
            for i in (() if self._hub.spot else venue.instruments)
        ]

    async def leverage_brackets(self) -> dict[InstrumentId, tuple[LeverageBracket, ...]]:
        """Leverage by notional."""
        return {
            i: tuple(LeverageBracket(b.cap, b.max_leverage, b.rate) for b in self._hub.venue.brackets(i))
            for i in (() if self._hub.spot else self._hub.venue.instruments)
        }

    async def renew_rules(self) -> None:
        """The venue in this process has its own."""

    async def stop(self) -> None:
        """Listen no more."""
        self._hub.listen(self.account, None)
        self._say(FeedState.STOPPED)

    def _place(self, request: OrderRequest) -> Report:
        if request.close_position or request.position_side is not PositionSide.NET:
            # The venue refuses the flag beside what says it already.
            request = replace(request, reduce_only=False)
        try:
            events = self._hub.venue.place(request, self._now())
        except PaperRefusal as refusal:
            twice = refusal.code is RefusalCode.DUPLICATE_CLIENT_ID
            return Report(
                # It exists already: that is no refusal of the order, and it must be looked up.
                ReportKind.NO_ANSWER if twice else ReportKind.REJECTED,
                self.account,
                request.instrument,
                request.client_order_id,
                self._now(),
                reason=str(refusal),
                code=refusal.code.value,
            )
        self._hub.publish(events)
        order = self._hub.venue.order(
            self.account, request.instrument, client_order_id=request.client_order_id
        )
        assert order is not None
        return order_report(order, self._now())

    def _cancel(self, ref: OrderRef) -> Report:
        try:
            events = self._hub.venue.cancel(
                self.account, ref.instrument, client_order_id=ref.client_order_id, now_ns=self._now()
            )
        except PaperRefusal as refusal:
            return self._refused(ReportKind.CANCEL_REFUSED, ref, refusal)
        self._hub.publish(events)
        cancelled = next(e.order for e in events if isinstance(e, OrderCancelled))
        return order_report(cancelled, self._now())

    def _refused(self, kind: ReportKind, ref: OrderRef, refusal: PaperRefusal | None) -> Report:
        code = refusal.code if refusal is not None else RefusalCode.UNKNOWN_ORDER
        words = str(refusal) if refusal is not None else "the order is gone"
        return Report(
            kind,
            self.account,
            ref.instrument,
            ref.client_order_id,
            self._now(),
            ref.venue_order_id,
            reason=words,
            code=code.value,
        )

    def _say(self, state: FeedState) -> None:
        now = self._now()
        self._sink(FeedHealth(f"{self.account}:private", self.account, self.venue, state, now, now))

    def _now(self) -> int:
        return self._hub.clock.now_ns()


def _after(until_ns: int, *, done: bool) -> str:
    """Where to go on: with an overlap once all is read, as rows may be listed late."""
    return str(until_ns - OVERLAP_NS if done else until_ns)


def _cut(times_ns: list[int], now_ns: int) -> tuple[int, int]:
    """(rows of the page, up to when it is complete) of rows by time, oldest first."""
    if len(times_ns) <= PAGE:
        return len(times_ns), now_ns
    page = PAGE
    while page < len(times_ns) and times_ns[page] == times_ns[page - 1]:
        page += 1
    return page, times_ns[page - 1] + 1
