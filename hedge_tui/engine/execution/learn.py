"""Takes in what a venue answered about single orders over REST; used by the settler and the reconciler."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import LedgerError
from hedge_tui.domain.order import OrderStatus
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.differences import changed, difference, untold
from hedge_tui.engine.order_step import reduce_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.order import ClientOrderId, Order
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes

_ASKED = (OrderStatus.CANCEL_UNKNOWN, OrderStatus.AMEND_UNKNOWN)


class Learner:
    """Makes acts of answers.

    Attributes:
        cancelling: orders whose cancel has not been answered yet: that they rest proves nothing.
        on_fills: called with an account whose stream had left executions out: its balances and positions
            are not what was told either.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.cancelling: set[ClientOrderId] = set()
        self.on_fills: Callable[[str], None] = lambda _: None
        self._touched: dict[str, float] = {}
        desk.on_changes.append(self._changed)

    def _changed(self, changes: Changes) -> None:
        """Remember when each working order changed last, by a clock that nobody sets."""
        now = self._desk.clock.monotonic()
        for id_ in changes.orders:
            if id_ in self._desk.state.working:
                self._touched[id_] = now
            else:
                self._touched.pop(id_, None)

    def learn(self, order: Order, report: Report, asked: float) -> bool:
        """Take in what the venue said of one order, asked at `asked` (monotonic s); False when out of date.

        An answer that shows the order resting, or gone, settles what a stream's fill leaves open: what
        became of the cancel or of the amendment.
        """
        desk, id_ = self._desk, order.request.client_order_id
        before = desk.state.orders.get(id_, order)
        resting = report.kind in (ReportKind.LIVE, ReportKind.FILL, ReportKind.ACKED)
        if resting and self._touched.get(id_, asked) > asked:
            return False  # something was learnt while the answer was on its way; ask again
        if report.kind is ReportKind.FILL and before.status in _ASKED:
            report = replace(report, kind=ReportKind.LIVE)
        if _news(before, report):
            drop(desk.record(acts.Reported(report.local_ns, report)))
        now = desk.state.orders.get(id_, before)
        if resting and now.cancel_asked and now.status.working and id_ not in self.cancelling:
            refused = replace(report, kind=ReportKind.CANCEL_REFUSED, reason="the venue shows it resting")
            drop(desk.record(acts.Reported(refused.local_ns, refused)))
            now = desk.state.orders.get(id_, now)
        self._tell(before, now)
        return True

    def take_fills(self, fills: Iterable[Fill]) -> bool:
        """True when one of them is new: what is known already proves nothing about now."""
        state, at = self._desk.state, self._desk.clock.now_ns()
        batch: list[acts.Act] = []
        for fill in fills:
            if fill.key not in state.seen_fills:
                order = state.order_of(fill.account, fill.client_order_id, fill.venue_order_id)
                sure = order is None or order.status.resting
                row = state.rows.get(order.request.client_order_id) if order is not None else None
                batch += [acts.Filled(fill.local_ns, fill), *(untold(fill, at, row) if sure else ())]
        if batch:
            drop(self._desk.record(*batch))
        for account in {act.fill.account for act in batch if isinstance(act, acts.Filled)}:
            self.on_fills(account)
        return bool(batch)

    def missing(self, order: Order) -> None:
        """The venue's answers lack an order that was seen there: in doubt from here on."""
        at, request = self._desk.clock.now_ns(), order.request
        if not order.status.resting:
            return
        report = self._about(order, ReportKind.MISSING, "")
        row = self._desk.state.rows.get(request.client_order_id)
        said = difference(
            at,
            request.account,
            f"order #{row}",
            ours=str(order.status),
            theirs="not found",
            then="UNKNOWN until it is settled",
        )
        drop(self._desk.record(acts.Reported(at, report), *said))

    def lost(self, account: str, orders: Iterable[Order]) -> None:
        """Neither the stream nor an answer tells of these: nobody knows what became of them."""
        at = self._desk.clock.now_ns()
        now = (self._desk.state.orders[one.request.client_order_id] for one in orders)
        batch = [
            acts.Reported(at, self._about(one, ReportKind.MISSING, "")) for one in now if one.status.resting
        ]
        if batch:
            words = f"neither its stream nor its answers tell: {len(batch)} resting orders are UNKNOWN"
            drop(self._desk.record(*batch, acts.Noted(at, "alarm", "reconcile", words, account)))

    def absent(self, order: Order, answers: int) -> None:
        """The proof that an order is not at the venue is complete."""
        report = self._about(order, ReportKind.ABSENT, f"not at the venue: {answers} complete answers")
        drop(self._desk.record(acts.Reported(report.local_ns, report)))

    def _about(self, order: Order, kind: ReportKind, reason: str) -> Report:
        r, at = order.request, self._desk.clock.now_ns()
        return Report(
            kind, r.account, r.instrument, r.client_order_id, at, order.venue_order_id, reason=reason
        )

    def _tell(self, before: Order, now: Order) -> None:
        desk, account = self._desk, now.request.account
        row = desk.state.rows.get(now.request.client_order_id)
        if before.cancel_asked and not now.cancel_asked and now.status.working:
            words = f"the cancel of #{row} did not arrive: the order still rests; cancel again"
            desk.note("warning", "reconcile", words, account)
        if before.status is OrderStatus.ABSENT and now.status is not OrderStatus.ABSENT:
            words = f"#{row} was called absent and is at the venue after all: {now.status}"
            desk.note("alarm", "reconcile", words, account)
        if said := changed(before, now, desk.clock.now_ns(), row):
            drop(desk.record(*said))


def _news(order: Order, report: Report) -> bool:
    """Whether the answer changes what is known.

    A desk that looks at 1,000 orders every few seconds would otherwise fill its journal with what it knows.
    """
    try:
        after = reduce_order(order, report)
    except LedgerError:
        return True
    return replace(after, updated_ns=order.updated_ns) != order
