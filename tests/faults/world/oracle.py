"""The judge of a simulated world: the venues' books are the truth, and every step is held against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from faults.world.comparison import Broken, Comparison, named

from adapters.paper.records import PaperOrder
from hedge_tui.domain.order import Order, OrderRequest, OrderStatus, Side
from hedge_tui.domain.ports.pacing import Lane
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from faults.world.ledger_watch import WatchedJournal
    from faults.world.venues import Venues

    from hedge_tui.engine.engine import Engine
    from hedge_tui.engine.state import Changes

PANIC_GRACE_S = 0.3
"""No new order leaves later than this after panic."""
ABSENT_AFTER_S, ABSENT_ANSWERS, ABSENT_APART_S = 20.0, 3, 2.0
DISK_S = 2.1
"""Between the act that says that an order leaves and its leaving lies one write of a slow disk."""
RUSH_WITHOUT_DISK_S = 1.0


@dataclass(slots=True)
class Sent:
    """What is known outside the engine of one of its orders.

    Attributes:
        left_s: when it left, seconds of the venue's clock. life: which engine sent it.
        durable: it was on disk; panic does not wait for a disk that hangs. at_venue: times it was accepted.
        denials: when the venue said that it knows no such order.
    """

    request: OrderRequest
    left_s: float
    life: int
    durable: bool
    at_venue: int = 0
    denials: list[float] = field(default_factory=list)


_BUGS = (("warning", "engine"), ("alarm", "ledger"), ("alarm", "run"))
"""Notes that tell of a mistake in the engine itself, whatever the weather."""


class Oracle:
    """Watches requests, venues and the engine's books; raises nothing, but keeps the first broken promise.

    Attributes:
        broken: what was not kept, oldest first.
        sent: by client id. life: number of the running engine, from 1.
    """

    def __init__(self, venues: Venues, now: Callable[[], float], max_order_value: Decimal) -> None:
        self._venues = venues
        self._now = now
        self._max_value = max_order_value
        self.broken: list[Broken] = []
        self.sent: dict[str, Sent] = {}
        self.life = 0
        self.engine: Engine | None = None
        self.journal: WatchedJournal | None = None
        self._words = 0
        self._panic_s = float("-inf")
        self._panics: list[float] = []
        self._bans: dict[str, tuple[float, float]] = {}
        self._filled: dict[str, Decimal] = {}
        self.steps = 0
        self.story: Callable[[str], None] = lambda _words: None
        for hub in venues.hubs.values():
            hub.watch = self._venue_event

    # what happens to the engine

    def born(self, engine: Engine, journal: WatchedJournal) -> None:
        """An engine starts on this journal."""
        self.life += 1
        self.engine, self.journal = engine, journal
        self._words = 0
        self._panic_s = float("-inf")
        self._bans.clear()
        self._filled.clear()
        engine.desk.on_changes.append(self._changed)

    def died(self) -> None:
        """The engine is gone."""
        self.engine = None

    def word(self) -> None:
        """The trader typed something to the running engine."""
        self._words += 1

    def panic(self) -> None:
        """The trader pressed panic: nothing confirmed before may leave from now on."""
        self._panic_s = self._now()

    def banned(self, venue: str, until_s: float) -> None:
        """The venue has turned the address away until then, and said so now."""
        until = max(until_s, self._bans.get(venue, (0.0, 0.0))[1])
        self.story(f"ban     {venue} until {until:.2f} s")
        self._bans[venue] = (self._now(), until)

    # requests

    def orders_leave(self, account: str, requests: Sequence[OrderRequest]) -> None:
        """The engine hands these to its connection."""
        assert self.journal is not None
        self._wordless("an order")
        for request in requests:
            id_ = request.client_order_id
            if id_ in self.sent:
                self._break("sent twice", f"{id_} is sent a second time")
            durable = id_ in self.journal.sending
            self.sent[id_] = Sent(request, self._venues.seconds(), self.life, durable)
            if not durable and request.origin != "panic":
                self._break("write-ahead", f"{id_} leaves and is not on disk")
            if self.journal.life_of.get(id_, self.life) != self.life:
                self._break("sent after restart", f"{id_} was intended before the restart")
            self._stopped(request)
            self._capped(account, request)

    def others_leave(self, account: str, what: str, ids: Sequence[str]) -> None:
        """A cancel, an amendment or a setting is handed to the connection."""
        self._wordless(f"a {what} of {account} {list(ids)[:2]}")

    def leaves_now(self, account: str, venue: str, lane: Lane, silent: Sequence[Report]) -> None:
        """A request leaves the machine, having waited for its budget."""
        now = self._now()
        heard, until = self._bans.get(venue, (0.0, 0.0))
        if heard < now < until - 1e-6:
            self._break("sent during a ban", f"{lane.name} of {account}, {until - now:.2f} s early")
        if lane is Lane.ORDER:
            for report in silent:
                new = report.kind is ReportKind.NO_ANSWER  # an amendment makes no order
                if new and (sent := self.sent.get(report.client_order_id)) is not None:
                    self._stopped(sent.request)

    def orders_arrive(self, account: str, requests: Sequence[OrderRequest]) -> None:
        """They reach the venue."""
        for request in requests:
            self._judge_arrival(request)

    def denied(self, account: str, client_order_id: str) -> None:
        """The venue said that it knows no such order."""
        if (sent := self.sent.get(client_order_id)) is not None:
            sent.denials.append(self._venues.seconds())

    def _judge_arrival(self, request: OrderRequest) -> None:
        order, durable = self._order(request.client_order_id), self.sent[request.client_order_id].durable
        if order is None:
            if self.engine is not None and durable:
                self._break("lost", f"{request.client_order_id} reaches the venue and the desk forgot it")
            return
        ended = order.status.terminal and order.status is not OrderStatus.ABSENT
        if ended and self._venue_order(order) is None:
            self._break("false terminal", f"{order.status} while it was on its way: {named(order)}")

    def _stopped(self, request: OrderRequest) -> None:
        """Nothing that was confirmed before panic leaves after it."""
        assert self.journal is not None
        if request.origin == "panic" or self._now() <= self._panic_s + PANIC_GRACE_S:
            return
        confirmed = self.journal.confirmed_s.get(request.run)
        if confirmed is not None and confirmed <= self._panic_s:
            late = self._now() - self._panic_s
            self._break("sent after panic", f"{request.client_order_id} leaves {late:.2f} s after it")

    def _capped(self, account: str, request: OrderRequest) -> None:
        spot = self._venues.home[account].spot
        if request.only_reduces or (spot and request.side is Side.SELL):
            return  # a way out is never closed, and what is sold on spot is held
        coin = self._venues.listed(request.instrument).base
        price = request.price or self._venues.prices[coin]
        if request.quantity * price > self._max_value * Decimal("1.05"):
            self._break("cap", f"{account}: {request.quantity} {coin} at {price} is above {self._max_value}")

    def _wordless(self, what: str) -> None:
        if not self._words:
            self._break("sent after restart", f"{what} leaves before anybody has typed a word")

    # the venue and the engine move

    def _venue_event(self, event: object) -> None:
        self.steps += 1
        order = getattr(event, "order", None)
        if order is not None:
            self.story(
                f"venue   {type(event).__name__} {order.account} {order.client_order_id[:8]} {order.status}"
                f" {order.executed}/{order.quantity}"
            )
        if type(event).__name__ == "OrderAccepted" and (sent := self.sent.get(order.client_order_id)):
            sent.at_venue += 1
            if sent.at_venue > 1:
                self._break("doubled", f"{order.client_order_id} is at the venue {sent.at_venue} times")

    def _changed(self, changes: Changes) -> None:
        self.steps += 1
        engine = self.engine
        if engine is None:
            return
        if engine.desk.faults:
            self._break("ledger", "an act contradicts the ledger: " + _last_alarm(engine))
        for id_ in sorted(changes.orders):
            order = engine.desk.state.orders.get(id_)  # type: ignore[call-overload]
            if order is not None:
                self.story(f"desk    {named(order)}")
                self._judge(order)
        for note in changes.notes:
            self.story(f"note    {note.level} {note.account} {note.text}")
            if (note.level, note.topic) in _BUGS:
                self._break("a part of the engine failed", note.text)

    def _judge(self, order: Order) -> None:
        id_ = order.request.client_order_id
        if order.filled < self._filled.get(id_, Decimal(0)):
            self._break("filled went down", f"{named(order)}: {self._filled[id_]} before")
        self._filled[id_] = order.filled
        if not order.status.terminal:
            return
        if order.status is OrderStatus.ABSENT:
            self._judge_absent(order)
            return
        venue = self._venue_order(order)
        if venue is not None and venue.status.open:
            self._break("false terminal", f"{named(order)} and the venue says {venue.status}")

    def _judge_absent(self, order: Order) -> None:
        sent = self.sent.get(order.request.client_order_id)
        if sent is None or order.reason.startswith("+"):
            return
        now = self._venues.seconds()
        apart, last = 0, float("-inf")
        for at in sent.denials:
            if at - last >= ABSENT_APART_S - 0.2:
                apart, last = apart + 1, at
        if now - sent.left_s < ABSENT_AFTER_S - DISK_S or apart < ABSENT_ANSWERS:
            words = f"{named(order)} {now - sent.left_s:.1f} s after it left, {apart} denials"
            self._break("false terminal", words)

    # at the end

    def own_orders(self, *, unknown_counts: bool) -> None:
        """Hold the desk's own orders against the venues' now; see `Comparison.own_orders`."""
        self.broken += self._comparison().own_orders(unknown_counts=unknown_counts)

    def everything(self) -> list[Broken]:
        """Every difference there is now."""
        return self._comparison().everything()

    def _comparison(self) -> Comparison:
        assert self.engine is not None
        assert self.journal is not None
        return Comparison(self.engine, self._venues, self.sent, self.journal.imported)

    def _order(self, id_: str) -> Order | None:
        if self.engine is None:
            return None
        return self.engine.desk.state.orders.get(id_)  # type: ignore[call-overload]

    def _venue_order(self, order: Order) -> PaperOrder | None:
        """The newest that the venue has under this id."""
        request = order.request
        return self._venues.newest(request.account, request.client_order_id)

    def _break(self, kind: str, words: str) -> None:
        self.story(f"BROKEN  {kind}: {words}")
        self.broken.append(Broken(kind, f"at {self._now():.2f} s: {words}"))


def _last_alarm(engine: Engine) -> str:
    return next((n.text for _, n in reversed(engine.desk.state.log) if n.level == "alarm"), "?")
