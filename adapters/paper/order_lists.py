"""Keeps the promises of order lists: takes the other one off, sets pending ones free, ends the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.events import OrderAccepted, OrderListChanged, OrderRejectedEvent
from adapters.paper.order_group import Contingency, OrderGroup
from adapters.paper.paper_account import KEPT
from adapters.paper.records import PaperStatus
from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.paper.working_order import WorkingOrder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.matcher import Matcher
    from adapters.paper.order_intake import OrderIntake
    from adapters.paper.paper_account import PaperAccount
    from adapters.paper.tape import Tape
    from hedge_tui.domain.order import OrderRequest

_GOES_ON = (PaperStatus.NEW, PaperStatus.PENDING_NEW)


class OrderLists:
    """All lists of one venue; the matcher tells it of every order of a list that moves."""

    def __init__(self, intake: OrderIntake, matcher: Matcher, tape: Tape) -> None:
        self._intake = intake
        self._matcher = matcher
        self._tape = tape
        self._groups: dict[int, OrderGroup] = {}
        self._due: list[OrderGroup] = []

    def place(
        self,
        working: OrderRequest | None,
        others: Sequence[OrderRequest],
        account: PaperAccount,
        book: InstrumentBook,
        client_id: str,
    ) -> OrderGroup:
        """Take an OCO (`working` is None), an OTO (one other) or an OTO with an OCO (two others).

        Raises:
            PaperRefusal: one of the orders breaks a rule; nothing has changed.
        """
        requests = [*([working] if working is not None else []), *others]
        self._check(requests, account, book, pending=working is not None)
        list_id = self._tape.coming_order_id
        orders = [
            WorkingOrder(request, book.instrument, account, list_id + place, self._tape.now_ns)
            for place, request in enumerate(requests)
        ]
        for order in orders:
            order.start_price = book.reference(order.trigger_source)
        rest = orders if working is None else orders[1:]
        if working is None:
            self._reserve_pair(rest)
        else:
            account.purse.reserve(orders[0], self._matcher.reach(book, orders[0]))
        kind = Contingency.OCO if working is None else Contingency.OTO
        head = None if working is None else orders[0]
        group = OrderGroup(list_id, client_id, kind, book, head, rest, self._tape.now_ns)
        self._remember(group)
        self._tape.events.append(OrderListChanged(group.snapshot(), self._tape.now_ns, started=True))
        for order in orders:
            self._tape.order_id()
            order.group = group
            if head is not None and order is not head:
                order.status = PaperStatus.PENDING_NEW
            account.opened(order)
            self._tape.events.append(OrderAccepted(order.snapshot(), self._tape.now_ns))
        self._start(book, [order for order in orders if order.status is PaperStatus.NEW])
        account.purse.flush("ORDER")
        return group

    def moved(self, order: WorkingOrder) -> None:
        """An order of a list was set off, has executed, or has ended."""
        group = order.group
        if group is None or group.done:
            return
        group.updated_ns = self._tape.now_ns
        if order is group.working:
            if order.status is PaperStatus.FILLED:
                self._due.append(group)
            elif not order.status.open:
                self._end_others(group, order)
        elif not (order.status in _GOES_ON and order.waiting):
            self._end_others(group, order)
        self._end_if_done(group)

    def _end_if_done(self, group: OrderGroup) -> None:
        if group.done or group in self._due or any(one.status.open for one in group.orders):
            return
        group.done = True
        self._tape.events.append(OrderListChanged(group.snapshot(), self._tape.now_ns, started=False))

    def set_free(self) -> list[InstrumentBook]:
        """Place the pending orders whose working order has filled; returns the books they went to."""
        books = []
        while self._due:
            group = self._due.pop(0)
            waiting = [one for one in group.others if one.status is PaperStatus.PENDING_NEW]
            for order in waiting:
                order.status, order.updated_ns = PaperStatus.NEW, self._tape.now_ns
                order.working_ns = 0 if order.waiting else self._tape.now_ns
            if waiting:
                self._place_pending(group, waiting)
                books.append(group.book)
            self._end_if_done(group)
        return books

    def find(self, list_id: int | None, client_id: str | None, account: str) -> OrderGroup | None:
        """A list of an account by its id or, if that is None, the newest one with this client id."""
        if list_id is not None:
            found = self._groups.get(list_id)
            return found if found is not None and found.orders[0].owner.name == account else None
        return next((one for one in reversed(self.of(account)) if one.client_id == client_id), None)

    def of(self, account: str) -> list[OrderGroup]:
        """An account's lists, oldest first."""
        return [one for one in self._groups.values() if one.orders[0].owner.name == account]

    def _remember(self, group: OrderGroup) -> None:
        self._groups[group.list_id] = group
        if len(self._groups) > KEPT:
            oldest = next((one for one in self._groups.values() if one.done), None)
            if oldest is not None:
                del self._groups[oldest.list_id]

    def _check(
        self, requests: Sequence[OrderRequest], account: PaperAccount, book: InstrumentBook, *, pending: bool
    ) -> None:
        ids = [request.client_order_id for request in requests]
        if len(set(ids)) != len(ids):
            raise PaperRefusal(RefusalCode.DUPLICATE_CLIENT_ID, f"client ids {', '.join(ids)} repeat")
        for place, request in enumerate(requests):
            self._intake.check(request, account, book, later=pending and place > 0)

    def _reserve_pair(self, pair: Sequence[WorkingOrder]) -> None:
        """Set aside what the dearer of two orders needs: only one of them will trade."""
        first, second = pair
        purse = first.owner.purse
        purse.reserve(first, None)
        first.partner, second.partner = second, first
        try:
            purse.reserve(second, None)
        except PaperRefusal:
            purse.release(first)
            raise

    def _place_pending(self, group: OrderGroup, orders: list[WorkingOrder]) -> None:
        purse = orders[0].owner.purse
        try:
            if len(orders) == 1:
                purse.reserve(orders[0], self._matcher.reach(group.book, orders[0]))
            else:
                self._reserve_pair(orders)
        except PaperRefusal as refusal:
            for order in orders:
                order.end(PaperStatus.REJECTED, str(refusal), self._tape.now_ns)
                order.owner.closed(order)
                event = OrderRejectedEvent(order.snapshot(), refusal.code, str(refusal), self._tape.now_ns)
                self._tape.events.append(event)
            self.moved(orders[0])
            return
        for order in orders:
            self._tape.events.append(OrderAccepted(order.snapshot(), self._tape.now_ns))
        self._start(group.book, orders)
        purse.flush("ORDER")

    def _start(self, book: InstrumentBook, orders: list[WorkingOrder]) -> None:
        """Stops first: what a limit order does at once may take its stop off again."""
        for order in sorted(orders, key=lambda one: not one.waiting):
            if order.status.open:
                self._matcher.start(book, order)

    def _end_others(self, group: OrderGroup, moved: WorkingOrder) -> None:
        if group.ended:
            return
        group.ended = True
        for order in group.others:
            if order is moved or not order.status.open:
                continue
            if moved.status is PaperStatus.CANCELED:
                self._matcher.cancel(group.book, order, "LIST")
            else:
                self._matcher.expire(group.book, order, "LIST")
