"""Finds out what became of orders in doubt: one task per account, few requests for many orders.

Fifty lost answers must not become fifty look-ups every two seconds: the venue's list of open orders
settles most of them at once, and only those that it lacks are looked up one by one.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import VenueError
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.order import ClientOrderId, Order, OrderStatus
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.ports.venue import ExecutionClient
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

ABSENT_AFTER_S = 20.0
"""No order is called absent earlier than this after it was sent."""
ABSENT_ANSWERS = 3
"""Complete negative answers (by id, open orders, trades) it takes."""
ABSENT_APART_S = 2.0
"""Least time between two of them."""
FIRST_LOOK_S = 0.25
LOOK_EVERY_S = 2.0
FEW = 3
"""Up to this many orders are looked up by id at once; for more, the list of open orders is asked first."""
LOOKS_AT_ONCE = 10
"""Look-ups by id of one round, so that a long list of doubts does not use up the venue's limits."""
FILLS_MARGIN_NS = 60_000_000_000
"""Fills are asked again from this long before: venues file them late."""

DOUBTFUL = frozenset(
    {
        OrderStatus.SENDING,
        OrderStatus.UNKNOWN,
        OrderStatus.CANCEL_UNKNOWN,
        OrderStatus.AMEND_UNKNOWN,
    }
)


@dataclass(slots=True)
class Doubt:
    """What is known of one order in doubt.

    Attributes:
        looks: times it was asked for. negatives: complete negative answers; last: when the newest came.
    """

    looks: int = 0
    negatives: int = 0
    last: float = float("-inf")


class Settler:
    """Settles doubts, account by account."""

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        spawn: Callable[..., object],
        take_open: Callable[[str, list[Report]], None],
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._spawn = spawn
        self._take_open = take_open
        self._doubts: dict[str, dict[ClientOrderId, Doubt]] = {}

    def __contains__(self, id_: object) -> bool:
        return any(id_ in doubts for doubts in self._doubts.values())

    def __len__(self) -> int:
        return sum(len(doubts) for doubts in self._doubts.values())

    def resolve(self, id_: ClientOrderId) -> None:
        """Find out what became of one order; does nothing while that is under way already."""
        order = self._desk.state.orders.get(id_)
        if order is None:
            return
        account = order.request.account
        doubts = self._doubts.setdefault(account, {})
        if not doubts:
            self._spawn(self._run(account), name=f"settle:{account}")
        doubts.setdefault(id_, Doubt())

    async def _run(self, account: str) -> None:
        doubts = self._doubts[account]
        wait = FIRST_LOOK_S
        try:
            # The first doubt is noted right after this task was made.
            while True:
                await asyncio.sleep(wait)
                self._forget_settled(doubts)
                if not doubts:
                    return
                try:
                    await self._round(account, doubts)
                except VenueError as error:
                    log.info("looking up orders of %s: %s", account, error)
                self._forget_settled(doubts)
                wait = min(wait * 2, LOOK_EVERY_S)
        finally:
            doubts.clear()

    def _forget_settled(self, doubts: dict[ClientOrderId, Doubt]) -> None:
        for id_, doubt in list(doubts.items()):
            order = self._desk.state.orders.get(id_)
            answered = doubt.looks and not doubt.negatives
            if order is None or order.status.terminal or (answered and order.status not in DOUBTFUL):
                del doubts[id_]

    async def _round(self, account: str, doubts: dict[ClientOrderId, Doubt]) -> None:
        client = self._clients.get(account)
        if client is None:
            return
        resting: list[Report] | None = None
        if len(doubts) > FEW:
            resting = await client.open_orders()
            self._found(account, resting, doubts)
            self._forget_settled(doubts)
        asked = sorted(doubts, key=lambda id_: doubts[id_].looks)[:LOOKS_AT_ONCE]
        orders = [self._desk.state.orders[id_] for id_ in asked]
        answers = await asyncio.gather(*(self._look(client, order) for order in orders))
        missing = []
        for order, answer in zip(orders, answers, strict=True):
            doubt = doubts.get(order.request.client_order_id)
            if isinstance(answer, Report):
                if doubt is not None:
                    doubt.looks, doubt.negatives = doubt.looks + 1, 0
                self._say(order, answer)
            elif answer is None and doubt is not None:
                missing.append((order, doubt))
        if missing:
            await self._missing(client, account, missing, resting)

    async def _look(self, client: ExecutionClient, order: Order) -> Report | VenueError | None:
        try:
            return await client.find_order(order.ref)
        except VenueError as error:
            log.info("looking %s up: %s", order.request.client_order_id, error)
            return error

    def _found(self, account: str, resting: list[Report], doubts: dict[ClientOrderId, Doubt]) -> None:
        """Orders in doubt that the venue lists as open are not in doubt any more."""
        listed = {report.client_order_id: report for report in resting}
        for id_ in listed.keys() & doubts.keys():
            doubts[id_] = Doubt(looks=1)
            self._say(self._desk.state.orders[id_], listed.pop(id_))
        self._take_open(account, list(listed.values()))

    async def _missing(
        self,
        client: ExecutionClient,
        account: str,
        missing: list[tuple[Order, Doubt]],
        resting: list[Report] | None,
    ) -> None:
        """The venue knows no such ids: ask its open orders and trades too, and count the evidence."""
        if resting is None:
            resting = await client.open_orders()
        listed = {report.client_order_id: report for report in resting}
        oldest = min(order.created_ns for order, _ in missing)
        instruments = sorted({order.request.instrument for order, _ in missing})
        fills = await client.fills(oldest - FILLS_MARGIN_NS, instruments)
        for order, doubt in missing:
            doubt.looks += 1
            report = listed.get(order.request.client_order_id)
            if report is not None:
                doubt.negatives = 0
                self._say(order, report)
            elif ours := _fills_of(order, fills):
                doubt.negatives = 0
                self._take_fills(ours)
            else:
                self._count(order, doubt, account)

    def _take_fills(self, fills: Iterable[Fill]) -> None:
        seen = self._desk.state.seen_fills
        batch = [acts.Filled(f.local_ns, f) for f in fills if f.key not in seen]
        if batch:
            drop(self._desk.record(*batch))

    def _count(self, order: Order, doubt: Doubt, account: str) -> None:
        """One more complete negative answer; enough of them, and time, prove the order absent."""
        desk, request = self._desk, order.request
        now = desk.clock.monotonic()
        if now - doubt.last >= ABSENT_APART_S:
            doubt.negatives, doubt.last = doubt.negatives + 1, now
        healthy = desk.accounts[account].state is FeedState.LIVE
        age_s = (desk.clock.now_ns() - order.created_ns) / 1e9
        if doubt.negatives < ABSENT_ANSWERS or age_s < ABSENT_AFTER_S or not healthy:
            return
        report = Report(
            ReportKind.ABSENT,
            account,
            request.instrument,
            request.client_order_id,
            desk.clock.now_ns(),
            order.venue_order_id,
            reason=f"not at the venue: {doubt.negatives} complete answers",
        )
        drop(desk.record(acts.Reported(report.local_ns, report)))

    def _say(self, order: Order, report: Report) -> None:
        desk, id_ = self._desk, order.request.client_order_id
        drop(desk.record(acts.Reported(report.local_ns, report)))
        now = desk.state.orders.get(id_)
        if order.status is OrderStatus.CANCEL_UNKNOWN and now is not None and now.status.working:
            row = desk.state.rows.get(id_)
            words = f"the cancel of #{row} did not arrive: the order still rests; cancel again"
            desk.note("warning", "reconcile", words, order.request.account)


def _fills_of(order: Order, fills: Iterable[Fill]) -> list[Fill]:
    request = order.request
    return [
        fill
        for fill in fills
        if fill.client_order_id == request.client_order_id
        or (order.venue_order_id is not None and fill.venue_order_id == order.venue_order_id)
    ]
