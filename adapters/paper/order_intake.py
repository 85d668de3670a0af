"""How orders come in, change and go: the checks in their order, then matching."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Literal

from adapters.paper.admission import (
    PriceBand,
    check_band,
    check_notional,
    check_position_side,
    check_price,
    check_quantity,
    check_request,
)
from adapters.paper.events import OrderAccepted, OrderAmended
from adapters.paper.margin_purse import MarginPurse
from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.paper.self_trade import SelfTrade
from adapters.paper.working_order import WorkingOrder
from hedge_tui.domain.order import OrderType

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.matcher import Matcher
    from adapters.paper.paper_account import PaperAccount
    from adapters.paper.tape import Tape
    from hedge_tui.domain.order import OrderRequest


class OrderIntake:
    """Accepts, amends and expires orders of one venue.

    Attributes:
        band: how far limit prices may lie from the reference.
        max_orders, max_triggers: open orders, and waiting stops among them apart, that one account
            may have in one instrument.
    """

    __slots__ = ("_expiries", "_kind", "_matcher", "_prefix", "_tape", "band", "max_orders", "max_triggers")

    def __init__(
        self,
        kind: Literal["spot", "usdm"],
        tape: Tape,
        matcher: Matcher,
        *,
        band: PriceBand,
        max_orders: int,
        max_triggers: int,
        seed: int,
    ) -> None:
        self.band = band
        self.max_orders = max_orders
        self.max_triggers = max_triggers
        self._kind = kind
        self._tape = tape
        self._matcher = matcher
        self._prefix = f"x-{seed:x}-"
        self._expiries: list[tuple[int, int, InstrumentBook, WorkingOrder]] = []

    @property
    def next_expiry_ns(self) -> int | None:
        """When the next GTD order may expire; None when there is none."""
        return self._expiries[0][0] if self._expiries else None

    def place(
        self,
        request: OrderRequest,
        account: PaperAccount,
        book: InstrumentBook,
        self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER,
        note: str = "",
        *,
        visible: Decimal | None = None,
    ) -> None:
        """Check, accept, execute and rest one order.

        Raises:
            PaperRefusal: nothing has changed.
        """
        now_ns = self._tape.now_ns
        self.check(request, account, book)
        order = WorkingOrder(request, book.instrument, account, self._tape.coming_order_id, now_ns)
        order.self_trade, order.note, order.visible = self_trade, note, visible
        order.start_price = book.reference(order.trigger_source)
        if order.trail_pct is not None and order.trigger_price is None and order.start_price is not None:
            order.trail_ns = now_ns  # it follows at once, and says so when it is accepted
        if not order.client_order_id:
            order.client_order_id = f"{self._prefix}{order.order_id:x}"
        account.purse.reserve(order, self._matcher.reach(book, order))
        self._tape.order_id()
        account.opened(order)
        self._tape.events.append(OrderAccepted(order.snapshot(), now_ns))
        self.expect(order, book)
        self._matcher.start(book, order)
        account.purse.flush("ORDER")

    def expect(self, order: WorkingOrder, book: InstrumentBook) -> None:
        """Let a GTD order expire when its time has come."""
        if order.expire_ns is not None:
            heapq.heappush(self._expiries, (order.expire_ns, order.order_id, book, order))

    def test(self, request: OrderRequest, account: PaperAccount, book: InstrumentBook) -> None:
        """Run every check of `place`, money included, and leave no trace.

        Raises:
            PaperRefusal: `place` would refuse it.
        """
        self.check(request, account, book)
        order = WorkingOrder(request, book.instrument, account, 0, self._tape.now_ns)
        order.start_price = book.reference(order.trigger_source)
        account.purse.reserve(order, self._matcher.reach(book, order))
        account.purse.release(order)
        account.purse.flush("ORDER")

    def amend(
        self, order: WorkingOrder, book: InstrumentBook, quantity: Decimal | None, price: Decimal | None
    ) -> None:
        """Change a resting limit order, not one of a list, under the same id.

        Priority is kept only if the quantity shrinks at the same price. As venues do, the order is
        cancelled when the new quantity is executed already, or when it is post-only and would take.

        `quantity` is the new total, executed part included; None keeps a value.

        Raises:
            PaperRefusal: nothing has changed.
        """
        alone = order.group is None
        if order.type is not OrderType.LIMIT or not order.resting or order.price is None or not alone:
            raise PaperRefusal(
                RefusalCode.NOT_AMENDABLE,
                f"order {order.order_id} of type {order.type} does not rest, or not alone",
            )
        old_quantity, old_price = order.quantity, order.price
        quantity = old_quantity if quantity is None else quantity
        price = old_price if price is None else price
        if (quantity, price) == (old_quantity, old_price):
            raise PaperRefusal(
                RefusalCode.UNCHANGED, f"order {order.order_id} is already {quantity:f} at {price:f}"
            )
        self._check_amendment(order, book, quantity, price)
        taking = price != old_price and self._matcher.would_take(book, order.side, price)
        if quantity <= order.executed or (order.post_only and taking):
            self._matcher.cancel(book, order, "AMEND")
            return
        self._reserve_again(order, quantity, price)
        if order.visible is not None:
            order.shown = min(order.shown, order.remaining)
        order.updated_ns = self._tape.now_ns
        stays = price == old_price and quantity < old_quantity
        if not stays:
            book.along(order.side).remove(order, old_price)
        self._tape.events.append(OrderAmended(order.snapshot(), self._tape.now_ns))
        if not stays:
            self._matcher.work(book, order)
        order.owner.purse.flush("ORDER")

    def expire_due(self, until_ns: int | None = None) -> None:
        """Expire GTD orders whose time has come, or will have come by `until_ns`."""
        until_ns = self._tape.now_ns if until_ns is None else until_ns
        while self._expiries and self._expiries[0][0] <= until_ns:
            _, _, book, order = heapq.heappop(self._expiries)
            if order.status.open:
                self._matcher.expire(book, order, "GTD")

    def check(
        self, request: OrderRequest, account: PaperAccount, book: InstrumentBook, *, later: bool = False
    ) -> None:
        """Run every check but that of money; `later`: it will wait for another order before it is placed.

        Raises:
            PaperRefusal: the first rule that it breaks.
        """
        check_request(request, book, self._kind, self.band, self._tape.now_ns, later=later)
        if isinstance(account.purse, MarginPurse):
            check_position_side(request, hedge_mode=account.purse.hedge_mode)
        instrument = book.instrument.id
        if request.client_order_id:
            same = account.find(instrument, None, request.client_order_id)
            if same is not None and same.status.open:
                raise PaperRefusal(
                    RefusalCode.DUPLICATE_CLIENT_ID,
                    f"client id {request.client_order_id} is that of open order {same.order_id}",
                )
        self._check_count(request, account, book)
        if later:
            return
        if request.type is OrderType.MARKET and book.against(request.side).best_price() is None:
            raise PaperRefusal(
                RefusalCode.NO_LIQUIDITY,
                f"market {request.side} {request.quantity:f}: nobody is on the other side",
            )
        if (
            request.post_only
            and request.type is OrderType.LIMIT
            and request.price is not None
            and self._matcher.would_take(book, request.side, request.price)
        ):
            raise PaperRefusal(
                RefusalCode.WOULD_TAKE,
                f"post-only {request.side} at {request.price:f} would take: the other side is at "
                f"{book.against(request.side).best_price():f}",
            )

    def _check_count(self, request: OrderRequest, account: PaperAccount, book: InstrumentBook) -> None:
        there = account.open.get(book.instrument.id, {})
        if len(there) >= self.max_orders:
            raise PaperRefusal(
                RefusalCode.MAX_ORDERS, f"{len(there)} orders are open, {self.max_orders} may be"
            )
        if request.type.triggered and len(there) >= self.max_triggers:
            waiting = sum(order.waiting for order in there.values())
            if waiting >= self.max_triggers:
                raise PaperRefusal(
                    RefusalCode.MAX_ORDERS, f"{waiting} stops are waiting, {self.max_triggers} may be"
                )

    def _check_amendment(
        self, order: WorkingOrder, book: InstrumentBook, quantity: Decimal, price: Decimal
    ) -> None:
        grid = book.instrument.grid
        check_price(grid, price, "price")
        check_quantity(grid, quantity, market=False)
        check_band(book, order.side, price, self._kind, self.band)
        if not order.reduce_only:
            check_notional(book, quantity, price)

    def _reserve_again(self, order: WorkingOrder, quantity: Decimal, price: Decimal) -> None:
        """Exchange the reservation for that of a new quantity and price, or leave it as it was."""
        purse = order.owner.purse
        old = order.quantity, order.price
        purse.release(order)
        order.quantity, order.price = quantity, price
        try:
            purse.reserve(order, None)
        except PaperRefusal:
            order.quantity, order.price = old
            purse.reserve(order, None, forced=True)
            raise
