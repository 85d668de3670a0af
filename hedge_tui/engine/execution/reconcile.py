"""Makes the state agree with the venue: lost answers, reconnects, foreign orders."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import VenueError
from hedge_tui.domain.order import ClientOrderId, Order, OrderStatus
from hedge_tui.engine.adopt import adoption, told
from hedge_tui.engine.agreement import APART_S
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.learn import Learner
from hedge_tui.engine.execution.missing_fills import MissingFills
from hedge_tui.engine.execution.proof import DOUBTFUL
from hedge_tui.engine.execution.settle import FILLS_MARGIN_NS, SYMBOLS, Settler
from hedge_tui.engine.state import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from hedge_tui.domain.account import AccountSnapshot
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.ports.venue import ExecutionClient
    from hedge_tui.domain.report import Report
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

SNAPSHOT_AFTER_S = 1.5
"""A burst of fills becomes one request."""
SNAPSHOT_ASKED = 5
"""Times a snapshot that something waits for is asked while the venue gives none; then the schedule does."""
SNAPSHOT_TRIES = 3
"""Times a snapshot is asked when an account moves all the while; the last one counts."""


class Reconciler:
    """Compares whole accounts; single orders in doubt are the settler's."""

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
        self._learner = Learner(desk)
        self._settler = Settler(desk, clients, self._learner, spawn, self._take_open)
        self._missing_fills = MissingFills(desk, clients, self._learner, spawn)
        self._learner.on_fills = self.snapshot_soon
        desk.on_changes.append(self._changed)
        self._whole: dict[str, asyncio.Lock] = {}
        self._pending: set[str] = set()
        self._disputed: set[str] = set()
        self._stale_snapshots: set[str] = set()

    @property
    def in_flight(self) -> set[ClientOrderId]:
        """Orders on their way; the executor keeps the set."""
        return self._settler.in_flight

    @property
    def cancelling(self) -> set[ClientOrderId]:
        """Orders whose cancel is on its way; the canceller keeps the set."""
        return self._learner.cancelling

    def resolve(self, id_: ClientOrderId) -> None:
        """Find out what became of one order; does nothing while that is under way already."""
        self._settler.resolve(id_)

    def repaired(self, account: str, heard: Collection[str]) -> None:
        """The stream is back, and its client has handed over the account, its open orders and fills.

        Working orders that nothing was said of while it repaired itself are looked up; nothing else has to
        be asked again.

        Args:
            account: whose stream it is.
            heard: client order ids that were told of.
        """
        for order in self._desk.state.working_orders(account):
            quiet = order.request.client_order_id not in heard and order.status is not OrderStatus.INTENT
            if quiet or order.status in DOUBTFUL:
                self.resolve(order.request.client_order_id)
        self._missing_fills.look(account)

    def _changed(self, changes: Changes) -> None:
        """Settle what a snapshot disputes, and orders that rest though their cancel was sent.

        Such a cancel came too early, or nobody heard of it.
        """
        for name in changes.accounts:
            if name not in self._disputed and self._desk.accounts[name].disputes:
                self._disputed.add(name)
                self._spawn(self._settle_disputes(name), name=f"dispute:{name}")
        for id_ in changes.orders:
            order = self._desk.state.orders.get(ClientOrderId(id_))
            if order is None or not order.cancel_asked or not order.status.resting:
                continue
            if order.request.client_order_id not in self._learner.cancelling:
                self.resolve(order.request.client_order_id)

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
        return len(self._settler)

    async def account(self, account: str) -> None:
        """Compare open orders, fills, balances and positions with the venue, once.

        Raises:
            VenueError: the venue gave no usable answer; nothing was concluded from that.
        """
        client = self._clients.of(account)
        async with self._whole.setdefault(account, asyncio.Lock()):
            at = self._desk.clock.monotonic()
            known = list(self._desk.state.working_orders(account))
            resting = await client.open_orders()
            self._take_open(account, resting, at)
            await self._take_fills(client, account)
            self._settle_missing(known, {r.client_order_id for r in resting})
            await self._take_snapshot(client, account)
        self._desk.accounts[account].reconciled_ns = self._desk.clock.now_ns()
        self._desk.tell(Changes(accounts={account}))

    async def look(self, account: str, *, live: bool) -> None:
        """Compare the resting orders of an account by symbol; what is missing is looked up.

        Args:
            account: whose.
            live: its private stream tells. Without it money is asked too, and orders that nobody can tell of
                are UNKNOWN.
        """
        at = self._desk.clock.monotonic()
        known = [one for one in self._desk.state.working_orders(account) if one.status.resting]
        symbols = sorted({one.request.instrument for one in known})
        try:
            client = self._clients.of(account)
            if symbols:
                resting = await client.open_orders(symbols if len(symbols) <= SYMBOLS else ())
                self._take_open(account, resting, at)
                missing = self._settle_missing(known, {report.client_order_id for report in resting})
                if missing or self._traded(known):
                    await self._take_fills(client, account)
                    self.snapshot_soon(account)
            if not live:
                await self._take_snapshot(client, account)
        except VenueError as error:
            log.info("looking at the orders of %s: %s", account, error)
            if not live:
                self._learner.lost(account, known)
                for order in known:
                    self.resolve(order.request.client_order_id)

    async def snapshot(self, account: str) -> None:
        """Balances and positions of one account, asked now.

        Raises:
            VenueError: the venue gave no usable answer.
        """
        await self._take_snapshot(self._clients.of(account), account)

    def _take_open(self, account: str, resting: list[Report], at: float) -> None:
        """Orders resting at the venue: ours become LIVE, others are adopted as EXTERNAL."""
        state = self._desk.state
        adopted: list[Order] = []
        for report in resting:
            order = state.order_of(account, report.client_order_id, report.venue_order_id)
            if order is None:
                found = adoption(report, report.local_ns, state)
                drop(self._desk.record(*found))
                adopted += [act.order for act in found if isinstance(act, acts.OrderAdopted)]
            elif order.status is OrderStatus.ABSENT or not order.status.terminal:
                self._learner.learn(order, report, at)
            # Else it has ended since: an older page of the venue may still show it.
        drop(self._desk.record(*told(adopted, self._desk.clock.now_ns())))

    async def _take_snapshot(self, client: ExecutionClient, account: str) -> None:
        """Ask for the whole account; again when the stream told something newer in the meantime."""
        state = self._desk.accounts[account]
        for _ in range(SNAPSHOT_TRIES):
            told = state.deltas
            snapshot = await client.snapshot()
            if state.deltas == told:
                break
        self._on_snapshot(snapshot)

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
        self._learner.take_fills(await client.fills(since - FILLS_MARGIN_NS, sorted(wanted)))

    def _settle_missing(self, known: list[Order], resting: set[ClientOrderId]) -> bool:
        """Orders we think are working and the venue does not list: each is looked up by its id.

        An empty list alone never ends an order.

        Returns:
            Whether there is any.
        """
        found = False
        for order in known:
            id_ = order.request.client_order_id
            now = self._desk.state.orders.get(id_)
            if now is None or id_ in resting or now.status.terminal or now.status is OrderStatus.INTENT:
                continue
            self.resolve(id_)
            found = True
        return found

    def _traded(self, known: list[Order]) -> bool:
        """Whether more of these is executed than was known."""
        orders = self._desk.state.orders
        now = ((one, orders.get(one.request.client_order_id)) for one in known)
        return any(order is not None and order.filled != one.filled for one, order in now)

    async def _settle_disputes(self, account: str) -> None:
        """Ask trades and the account again, until both agree or the venue has proved its word."""
        state = self._desk.accounts[account]
        try:
            while state.disputes:
                await asyncio.sleep(APART_S)
                for dispute in state.disputes.values():
                    dispute.shown = True
                self._desk.tell(Changes(accounts={account}, positions=_places(state)))
                try:
                    open_ = list(state.disputes.values())
                    await self._take_fills(self._clients.of(account), account)
                    for dispute in open_:
                        dispute.asked = True
                    await self._take_snapshot(self._clients.of(account), account)
                except VenueError as error:
                    log.info("settling what differs in %s: %s", account, error)
        finally:
            self._disputed.discard(account)

    async def _snapshot(self, account: str) -> None:
        pause = SNAPSHOT_AFTER_S
        for _ in range(SNAPSHOT_ASKED):
            await asyncio.sleep(pause)
            pause *= 2
            self._stale_snapshots.discard(account)
            try:
                await self._take_snapshot(self._clients.of(account), account)
            except VenueError as error:
                log.info("snapshot of %s: %s", account, error)
                if account in self._stale_snapshots:
                    return  # another task asks already
                self._stale_snapshots.add(account)
            else:
                return
        self._stale_snapshots.discard(account)

    async def _refresh(self, account: str) -> None:
        delay = 0.5
        while account in self._pending:
            try:
                self._pending.discard(account)
                await self.account(account)
            except Exception as error:
                # Whatever it is, the account is not reconciled: it is tried until it is.
                log.warning("reconciling %s: %s", account, error, exc_info=not isinstance(error, VenueError))
                self._pending.add(account)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 15.0)


def _places(state: AccountState) -> set[tuple[str, str]]:
    """Positions in dispute, as a change names them."""
    return {(state.name, subject[1]) for subject in state.disputes if subject[0] == "position"}
