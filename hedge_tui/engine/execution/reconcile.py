"""Makes the state agree with the venue: lost answers, reconnects, foreign orders."""

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
    from collections.abc import Callable

    from hedge_tui.domain.account import AccountSnapshot
    from hedge_tui.domain.instrument import InstrumentId
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
SNAPSHOT_AFTER_S = 1.5
"""A burst of fills becomes one request."""
FILLS_MARGIN_NS = 60_000_000_000
"""Fills are asked again from this long before the last known one: venues file them late."""


_DOUBTFUL = frozenset(
    {
        OrderStatus.SENDING,
        OrderStatus.UNKNOWN,
        OrderStatus.CANCEL_UNKNOWN,
        OrderStatus.AMEND_UNKNOWN,
    }
)


@dataclass(slots=True)
class _Doubt:
    """What is known against one order: complete negative answers and when the last was."""

    negatives: int = 0
    last: float = float("-inf")


class Reconciler:
    """Settles doubts, each in its own task, one per order at a time."""

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        spawn: Callable[..., object],
        on_snapshot: Callable[[AccountSnapshot], None],
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._spawn = spawn
        self._on_snapshot = on_snapshot
        self._resolving: set[ClientOrderId] = set()
        self._whole: dict[str, asyncio.Lock] = {}
        self._pending: set[str] = set()
        self._stale_snapshots: set[str] = set()

    def resolve(self, id_: ClientOrderId) -> None:
        """Find out what became of one order; does nothing while that is under way already."""
        if id_ not in self._resolving and id_ in self._desk.state.orders:
            self._resolving.add(id_)
            self._spawn(self._resolve(id_), name=f"resolve:{id_[:8]}")

    def refresh(self, account: str) -> None:
        """Reconcile a whole account soon; several calls become one."""
        if account not in self._pending:
            self._pending.add(account)
            self._spawn(self._refresh(account), name=f"reconcile:{account}")

    def snapshot_soon(self, account: str) -> None:
        """Ask balances and positions again shortly: streams leave out margins and liquidation prices."""
        if account not in self._stale_snapshots:
            self._stale_snapshots.add(account)
            self._spawn(self._snapshot(account), name=f"snapshot:{account}")

    @property
    def unsettled(self) -> int:
        """Orders being looked up now."""
        return len(self._resolving)

    async def account(self, account: str) -> None:
        """Compare open orders, fills, balances and positions with the venue, once.

        Raises:
            VenueError: the venue gave no usable answer; nothing was concluded from that.
        """
        client = self._clients.of(account)
        async with self._whole.setdefault(account, asyncio.Lock()):
            asked_at = self._desk.clock.now_ns()
            known = [o for o in self._desk.state.working_orders(account) if o.updated_ns <= asked_at]
            resting = await client.open_orders()
            self._take_open(account, resting)
            await self._take_fills(client, account)
            await self._settle_missing(client, known, {r.client_order_id for r in resting})
            self._on_snapshot(await client.snapshot())

    def _take_open(self, account: str, resting: list[Report]) -> None:
        """Orders resting at the venue: ours become LIVE, others are adopted as EXTERNAL."""
        desk = self._desk
        for report in resting:
            order = desk.state.order_of(account, report.client_order_id, report.venue_order_id)
            if order is None:
                self._adopt(report)
            elif order.status.terminal and order.status is not OrderStatus.ABSENT:
                # An older page of the venue may still show what has ended since; ask for this one.
                self.resolve(order.request.client_order_id)
            else:
                revived = order.status is OrderStatus.ABSENT
                drop(desk.record(acts.Reported(report.local_ns, report)))
                if revived:
                    desk.note(
                        "alarm",
                        "reconcile",
                        f"#{desk.state.rows[order.request.client_order_id]} was"
                        " called absent and is at the venue after all",
                        account,
                    )

    def _adopt(self, report: Report) -> None:
        if report.request is None:
            return
        status = OrderStatus.PARTIAL if report.filled else OrderStatus.LIVE
        order = Order(
            report.request,
            status,
            report.venue_ns or report.local_ns,
            report.local_ns,
            report.venue_order_id,
            report.filled or report.request.quantity * 0,
            report.average_price,
            external=True,
        )
        drop(self._desk.record(acts.OrderAdopted(report.local_ns, order)))

    async def _take_fills(self, client: ExecutionClient, account: str) -> None:
        state = self._desk.state
        last: dict[InstrumentId, int] = {}
        for fill in state.fills:
            if fill.account == account:
                last[fill.instrument] = max(last.get(fill.instrument, 0), fill.venue_ns)
        wanted = set(last) | {o.request.instrument for o in state.working_orders(account)}
        wanted |= {key[0] for key in self._desk.accounts[account].positions}
        if not wanted:
            return
        oldest = [o.created_ns for o in state.working_orders(account)]
        since = min([*last.values(), *oldest], default=state.day_ns or self._desk.clock.now_ns())
        since = max(since, self._desk.clock.now_ns() - 24 * 3_600_000_000_000)
        for fill in await client.fills(since - FILLS_MARGIN_NS, sorted(wanted)):
            if fill.key not in state.seen_fills:
                drop(self._desk.record(acts.Filled(fill.local_ns, fill)))

    async def _settle_missing(
        self, client: ExecutionClient, known: list[Order], resting: set[ClientOrderId]
    ) -> None:
        """Orders we think are working and the venue does not list: each is looked up by its id.

        An empty list alone never ends an order.
        """
        for order in known:
            id_ = order.request.client_order_id
            now = self._desk.state.orders.get(id_)
            if now is None or id_ in resting or now.status.terminal or now.status is OrderStatus.INTENT:
                continue
            if id_ in self._resolving:
                continue
            report = await client.find_order(now.ref)
            if report is not None:
                drop(self._desk.record(acts.Reported(report.local_ns, report)))
            else:
                self._doubt(id_)
                self.resolve(id_)

    def _doubt(self, id_: ClientOrderId) -> None:
        """An order we thought was working and the venue does not know: it is UNKNOWN from here on."""
        order = self._desk.state.orders[id_]
        if order.status in (OrderStatus.SENDING, OrderStatus.UNKNOWN):
            report = self._say(order, ReportKind.NO_ANSWER, "the venue does not know it")
            drop(self._desk.record(acts.Reported(report.local_ns, report)))

    async def _snapshot(self, account: str) -> None:
        await asyncio.sleep(SNAPSHOT_AFTER_S)
        self._stale_snapshots.discard(account)
        try:
            self._on_snapshot(await self._clients.of(account).snapshot())
        except VenueError as error:
            log.info("snapshot of %s: %s", account, error)

    async def _refresh(self, account: str) -> None:
        delay = 0.5
        while account in self._pending:
            try:
                self._pending.discard(account)
                await self.account(account)
            except VenueError as error:
                log.warning("reconciling %s: %s", account, error)
                self._pending.add(account)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 15.0)

    async def _resolve(self, id_: ClientOrderId) -> None:
        doubt = _Doubt()
        wait = FIRST_LOOK_S
        try:
            while True:
                await asyncio.sleep(wait)
                order = self._desk.state.orders.get(id_)
                if order is None or (order.status.terminal and order.status is not OrderStatus.ABSENT):
                    return
                if await self._look(order, doubt):
                    return
                wait = min(wait * 2, LOOK_EVERY_S)
        finally:
            self._resolving.discard(id_)

    async def _look(self, order: Order, doubt: _Doubt) -> bool:
        """One look-up; True when the doubt is settled."""
        desk = self._desk
        client = self._clients.get(order.request.account)
        if client is None:
            return False
        try:
            report = await client.find_order(order.ref)
            if report is not None:
                self._found(order, report)
            else:
                await self._negative(client, order, doubt)
        except VenueError as error:
            log.info("looking %s up: %s", order.request.client_order_id, error)
            return False
        now = desk.state.orders.get(order.request.client_order_id)
        return now is None or now.status not in _DOUBTFUL

    def _found(self, order: Order, report: Report) -> None:
        desk, id_ = self._desk, order.request.client_order_id
        drop(desk.record(acts.Reported(report.local_ns, report)))
        now = desk.state.orders.get(id_)
        if order.status is OrderStatus.CANCEL_UNKNOWN and now is not None and now.status.working:
            words = (
                f"the cancel of #{desk.state.rows[id_]} did not arrive: the order still rests; cancel again"
            )
            desk.note("warning", "reconcile", words, order.request.account)

    async def _negative(self, client: ExecutionClient, order: Order, doubt: _Doubt) -> None:
        """The venue knows no such id: ask its open orders and trades too, and count."""
        desk, request = self._desk, order.request
        resting = await client.open_orders()
        if any(r.client_order_id == request.client_order_id for r in resting):
            self._take_open(request.account, resting)
            return
        fills = await client.fills(order.created_ns - FILLS_MARGIN_NS, [request.instrument])
        ours = [
            f
            for f in fills
            if f.client_order_id == request.client_order_id
            or (order.venue_order_id and f.venue_order_id == order.venue_order_id)
        ]
        if ours:
            drop(
                desk.record(*(acts.Filled(f.local_ns, f) for f in ours if f.key not in desk.state.seen_fills))
            )
            return
        now = desk.clock.monotonic()
        if now - doubt.last >= ABSENT_APART_S:
            doubt.negatives, doubt.last = doubt.negatives + 1, now
        healthy = desk.accounts[request.account].state is FeedState.LIVE
        age_s = (desk.clock.now_ns() - order.created_ns) / 1e9
        if doubt.negatives >= ABSENT_ANSWERS and age_s >= ABSENT_AFTER_S and healthy:
            report = self._say(
                order, ReportKind.ABSENT, f"not at the venue: {doubt.negatives} complete answers"
            )
            drop(desk.record(acts.Reported(report.local_ns, report)))

    def _say(self, order: Order, kind: ReportKind, reason: str) -> Report:
        request = order.request
        return Report(
            kind,
            request.account,
            request.instrument,
            request.client_order_id,
            self._desk.clock.now_ns(),
            order.venue_order_id,
            reason=reason,
        )
