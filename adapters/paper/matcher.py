"""Price-time matching: takers against the outside and our resting orders, and what follows a trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.events import (
    OrderCancelled,
    OrderExpired,
    OrderRejectedEvent,
    OrderTraded,
    OrderTriggered,
    PublicTrade,
)
from adapters.paper.execution import fill_order
from adapters.paper.ledger import ZERO
from adapters.paper.records import PaperStatus
from adapters.paper.refusal import PaperRefusal
from adapters.paper.self_trade import SelfTrade
from adapters.paper.sweep import sweep
from hedge_tui.domain.order import Side, TimeInForce, TriggerSource

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.book_side import BookSide, OwnLevel
    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.order_lists import OrderLists
    from adapters.paper.paper_account import PaperAccount
    from adapters.paper.sweep import Sweep
    from adapters.paper.tape import Tape
    from adapters.paper.working_order import WorkingOrder


class Matcher:
    """Executes orders and tells on the tape what happened."""

    __slots__ = ("_tape", "lists", "touched")

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self.lists: OrderLists | None = None
        self.touched: dict[str, PaperAccount] = {}
        """Accounts that traded since this was last cleared; liquidation looks at them."""

    def reach(self, book: InstrumentBook, order: WorkingOrder) -> Sweep | None:
        """What a market order would get; None for other orders and waiting stops."""
        if order.price is not None or order.waiting:
            return None
        return sweep(book, order.side, order.remaining, None, order.owner)

    def would_take(self, book: InstrumentBook, side: Side, price: Decimal) -> bool:
        """Whether an order at `price` would execute at once."""
        best = book.against(side).best_price()
        return best is not None and (best - price) * side.sign <= 0

    def start(self, book: InstrumentBook, order: WorkingOrder) -> None:
        """Let an accepted, reserved order wait for its trigger, or execute it as far as it goes."""
        if order.waiting:
            book.triggers.add(order, book.reference(order.trigger_source), self._tape.now_ns)
        elif order.post_only and order.price is not None and self.would_take(book, order.side, order.price):
            self.expire(book, order, "POST_ONLY")
        else:
            self.work(book, order)

    def work(self, book: InstrumentBook, order: WorkingOrder) -> None:
        """Execute an accepted, reserved order as far as it goes; rest or expire what is left."""
        if order.time_in_force is TimeInForce.FOK and order.price is not None:
            wanted = order.remaining
            if order.reducing:
                wanted = min(wanted, order.owner.purse.executable(order))
            if wanted < order.remaining or (_reachable(book, order, wanted) < wanted):
                self.expire(book, order, "FOK")
                return
        self._take(book, order)
        if order.remaining <= 0 or not order.status.open:
            return
        if order.reducing and order.owner.purse.executable(order) <= 0:
            self.expire(book, order, "REDUCE_ONLY")
        elif order.price is None:
            self.expire(book, order, "MARKET")
        elif order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
            self.expire(book, order, "IOC")
        else:
            book.along(order.side).rest(order, order.price)

    def expire(
        self,
        book: InstrumentBook,
        order: WorkingOrder,
        reason: str,
        status: PaperStatus = PaperStatus.EXPIRED,
    ) -> None:
        """End an order by the venue's own rules."""
        self.remove(book, order)
        order.end(status, reason, self._tape.now_ns)
        order.owner.closed(order)
        self._tape.events.append(OrderExpired(order.snapshot(), reason, self._tape.now_ns))
        order.owner.purse.flush("ORDER")
        self._tell_list(order)

    def cancel(self, book: InstrumentBook, order: WorkingOrder, reason: str) -> None:
        """End an order because somebody asked."""
        self.remove(book, order)
        order.end(PaperStatus.CANCELED, reason, self._tape.now_ns)
        order.owner.closed(order)
        self._tape.events.append(OrderCancelled(order.snapshot(), self._tape.now_ns, reason))
        order.owner.purse.flush("ORDER")
        self._tell_list(order)

    def _tell_list(self, order: WorkingOrder) -> None:
        if order.group is not None and self.lists is not None:
            self.lists.moved(order)

    def remove(self, book: InstrumentBook, order: WorkingOrder) -> None:
        """Take an order out of book, trigger queue and reservation."""
        if order.status is PaperStatus.PENDING_NEW:
            return
        if order.waiting:
            book.triggers.remove(order)
        elif order.resting:
            assert order.price is not None
            book.along(order.side).remove(order, order.price)
        order.owner.purse.release(order)

    def hit_by_outside(
        self, book: InstrumentBook, taker_side: Side, price: Decimal, quantity: Decimal
    ) -> None:
        """Let an outside taker trade `quantity` down (or up) to `price`.

        Our better-priced orders fill fully, those at `price` after the outside queue ahead of them;
        the outside takes the rest.
        """
        side = book.against(taker_side)
        left = quantity
        while left > 0 and (best := side.best_own()) is not None:
            own_price, level = best
            if (own_price - price) * side.sign > 0:
                break
            order = next(iter(level.orders.values()))
            passed = min(left, _ahead(side, level, order, own_price)) if own_price == price else ZERO
            if passed:
                level.drained += passed
                self._print_outside(book, taker_side, price, passed)
                left -= passed
            else:
                left -= self._fill_maker(book, order, None, left, price=own_price, taker_side=taker_side)
        if left > 0:
            self._print_outside(book, taker_side, price, left)

    def _print_outside(
        self, book: InstrumentBook, taker_side: Side, price: Decimal, quantity: Decimal
    ) -> None:
        """Tell a trade among others, and take it out of what they offer at its price."""
        book.against(taker_side).drain_outside_at(price, quantity)
        book.traded(price, self._tape.now_ns)
        book.trade_id += 1
        self._tape.events.append(
            PublicTrade(
                book.instrument.id,
                price,
                quantity,
                taker_side,
                book.trade_id,
                self._tape.now_ns,
                outside=True,
            )
        )

    def cross_outside(self, book: InstrumentBook, side: Side) -> None:
        """After new outside liquidity: our orders of `side` that it crosses fill as makers."""
        own, outside = book.along(side), book.against(side)
        while (best := own.best_own()) is not None and outside.outside:
            price, level = best
            outside_price, there = outside.outside[-1]
            if (outside_price - price) * side.sign > 0:
                return
            order = next(iter(level.orders.values()))
            filled = self._fill_maker(book, order, None, there, price=price, taker_side=side.opposite)
            if filled:
                outside.take_outside(filled)

    def fire_triggers(self, book: InstrumentBook) -> None:
        """Set off every stop that the prices of this call reached, and those that they reach in turn."""
        while (order := self._next_trigger(book)) is not None:
            self._set_off(book, order)

    def _next_trigger(self, book: InstrumentBook) -> WorkingOrder | None:
        if (trailing := book.triggers.trailing.pop_due()) is not None:
            return trailing
        if book.low is not None and book.high is not None:
            found = book.triggers.pop_due(TriggerSource.LAST, book.low, book.high)
            if found is not None:
                return found
            book.low = book.high = None
        if book.mark_changed and book.mark is not None:
            found = book.triggers.pop_due(TriggerSource.MARK, book.mark, book.mark)
            if found is not None:
                return found
            book.mark_changed = False
        return None

    def _set_off(self, book: InstrumentBook, order: WorkingOrder) -> None:
        purse, tape = order.owner.purse, self._tape
        purse.release(order)
        order.set_off(tape.now_ns)
        if order.close_position:
            order.quantity = order.executed + purse.executable(order)
        tape.events.append(OrderTriggered(order.snapshot(), tape.now_ns))
        self._tell_list(order)
        if order.reducing and purse.executable(order) <= 0:
            self.expire(book, order, "REDUCE_ONLY")
            return
        if order.post_only and order.price is not None and self.would_take(book, order.side, order.price):
            self.expire(book, order, "POST_ONLY")
            return
        try:
            purse.reserve(order, self.reach(book, order))
        except PaperRefusal as refusal:
            order.end(PaperStatus.REJECTED, str(refusal), tape.now_ns)
            order.owner.closed(order)
            tape.events.append(OrderRejectedEvent(order.snapshot(), refusal.code, str(refusal), tape.now_ns))
            self._tell_list(order)
        else:
            self.work(book, order)
        purse.flush("ORDER")

    def _take(self, book: InstrumentBook, taker: WorkingOrder) -> None:
        """Execute `taker` against the other side until it, its limit or the liquidity ends."""
        side, limit, sign = book.against(taker.side), taker.price, taker.side.sign
        while (left := taker.remaining) > 0 and taker.status.open:
            if taker.reducing:
                left = min(left, taker.owner.purse.executable(taker))
                if left <= 0:
                    return
            price = side.best_price()
            if price is None or (limit is not None and (price - limit) * sign > 0):
                return
            level = side.levels.get(price)
            if level is None:
                self._take_outside(book, side, taker, left, price)
                continue
            maker = next(iter(level.orders.values()))
            passed = _ahead(side, level, maker, price)
            if passed:
                level.drained += self._take_outside(book, side, taker, min(left, passed), price)
            else:
                self._fill_maker(book, maker, taker, left, price=price, taker_side=taker.side)

    def _take_outside(
        self, book: InstrumentBook, side: BookSide, taker: WorkingOrder, left: Decimal, price: Decimal
    ) -> Decimal:
        quantity = min(left, side.outside[-1][1])
        side.take_outside(quantity)
        self._execute(book, price, quantity, taker=taker, maker=None, taker_side=taker.side)
        return quantity

    def _fill_maker(
        self,
        book: InstrumentBook,
        maker: WorkingOrder,
        taker: WorkingOrder | None,
        left: Decimal,
        *,
        price: Decimal,
        taker_side: Side,
    ) -> Decimal:
        """Fill a resting order, or take it off where it may not trade; returns what was executed."""
        if taker is not None and maker.owner is taker.owner:
            self._meet_own(book, maker, taker)
            return ZERO
        quantity = min(left, maker.remaining)
        if maker.reducing:
            quantity = min(quantity, maker.owner.purse.executable(maker))
            if quantity <= 0:
                self.expire(book, maker, "REDUCE_ONLY")
                return ZERO
        if maker.visible is not None:
            quantity = min(quantity, maker.shown)
            maker.shown -= quantity
        self._execute(book, price, quantity, taker=taker, maker=maker, taker_side=taker_side)
        if maker.visible is not None and maker.resting and not maker.shown:
            # The next part of an iceberg is shown, and waits behind everybody who was there before it.
            side = book.along(maker.side)
            side.remove(maker, price)
            side.rest(maker, price)
        return quantity

    def _meet_own(self, book: InstrumentBook, maker: WorkingOrder, taker: WorkingOrder) -> None:
        """Take off what the order that comes says, instead of letting an account trade with itself."""
        if taker.self_trade is not SelfTrade.EXPIRE_TAKER:
            self.expire(book, maker, "SELF_TRADE", PaperStatus.EXPIRED_IN_MATCH)
        if taker.self_trade is not SelfTrade.EXPIRE_MAKER:
            self.expire(book, taker, "SELF_TRADE", PaperStatus.EXPIRED_IN_MATCH)

    def _execute(
        self,
        book: InstrumentBook,
        price: Decimal,
        quantity: Decimal,
        *,
        taker: WorkingOrder | None,
        maker: WorkingOrder | None,
        taker_side: Side,
    ) -> None:
        book.trade_id += 1
        trade_id = book.trade_id
        book.traded(price, self._tape.now_ns)
        if maker is not None:
            self._fill(book, maker, price, quantity, trade_id, maker=True)
        if taker is not None:
            self._fill(book, taker, price, quantity, trade_id, maker=False)
        if maker is None:
            book.outside_position -= quantity * taker_side.sign
        elif taker is None:
            book.outside_position += quantity * taker_side.sign
        self._tape.events.append(
            PublicTrade(book.instrument.id, price, quantity, taker_side, trade_id, self._tape.now_ns)
        )
        for order in (maker, taker):
            if order is not None:
                self.drop_reducers(book, order)

    def _fill(
        self,
        book: InstrumentBook,
        order: WorkingOrder,
        price: Decimal,
        quantity: Decimal,
        trade_id: int,
        *,
        maker: bool,
    ) -> None:
        """Book one side of an execution and tell it."""
        account, tape = order.owner, self._tape
        trade = fill_order(order, price, quantity, trade_id, tape.now_ns, maker=maker)
        if order.remaining <= 0:
            self.remove(book, order)
            account.closed(order)
        tape.events.append(OrderTraded(order.snapshot(), trade, tape.now_ns))
        account.purse.flush("ORDER")
        self.touched[account.name] = account
        self._tell_list(order)

    def drop_reducers(self, book: InstrumentBook, order: WorkingOrder) -> None:
        """After a leg became flat or turned: what would only shrink it has nothing left to shrink."""
        purse = order.owner.purse
        for reducer in purse.reducers(order):
            if (reducer.resting or reducer.waiting) and purse.executable(reducer) <= 0:
                self.expire(book, reducer, "REDUCE_ONLY")


def _reachable(book: InstrumentBook, order: WorkingOrder, wanted: Decimal) -> Decimal:
    """How much of `wanted` is there for `order` at its limit."""
    to_own = order.self_trade is not SelfTrade.EXPIRE_MAKER
    return sweep(book, order.side, wanted, order.price, order.owner, to_own=to_own).quantity


def _ahead(side: BookSide, level: OwnLevel, order: WorkingOrder, price: Decimal) -> Decimal:
    """Outside quantity that is served before `order` at its price."""
    there = side.outside_at(price) or ZERO
    if not there:
        return ZERO
    if order.ahead_mark is None:
        order.ahead_mark = level.drained + there
    return min(max(order.ahead_mark - level.drained, ZERO), there)
