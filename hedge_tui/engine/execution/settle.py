"""Finds out what became of orders in doubt: one task per account, few requests for many orders.

Fifty lost answers must not become fifty look-ups every two seconds: the venue's list of open orders
settles most of them at once, and only those that it lacks are looked up one by one.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import VenueError
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.report import Report
from hedge_tui.engine.execution.proof import (
    COMPLETE_FROM_S,
    Circumstances,
    Doubt,
    missing,
    pause,
    settled,
    take_negative,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import ClientOrderId, Order
    from hedge_tui.domain.ports.venue import ExecutionClient
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.learn import Learner
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

FEW = 20
"""Up to this many orders are looked up by id at once; for more, the list of open orders is asked first."""
_EARLY_S = 0.5
"""A round may begin a little before its time."""
SYMBOLS = 8
"""Up to this many symbols are asked one by one; the list of all weighs as much as forty."""
LOOKS_AT_ONCE = 50
"""Look-ups by id of one round, so that a long list of doubts does not use up the venue's limits."""
FILLS_MARGIN_NS = 60_000_000_000
"""Fills are asked again from this long before: venues file them late."""
SKEW_MARGIN_NS = 7_200_000_000_000
"""For a proof, from this long before: our clock may be ahead of the venue's."""


class Settler:
    """Settles doubts, account by account.

    Attributes:
        in_flight: orders whose request has not been answered yet: their absence proves nothing.
    """

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        learner: Learner,
        spawn: Callable[..., object],
        take_open: Callable[[str, list[Report], float], None],
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._learner = learner
        self._spawn = spawn
        self._take_open = take_open
        self._doubts: dict[str, dict[ClientOrderId, Doubt]] = {}
        self._running: set[str] = set()
        self._wake: dict[str, asyncio.Event] = {}
        self.in_flight: set[ClientOrderId] = set()

    def __len__(self) -> int:
        return sum(len(doubts) for doubts in self._doubts.values())

    def resolve(self, id_: ClientOrderId) -> None:
        """Find out what became of one order; does nothing while that is under way already."""
        order = self._desk.state.orders.get(id_)
        if order is None:
            return
        account = order.request.account
        doubts = self._doubts.setdefault(account, {})
        if id_ in doubts:
            doubts[id_].looks = 0
        else:
            doubts[id_] = Doubt(self._desk.clock.monotonic())
            self._wake.setdefault(account, asyncio.Event()).set()
        if account not in self._running:
            self._running.add(account)
            self._spawn(self._run(account), name=f"settle:{account}")

    async def _run(self, account: str) -> None:
        doubts = self._doubts[account]
        try:
            while doubts:
                await self._wait(account, doubts)
                self._forget_settled(doubts)
                try:
                    await self._round(account, doubts)
                except VenueError as error:
                    log.info("looking up orders of %s: %s", account, error)
                except Exception:
                    # A doubt outlives a bug in a client: the order is still out there.
                    log.exception("looking up orders of %s failed", account)
                self._forget_settled(doubts)
        finally:
            self._running.discard(account)

    async def _wait(self, account: str, doubts: dict[ClientOrderId, Doubt]) -> None:
        """Until the next look is due; a new doubt moves it."""
        wake = self._wake[account]
        wake.clear()
        due = self._desk.clock.monotonic() + pause(doubts.values(), self._desk.clock.monotonic())
        while (left := due - self._desk.clock.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await wake.wait()
            except TimeoutError:
                return
            wake.clear()
            now = self._desk.clock.monotonic()
            due = min(due, now + pause(doubts.values(), now))

    def _forget_settled(self, doubts: dict[ClientOrderId, Doubt]) -> None:
        for id_, doubt in list(doubts.items()):
            order = self._desk.state.orders.get(id_)
            if order is None or settled(doubt, order.status):
                del doubts[id_]
            elif missing(doubt, order.status, self._desk.clock.monotonic()):
                self._learner.missing(order)

    async def _round(self, account: str, doubts: dict[ClientOrderId, Doubt]) -> None:
        client = self._clients.get(account)
        if client is None or not doubts:
            return
        at = self._desk.clock.monotonic()
        resting: list[Report] | None = None
        if len(doubts) > FEW:
            resting = await client.open_orders(few_symbols(self._desk.state.orders[id_] for id_ in doubts))
            self._found(account, resting, doubts, at)
            self._forget_settled(doubts)
            at = self._desk.clock.monotonic()
        asked = sorted(doubts, key=lambda id_: doubts[id_].looks)[:LOOKS_AT_ONCE]
        orders = [self._desk.state.orders[id_] for id_ in asked]
        answers = await asyncio.gather(*(self._look(client, order) for order in orders))
        missing = []
        for order, answer in zip(orders, answers, strict=True):
            doubt = doubts.get(order.request.client_order_id)
            if isinstance(answer, Report):
                if self._learner.learn(order, answer, at) and doubt is not None:
                    doubt.looks, doubt.negatives = doubt.looks + 1, 0
            elif answer is None and doubt is not None and at - doubt.since >= COMPLETE_FROM_S - _EARLY_S:
                missing.append((order, doubt))
        if missing:
            await self._missing(client, account, missing, resting, at)

    async def _look(self, client: ExecutionClient, order: Order) -> Report | VenueError | None:
        try:
            return await client.find_order(order.ref)
        except VenueError as error:
            log.info("looking %s up: %s", order.request.client_order_id, error)
            return error

    def _found(
        self, account: str, resting: list[Report], doubts: dict[ClientOrderId, Doubt], at: float
    ) -> None:
        """Orders in doubt that the venue lists as open are not in doubt any more."""
        listed = {report.client_order_id: report for report in resting}
        for id_ in [id_ for id_ in listed if id_ in doubts]:
            order = self._desk.state.orders.get(id_)
            if order is not None and self._learner.learn(order, listed.pop(id_), at):
                doubts[id_] = Doubt(self._desk.clock.monotonic(), looks=1)
        self._take_open(account, list(listed.values()), at)

    async def _missing(
        self,
        client: ExecutionClient,
        account: str,
        missing: list[tuple[Order, Doubt]],
        resting: list[Report] | None,
        at: float,
    ) -> None:
        """The venue knows no such ids: ask its open orders and trades too, and count the evidence."""
        if resting is None:
            resting = await client.open_orders(few_symbols(order for order, _ in missing))
        listed = {report.client_order_id: report for report in resting}
        oldest = min(order.created_ns for order, _ in missing)
        instruments = sorted({order.request.instrument for order, _ in missing})
        fills = await client.fills(oldest - SKEW_MARGIN_NS, instruments)
        for order, doubt in missing:
            doubt.looks += 1
            report = listed.get(order.request.client_order_id)
            if report is not None:
                doubt.negatives = 0
                self._learner.learn(order, report, at)
            elif self._learner.take_fills(_fills_of(order, fills)) or self._turned_up(order):
                doubt.negatives = 0
            else:
                self._count(order, doubt, account)

    def _turned_up(self, asked: Order) -> bool:
        """The stream has told of an order while answers that lack it were on their way: they are old."""
        now = self._desk.state.orders.get(asked.request.client_order_id, asked)
        return now.status.resting and not asked.status.resting

    def _count(self, order: Order, doubt: Doubt, account: str) -> None:
        """One more complete negative answer; enough of them, and time, prove the order absent."""
        desk = self._desk
        at = Circumstances(
            desk.clock.monotonic(),
            desk.clock.monotonic() - doubt.since,
            healthy=desk.accounts[account].state is FeedState.LIVE,
            in_flight=order.request.client_order_id in self.in_flight,
        )
        if take_negative(doubt, at):
            self._learner.absent(order, doubt.negatives)


def few_symbols(orders: Iterable[Order]) -> tuple[InstrumentId, ...]:
    """Where these orders are, if that is few enough to be asked one by one; else (), which asks for all."""
    found = sorted({order.request.instrument for order in orders})
    return tuple(found) if len(found) <= SYMBOLS else ()


def _fills_of(order: Order, fills: Iterable[Fill]) -> list[Fill]:
    request = order.request
    return [
        fill
        for fill in fills
        if fill.client_order_id == request.client_order_id
        or (order.venue_order_id is not None and fill.venue_order_id == order.venue_order_id)
    ]
