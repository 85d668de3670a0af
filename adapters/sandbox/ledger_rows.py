"""The matching core's events as rows of the truth ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.paper.events import BalanceChanged, Event, Liquidated, OrderTraded, PaperOrder, PaperTrade

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.sandbox.ledger import Ledger
    from hedge_tui.domain.instrument import Instrument


def record(
    ledger: Ledger, venue: str, events: Iterable[Event], instruments: Mapping[str, Instrument]
) -> None:
    """Append a row for every change of an order, every fill and every change of a balance."""
    for event in events:
        order: PaperOrder | None = getattr(event, "order", None)
        if order is not None:
            symbol = instruments[str(order.instrument)].venue_symbol
            ledger.append(
                "order", order.updated_ns, {"change": type(event).__name__, **order_row(venue, symbol, order)}
            )
        if isinstance(event, OrderTraded | Liquidated):
            trade = event.trade
            symbol = instruments[str(trade.instrument)].venue_symbol
            ledger.append("fill", trade.at_ns, fill_row(venue, symbol, trade))
        elif isinstance(event, BalanceChanged) and event.delta:
            ledger.append("balance", event.at_ns, balance_row(venue, event))


def order_row(venue: str, symbol: str, order: PaperOrder) -> dict[str, Any]:
    """An order as the ledger shows it; numbers are decimal text."""
    return {
        "venue": venue,
        "account": order.account,
        "symbol": symbol,
        "instrument": str(order.instrument),
        "order_id": order.order_id,
        "client_order_id": order.client_order_id,
        "side": order.side.value,
        "type": order.original_type.value,
        "status": order.status.value,
        "quantity": str(order.quantity),
        "price": None if order.price is None else str(order.price),
        "trigger_price": None if order.trigger_price is None else str(order.trigger_price),
        "executed": str(order.executed),
        "cumulative_quote": str(order.cumulative_quote),
        "reduce_only": order.reduce_only,
        "triggered": order.triggered,
        "reason": order.reason,
        "created_ns": order.created_ns,
    }


def fill_row(venue: str, symbol: str, trade: PaperTrade) -> dict[str, Any]:
    """A fill as the ledger shows it."""
    return {
        "venue": venue,
        "account": trade.account,
        "symbol": symbol,
        "instrument": str(trade.instrument),
        "trade_id": trade.trade_id,
        "order_id": trade.order_id,
        "client_order_id": trade.client_order_id,
        "side": trade.side.value,
        "price": str(trade.price),
        "quantity": str(trade.quantity),
        "commission": str(trade.commission),
        "commission_asset": trade.commission_asset,
        "realized_pnl": str(trade.realized_pnl),
        "maker": trade.maker,
    }


def balance_row(venue: str, event: BalanceChanged) -> dict[str, Any]:
    """A change of a balance as the ledger shows it."""
    return {
        "venue": venue,
        "account": event.account,
        "asset": event.asset,
        "delta": str(event.delta),
        "total": str(event.total),
        "reason": event.reason,
    }
