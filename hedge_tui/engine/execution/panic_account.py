"""Panic on one account: asks again and again until what it wants is proved, or the trader stops it.

Cancels and closing orders go out side by side and are never waited for by each other. A position is closed
again only when its closing orders have ended, proved, and the venue was asked anew: so no closing order is
ever sent twice, however often panic is pressed and whatever answers are lost.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.order import OrderStatus
from hedge_tui.domain.ports.pacing import ahead_of_all, behind_all
from hedge_tui.domain.report import ReportKind
from hedge_tui.engine.execution.panic_closing import ORIGIN, closing_orders, dust
from hedge_tui.engine.execution.panic_progress import Phase, Progress
from hedge_tui.engine.execution.stops import guards, protective

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import ClientOrderId, Order
    from hedge_tui.domain.report import Report
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.executor import Executor
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients

    Leg = tuple[InstrumentId, str]

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.3
LONGEST_PAUSE_S = 5.0
AT_ONCE = 4
LOOK_EVERY_S = 0.5
"""Longest time between two looks at what is due."""
STARTING_S = 6.0
"""An account that only just connects is asked when it is live, or after this."""
NOWHERE = ("", "local")
"""Codes of reports that no venue made."""

_SILENT = frozenset({OrderStatus.SENDING, OrderStatus.UNKNOWN, OrderStatus.CANCEL_UNKNOWN})


@dataclass(frozen=True, slots=True)
class PanicTools:
    """What panic works with; the same for every account.

    Attributes:
        may_check: whether whole accounts may be compared already.
    """

    desk: Desk
    clients: Clients
    executor: Executor
    reconciler: Reconciler
    spawn: Callable[..., asyncio.Task[object]]
    may_check: Callable[[], bool]


@dataclass(slots=True)
class _Try:
    """How often something was asked, whether it is asked just now, and when it may be asked again (loop)."""

    count: int = 0
    asked: bool = False
    due: float = 0.0

    def failed(self, now: float, *, turned_away: bool = False) -> None:
        """It did not do what it should: a longer pause each time.

        What a rate limit turned away is held by the pacer until it may leave: few times it waits no longer.
        """
        self.count += 1
        longer = self.count - (AT_ONCE if turned_away else 0)
        self.due = now + (min(FIRST_PAUSE_S * 2 ** (longer - 1), LONGEST_PAUSE_S) if longer > 0 else 0.0)


class AccountPanic:
    """One account under panic.

    Attributes:
        progress: how far it is.
    """

    def __init__(self, account: str, tools: PanicTools, *, flat: bool) -> None:
        self._tools = tools
        self._desk = tools.desk
        self._state = tools.desk.accounts[account]
        self._pressed_ns = self._desk.clock.now_ns()
        self._wake = asyncio.Event()
        self._entries: dict[ClientOrderId, _Try] = {}
        self._stops: dict[ClientOrderId, _Try] = {}
        self._closings: dict[ClientOrderId, Leg] = {}
        self._legs: dict[Leg, _Try] = {}
        self._found: set[Leg] = set()
        self._ended: dict[Leg, float] = {}
        self._look = _Try()
        self._looked = -math.inf
        self._check = _Try()
        self._checked = self._state.state is FeedState.LIVE
        now = self._desk.clock.monotonic()
        if self._state.state is FeedState.STARTING:
            self._check.due = now + STARTING_S
        self.progress = Progress(account, flat=flat, begun_s=now)
        self._state.panicking = True

    @property
    def name(self) -> str:
        """Of the account."""
        return self.progress.account

    # -- from outside

    def press_again(self, *, flat: bool) -> None:
        """What waits for its next try is tried now; closing positions is added, never taken away."""
        self.progress.flat |= flat
        self._pressed_ns = self._desk.clock.now_ns()
        waiting = (*self._entries.values(), *self._stops.values(), *self._legs.values())
        for one in (*waiting, self._look, self._check):
            one.due = 0.0
        self._wake.set()

    def stop(self) -> None:
        """Ask for nothing more; what is on its way stays on its way."""
        if not self.progress.settled:
            self._end(Phase.STOPPED)
            self._wake.set()

    def changed(self, ids: Iterable[ClientOrderId]) -> bool:
        """Orders of this account, or the account itself, have changed; True when it has to `run` again."""
        for id_ in ids:
            self.see(id_)
        self._wake.set()
        again = self.progress.phase is Phase.DONE and bool(self._entries)
        if again:
            self.progress.phase, self.progress.ended_s = Phase.CANCELLING, 0.0
            self._state.panicking = True
        return again

    def see(self, id_: ClientOrderId) -> None:
        """Sort one order in: an entry to cancel, a stop, one of our closing orders, or none of these."""
        order = self._desk.state.orders.get(id_)
        if self.progress.settled and (order is None or order.external):
            return  # what others do afterwards is theirs; ours that turn up late are cancelled
        if order is None or not (order.status.working or order.status is OrderStatus.INTENT):
            self._gone(id_, order)
        elif order.request.origin == ORIGIN and order.request.only_reduces and not order.external:
            self._closings[id_] = _leg(order)
        elif order.status is OrderStatus.INTENT:
            return  # the runs are stopped: it never leaves
        elif protective(order):
            self._stops.setdefault(id_, _Try())
        elif id_ not in self._entries and (order.external or order.created_ns <= self._pressed_ns):
            self._entries[id_] = _Try()
            self.progress.entries += 1

    async def run(self) -> None:
        """Work until everything is proved."""
        if why := self._out_of_reach():
            self._count()
            self.progress.problem = why
            self._end(Phase.LEFT)
        while not self.progress.settled:
            self._wake.clear()
            try:
                self._step(self._desk.clock.monotonic())
            except Exception:
                # Whatever it is, it must not end the trying.
                log.exception("panic on %s", self.name)
            if not self.progress.settled:
                try:
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._wake.wait()
                except TimeoutError:
                    pass

    def _step(self, now: float) -> None:
        self._cancel_due(now)
        if self.progress.flat:
            self._close_due(now)
        self._check_due(now)
        self._count()

    def _out_of_reach(self) -> str:
        """Why nothing can be done here however often it is tried, or ""."""
        if self._state.key.read_only:
            return "its key may not trade"
        keyless = self._state.state in (FeedState.LOCKED, FeedState.FAILED)
        if keyless and self._tools.clients.get(self.name) is None and not self._entries:
            return self._why("it has no key")
        return ""

    # -- cancelling

    def _cancel_due(self, now: float) -> None:
        tries = self._entries | {id_: one for id_, one in self._stops.items() if self._loose(id_)}
        due = [id_ for id_, one in tries.items() if not one.asked and one.due <= now]
        if due:
            for id_ in due:
                tries[id_].asked = True
            self.progress.asked += 1
            self._spawn(self._cancel({id_: tries[id_] for id_ in due}), "run:panic")

    async def _cancel(self, tries: dict[ClientOrderId, _Try]) -> None:
        orders = self._desk.state.orders
        away: set[ClientOrderId] = set()
        try:
            refs = [orders[id_].ref for id_ in tries if id_ in orders]
            for report in await self._tools.executor.cancel(refs, look=False):
                self._hear(report)
                if report.turned_away:
                    away.add(report.client_order_id)
        finally:
            now = self._desk.clock.monotonic()
            for id_, one in tries.items():
                one.asked = False
                one.failed(now, turned_away=id_ in away)
            self._wake.set()

    def _hear(self, report: Report) -> None:
        """The answer to a cancel."""
        if report.kind is ReportKind.CANCELLED or report.code not in NOWHERE:
            self.progress.heard = True
        if report.kind is ReportKind.CANCELLED:
            self.progress.problem = ""
            return
        self._failed(report.reason if report.code not in NOWHERE else self._why(report.reason))
        if report.kind is ReportKind.CANCEL_NO_ANSWER:
            self._checked = False
        if report.kind is ReportKind.CANCEL_NO_ANSWER or (
            report.code not in NOWHERE and not report.turned_away
        ):
            # Gone, perhaps, and the stream has not said so: the venue is asked for this one.
            self._tools.reconciler.resolve(report.client_order_id)

    # -- closing

    def _close_due(self, now: float) -> None:
        waiting, blocked = set(self._closings.values()), False
        due: list[Position] = []
        for leg, position in self._state.positions.items():
            self._found.add(leg)
            one = self._legs.setdefault(leg, _Try())
            if one.asked or leg in waiting or one.due > now or dust(position, self._instrument(leg)):
                continue
            # The first close of an account whose stream lives goes out at once; nothing else goes out
            # before the venue has said what is left.
            first = leg not in self._ended and self._state.state is FeedState.LIVE
            if not first and ("position", *leg) in self._state.disputes:
                continue  # what is left is not known: the reconciler is asking, and wakes us when it is
            if first or self._looked >= self._ended.get(leg, self.progress.begun_s):
                due.append(position)
            else:
                blocked = True
        if blocked or (not due and not self._closing and not self._proved):
            self._look_due(now)
        if due:
            for position in due:
                self._legs[_leg_of(position)].asked = True
            self._spawn(self._close(due), "run:panic")

    @property
    def _closing(self) -> bool:
        """Whether a closing order is under way or in doubt."""
        return bool(self._closings) or any(one.asked for one in self._legs.values())

    @property
    def _proved(self) -> bool:
        """Whether positions were asked for since panic was pressed and since the last closing order ended."""
        return self._looked >= max(self._ended.values(), default=self.progress.begun_s)

    async def _close(self, positions: list[Position]) -> None:
        requests = [
            request
            for position in positions
            for request in closing_orders(
                position, self._instrument(_leg_of(position)), self._desk.new_order_id
            )
        ]
        try:
            for report in await self._tools.executor.rush(self.name, requests):
                if report.kind in (ReportKind.NO_ANSWER, ReportKind.NOT_SENT):
                    self._failed(report.reason)
                else:
                    self.progress.heard = True
                    if report.kind is ReportKind.REJECTED:
                        self._failed(report.reason)
        except HedgeError as error:
            self._failed(str(error))
        finally:
            now = self._desk.clock.monotonic()
            for position in positions:
                one = self._legs[_leg_of(position)]
                one.asked = False
                one.failed(now)
                self._ended.setdefault(_leg_of(position), now)
            self._wake.set()

    def _look_due(self, now: float) -> None:
        if not self._look.asked and self._look.due <= now:
            self._look.asked = True
            self.progress.asked += 1
            self._spawn(self._ask(self._look, self._see_positions), "panic:look")

    async def _see_positions(self) -> None:
        begun = self._desk.clock.monotonic()
        with ahead_of_all():
            await self._tools.reconciler.snapshot(self.name)
        self._looked = begun

    # -- proving

    def _check_due(self, now: float) -> None:
        """When nothing is left in the books and an answer was missing: the venue's own list decides."""
        if self._entries or self._checked or not self._tools.may_check():
            return
        just_live = self._state.state is FeedState.LIVE and not self._check.count
        if not self._check.asked and (just_live or self._check.due <= now):
            self._check.asked = True
            self.progress.asked += 1
            self._spawn(self._ask(self._check, self._compare), "panic:check")

    async def _compare(self) -> None:
        # The list of everything weighs much: it must not keep another account from being reached.
        with behind_all():
            await self._tools.reconciler.account(self.name)
        self._checked = True

    async def _ask(self, what: _Try, question: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A question that is asked again when it has no answer."""
        try:
            await question()
        except HedgeError as error:
            self._failed(self._why(str(error)))
            what.failed(self._desk.clock.monotonic())
        else:
            self.progress.heard, self.progress.problem, what.count = True, "", 0
        finally:
            what.asked = False
            self._wake.set()

    # -- inside

    def _gone(self, id_: ClientOrderId, order: Order | None) -> None:
        if self._entries.pop(id_, None) is not None:
            if order is not None and order.status is OrderStatus.CANCELLED:
                self.progress.cancelled += 1
            elif order is not None and order.status is OrderStatus.FILLED:
                self.progress.filled += 1
            else:
                self.progress.gone += 1
        taken_off = order is not None and order.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED)
        if self._stops.pop(id_, None) is not None and taken_off and self.progress.flat:
            self.progress.dropped += 1
        if (leg := self._closings.pop(id_, None)) is not None:
            self._ended[leg] = self._desk.clock.monotonic()

    def _loose(self, id_: ClientOrderId) -> bool:
        """Whether a stop protects nothing any more, proved: it may be dropped."""
        order = self._desk.state.orders.get(id_)
        if order is None or not self.progress.flat or guards(order, self._state):
            return False
        instrument = order.request.instrument
        ended = max((at for leg, at in self._ended.items() if leg[0] == instrument), default=-math.inf)
        busy = any(leg[0] == instrument for leg in self._closings.values())
        orders = self._desk.state.orders
        filling = any(orders[one].request.instrument == instrument for one in self._entries if one in orders)
        return not busy and not filling and self._looked >= max(ended, self.progress.begun_s)

    def _count(self) -> None:
        """Figures and phase."""
        progress, orders = self.progress, self._desk.state.orders
        progress.resting = len(self._entries)
        progress.silent = sum(
            id_ in orders and (orders[id_].status in _SILENT or orders[id_].cancel_asked)
            for id_ in self._entries
        )
        loose = [id_ for id_ in self._stops if self._loose(id_)]
        progress.kept = len(self._stops) - len(loose)
        progress.closing = len(self._closings)
        held = self._state.positions
        progress.open, progress.positions = len(held), len(self._found)
        left = [words for leg, one in held.items() if (words := dust(one, self._instrument(leg)))]
        progress.stuck = "; ".join(left) if progress.flat else ""
        progress.spot = progress.flat and bool(self._state.snapshot_ns) and self._state.initial_margin is None
        closed = not progress.flat or self._flat(len(left))
        if self._entries or loose:
            progress.phase = Phase.CANCELLING
        elif not closed:
            progress.phase = Phase.CLOSING
        elif not self._checked:
            progress.phase = Phase.CHECKING
        else:
            self._end(Phase.DONE)

    def _flat(self, dusty: int) -> bool:
        """Whether no position is left that an order could close, as the venue said after the last one."""
        return not self._closing and self._proved and len(self._state.positions) == dusty

    def _end(self, phase: Phase) -> None:
        self.progress.phase, self._state.panicking = phase, False
        self.progress.ended_s = self._desk.clock.monotonic()

    def _why(self, words: str) -> str:
        """The connection's own trouble, where there is one, says more than that there is none."""
        health = self._state.health
        detail = health.detail if health is not None and health.state is not FeedState.LIVE else ""
        return detail or words

    def _failed(self, why: str) -> None:
        self.progress.problem = why

    def _instrument(self, leg: Leg) -> Any:
        return self._desk.markets.instruments.get(leg[0])

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tools.spawn(work, name=f"{name}:{self.name}")


def _leg(order: Order) -> Leg:
    return order.request.instrument, order.request.position_side.value


def _leg_of(position: Position) -> Leg:
    return position.instrument, position.position_side.value
