"""What the simulated venue does with margin accounts: marks, funding, settings, forced closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.isolated_margin import move_margin
from adapters.paper.ledger import INSURANCE, WORLD
from adapters.paper.margin_settings import set_hedge_mode, set_leverage, set_margin_mode
from adapters.paper.outside_market import pay_funding, revalue
from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.paper.venue_parts import VenueParts
from hedge_tui.domain.order import TriggerSource

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.events import Event
    from adapters.paper.records import IncomeKind
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import PositionSide


class MarginVenue(VenueParts):
    """Calls that concern positions and their margin; on spot accounts they refuse, `set_mark` aside."""

    def set_mark(self, instrument: InstrumentId, mark: Decimal, index: Decimal, now_ns: int) -> list[Event]:
        """A new mark: sets off stops by mark, revalues positions, liquidates what cannot be carried."""
        book = self._book(instrument)
        self._begin(now_ns)
        book.mark, book.index, book.mark_changed = mark, index, True
        book.triggers.trailing.see(TriggerSource.MARK, mark, now_ns)
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
        self._begin(now_ns)
        leg = purse.leg(instrument, side)
        if not leg.quantity:
            raise PaperRefusal(RefusalCode.REDUCE_ONLY, f"{account} holds nothing in {instrument}")
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
