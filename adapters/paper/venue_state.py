"""What the simulated venue knows, and how it is read; `PaperVenue` adds what changes it."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Literal

from adapters.paper.deleveraging import adl_quantile
from adapters.paper.instrument_book import InstrumentBook
from adapters.paper.ledger import WORLD, Ledger
from adapters.paper.margin_brackets import MarginBracket, default_brackets
from adapters.paper.margin_purse import MarginPurse
from adapters.paper.margin_view import margin_of, position_of
from adapters.paper.paper_account import PaperAccount
from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.paper.spot_purse import SpotPurse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.paper.records import (
        PaperBalance,
        PaperIncome,
        PaperMargin,
        PaperMarginChange,
        PaperOrder,
        PaperPosition,
        PaperTrade,
    )
    from adapters.paper.tape import Tape
    from adapters.paper.working_order import WorkingOrder
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.order import PositionSide


class VenueState:
    """Accounts, books and ledger of one venue, and every read.

    Reads of unknown accounts and instruments raise `PaperRefusal` (UNKNOWN_ACCOUNT, UNKNOWN_INSTRUMENT).
    """

    def __init__(
        self,
        kind: Literal["spot", "usdm"],
        instruments: Iterable[Instrument],
        tape: Tape,
        brackets: Mapping[InstrumentId, tuple[MarginBracket, ...]],
    ) -> None:
        self.kind: Literal["spot", "usdm"] = kind
        self._tape = tape
        self._ledger = Ledger()
        self._accounts: dict[str, PaperAccount] = {}
        self._books: dict[InstrumentId, InstrumentBook] = {}
        for instrument in instruments:
            if instrument.inverse:
                raise ValueError(
                    f"{instrument.id} is inverse; only spot and linear instruments are simulated"
                )
            tiers = brackets.get(instrument.id) or default_brackets(instrument.max_leverage)
            self._books[instrument.id] = InstrumentBook(instrument, tiers)

    def add_account(
        self, account: str, balances: Mapping[str, Decimal], *, leverage: Decimal = Decimal(20)
    ) -> None:
        """Open an account.

        On USD-M, `leverage` is that of instruments where none is set, as far as they allow.

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

    def margin_changes(self, account: str) -> list[PaperMarginChange]:
        """USD-M: changes of isolated margin (the newest 20,000), oldest first."""
        return list(self._margin(account).margin_changes)

    def adl_quantile(self, account: str, instrument: InstrumentId, side: PositionSide) -> int:
        """USD-M: place in the deleveraging queue, 4 the first, 0 when flat or losing."""
        purse = self._margin(account)
        return adl_quantile(purse, purse.leg(instrument, side))

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
    def ledger(self) -> Ledger:
        """The double-entry books behind all balances, for audits."""
        return self._ledger

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
