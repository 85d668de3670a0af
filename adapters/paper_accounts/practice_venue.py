"""A `PaperVenue` that can be written down and put together again, and whose instruments may change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import msgspec

from adapters.paper.instrument_book import InstrumentBook
from adapters.paper.ledger import ZERO
from adapters.paper.leg import Leg
from adapters.paper.margin_brackets import default_brackets
from adapters.paper.margin_purse import MarginPurse
from adapters.paper.records import PaperIncome, PaperTrade
from adapters.paper.venue import PaperVenue
from adapters.paper_accounts.account_image import LEG_FIELDS, AccountWriter, order_of
from adapters.paper_accounts.image import BookImage, VenueImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from adapters.paper.paper_account import PaperAccount
    from adapters.paper.working_order import WorkingOrder
    from adapters.paper_accounts.image import AccountImage, OrderImage
    from hedge_tui.domain.instrument import Instrument, InstrumentId


class PracticeVenue(PaperVenue):
    """The matching core of paper accounts.

    Lists of orders are not written down: no paper account can place one.
    """

    def __init__(self, kind: Literal["spot", "usdm"], instruments: Iterable[Instrument]) -> None:
        super().__init__(kind, instruments)
        self._writers: dict[str, AccountWriter] = {}

    def know(self, instruments: Iterable[Instrument]) -> None:
        """Take over the venue's instruments as they are now; those that are gone take no more orders."""
        gone = {id_ for id_, book in self._books.items() if book.instrument.active}
        for instrument in instruments:
            gone.discard(instrument.id)
            book = self._books.get(instrument.id)
            if book is None:
                brackets = default_brackets(instrument.max_leverage)
                self._books[instrument.id] = InstrumentBook(instrument, brackets)
            else:
                book.instrument = instrument
        for id_ in gone:
            self._books[id_].instrument = replace(self._books[id_].instrument, active=False)

    def number_from(self, number: int) -> None:
        """Let order ids and trade ids begin here, so that those of a lost file do not come again."""
        self._tape.go_on(max(number, self._tape.coming_order_id), self._tape.last_income_id)
        for book in self._books.values():
            book.trade_id = max(book.trade_id, number)

    def exposed(self) -> set[InstrumentId]:
        """Instruments in which an account has open orders or a position."""
        found: set[InstrumentId] = set()
        for account in self._accounts.values():
            found |= {id_ for id_, orders in account.open.items() if orders}
            if isinstance(account.purse, MarginPurse):
                found |= {id_ for (id_, _), leg in account.purse.legs.items() if leg.quantity}
        return found

    def newest_order_ns(self, instrument: InstrumentId) -> int:
        """Since when the youngest order rests in the instrument's book; 0 without any."""
        orders = (a.open.get(instrument, {}).values() for a in self._accounts.values())
        return max((o.working_ns for each in orders for o in each if o.resting), default=0)

    # -- written down, and put together again

    def image(self, venue: str, funding: Mapping[InstrumentId, tuple[int, Decimal]]) -> VenueImage:
        """Everything that is worth keeping; `funding` is (interval's end, rate) by instrument."""
        return VenueImage(
            venue,
            self.kind,
            self._tape.now_ns,
            self._tape.coming_order_id,
            self._tape.last_income_id,
            self._ledger.totals(),
            tuple(self._writer(account).image() for account in self._accounts.values()),
            tuple(
                BookImage(
                    id_,
                    book.trade_id,
                    book.instrument.settle,
                    book.instrument.contract_size,
                    book.last,
                    book.mark,
                    book.index,
                    book.outside_position,
                    *funding.get(id_, (0, ZERO)),
                )
                for id_, book in self._books.items()
                if book.outside_position
                or id_ in funding
                or any(id_ in a.trades for a in self._accounts.values())
            ),
        )

    def restore(self, image: VenueImage) -> None:
        """Put accounts, orders and positions back; what instruments no longer exist is left out.

        Resting orders keep their place in the queue; nothing trades before new liquidity is said.
        """
        self._tape.begin(image.at_ns)
        self._tape.go_on(image.coming_order_id, image.last_income_id)
        for one in image.books:
            if (book := self._books.get(one.instrument)) is not None:
                book.trade_id, book.outside_position = one.trade_id, one.outside_position
                book.last, book.mark, book.index = one.last, one.mark, one.index
        for account in image.accounts:
            self.add_account(account.name, {})
            self._restore_account(self._accounts[account.name], account)
        self._ledger.restore(image.ledger)
        self._tape.take()

    def _writer(self, account: PaperAccount) -> AccountWriter:
        found = self._writers.get(account.name)
        if found is None:
            found = self._writers[account.name] = AccountWriter(account, self._books)
        return found

    def _restore_account(self, account: PaperAccount, image: AccountImage) -> None:
        purse = account.purse
        for row in image.income:
            purse.income.append(PaperIncome(image.name, **msgspec.structs.asdict(row)))
        for trade in image.trades:
            account.traded(PaperTrade(image.name, **msgspec.structs.asdict(trade)))
        if isinstance(purse, MarginPurse):
            self._restore_legs(purse, image)
        for said in image.finished:
            if (book := self._books.get(said.instrument)) is not None:
                order = order_of(said, book, account)
                account.opened(order)
                account.closed(order)
        for said in image.orders:
            if (book := self._books.get(said.instrument)) is not None:
                self._restore_order(order_of(said, book, account), book, said)

    def _restore_legs(self, purse: MarginPurse, image: AccountImage) -> None:
        purse.hedge_mode = image.hedge_mode
        purse.leverages = dict(_known(image.leverages, self._books))
        purse.isolated = {id_ for id_ in self._books if id_ in image.isolated}
        for one in image.legs:
            book = self._books.get(one.instrument)
            if book is None:
                continue
            leg = purse.legs[one.instrument, one.side] = Leg(book, one.side)
            for name in LEG_FIELDS:
                setattr(leg, name, getattr(one, name))
            purse.sums_of(book.instrument.settle).isolated_wallet += leg.isolated_wallet
            purse.refresh(leg)

    def _restore_order(self, order: WorkingOrder, book: InstrumentBook, said: OrderImage) -> None:
        account = order.owner
        account.opened(order)
        if isinstance(account.purse, MarginPurse) and said.margin_price is not None:
            account.purse.reserve_at(order, said.margin_price)
        else:
            account.purse.reserve(order, None, forced=True)
        self._intake.expect(order, book)
        if order.waiting:
            book.triggers.add(order)
        elif order.price is not None:
            book.along(order.side).rest(order, order.price)
            order.ahead_mark = said.ahead


def _known(
    leverages: Mapping[str, Decimal], books: Mapping[InstrumentId, InstrumentBook]
) -> list[tuple[InstrumentId, Decimal]]:
    return [(id_, leverages[id_]) for id_ in books if id_ in leverages]
