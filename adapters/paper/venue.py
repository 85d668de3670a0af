"""The simulated venue: what the sandbox server, simulated-time tests and paper accounts talk to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from adapters.paper.ledger import WORLD
from adapters.paper.margin_venue import MarginVenue
from adapters.paper.outside_market import cross_book
from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.paper.self_trade import SelfTrade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from adapters.paper.events import Event
    from adapters.paper.records import PaperOrderList
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import OrderRequest, Side

    Levels = Sequence[tuple[Decimal, Decimal]]
    """(price, quantity) pairs, best first."""


class PaperVenue(MarginVenue):
    """Matching and accounting of one venue, spot or USD-M (linear perpetuals, settled in quote).

    Every call that changes something takes `now_ns` and returns what it caused, in order, across all
    accounts. A call that raises `PaperRefusal` has changed nothing, except that GTD orders whose time
    had come are gone; their events come with the next call that returns.
    """

    # Orders

    def place(
        self,
        request: OrderRequest,
        now_ns: int,
        *,
        self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER,
        note: str = "",
        visible: Decimal | None = None,
    ) -> list[Event]:
        """Take one order; an empty client id is replaced by one that the venue makes.

        `visible` makes a limit order an iceberg: no more of it is shown at a time, and each part that is
        shown queues up behind what is there already.

        Raises:
            PaperRefusal: with the rule that it breaks.
        """
        account, book = self._account(request.account), self._book(request.instrument)
        self._begin(now_ns)
        self._intake.place(request, account, book, self_trade, note, visible=visible)
        return self._finish(book)

    def place_list(
        self,
        working: OrderRequest | None,
        others: Sequence[OrderRequest],
        now_ns: int,
        *,
        client_id: str,
    ) -> list[Event]:
        """Take orders that hang together (spot only).

        Two `others` alone are an OCO: as soon as one is set off, trades or ends, the other one is taken off.
        With `working`, the others (one, or an OCO of two) are placed when it has filled.

        Raises:
            PaperRefusal: with the rule that one of them breaks.
        """
        first = others[0]
        if self.kind != "spot" or len(others) + (working is not None) not in (2, 3) or len(others) > 2:
            raise PaperRefusal(RefusalCode.ORDER_TYPE, f"a list of {len(others)} orders on {self.kind}")
        account, book = self._account(first.account), self._book(first.instrument)
        self._begin(now_ns)
        self._lists.place(working, others, account, book, client_id)
        return self._finish(book)

    def cancel_list(
        self, account: str, *, list_id: int | None = None, client_id: str | None = None, now_ns: int
    ) -> list[Event]:
        """Cancel all orders of a list.

        Raises:
            PaperRefusal: UNKNOWN_ORDER: there is none, or nothing of it is open any more.
        """
        self._begin(now_ns)
        group = self._lists.find(list_id, client_id, account)
        if group is None or group.done:
            raise PaperRefusal(RefusalCode.UNKNOWN_ORDER, f"no open list {list_id or client_id}")
        for order in group.orders:
            if order.status.open:
                self._matcher.cancel(group.book, order, "")
        return self._finish(group.book)

    def order_list(
        self, account: str, list_id: int | None = None, client_id: str | None = None
    ) -> PaperOrderList | None:
        """One list, open or done."""
        found = self._lists.find(list_id, client_id, account)
        return found.snapshot() if found is not None else None

    def order_lists(self, account: str) -> list[PaperOrderList]:
        """An account's lists, oldest first."""
        return [group.snapshot() for group in self._lists.of(account)]

    def test(self, request: OrderRequest, now_ns: int | None = None) -> None:
        """Run all checks of `place` without effect.

        Raises:
            PaperRefusal: `place` would refuse it.
        """
        account, book = self._account(request.account), self._book(request.instrument)
        kept = self._tape.hold(now_ns)
        try:
            self._intake.test(request, account, book)
        finally:
            self._tape.events = kept

    def cancel(
        self,
        account: str,
        instrument: InstrumentId,
        *,
        order_id: int | None = None,
        client_order_id: str | None = None,
        now_ns: int,
    ) -> list[Event]:
        """Cancel one open order.

        Raises:
            PaperRefusal: UNKNOWN_ORDER: there is none, or it is not open any more.
        """
        book = self._book(instrument)
        self._begin(now_ns)
        self._matcher.cancel(book, self._open_order(account, instrument, order_id, client_order_id), "")
        return self._finish(book)

    def cancel_all(
        self,
        account: str,
        instrument: InstrumentId,
        now_ns: int,
        *,
        which: Literal["all", "orders", "stops"] = "all",
    ) -> list[Event]:
        """Cancel open orders of one instrument: all, those in the book, or the waiting stops."""
        book = self._book(instrument)
        self._begin(now_ns)
        for order in list(self._account(account).open.get(instrument, {}).values()):
            # One of a list may have gone with another one already.
            if order.status.open and (which == "all" or order.waiting is (which == "stops")):
                self._matcher.cancel(book, order, "")
        return self._finish(book)

    def amend(
        self,
        account: str,
        instrument: InstrumentId,
        *,
        order_id: int | None = None,
        client_order_id: str | None = None,
        quantity: Decimal | None = None,
        price: Decimal | None = None,
        now_ns: int,
    ) -> list[Event]:
        """Change quantity (total, executed part included) or price of a resting limit order.

        It keeps its priority only if the quantity shrinks at the same price.

        Raises:
            PaperRefusal: the order stays as it is.
        """
        book = self._book(instrument)
        self._begin(now_ns)
        order = self._open_order(account, instrument, order_id, client_order_id)
        self._intake.amend(order, book, quantity, price)
        return self._finish(book)

    # What the world outside does

    def advance(self, now_ns: int, *, until_ns: int | None = None) -> list[Event]:
        """Let time pass: GTD orders expire. Every other call does this too.

        `until_ns`: expire those good till then at once, though it is only `now_ns`.
        """
        self._begin(now_ns)
        self._intake.expire_due(until_ns)
        return self._finish(None)

    def set_book(self, instrument: InstrumentId, bids: Levels, asks: Levels, now_ns: int) -> list[Event]:
        """Replace the outside liquidity; our resting orders that it crosses fill as makers."""
        book = self._book(instrument)
        self._begin(now_ns)
        cross_book(book, self._matcher, bids, asks)
        return self._finish(book)

    def print_trade(
        self, instrument: InstrumentId, price: Decimal, quantity: Decimal, taker_side: Side, now_ns: int
    ) -> list[Event]:
        """A trade outside, which our resting orders take part in.

        Better-priced ones fill fully up to `quantity`, those at `price` after the outside queue ahead
        of them. What none of them took is told in `PublicTrade` events with `outside`; all of them
        together make up `quantity`.
        """
        book = self._book(instrument)
        self._begin(now_ns)
        self._matcher.hit_by_outside(book, taker_side, price, quantity)
        return self._finish(book)

    def transfer(
        self, account: str, asset: str, quantity: Decimal, now_ns: int, kind: str = "TRANSFER"
    ) -> list[Event]:
        """Deposit (> 0) or withdraw (< 0).

        Raises:
            PaperRefusal: INSUFFICIENT_BALANCE: less is free.
        """
        purse = self._account(account).purse
        self._begin(now_ns)
        free = purse.withdrawable(asset)
        if quantity < 0 and -quantity > free:
            raise PaperRefusal(
                RefusalCode.INSUFFICIENT_BALANCE, f"withdrawal of {-quantity:f} {asset}, free is {free:f}"
            )
        purse.transfer(WORLD, asset, quantity, kind)
        purse.flush(kind)
        return self._finish(None)
