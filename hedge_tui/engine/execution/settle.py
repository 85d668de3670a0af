"""Finds out what became of orders in doubt: one task per account, few requests for many orders.

Fifty lost answers must not become fifty look-ups every two seconds: the venue's list of open orders
settles most of them at once, and only those that it lacks are looked up one by one.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
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
    """Settles doubts, account by account.

    Attributes:
        in_flight: orders whose request has not been answered yet: their absence proves nothing.
        cancelling: orders whose cancel has not been answered yet: that they rest proves nothing.
    """

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        spawn: Callable[..., object],
        take_open: Callable[[str, list[Report], int], None],
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._spawn = spawn
        self._take_open = take_open
        self._doubts: dict[str, dict[ClientOrderId, Doubt]] = {}
        self._running: set[str] = set()
        self.in_flight: set[ClientOrderId] = set()
        self.cancelling: set[ClientOrderId] = set()

    def __len__(self) -> int:
        return sum(len(doubts) for doubts in self._doubts.values())

    def resolve(self, id_: ClientOrderId) -> None:
        """Find out what became of one order; does nothing while that is under way already."""
        order = self._desk.state.orders.get(id_)
        if order is None:
            return
        account = order.request.account
        doubts = self._doubts.setdefault(account, {})
        doubts.setdefault(id_, Doubt()).looks = 0
        if account not in self._running:
            self._running.add(account)
            self._spawn(self._run(account), name=f"settle:{account}")

    async def _run(self, account: str) -> None:
        doubts = self._doubts[account]
        wait = FIRST_LOOK_S
        try:
            while doubts:
                await asyncio.sleep(wait)
                self._forget_settled(doubts)
                try:
                    await self._round(account, doubts)
                except VenueError as error:
                    log.info("looking up orders of %s: %s", account, error)
                except Exception:
                    # A doubt outlives a bug in a client: the order is still out there.
                    log.exception("looking up orders of %s failed", account)
                self._forget_settled(doubts)
                wait = min(wait * 2, LOOK_EVERY_S)
        finally:
            self._running.discard(account)

    def _forget_settled(self, doubts: dict[ClientOrderId, Doubt]) -> None:
        for id_, doubt in list(doubts.items()):
            order = self._desk.state.orders.get(id_)
            answered = doubt.looks and not doubt.negatives
            if order is None or order.status.terminal or (answered and order.status not in DOUBTFUL):
                del doubts[id_]

    async def _round(self, account: str, doubts: dict[ClientOrderId, Doubt]) -> None:
        client = self._clients.get(account)
        if client is None or not doubts:
            return
        asked_ns = self._desk.clock.now_ns()
        resting: list[Report] | None = None
        if len(doubts) > FEW:
            resting = await client.open_orders()
            self._found(account, resting, doubts, asked_ns)
            self._forget_settled(doubts)
            asked_ns = self._desk.clock.now_ns()
        asked = sorted(doubts, key=lambda id_: doubts[id_].looks)[:LOOKS_AT_ONCE]
        orders = [self._desk.state.orders[id_] for id_ in asked]
        answers = await asyncio.gather(*(self._look(client, order) for order in orders))
        missing = []
        for order, answer in zip(orders, answers, strict=True):
            doubt = doubts.get(order.request.client_order_id)
            if isinstance(answer, Report):
                if self.learn(order, answer, asked_ns) and doubt is not None:
                    doubt.looks, doubt.negatives = doubt.looks + 1, 0
            elif answer is None and doubt is not None:
                missing.append((order, doubt))
        if missing:
            await self._missing(client, account, missing, resting, asked_ns)

    async def _look(self, client: ExecutionClient, order: Order) -> Report | VenueError | None:
        try:
            return await client.find_order(order.ref)
        except VenueError as error:
            log.info("looking %s up: %s", order.request.client_order_id, error)
            return error

    def _found(
        self, account: str, resting: list[Report], doubts: dict[ClientOrderId, Doubt], asked_ns: int
    ) -> None:
        """Orders in doubt that the venue lists as open are not in doubt any more."""
        listed = {report.client_order_id: report for report in resting}
        for id_ in listed.keys() & doubts.keys():
            order = self._desk.state.orders.get(id_)
            if order is not None and self.learn(order, listed.pop(id_), asked_ns):
                doubts[id_] = Doubt(looks=1)
        self._take_open(account, list(listed.values()), asked_ns)

    async def _missing(
        self,
        client: ExecutionClient,
        account: str,
        missing: list[tuple[Order, Doubt]],
        resting: list[Report] | None,
        asked_ns: int,
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
                self.learn(order, report, asked_ns)
            elif self._take_fills(_fills_of(order, fills)):
                doubt.negatives = 0
            else:
                self._count(order, doubt, account)

    def _take_fills(self, fills: Iterable[Fill]) -> bool:
        """True when one of them is new: what is known already proves nothing about now."""
        seen = self._desk.state.seen_fills
        batch = [acts.Filled(f.local_ns, f) for f in fills if f.key not in seen]
        if batch:
            drop(self._desk.record(*batch))
        return bool(batch)

    def _count(self, order: Order, doubt: Doubt, account: str) -> None:
        """One more complete negative answer; enough of them, and time, prove the order absent."""
        desk, request = self._desk, order.request
        if request.client_order_id in self.in_flight:
            return
        now = desk.clock.monotonic()
        if now - doubt.last >= ABSENT_APART_S:
            doubt.negatives, doubt.last = doubt.negatives + 1, now
        healthy = desk.accounts[account].state is FeedState.LIVE
        age_s = (desk.clock.now_ns() - (order.sent_ns or order.created_ns)) / 1e9
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

    def learn(self, order: Order, report: Report, asked_ns: int) -> bool:
        """Take in what the venue said of one order over REST; False when it was out of date.

        An answer that shows the order resting, or gone, settles what a stream's fill leaves open: what
        became of the cancel or of the amendment.
        """
        desk, id_ = self._desk, order.request.client_order_id
        before = desk.state.orders.get(id_, order)
        resting = report.kind in (ReportKind.LIVE, ReportKind.FILL, ReportKind.ACKED)
        if resting and before.updated_ns > asked_ns:
            return False  # something was learnt while the answer was on its way; ask again
        if report.kind is ReportKind.FILL and before.status in _ASKED:
            report = replace(report, kind=ReportKind.LIVE)
        drop(desk.record(acts.Reported(report.local_ns, report)))
        now = desk.state.orders.get(id_, before)
        if resting and now.cancel_asked and now.status.working and id_ not in self.cancelling:
            refused = replace(report, kind=ReportKind.CANCEL_REFUSED, reason="the venue shows it resting")
            drop(desk.record(acts.Reported(refused.local_ns, refused)))
            now = desk.state.orders.get(id_, now)
        row, account = desk.state.rows.get(id_), order.request.account
        if before.cancel_asked and not now.cancel_asked and now.status.working:
            words = f"the cancel of #{row} did not arrive: the order still rests; cancel again"
            desk.note("warning", "reconcile", words, account)
        if before.status is OrderStatus.ABSENT and now.status is not OrderStatus.ABSENT:
            words = f"#{row} was called absent and is at the venue after all: {now.status}"
            desk.note("alarm", "reconcile", words, account)
        return True


_ASKED = (OrderStatus.CANCEL_UNKNOWN, OrderStatus.AMEND_UNKNOWN)


def _fills_of(order: Order, fills: Iterable[Fill]) -> list[Fill]:
    request = order.request
    return [
        fill
        for fill in fills
        if fill.client_order_id == request.client_order_id
        or (order.venue_order_id is not None and fill.venue_order_id == order.venue_order_id)
    ]
