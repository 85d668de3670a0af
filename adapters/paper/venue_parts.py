"""What the simulated venue is put together from, and what every call of it begins and ends with."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from adapters.paper.admission import PriceBand
from adapters.paper.liquidation import Liquidator
from adapters.paper.matcher import Matcher
from adapters.paper.order_intake import OrderIntake
from adapters.paper.order_lists import OrderLists
from adapters.paper.tape import Tape
from adapters.paper.venue_state import VenueState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.paper.events import Event
    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.margin_brackets import MarginBracket
    from hedge_tui.domain.instrument import Instrument, InstrumentId

_BANDS = {
    "spot": PriceBand(Decimal("0.2"), Decimal(5), both_sides=True),
    "usdm": PriceBand(Decimal("0.85"), Decimal("1.15"), both_sides=False),
}
"""Binance's usual factors."""


class VenueParts(VenueState):
    """The parts and the frame of every call; `MarginVenue` and `PaperVenue` add the calls.

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
