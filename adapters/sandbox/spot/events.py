"""The spot user stream: what the paper venue's events look like to an account's listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.paper.events import (
    BalanceChanged,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderListChanged,
    OrderRejectedEvent,
    OrderTraded,
)
from adapters.sandbox.digits import fixed, millis
from adapters.sandbox.spot.order_payload import execution_report, list_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from adapters.paper.records import PaperOrder, PaperOrderList

_EXPIRY_WORDS = {
    "IOC": "INSUFFICIENT_LIQUIDITY",
    "FOK": "INSUFFICIENT_LIQUIDITY",
    "MARKET": "INSUFFICIENT_LIQUIDITY",
}
_TRANSFERS = frozenset({"DEPOSIT", "WITHDRAW", "TRANSFER", "ADJUSTMENT"})


def frames(
    events: Iterable[Event],
    symbol_of: Callable[[PaperOrder | PaperOrderList], str],
    quote_quantity_of: Callable[[PaperOrder], Decimal],
    cancel_id: str,
    now_ms: int,
) -> list[tuple[str, dict[str, Any]]]:
    """(account, event) in the order the venue sends them.

    Each order event is followed by one `outboundAccountPosition` with the balances it changed; money moved
    for another reason gives a `balanceUpdate` as well.
    """
    out: list[tuple[str, dict[str, Any]]] = []
    changed: dict[str, dict[str, BalanceChanged]] = {}
    for event in events:
        if isinstance(event, BalanceChanged):
            if event.reason in _TRANSFERS:
                out.append((event.account, _balance_update(event, now_ms)))
            changed.setdefault(event.account, {})[event.asset] = event
            continue
        if isinstance(event, OrderListChanged):
            symbol = symbol_of(event.orders)
            body = list_status(event.orders, symbol, now_ms, started=event.started)
            _flush(event.orders.account, changed, out, now_ms)
            out.append((event.orders.account, body))
            continue
        report = _report(event, symbol_of, quote_quantity_of, cancel_id, now_ms)
        if report is not None:
            _flush(report[0], changed, out, now_ms)
            out.append(report)
    for account in list(changed):
        _flush(account, changed, out, now_ms)
    return out


def _report(
    event: Event,
    symbol_of: Callable[[PaperOrder | PaperOrderList], str],
    quote_quantity_of: Callable[[PaperOrder], Decimal],
    cancel_id: str,
    now_ms: int,
) -> tuple[str, dict[str, Any]] | None:
    def report(order: PaperOrder, execution: str, **more: Any) -> tuple[str, dict[str, Any]]:
        body = execution_report(
            order, symbol_of(order), execution, now_ms, quote_quantity=quote_quantity_of(order), **more
        )
        return order.account, body

    match event:
        case OrderAccepted(order=order):
            return report(order, "NEW")
        case OrderTraded(order=order, trade=trade):
            return report(order, "TRADE", trade=trade)
        case OrderCancelled(order=order):
            return report(order, "CANCELED", cancel_id=cancel_id)
        case OrderExpired(order=order, reason=reason):
            return report(order, "EXPIRED", reason=_EXPIRY_WORDS.get(reason, ""))
        case OrderRejectedEvent(order=order):
            return report(order, "REJECTED")
        case OrderAmended(order=order):
            return report(order, "REPLACED")
        case _:
            return None


def _flush(
    account: str,
    changed: dict[str, dict[str, BalanceChanged]],
    out: list[tuple[str, dict[str, Any]]],
    now_ms: int,
) -> None:
    balances = changed.pop(account, None)
    if not balances:
        return
    newest = max(change.at_ns for change in balances.values())
    rows = [
        {"a": change.asset, "f": fixed(change.free), "l": fixed(change.locked)}
        for change in balances.values()
    ]
    out.append((account, {"e": "outboundAccountPosition", "E": now_ms, "u": millis(newest), "B": rows}))


def _balance_update(event: BalanceChanged, now_ms: int) -> dict[str, Any]:
    return {
        "e": "balanceUpdate",
        "E": now_ms,
        "a": event.asset,
        "d": fixed(event.delta),
        "T": millis(event.at_ns),
    }
