"""Accounts and orders of a paper venue turned into images, and orders back into life."""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from adapters.paper.ledger import ZERO
from adapters.paper.margin_purse import MarginPurse
from adapters.paper.records import PaperIncome, PaperTrade
from adapters.paper.working_order import WorkingOrder
from adapters.paper_accounts.image import KEPT, AccountImage, IncomeImage, LegImage, OrderImage, TradeImage
from hedge_tui.domain.order import OrderRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.paper_account import PaperAccount
    from hedge_tui.domain.instrument import InstrumentId

R = TypeVar("R")
M = TypeVar("M")

LEG_FIELDS = tuple(name for name in LegImage.__struct_fields__ if name not in ("instrument", "side"))
_ORDER = tuple(
    name for name in OrderImage.__struct_fields__ if name not in ("instrument", "ahead", "margin_price")
)


def order_of(said: OrderImage, book: InstrumentBook, account: PaperAccount) -> WorkingOrder:
    """An order as it was."""
    request = OrderRequest(
        said.client_order_id,
        account.name,
        said.instrument,
        said.side,
        said.original_type,
        said.quantity,
        reduce_only=said.reduce_only,
        close_position=said.close_position,
        position_side=said.position_side,
        time_in_force=said.time_in_force,
        trail_pct=said.trail_pct,
    )
    order = WorkingOrder(request, book.instrument, account, said.order_id, said.created_ns)
    for name in _ORDER:
        setattr(order, name, getattr(said, name))
    return order


def _order_image(order: WorkingOrder, book: InstrumentBook) -> OrderImage:
    values: dict[str, Any] = {name: getattr(order, name) for name in _ORDER}
    ahead = None
    if order.resting and order.price is not None and order.ahead_mark is not None:
        ahead = max(order.ahead_mark - book.along(order.side).levels[order.price].drained, ZERO)
    return OrderImage(instrument=order.instrument.id, ahead=ahead, margin_price=order.margin_price, **values)


def _row(kind: type[Any], record: PaperTrade | PaperIncome) -> Any:
    """A record without the account it is kept under."""
    return kind(**{name: getattr(record, name) for name in kind.__struct_fields__})


class _Written(Generic[R, M]):
    """Images of records that do not change any more, each made once."""

    def __init__(self, make: Callable[[R], M]) -> None:
        self._make = make
        self._images: deque[M] = deque(maxlen=KEPT)
        self._last: R | None = None

    def of(self, records: deque[R]) -> tuple[M, ...]:
        """Images of the newest records, oldest first; `records` only grows at its end."""
        fresh = list(itertools.takewhile(lambda record: record is not self._last, reversed(records)))[:KEPT]
        self._images.extend(self._make(record) for record in reversed(fresh))
        if records:
            self._last = records[-1]
        return tuple(self._images)


class AccountWriter:
    """Makes images of one account; those of finished orders, trades and income once each."""

    def __init__(self, account: PaperAccount, books: Mapping[InstrumentId, InstrumentBook]) -> None:
        self._account = account
        self._books = books
        self._finished = _Written[WorkingOrder, OrderImage](lambda o: _order_image(o, books[o.instrument.id]))
        self._trades = _Written[PaperTrade, TradeImage](lambda t: _row(TradeImage, t))
        self._income = _Written[PaperIncome, IncomeImage](lambda i: _row(IncomeImage, i))

    def image(self) -> AccountImage:
        """The account as it stands."""
        account, purse = self._account, self._account.purse
        orders = [
            _order_image(o, self._books[id_]) for id_, each in account.open.items() for o in each.values()
        ]
        image = AccountImage(
            account.name,
            orders=tuple(sorted(orders, key=lambda order: order.order_id)),
            finished=self._finished.of(account.finished),
            trades=self._trades.of(account.executed),
            income=self._income.of(purse.income),
        )
        if not isinstance(purse, MarginPurse):
            return image
        legs = [leg for leg in purse.legs.values() if leg.quantity or leg.realized or leg.residue]
        return msgspec.structs.replace(
            image,
            hedge_mode=purse.hedge_mode,
            leverages={str(id_): leverage for id_, leverage in purse.leverages.items()},
            isolated=tuple(sorted(purse.isolated)),
            legs=tuple(
                LegImage(leg.book.instrument.id, leg.side, *(getattr(leg, name) for name in LEG_FIELDS))
                for leg in legs
            ),
        )
