"""Closing what an account cannot carry any more: at mark, against the market, insured below zero."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.paper.events import Liquidated
from adapters.paper.execution import fill_order
from adapters.paper.ledger import INSURANCE, ZERO, rounded
from adapters.paper.margin_purse import MarginPurse
from adapters.paper.margin_view import cross_shortfall
from adapters.paper.records import IncomeKind
from adapters.paper.working_order import WorkingOrder
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, Side, TimeInForce

if TYPE_CHECKING:
    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.leg import Leg
    from adapters.paper.matcher import Matcher
    from adapters.paper.paper_account import PaperAccount
    from adapters.paper.tape import Tape
    from hedge_tui.domain.instrument import InstrumentId

LIQUIDATION_FEE = Decimal("0.0125")
"""Fraction of the closed notional that goes to the insurance fund, as far as the money reaches."""


def liquidate(account: PaperAccount, matcher: Matcher, tape: Tape) -> None:
    """Close every isolated leg, and all cross legs of every asset, below the maintenance margin.

    Complete and at once: the orders that could add to them are cancelled first, then each leg is
    closed at mark.
    """
    purse = account.purse
    if not isinstance(purse, MarginPurse):
        return
    if purse.isolated:
        for leg in list(purse.legs.values()):
            short = leg.isolated_wallet + leg.unrealized <= leg.maintenance
            if leg.quantity and short and _is_isolated(purse, leg):
                _cancel_orders(account, matcher, [leg.book])
                _close(account, purse, leg, tape, leg.isolated_wallet)
    for asset, sums in list(purse.sums.items()):
        if sums.maintenance > sums.isolated_maintenance and cross_shortfall(purse, asset) >= 0:
            legs = [
                leg
                for leg in purse.legs.values()
                if leg.book.instrument.settle == asset and not _is_isolated(purse, leg)
            ]
            _cancel_orders(account, matcher, [leg.book for leg in legs])
            for leg in legs:
                if leg.quantity:
                    _close(account, purse, leg, tape, None)
            _insure(purse, asset, purse.wallet(asset) - sums.isolated_wallet, None)


def _is_isolated(purse: MarginPurse, leg: Leg) -> bool:
    return leg.book.instrument.id in purse.isolated


def _cancel_orders(account: PaperAccount, matcher: Matcher, books: list[InstrumentBook]) -> None:
    for book in books:
        for order in list(account.open.get(book.instrument.id, {}).values()):
            matcher.cancel(book, order, "LIQUIDATION")


def _close(account: PaperAccount, purse: MarginPurse, leg: Leg, tape: Tape, behind: Decimal | None) -> None:
    """Close one leg at mark.

    `behind` is the money of an isolated leg, beyond which the insurance pays; it is None for a cross
    leg, whose account is made good once all its legs are closed.
    """
    book, instrument = leg.book, leg.book.instrument
    price = book.mark if book.mark is not None else leg.entry_price
    side = Side.SELL if leg.quantity > 0 else Side.BUY
    order_id = tape.order_id()
    request = OrderRequest(
        ClientOrderId(f"autoclose-{order_id}"),
        account.name,
        instrument.id,
        side,
        OrderType.LIMIT,
        abs(leg.quantity),
        price,
        time_in_force=TimeInForce.IOC,
        reduce_only=True,
        position_side=leg.side,
    )
    order = WorkingOrder(request, instrument, account, order_id, tape.now_ns)
    account.opened(order)
    book.trade_id += 1
    trade = fill_order(order, price, order.quantity, book.trade_id, tape.now_ns, maker=False)
    book.outside_position -= order.quantity * side.sign
    account.closed(order)
    money = purse.wallet(instrument.settle) - purse.sums_of(instrument.settle).isolated_wallet
    if behind is not None:
        money = behind + trade.realized_pnl - trade.commission
    fee = min(rounded(trade.quote_quantity * LIQUIDATION_FEE), max(money, ZERO))
    if fee:
        purse.book(
            INSURANCE,
            instrument.settle,
            -fee,
            IncomeKind.LIQUIDATION_FEE,
            instrument=instrument.id,
            trade_id=trade.trade_id,
        )
    tape.events.append(Liquidated(account.name, order.snapshot(), trade, fee, tape.now_ns))
    purse.flush("LIQUIDATION")
    if behind is not None:
        _insure(purse, instrument.settle, money, instrument.id)


def _insure(purse: MarginPurse, asset: str, money: Decimal, instrument: InstrumentId | None) -> None:
    """Pay what is missing below zero."""
    if money < 0:
        purse.book(INSURANCE, asset, -money, IncomeKind.INSURANCE_CLEAR, instrument=instrument)
        purse.flush("INSURANCE_CLEAR")
