"""Turns what the paper venue says into the desk's own words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.paper.events import (
    BalanceChanged,
    Event,
    Liquidated,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderRejectedEvent,
    OrderTraded,
    PaperOrder,
    PaperStatus,
    PositionChanged,
)
from adapters.paper.records import IncomeKind
from hedge_tui.domain.account import AccountDelta, Balance, CashFlow, Position
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.order import ClientOrderId, OrderRequest, VenueOrderId
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.paper.margin_brackets import MarginBracket
    from adapters.paper.records import PaperIncome, PaperPosition, PaperTrade
    from hedge_tui.domain.ports.venue import PrivateEvent

_KINDS = {
    PaperStatus.NEW: ReportKind.LIVE,
    PaperStatus.PARTIALLY_FILLED: ReportKind.FILL,
    PaperStatus.FILLED: ReportKind.LAST_FILL,
    PaperStatus.CANCELED: ReportKind.CANCELLED,
    PaperStatus.REJECTED: ReportKind.REJECTED,
    PaperStatus.EXPIRED: ReportKind.EXPIRED,
    PaperStatus.EXPIRED_IN_MATCH: ReportKind.EXPIRED,
}


def order_report(order: PaperOrder, now_ns: int, *, kind: ReportKind | None = None) -> Report:
    """An order as it stands at the venue."""
    return Report(
        kind or _KINDS[order.status],
        order.account,
        order.instrument,
        ClientOrderId(order.client_order_id),
        now_ns,
        VenueOrderId(str(order.order_id)),
        filled=order.executed,
        average_price=order.average_price or None,
        quantity=order.quantity,
        price=order.price,
        reason=order.reason,
        venue_ns=order.updated_ns,
        request=OrderRequest(
            ClientOrderId(order.client_order_id),
            order.account,
            order.instrument,
            order.side,
            order.original_type,
            order.quantity,
            price=order.price,
            trigger_price=order.trigger_price,
            trigger_source=order.trigger_source,
            time_in_force=order.time_in_force,
            post_only=order.post_only,
            reduce_only=order.reduce_only,
            close_position=order.close_position,
            position_side=order.position_side,
            expire_ns=order.expire_ns,
            origin="venue",
            trail_pct=order.trail_pct,
        ),
    )


def _closing(event: Liquidated, now_ns: int) -> Report:
    """The order by which the venue closed a position."""
    forced = "ADL" if event.kind == "ADL" else "liquidation"
    return replace(order_report(event.order, now_ns), forced=forced)


def fill_of(trade: PaperTrade, now_ns: int, *, spot: bool) -> Fill:
    """One execution; spot venues do not say what was realized."""
    return Fill(
        trade.account,
        trade.instrument,
        str(trade.trade_id),
        ClientOrderId(trade.client_order_id),
        VenueOrderId(str(trade.order_id)),
        trade.side,
        trade.quantity,
        trade.price,
        trade.commission,
        trade.commission_asset,
        Liquidity.MAKER if trade.maker else Liquidity.TAKER,
        trade.at_ns,
        now_ns,
        realized_pnl=None if spot else trade.realized_pnl,
        position_side=trade.position_side,
    )


def position_of(
    account: str, position: PaperPosition, brackets: Iterable[MarginBracket] = (), adl: int | None = None
) -> Position:
    """A position, flat ones included."""
    return Position(
        account,
        position.instrument,
        position.side,
        position.quantity,
        position.entry_price,
        position.mark,
        position.unrealized,
        position.liquidation_price or None,
        position.leverage,
        position.isolated,
        position.initial_margin,
        position.maintenance_margin,
        position.isolated_wallet if position.isolated else None,
        adl,
        tuple((bracket.floor, bracket.rate) for bracket in brackets),
        position.break_even or None,
    )


def private_events(event: Event, now_ns: int, *, spot: bool) -> list[PrivateEvent]:
    """What a private stream would say of one event of the venue."""
    match event:
        case OrderTraded():
            fill = fill_of(event.trade, now_ns, spot=spot)
            return [order_report(event.order, now_ns), fill]
        case Liquidated():
            return [_closing(event, now_ns), fill_of(event.trade, now_ns, spot=spot)]
        case OrderAmended():
            return [order_report(event.order, now_ns, kind=ReportKind.AMENDED)]
        case OrderAccepted() | OrderCancelled() | OrderExpired() | OrderRejectedEvent():
            return [order_report(event.order, now_ns)]
        case BalanceChanged():
            return _balance(event, now_ns)
        case PositionChanged():
            position = position_of(event.account, event.position)
            return [AccountDelta(event.account, now_ns, positions=(position,), reason=event.reason)]
        case _:
            return []


def _balance(event: BalanceChanged, now_ns: int) -> list[PrivateEvent]:
    balance = Balance(event.account, event.asset, event.total, event.free, event.locked)
    found: list[PrivateEvent] = [AccountDelta(event.account, now_ns, (balance,), reason=event.reason)]
    kinds = {"FUNDING_FEE": "funding", "TRANSFER": "transfer", "DEPOSIT": "deposit", "WITHDRAW": "withdrawal"}
    if (kind := kinds.get(event.reason)) is not None and event.delta != Decimal(0):
        id_ = f"{event.asset}-{event.at_ns}-{event.total}"
        found.append(CashFlow(event.account, id_, kind, event.asset, event.delta, event.at_ns, told=True))
    return found


_FLOWS = {
    IncomeKind.TRANSFER: "transfer",
    IncomeKind.INTERNAL_TRANSFER: "transfer",
    IncomeKind.COIN_SWAP_DEPOSIT: "transfer",
    IncomeKind.COIN_SWAP_WITHDRAW: "transfer",
    IncomeKind.FUNDING_FEE: "funding",
    IncomeKind.LIQUIDATION_FEE: "liquidation",
    IncomeKind.INSURANCE_CLEAR: "liquidation",
    IncomeKind.REFERRAL_KICKBACK: "rebate",
    IncomeKind.COMMISSION_REBATE: "rebate",
    IncomeKind.API_REBATE: "rebate",
}
_OF_TRADES = (IncomeKind.REALIZED_PNL, IncomeKind.COMMISSION)
"""Told by the executions themselves."""


def flow_of(income: PaperIncome) -> CashFlow | None:
    """A movement of money with the venue's id; None for what an execution tells."""
    if income.kind in _OF_TRADES:
        return None
    kind = {"DEPOSIT": "deposit", "WITHDRAW": "withdrawal"}.get(income.info, _FLOWS.get(income.kind, "other"))
    return CashFlow(
        income.account,
        str(income.income_id),
        kind,
        income.asset,
        income.quantity,
        income.at_ns,
        income.instrument,
    )
