"""The simulated venue: what the sandbox server, simulated-time tests and paper accounts talk to."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Literal

from adapters.paper.admission import PriceBand
from adapters.paper.instrument_book import InstrumentBook
from adapters.paper.ledger import WORLD, Ledger
from adapters.paper.liquidation import liquidate
from adapters.paper.margin_brackets import MarginBracket, default_brackets
from adapters.paper.margin_purse import MarginPurse
from adapters.paper.margin_settings import set_hedge_mode, set_leverage, set_margin_mode
from adapters.paper.margin_view import margin_of, position_of
from adapters.paper.matcher import Matcher
from adapters.paper.order_intake import OrderIntake
from adapters.paper.outside_market import cross_book, pay_funding, print_trade, revalue
from adapters.paper.paper_account import PaperAccount
from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.paper.spot_purse import SpotPurse
from adapters.paper.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adapters.paper.events import Event
    from adapters.paper.records import (
        PaperBalance,
        PaperIncome,
        PaperMargin,
        PaperOrder,
        PaperPosition,
        PaperTrade,
    )
    from adapters.paper.working_order import WorkingOrder
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.order import OrderRequest, Side

    Levels = Sequence[tuple[Decimal, Decimal]]
    """(price, quantity) pairs, best first."""

_BANDS = {
    "spot": PriceBand(Decimal("0.2"), Decimal(5), both_sides=True),
    "usdm": PriceBand(Decimal("0.85"), Decimal("1.15"), both_sides=False),
}
"""Binance's usual factors."""


class PaperVenue:
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
        self.kind: Literal["spot", "usdm"] = kind
        self._ledger = Ledger()
        self._tape = Tape(first_order_id)
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
        self._accounts: dict[str, PaperAccount] = {}
        self._books: dict[InstrumentId, InstrumentBook] = {}
        for instrument in instruments:
            if instrument.inverse:
                raise ValueError(
                    f"{instrument.id} is inverse; only spot and linear instruments are simulated"
                )
            tiers = (brackets or {}).get(instrument.id) or default_brackets(instrument.max_leverage)
            self._books[instrument.id] = InstrumentBook(instrument, tiers)

    def add_account(
        self, account: str, balances: Mapping[str, Decimal], *, leverage: Decimal = Decimal(20)
    ) -> None:
        """Open an account.

        Args:
            leverage: USD-M: of instruments where none is set, as far as they allow.

        Raises:
            ValueError: the name is taken.
        """
        if account in self._accounts:
            raise ValueError(f"account {account} exists already")
        purse: SpotPurse | MarginPurse
        if self.kind == "spot":
            purse = SpotPurse(account, self._ledger, self._tape)
        else:
            purse = MarginPurse(account, self._ledger, self._tape, self._books, leverage)
        for asset, quantity in balances.items():
            self._ledger.move(WORLD, account, asset, quantity)
        self._accounts[account] = PaperAccount(account, purse)

    def set_instrument(self, instrument: Instrument) -> None:
        """Replace the rules of an instrument (its grid, fees, whether it is open)."""
        self._book(instrument.id).instrument = instrument

    # Orders

    def place(self, request: OrderRequest, now_ns: int) -> list[Event]:
        """Take one order; an empty client id is replaced by one that the venue makes.

        Raises:
            PaperRefusal: with the rule that it breaks.
        """
        account, book = self._account(request.account), self._book(request.instrument)
        self._begin(now_ns)
        self._intake.place(request, account, book)
        return self._finish(book)

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
            if which == "all" or order.waiting is (which == "stops"):
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
        of them. What none of them took is told as a `PublicTrade` with `outside`.
        """
        book = self._book(instrument)
        self._begin(now_ns)
        print_trade(book, self._matcher, self._tape, price, quantity, taker_side)
        return self._finish(book)

    def set_mark(self, instrument: InstrumentId, mark: Decimal, index: Decimal, now_ns: int) -> list[Event]:
        """A new mark: sets off stops by mark, revalues positions, liquidates what cannot be carried."""
        book = self._book(instrument)
        self._begin(now_ns)
        book.mark, book.index, book.mark_changed = mark, index, True
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
        free = purse.withdrawable(asset)
        if quantity < 0 and -quantity > free:
            raise PaperRefusal(
                RefusalCode.INSUFFICIENT_BALANCE, f"withdrawal of {-quantity:f} {asset}, free is {free:f}"
            )
        self._begin(now_ns)
        purse.transfer(WORLD, asset, quantity, kind)
        purse.flush(kind)
        return self._finish(None)

    # Settings of a margin account

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

    # Reads

    def order(
        self,
        account: str,
        instrument: InstrumentId,
        order_id: int | None = None,
        client_order_id: str | None = None,
    ) -> PaperOrder | None:
        """One order, open or finished; by client id the newest that bears it."""
        found = self._account(account).find(instrument, order_id, client_order_id)
        return found.snapshot() if found is not None else None

    def open_orders(self, account: str, instrument: InstrumentId | None = None) -> list[PaperOrder]:
        """Open orders, waiting stops included, by order id."""
        everything = self._account(account).open
        if instrument is not None:
            return [order.snapshot() for order in everything.get(instrument, {}).values()]
        orders = chain.from_iterable(orders.values() for orders in everything.values())
        return [order.snapshot() for order in sorted(orders, key=lambda order: order.order_id)]

    def all_orders(self, account: str, instrument: InstrumentId) -> list[PaperOrder]:
        """Open and finished orders (the newest 20,000), by order id."""
        return [order.snapshot() for order in self._account(account).every(instrument)]

    def trades(self, account: str, instrument: InstrumentId) -> list[PaperTrade]:
        """The account's executions (the newest 20,000), oldest first."""
        return list(self._account(account).trades.get(instrument, ()))

    def balances(self, account: str) -> dict[str, PaperBalance]:
        """All assets that the account ever had."""
        return self._account(account).purse.balances()

    def margin(self, account: str, asset: str) -> PaperMargin:
        """USD-M: the account's margin figures in one settle asset."""
        return margin_of(self._margin(account), asset)

    def positions(self, account: str) -> list[PaperPosition]:
        """USD-M: every leg that was ever touched, flat ones too; spot: none."""
        purse = self._account(account).purse
        if not isinstance(purse, MarginPurse):
            return []
        return [position_of(purse, leg) for leg in purse.legs.values()]

    def income(self, account: str) -> list[PaperIncome]:
        """Movements of money (the newest 20,000), oldest first; on spot only transfers."""
        return list(self._account(account).purse.income)

    def leverage(self, account: str, instrument: InstrumentId) -> Decimal:
        """USD-M: as set, or the account's default as far as the instrument allows."""
        self._book(instrument)
        return self._margin(account).leverage(instrument)

    def is_isolated(self, account: str, instrument: InstrumentId) -> bool:
        """USD-M: whether the instrument is on isolated margin."""
        return instrument in self._margin(account).isolated

    def hedge_mode(self, account: str) -> bool:
        """USD-M: whether long and short legs are held apart."""
        return self._margin(account).hedge_mode

    def book(
        self, instrument: InstrumentId, depth: int = 20
    ) -> tuple[list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]:
        """(bids, asks), best first: the outside liquidity that is left plus our resting orders."""
        found = self._book(instrument)
        return found.bids.depth(depth), found.asks.depth(depth)

    def last(self, instrument: InstrumentId) -> Decimal | None:
        """Price of the newest trade; None before the first."""
        return self._book(instrument).last

    def mark(self, instrument: InstrumentId) -> Decimal | None:
        """The mark; None before the first."""
        return self._book(instrument).mark

    def brackets(self, instrument: InstrumentId) -> tuple[MarginBracket, ...]:
        """Leverage brackets of one instrument."""
        return self._book(instrument).brackets

    def outside_position(self, instrument: InstrumentId) -> Decimal:
        """What everybody outside holds by trading with these accounts, signed."""
        return self._book(instrument).outside_position

    @property
    def instruments(self) -> dict[InstrumentId, Instrument]:
        """All instruments by id."""
        return {key: book.instrument for key, book in self._books.items()}

    @property
    def accounts(self) -> list[str]:
        """Names of all accounts, in the order they were added."""
        return list(self._accounts)

    @property
    def next_expiry_ns(self) -> int | None:
        """When `advance` should be called next for a GTD order; None when there is none."""
        return self._intake.next_expiry_ns

    @property
    def ledger(self) -> Ledger:
        """The double-entry books behind all balances, for audits."""
        return self._ledger

    def _begin(self, now_ns: int) -> None:
        self._tape.begin(now_ns)
        self._intake.expire_due()

    def _finish(self, book: InstrumentBook | None) -> list[Event]:
        if book is not None:
            self._matcher.fire_triggers(book)
        if self._matcher.touched:
            touched, self._matcher.touched = self._matcher.touched, {}
            for account in touched.values():
                liquidate(account, self._matcher, self._tape)
        return self._tape.take()

    def _account(self, name: str) -> PaperAccount:
        try:
            return self._accounts[name]
        except KeyError:
            raise PaperRefusal(RefusalCode.UNKNOWN_ACCOUNT, f"there is no account {name}") from None

    def _margin(self, name: str) -> MarginPurse:
        purse = self._account(name).purse
        if not isinstance(purse, MarginPurse):
            raise PaperRefusal(RefusalCode.ORDER_TYPE, f"{name} is a spot account")
        return purse

    def _book(self, instrument: InstrumentId) -> InstrumentBook:
        try:
            return self._books[instrument]
        except KeyError:
            raise PaperRefusal(
                RefusalCode.UNKNOWN_INSTRUMENT, f"there is no instrument {instrument}"
            ) from None

    def _open_order(
        self, account: str, instrument: InstrumentId, order_id: int | None, client_order_id: str | None
    ) -> WorkingOrder:
        order = self._account(account).find(instrument, order_id, client_order_id)
        if order is None or not order.status.open:
            wanted = f"id {order_id}" if order_id is not None else f"client id {client_order_id}"
            state = "none" if order is None else f"it is {order.status}"
            raise PaperRefusal(RefusalCode.UNKNOWN_ORDER, f"no open order with {wanted}: {state}")
        return order
