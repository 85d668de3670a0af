"""Orders that hang together: one cancels the other (OCO), one sets off others (OTO). Spot only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from adapters.paper.records import PaperOrderList, PaperStatus

if TYPE_CHECKING:
    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.working_order import WorkingOrder


class Contingency(StrEnum):
    """How the orders of a list hang together, in Binance's words."""

    OCO = "OCO"
    OTO = "OTO"
    """Also the list whose pending orders are an OCO."""


@dataclass(slots=True, eq=False)
class OrderGroup:
    """One list of orders.

    Attributes:
        working: of an OTO the order that sets off the others, else None.
        others: the two of an OCO, or the pending ones.
        done: nothing of it is open any more.
        ended: one of `others` has moved, or the working one has ended, so that the rest was taken off.
    """

    list_id: int
    client_id: str
    contingency: Contingency
    book: InstrumentBook
    working: WorkingOrder | None
    others: list[WorkingOrder]
    updated_ns: int
    done: bool = False
    ended: bool = False

    @property
    def orders(self) -> list[WorkingOrder]:
        """All of them, the working one first."""
        return [*([self.working] if self.working is not None else []), *self.others]

    @property
    def pending(self) -> bool:
        """The working order has not filled yet."""
        return any(order.status is PaperStatus.PENDING_NEW for order in self.others)

    def snapshot(self) -> PaperOrderList:
        """The list as it stands, frozen."""
        orders = self.orders
        return PaperOrderList(
            orders[0].owner.name,
            orders[0].instrument.id,
            self.list_id,
            self.client_id,
            self.contingency.value,
            tuple((order.order_id, order.client_order_id) for order in orders),
            self.done,
            self.updated_ns,
        )
