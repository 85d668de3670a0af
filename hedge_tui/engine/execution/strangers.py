"""Events of orders that nobody here knows: the venue is asked whose they are before they are believed.

A stream may carry what belongs to another account. Manual trades and other programs are real all the same, so
nothing is thrown away on suspicion: reports and executions wait, in order, until the venue has answered. Few
requests answer for many: with more than a few orders waiting, lists are asked and only the rest one by one;
and each account has a budget of requests, so that a busy program beside this desk costs little.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import Unavailable, VenueError
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import InstrumentKind, symbol_of
from hedge_tui.domain.order import ClientOrderId, OrderRef, PositionSide
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.agreement import Dispute
from hedge_tui.engine.cost import Holding
from hedge_tui.engine.execution.settle import FILLS_MARGIN_NS, SYMBOLS
from hedge_tui.engine.outside import AT_VENUE
from hedge_tui.engine.state import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.ports.venue import ExecutionClient
    from hedge_tui.engine.agreement import Subject
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

FIRST_S = 0.3
"""What comes in one burst is asked for together."""
AGAIN_S = 1.5
"""Until an order is asked for again; doubled with each denial, and with each round without an answer."""
LONGEST_S = 16.0
FEW = 2
"""Up to this many orders are looked up by id at once."""
LOOKS = 4
"""Look-ups by id of one round."""
BURST = 8.0
"""Requests that an account which was quiet may make at once."""
PER_S = 0.5
"""Requests a second that it may make in the long run."""
DENIALS = 4
"""With their pauses more than ten seconds: venues list a new order late."""
MOST = 200
"""Orders of one account that wait; for more, and for more events of one, the account is compared instead."""
COMPARED_S = 60.0
"""Least time between two comparisons because too much waits."""
STRANGE_S = 60.0
"""How long further events of an order that the venue denied are left out unasked."""
TOLD_SINGLY = 3

_ENDED = (ReportKind.CANCELLED, ReportKind.EXPIRED, ReportKind.REJECTED)


@dataclass(slots=True)
class _Waiting:
    """One order that is not in the books, and what was said of it.

    Attributes:
        due: when the venue is asked next, monotonic s. rounds: it was asked this often. denials: said no.
    """

    ref: OrderRef
    events: list[Report | Fill]
    due: float
    rounds: int = 0
    denials: int = 0

    @property
    def fills(self) -> list[Fill]:
        return [one for one in self.events if isinstance(one, Fill)]

    @property
    def since_ns(self) -> int:
        return min(one.venue_ns or one.local_ns for one in self.events)


@dataclass(slots=True)
class _Budget:
    """Requests left, which may be less than none: a round is paid for afterwards."""

    at: float
    left: float = BURST

    def wait_s(self, now: float) -> float:
        """How long until the next round may begin."""
        self.left, self.at = min(self.left + (now - self.at) * PER_S, BURST), now
        return max(0.0, (1.0 - self.left) / PER_S)


@dataclass(slots=True)
class _Account:
    waiting: dict[str, _Waiting] = field(default_factory=dict)
    denied: dict[str, float] = field(default_factory=dict)
    compared: float = -COMPARED_S
    running: bool = False


class Strangers:
    """One for the desk; a task per account while something waits."""

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        spawn: Callable[..., object],
        believe: Callable[[Sequence[Report | Fill]], None],
        reconciler: Reconciler,
    ) -> None:
        """Nothing is asked until something waits.

        Args:
            desk: whose books they are not in.
            clients: who is asked.
            spawn: starts a task.
            believe: takes events in, in order.
            reconciler: compares the account when something was left out.
        """
        self._desk = desk
        self._clients = clients
        self._spawn = spawn
        self._believe = believe
        self._reconciler = reconciler
        self._accounts: dict[str, _Account] = {}
        self._budgets: dict[str, _Budget] = {}

    def take(self, event: Report | Fill) -> bool:
        """Let an event of an unknown order wait; False when it is to be taken in as it is.

        While its stream is not LIVE, what comes was asked for by the client over REST.
        """
        name, key = event.account, event.venue_order_id or event.client_order_id
        account = self._accounts.setdefault(name, _Account())
        state = self._desk.accounts.get(name)
        if state is None or state.state is not FeedState.LIVE:
            self._release(name, [key] if key in account.waiting else [])
            return False
        one, now = account.waiting.get(key), self._desk.clock.monotonic()
        if one is None:
            if isinstance(event, Report) and event.kind not in AT_VENUE:
                return False
            if now - account.denied.get(key, -STRANGE_S) < STRANGE_S:
                return True
            if len(account.waiting) >= MOST:
                self._too_many(name, account, now)
                return True
            account.waiting[key] = _Waiting(_ref(event), [event], now + FIRST_S)
            if not account.running:
                account.running = True
                self._spawn(self._run(name, account), name=f"strangers:{name}")
        elif isinstance(event, Report) and event.kind in _ENDED and not (event.filled or one.fills):
            del account.waiting[key]  # it came and went, and nothing was traded
        elif len(one.events) >= MOST:
            self._too_many(name, account, now)
        else:
            one.events.append(event)
        if isinstance(event, Fill):
            self._doubt(name, account)
        return True

    def known(self, event: Report | Fill) -> None:
        """The order of this event is in the books by now: what waits of it goes first."""
        account = self._accounts.get(event.account)
        key = event.venue_order_id or event.client_order_id
        if account is not None and key in account.waiting:
            self._release(event.account, [key])

    def _too_many(self, name: str, account: _Account, now: float) -> None:
        if now - account.compared >= COMPARED_S:
            account.compared = now
            words = f"events of more than {MOST} unknown orders wait: the account is compared instead"
            self._desk.note("warning", "external", words, name)
            self._reconciler.refresh(name)

    async def _run(self, name: str, account: _Account) -> None:
        now = self._desk.clock.monotonic
        budget = self._budgets.setdefault(name, _Budget(now()))
        failed = 0
        try:
            while account.waiting:
                await asyncio.sleep(max(FIRST_S, budget.wait_s(now())))
                self._release(name, [key for key, one in account.waiting.items() if self._known(one)])
                asked = {key: one for key, one in account.waiting.items() if one.due <= now()}
                if not asked:
                    continue
                failed += 1
                try:
                    await self._round(name, account, asked, budget)
                    failed = 0
                except VenueError as error:
                    log.info("asking whose orders are told to %s: %s", name, error)
                except Exception:
                    # What waits outlives a bug in a client.
                    log.exception("asking whose orders are told to %s failed", name)
                pause = min(AGAIN_S * 2 ** max(failed - 1, 0), LONGEST_S)
                for one in asked.values():
                    one.rounds += 1
                    one.due = now() + (pause if failed else AGAIN_S * 2 ** max(one.denials - 1, 0))
                self._doubt(name, account)
        finally:
            account.running = False
            self._doubt(name, account)

    async def _round(self, name: str, account: _Account, asked: dict[str, _Waiting], budget: _Budget) -> None:
        client = self._clients.get(name)
        if client is None:
            raise Unavailable("not connected")
        if len(asked) > FEW:
            await self._lists(name, client, asked, budget)
        left = [key for key in asked if key in account.waiting]
        left.sort(key=lambda key: asked[key].rounds)
        looked = left[:LOOKS]
        budget.left -= len(looked)
        answers = await asyncio.gather(
            *(client.find_order(asked[key].ref) for key in looked), return_exceptions=True
        )
        now = self._desk.clock.monotonic()
        found, errors = [], []
        for key, answer in zip(looked, answers, strict=True):
            one = asked[key]
            if isinstance(answer, BaseException):
                errors.append(answer)
            elif answer is not None and _same(one.ref, answer):
                found.append(key)
            else:
                one.denials += 1
        self._release(name, found)
        self._deny(name, account, now)
        if errors:
            raise errors[0]

    async def _lists(
        self, name: str, client: ExecutionClient, asked: dict[str, _Waiting], budget: _Budget
    ) -> None:
        """Orders that rest, and executions: both are of this account, for the venue says so."""
        count = Counter(one.ref.instrument for one in asked.values())
        symbols = tuple(count) if len(count) <= SYMBOLS else ()
        traded = Counter(one.ref.instrument for one in asked.values() if one.fills)
        budget.left -= len(symbols) or 1
        seen = {report.venue_order_id for report in await client.open_orders(symbols)}
        self._release(name, [key for key, one in asked.items() if one.ref.venue_order_id in seen])
        if traded:
            places = [instrument for instrument, _ in traded.most_common(SYMBOLS)]
            budget.left -= len(places)
            since_ns = min(one.since_ns for one in asked.values() if one.fills)
            told = {fill.venue_order_id for fill in await client.fills(since_ns - FILLS_MARGIN_NS, places)}
            self._release(name, [key for key, one in asked.items() if one.ref.venue_order_id in told])

    def _release(self, name: str, keys: Sequence[str]) -> None:
        """Take in what waits of these orders."""
        waiting = self._accounts[name].waiting
        events = [event for key in keys if key in waiting for event in waiting.pop(key).events]
        seen = self._desk.state.seen_fills
        if any(isinstance(event, Fill) and event.key in seen for event in events):
            self._reconciler.snapshot_soon(
                name
            )  # it was booked from the venue's ledger, while its position was in doubt
        if events:
            self._believe(events)

    def _deny(self, name: str, account: _Account, now: float) -> None:
        """Leave out what the venue says it does not know, and compare the account."""
        keys = [key for key, one in account.waiting.items() if one.denials >= DENIALS]
        if not keys:
            return
        gone = [account.waiting.pop(key) for key in keys]
        account.denied = {key: at for key, at in account.denied.items() if now - at < STRANGE_S}
        account.denied |= dict.fromkeys(keys, now)
        named = [_named(one.ref) for one in gone]
        shown = ", ".join(named[:TOLD_SINGLY])
        more = f" and {len(named) - TOLD_SINGLY} more" if len(named) > TOLD_SINGLY else ""
        words = f"an event of another account: ignored; {name} has no order {shown}{more} at the venue"
        self._desk.note("alarm", "external", words, name)
        self._reconciler.refresh(name)

    def _known(self, one: _Waiting) -> bool:
        ref = one.ref
        return self._desk.state.order_of(ref.account, ref.client_order_id, ref.venue_order_id) is not None

    def _doubt(self, name: str, account: _Account) -> None:
        """A position is in doubt while an execution of it waits; it is shown when the first round is over."""
        desk, state = self._desk, self._desk.accounts[name]
        moved: dict[tuple[InstrumentId, PositionSide], Decimal] = {}
        told: set[tuple[InstrumentId, PositionSide]] = set()
        for one in account.waiting.values():
            for fill in one.fills:
                if fill.key in desk.state.seen_fills:
                    continue
                place = (fill.instrument, fill.position_side or PositionSide.NET)
                moved[place] = moved.get(place, Decimal(0)) + fill.quantity * fill.side.sign
                if one.rounds and self._contract(fill.instrument):
                    told.add(place)
        found: dict[Subject, Dispute] = {}
        now = desk.clock.monotonic()
        for (instrument, side), change in moved.items():
            ours = desk.state.holdings.get((name, instrument, side), Holding()).quantity
            shown = (instrument, side) in told
            found["position", instrument, side.value] = Dispute(ours, ours + change, now, now, shown=shown)
        both = {**state.unproved, **found}
        places = {(name, subject[1]) for subject, one in both.items() if one.shown}
        state.unproved = found
        if places:
            desk.tell(Changes(accounts={name}, positions=places))

    def _contract(self, instrument: InstrumentId) -> bool:
        listed = self._desk.markets.instruments.get(instrument)
        return listed is not None and listed.kind is not InstrumentKind.SPOT


def _ref(event: Report | Fill) -> OrderRef:
    request = event.request if isinstance(event, Report) else None
    triggered = request is not None and request.type.triggered
    id_ = ClientOrderId(event.client_order_id)
    return OrderRef(event.account, event.instrument, id_, event.venue_order_id, triggered)


def _same(ref: OrderRef, found: Report) -> bool:
    """Whether the venue speaks of this order: another account may use the same client id."""
    ids = (ref.venue_order_id, found.venue_order_id)
    return ref.triggered or None in ids or ids[0] == ids[1]


def _named(ref: OrderRef) -> str:
    own = f" ({ref.client_order_id})" if ref.client_order_id else ""
    return f"{ref.venue_order_id or 'without a number'}{own} in {symbol_of(ref.instrument)}"
