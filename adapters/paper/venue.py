"""The simulated venue: what the sandbox server, simulated-time tests and paper accounts talk to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from adapters.paper.admission import PriceBand
from adapters.paper.isolated_margin import move_margin
from adapters.paper.ledger import INSURANCE, WORLD
from adapters.paper.liquidation import Liquidator
from adapters.paper.margin_settings import set_hedge_mode, set_leverage, set_margin_mode
from adapters.paper.matcher import Matcher
from adapters.paper.order_intake import OrderIntake
from adapters.paper.order_lists import OrderLists
from adapters.paper.outside_market import cross_book, pay_funding, revalue
from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.paper.self_trade import SelfTrade
from adapters.paper.tape import Tape
from adapters.paper.venue_state import VenueState
from hedge_tui.domain.order import TriggerSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adapters.paper.events import Event
    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.margin_brackets import MarginBracket
    from adapters.paper.records import IncomeKind, PaperOrderList
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.order import OrderRequest, PositionSide, Side

    Levels = Sequence[tuple[Decimal, Decimal]]
    """(price, quantity) pairs, best first."""

_BANDS = {
    "spot": PriceBand(Decimal("0.2"), Decimal(5), both_sides=True),
    "usdm": PriceBand(Decimal("0.85"), Decimal("1.15"), both_sides=False),
}
"""Binance's usual factors."""


class PaperVenue(VenueState):
    """Matching and accounting of one venue, spot or USD-M (linear perpetuals, settled in quote).

    Every call that changes something takes `now_ns` and returns what it caused, in order, across all
    accounts. A call that raises `PaperRefusal` has changed nothing, except that GTD orders whose time
    had come are gone; their events come with the next call that returns.

    Args:
        first_order_id: id of the first order; ids rise by one.
        band: limits of order prices around the reference; None: Binance's usual ones.
        brackets: leverage brackets by instrument; those of `default_brackets` where missing.
        max_orders, max_triggers: open orders, waiting stops, per account and instrument.
        seed: part of client ids that the venue makes up.
    """

    def __init__(
        self,
        kind: Literal["spot", "usdm"],
        instruments: Iterable[Instrument],
        *,
        first_order_id: int = 1,
        seed: int = 0,
        band: PriceBand | None = None,
        brackets: Mapping[InstrumentId, tuple[MarginBracket, ...]] | None = None,
        max_orders: int = 200,
        max_triggers: int = 100,
    ) -> None:
        super().__init__(kind, instruments, Tape(first_order_id), brackets or {})
        self._matcher = Matcher(self._tape)
        self._intake = OrderIntake(
            kind,
            self._tape,
            self._matcher,
            band=band or _BANDS[kind],
            max_orders=max_orders,
            max_triggers=max_triggers,
            seed=seed,
        )
        self._lists = self._matcher.lists = OrderLists(self._intake, self._matcher, self._tape)
        self._liquidator = Liquidator(self._accounts, self._matcher, self._ledger, self._tape)

    # Orders

    def place(
        self,
        request: OrderRequest,
        now_ns: int,
        *,
        self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER,
        note: str = "",
    ) -> list[Event]:
        """Take one order; an empty client id is replaced by one that the venue makes.

        Raises:
            PaperRefusal: with the rule that it breaks.
        """
        account, book = self._account(request.account), self._book(request.instrument)
        self._begin(now_ns)
        self._intake.place(request, account, book, self_trade, note)
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
        group = self._lists.find(list_id, client_id, account)
        if group is None or group.done:
            raise PaperRefusal(RefusalCode.UNKNOWN_ORDER, f"no open list {list_id or client_id}")
        self._begin(now_ns)
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

    def advance(self, now_ns: int) -> list[Event]:
        """Let time pass: GTD orders expire. Every other call does this too."""
        self._begin(now_ns)
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

    def set_mark(self, instrument: InstrumentId, mark: Decimal, index: Decimal, now_ns: int) -> list[Event]:
        """A new mark: sets off stops by mark, revalues positions, liquidates what cannot be carried."""
        book = self._book(instrument)
        self._begin(now_ns)
        book.mark, book.index, book.mark_changed = mark, index, True
        book.triggers.trailing.see(TriggerSource.MARK, mark)
        revalue(book)
        for holder in book.holders:
            self._matcher.touched[holder] = self._accounts[holder]
        return self._finish(book)

    def pay_funding(self, instrument: InstrumentId, rate: Decimal, now_ns: int) -> list[Event]:
        """Settle one funding interval at the mark: longs pay `rate` of their notional, shorts get it."""
        book = self._book(instrument)
        self._begin(now_ns)
        for holder in pay_funding(book, rate):
            self._matcher.touched[holder] = self._accounts[holder]
        return self._finish(None)

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

    def adjust(
        self, account: str, asset: str, quantity: Decimal, kind: IncomeKind, now_ns: int
    ) -> list[Event]:
        """Book income of another kind than trading causes: a rebate, a bonus, a fee (USD-M only)."""
        purse = self._margin(account)
        self._begin(now_ns)
        purse.book(WORLD, asset, quantity, kind, info=kind.value)
        purse.flush(kind.value)
        return self._finish(None)

    def limit_insurance(self, asset: str, quantity: Decimal) -> None:
        """Leave the insurance fund with `quantity`; once it cannot pay, positions are deleveraged."""
        self._ledger.move(WORLD, INSURANCE, asset, quantity - self._ledger.total(INSURANCE, asset))
        self._liquidator.limited.add(asset)

    def deleverage(
        self, account: str, instrument: InstrumentId, side: PositionSide, quantity: Decimal, now_ns: int
    ) -> list[Event]:
        """Close up to `quantity` of a position at mark, as auto-deleveraging would.

        Raises:
            PaperRefusal: REDUCE_ONLY: the position is flat.
        """
        book, purse = self._book(instrument), self._margin(account)
        leg = purse.leg(instrument, side)
        if not leg.quantity:
            raise PaperRefusal(RefusalCode.REDUCE_ONLY, f"{account} holds nothing in {instrument}")
        self._begin(now_ns)
        price = book.mark if book.mark is not None else leg.entry_price
        self._liquidator.deleverage(self._account(account), leg, min(quantity, abs(leg.quantity)), price)
        return self._finish(book)

    # Settings of a margin account

    def move_margin(
        self, account: str, instrument: InstrumentId, side: PositionSide, delta: Decimal, now_ns: int
    ) -> list[Event]:
        """Add to (> 0) or take from (< 0) the margin of an isolated position.

        Raises:
            PaperRefusal: NOT_ISOLATED, INSUFFICIENT_MARGIN or INSUFFICIENT_BALANCE.
        """
        purse = self._margin(account)
        self._book(instrument)
        self._begin(now_ns)
        move_margin(purse, purse.leg(instrument, side), delta)
        return self._finish(None)

    def set_leverage(self, account: str, instrument: InstrumentId, leverage: Decimal) -> None:
        """Change the leverage of one instrument.

        Raises:
            PaperRefusal: LEVERAGE, MAX_POSITION or INSUFFICIENT_MARGIN.
        """
        set_leverage(self._margin(account), self._book(instrument), leverage)

    def set_margin_mode(self, account: str, instrument: InstrumentId, *, isolated: bool) -> None:
        """Choose isolated or cross margin for one instrument.

        Raises:
            PaperRefusal: UNCHANGED or OPEN_EXPOSURE.
        """
        set_margin_mode(
            self._account(account), self._margin(account), self._book(instrument), isolated=isolated
        )

    def set_hedge_mode(self, account: str, *, enabled: bool) -> None:
        """Hold long and short legs apart (True) or net them (False).

        Raises:
            PaperRefusal: UNCHANGED or OPEN_EXPOSURE.
        """
        set_hedge_mode(self._account(account), self._margin(account), enabled=enabled)

    @property
    def next_expiry_ns(self) -> int | None:
        """When `advance` should be called next for a GTD order; None when there is none."""
        return self._intake.next_expiry_ns

    def _begin(self, now_ns: int) -> None:
        self._tape.begin(now_ns)
        self._intake.expire_due()

    def _finish(self, book: InstrumentBook | None) -> list[Event]:
        if book is not None:
            self._matcher.fire_triggers(book)
        while books := self._lists.set_free():
            for one in books:
                self._matcher.fire_triggers(one)
        while self._matcher.touched:
            touched, self._matcher.touched = self._matcher.touched, {}
            for account in touched.values():
                self._liquidator.check(account)
        return self._tape.take()
