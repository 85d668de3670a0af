"""Begins a paper account anew, in its image: what a trader does with `hedge accounts reset`. Pure.

Its orders are cancelled, its positions closed at the last mark without a fee, and what is left is exchanged
for the balance it begins with. That exchange is a transfer, so it is no profit and no loss; history stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from adapters.paper.ledger import MARKET, WORLD, Ledger, rounded
from adapters.paper.records import IncomeKind, PaperStatus
from adapters.paper_accounts.image import KEPT, IncomeImage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.paper_accounts.image import AccountImage, BookImage, LegImage, VenueImage
    from hedge_tui.domain.instrument import InstrumentId

RESET = "RESET"
"""The word of its transfers and cancelled orders."""


@dataclass
class _Money:
    """What moves while an account begins anew."""

    account: str
    ledger: Ledger
    last_id: int
    at_ns: int
    rows: list[IncomeImage] = field(default_factory=list)

    def move(
        self, source: str, asset: str, quantity: Decimal, kind: IncomeKind, of: InstrumentId | None = None
    ) -> None:
        if quantity:
            self.ledger.move(source, self.account, asset, quantity)
            self.last_id += 1
            row = IncomeImage(self.last_id, kind, asset, quantity, of, 0, self.at_ns, RESET)
            self.rows.append(row)


def reset_account(image: VenueImage, name: str, balances: Mapping[str, Decimal], now_ns: int) -> VenueImage:
    """The image with one account begun anew; the same image where it has no such account yet."""
    found = next((account for account in image.accounts if account.name == name), None)
    if found is None:
        return image
    ledger = Ledger()
    ledger.restore(image.ledger)
    money = _Money(name, ledger, image.last_income_id, max(now_ns, image.at_ns))
    books = {book.instrument: book for book in image.books}
    for leg in found.legs:
        if leg.quantity and (book := books.get(leg.instrument)) is not None:
            money.move(MARKET, book.settle, _open_pnl(leg, book), IncomeKind.REALIZED_PNL, leg.instrument)
            outside = book.outside_position + leg.quantity
            books[leg.instrument] = msgspec.structs.replace(book, outside_position=outside)
    for asset in dict.fromkeys([*ledger.assets(name), *balances]):
        change = balances.get(asset, Decimal(0)) - ledger.total(name, asset)
        money.move(WORLD, asset, change, IncomeKind.TRANSFER)
    return msgspec.structs.replace(
        image,
        at_ns=money.at_ns,
        ledger=ledger.totals(),
        last_income_id=money.last_id,
        books=tuple(books.values()),
        accounts=tuple(
            _begun_anew(account, money) if account is found else account for account in image.accounts
        ),
    )


def _begun_anew(account: AccountImage, money: _Money) -> AccountImage:
    cancelled = tuple(
        msgspec.structs.replace(
            order,
            status=PaperStatus.CANCELED,
            reason=RESET,
            updated_ns=money.at_ns,
            waiting=False,
            ahead=None,
            margin_price=None,
        )
        for order in account.orders
    )
    return msgspec.structs.replace(
        account,
        legs=(),
        orders=(),
        finished=(*account.finished, *cancelled)[-KEPT:],
        income=(*account.income, *money.rows)[-KEPT:],
    )


def _open_pnl(leg: LegImage, book: BookImage) -> Decimal:
    """What the leg would realise at the last mark; nothing where no mark was ever said."""
    if book.mark is None:
        return Decimal(0)
    return rounded(leg.quantity * book.mark * book.contract_size - leg.cost)
