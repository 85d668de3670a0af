"""Closing what an account cannot carry any more, step by step, at mark, and insured below zero."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from adapters.paper.deleveraging import ranked
from adapters.paper.events import Liquidated
from adapters.paper.forced_close import force_close
from adapters.paper.isolated_margin import take_from_isolated
from adapters.paper.ledger import INSURANCE, ZERO, rounded
from adapters.paper.margin_brackets import bracket_of
from adapters.paper.margin_purse import MarginPurse
from adapters.paper.margin_sums import present_notional
from adapters.paper.margin_view import cross_behind, cross_shortfall
from adapters.paper.records import IncomeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.ledger import Ledger
    from adapters.paper.leg import Leg
    from adapters.paper.matcher import Matcher
    from adapters.paper.paper_account import PaperAccount
    from adapters.paper.tape import Tape
    from hedge_tui.domain.instrument import InstrumentId

LIQUIDATION_FEE = Decimal("0.0125")
"""Fraction of the closed notional that goes to the insurance fund, as far as the money reaches."""


class Liquidator:
    """Watches over the margin accounts of one venue.

    Attributes:
        limited: settle assets whose insurance fund can run dry; then positions on the other side are
            closed against the bankrupt one at its bankruptcy price (ADL).
    """

    def __init__(
        self, accounts: Mapping[str, PaperAccount], matcher: Matcher, ledger: Ledger, tape: Tape
    ) -> None:
        self._accounts = accounts
        self._matcher = matcher
        self._ledger = ledger
        self._tape = tape
        self.limited: set[str] = set()

    def check(self, account: PaperAccount) -> None:
        """Close isolated legs, and cross legs of every asset, as far as they lack maintenance margin.

        The orders that could add to them are cancelled first. Then the leg that needs most margin is
        brought down to the bracket below, again and again, until the rest can be carried. A leg in the
        lowest bracket is closed whole, and so is one that nothing is left behind.
        """
        purse = account.purse
        if not isinstance(purse, MarginPurse):
            return
        if purse.isolated:
            for leg in list(purse.legs.values()):
                if _is_isolated(purse, leg) and _lacks(leg):
                    self._relieve_isolated(account, purse, leg)
        for asset, sums in list(purse.sums.items()):
            if sums.maintenance > sums.isolated_maintenance and cross_shortfall(purse, asset) >= 0:
                self._relieve_cross(account, purse, asset)

    def deleverage(self, account: PaperAccount, leg: Leg, quantity: Decimal, price: Decimal) -> None:
        """Close part of a position as if its turn had come, against the market outside."""
        sign = 1 if leg.quantity > 0 else -1
        leg.book.trade_id += 1
        self._close(account, leg, quantity, price, "ADL")
        leg.book.outside_position += quantity * sign
        account.purse.flush("ADL")

    def _relieve_isolated(self, account: PaperAccount, purse: MarginPurse, leg: Leg) -> None:
        asset = leg.book.instrument.settle
        sums = purse.sums_of(asset)
        self._cancel_orders(account, [leg.book])
        while _lacks(leg):
            behind = leg.isolated_wallet + leg.unrealized
            rest = purse.wallet(asset) - sums.isolated_wallet

            def given_back(rest: Decimal = rest) -> Decimal:
                return purse.wallet(asset) - sums.isolated_wallet - rest

            quantity = _step(leg) if behind > 0 else abs(leg.quantity)
            self._shut(account, purse, leg, quantity, behind=behind, left_over=given_back)
            missing = min(given_back(), ZERO)
            purse.flush("LIQUIDATION")
            if missing and leg.quantity:
                take_from_isolated(purse, leg, -missing)
            else:
                self._insure(purse, asset, missing, leg.book.instrument.id)

    def _relieve_cross(self, account: PaperAccount, purse: MarginPurse, asset: str) -> None:
        legs = [
            leg
            for leg in purse.legs.values()
            if leg.book.instrument.settle == asset and not _is_isolated(purse, leg)
        ]
        self._cancel_orders(account, [leg.book for leg in legs])
        while cross_shortfall(purse, asset) >= 0:
            leg = max(legs, key=lambda one: one.maintenance)
            if not leg.quantity:
                break
            behind = cross_behind(purse, asset)
            quantity = _step(leg) if behind > 0 else abs(leg.quantity)
            self._shut(
                account, purse, leg, quantity, behind=behind, left_over=lambda: cross_behind(purse, asset)
            )
            purse.flush("LIQUIDATION")
        self._insure(purse, asset, purse.wallet(asset) - purse.sums_of(asset).isolated_wallet, None)

    def _shut(
        self,
        account: PaperAccount,
        purse: MarginPurse,
        leg: Leg,
        quantity: Decimal,
        *,
        behind: Decimal,
        left_over: Callable[[], Decimal],
    ) -> None:
        """Close `quantity` of a leg: against deleveraged positions where it must be, else at mark.

        `behind` is the money that carries it, below zero when it is bankrupt; `left_over` what of it is
        there after a trade, from which the liquidation fee is taken.
        """
        sign = 1 if leg.quantity > 0 else -1
        left = quantity
        if behind < 0 and self._dry(leg.book.instrument.settle, -behind):
            left -= self._give_way(account, leg, quantity, -behind)
        if left <= 0:
            return
        book = leg.book
        book.trade_id += 1
        order, trade = force_close(account, leg, left, _mark(leg), tape=self._tape, prefix="autoclose-")
        book.outside_position += left * sign
        fee = min(rounded(trade.quote_quantity * LIQUIDATION_FEE), max(left_over(), ZERO))
        if fee:
            settle, kind = book.instrument.settle, IncomeKind.LIQUIDATION_FEE
            purse.book(INSURANCE, settle, -fee, kind, instrument=book.instrument.id, trade_id=trade.trade_id)
        self._tape.events.append(Liquidated(account.name, order.snapshot(), trade, fee, self._tape.now_ns))
        self._matcher.drop_reducers(book, order)

    def _dry(self, asset: str, deficit: Decimal) -> bool:
        return asset in self.limited and deficit > self._ledger.total(INSURANCE, asset)

    def _give_way(self, account: PaperAccount, leg: Leg, quantity: Decimal, deficit: Decimal) -> Decimal:
        """Close a bankrupt leg against those that rank first on the other side; returns how much."""
        sign = 1 if leg.quantity > 0 else -1
        size = abs(leg.quantity) * leg.book.instrument.contract_size
        price = rounded(_mark(leg) + sign * deficit / size)
        left = quantity
        for other, opposite in ranked(leg.book, -sign) if price > 0 else ():
            part = min(left, abs(opposite.quantity))
            if part <= 0:
                break
            leg.book.trade_id += 1
            self._close(account, leg, part, price, "LIQUIDATION")
            account.purse.flush("LIQUIDATION")
            counterparty = self._accounts[other.account]
            self._close(counterparty, opposite, part, price, "ADL")
            other.flush("ADL")
            self._matcher.touched[other.account] = counterparty
            left -= part
        return quantity - left

    def _close(self, account: PaperAccount, leg: Leg, quantity: Decimal, price: Decimal, kind: str) -> None:
        prefix = "adl_autoclose" if kind == "ADL" else "autoclose-"
        order, trade = force_close(account, leg, quantity, price, tape=self._tape, prefix=prefix)
        event = Liquidated(account.name, order.snapshot(), trade, ZERO, self._tape.now_ns, kind)
        self._tape.events.append(event)
        self._matcher.drop_reducers(leg.book, order)

    def _cancel_orders(self, account: PaperAccount, books: list[InstrumentBook]) -> None:
        for book in books:
            for order in list(account.open.get(book.instrument.id, {}).values()):
                self._matcher.cancel(book, order, "LIQUIDATION")

    @staticmethod
    def _insure(purse: MarginPurse, asset: str, money: Decimal, instrument: InstrumentId | None) -> None:
        """Pay what is missing below zero."""
        if money < 0:
            purse.book(INSURANCE, asset, -money, IncomeKind.INSURANCE_CLEAR, instrument=instrument)
            purse.flush("INSURANCE_CLEAR")


def _is_isolated(purse: MarginPurse, leg: Leg) -> bool:
    return leg.book.instrument.id in purse.isolated


def _lacks(leg: Leg) -> bool:
    return bool(leg.quantity) and leg.isolated_wallet + leg.unrealized <= leg.maintenance


def _mark(leg: Leg) -> Decimal:
    return leg.book.mark if leg.book.mark is not None else leg.entry_price


def _step(leg: Leg) -> Decimal:
    """How much of a leg to close next: down to the bracket below, or all in the lowest bracket."""
    held, instrument = abs(leg.quantity), leg.book.instrument
    floor = bracket_of(leg.book.brackets, abs(present_notional(leg))).floor
    if not floor:
        return held
    lot = instrument.grid.lot
    over = held - floor / (_mark(leg) * instrument.contract_size)
    return min(max((over / lot).to_integral_value(ROUND_CEILING) * lot, lot), held)
