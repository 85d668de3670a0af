"""The USD-M user stream: what the paper venue's events look like to an account's listeners."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

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
    OrderTriggered,
    PositionChanged,
)
from adapters.sandbox.digits import fixed, millis, plain
from adapters.sandbox.usdm.order_payload import (
    SIDES,
    Digits,
    algo_update,
    algo_waiting,
    is_algo,
    order_update,
    trade_lite,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from adapters.paper.records import PaperOrder, PaperPosition

ZERO = Decimal(0)
_ORDER_REASONS = frozenset({"ORDER", "LIQUIDATION", "ADL"})
_REASONS = frozenset(
    {
        "DEPOSIT",
        "WITHDRAW",
        "FUNDING_FEE",
        "ADJUSTMENT",
        "INSURANCE_CLEAR",
        "MARGIN_TRANSFER",
        "ASSET_TRANSFER",
        "AUTO_EXCHANGE",
        "COIN_SWAP_DEPOSIT",
        "COIN_SWAP_WITHDRAW",
    }
)
"""Those that the venue tells under their own name; every other movement is an ADJUSTMENT."""
Frame = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class _Update:
    """An `ACCOUNT_UPDATE` being gathered."""

    reason: str
    at_ns: int
    balances: dict[str, BalanceChanged] = field(default_factory=dict)
    positions: dict[tuple[str, str], PaperPosition] = field(default_factory=dict)


class UserFrames:
    """Formats events.

    Args:
        digits_of: decimals of an instrument, by its id.
        cross_wallet_of: cross wallet balance of (account, asset), which events do not carry.
    """

    def __init__(
        self, digits_of: Callable[[str], Digits], cross_wallet_of: Callable[[str, str, Decimal], Decimal]
    ) -> None:
        self._digits_of = digits_of
        self._cross_wallet_of = cross_wallet_of

    def frames(self, events: Iterable[Event], now_ms: int) -> list[Frame]:
        """(account, event) as the venue sends them: for an execution the `ACCOUNT_UPDATE` goes first."""
        out: list[Frame] = []
        held: list[Frame] = []
        updates: dict[str, _Update] = {}

        def flush() -> None:
            out.extend(
                (account, self._account_update(account, one, now_ms)) for account, one in updates.items()
            )
            out.extend(held)
            updates.clear()
            held.clear()

        for event in events:
            match event:
                case BalanceChanged(account=account, reason=reason, at_ns=at_ns):
                    if reason in _ORDER_REASONS and event.delta == 0:
                        continue
                    self._update(updates, account, reason, at_ns).balances[event.asset] = event
                case PositionChanged(account=account, position=position, reason=reason):
                    update = self._update(updates, account, reason, position.update_ns)
                    update.positions[str(position.instrument), position.side.value] = position
                case _:
                    flush()
                    held.extend(self._order_frames(event, now_ms))
        flush()
        return out

    def _update(self, updates: dict[str, _Update], account: str, reason: str, at_ns: int) -> _Update:
        word = "ORDER" if reason in _ORDER_REASONS else reason if reason in _REASONS else "ADJUSTMENT"
        return updates.setdefault(account, _Update(word, at_ns))

    def _order_frames(self, event: Event, now_ms: int) -> list[Frame]:
        match event:
            case OrderAccepted(order=order):
                return self._one(order, "NEW", "NEW", now_ms)
            case OrderTriggered(order=order):
                digits = self._digits(order)
                return [
                    (order.account, algo_update(order, digits, "TRIGGERING", now_ms)),
                    (order.account, algo_update(order, digits, "TRIGGERED", now_ms)),
                    (order.account, order_update(order, digits, "NEW", now_ms)),
                ]
            case OrderTraded(order=order, trade=trade):
                digits = self._digits(order)
                rows = [
                    (order.account, trade_lite(order, digits, now_ms, trade)),
                    (order.account, order_update(order, digits, "TRADE", now_ms, trade)),
                ]
                return rows + self._finished(order, now_ms)
            case OrderCancelled(order=order):
                return self._one(order, "CANCELED", "CANCELED", now_ms) + self._finished(order, now_ms)
            case OrderExpired(order=order):
                return self._one(order, "EXPIRED", "EXPIRED", now_ms) + self._finished(order, now_ms)
            case OrderAmended(order=order):
                return self._one(order, "AMENDMENT", "NEW", now_ms)
            case OrderRejectedEvent(order=order, reason=reason):
                digits = self._digits(order)
                return [(order.account, algo_update(order, digits, "REJECTED", now_ms, reason))]
            case Liquidated(order=order, trade=trade, kind=kind):
                digits, status = self._digits(order), "NEW_ADL" if kind == "ADL" else ""
                row = order_update(order, digits, "CALCULATED", now_ms, trade, status=status)
                return [(order.account, row)]
            case _:
                return []

    def _one(self, order: PaperOrder, execution: str, status: str, now_ms: int) -> list[Frame]:
        digits = self._digits(order)
        if algo_waiting(order):
            return [(order.account, algo_update(order, digits, status, now_ms))]
        return [(order.account, order_update(order, digits, execution, now_ms))]

    def _finished(self, order: PaperOrder, now_ms: int) -> list[Frame]:
        """The last word on a conditional order whose regular order has ended."""
        if not is_algo(order) or not order.triggered or order.status.open:
            return []
        return [(order.account, algo_update(order, self._digits(order), "FINISHED", now_ms))]

    def _digits(self, order: PaperOrder) -> Digits:
        return self._digits_of(str(order.instrument))

    def _account_update(self, account: str, update: _Update, now_ms: int) -> dict[str, Any]:
        at_ms = millis(update.at_ns) or now_ms
        balances = [
            {
                "a": change.asset,
                "wb": fixed(change.total),
                "cw": fixed(self._cross_wallet_of(account, change.asset, change.total)),
                "bc": "0" if update.reason == "ORDER" else plain(change.delta),
            }
            for change in update.balances.values()
        ]
        positions = [self._position(position) for position in update.positions.values()]
        return {
            "e": "ACCOUNT_UPDATE",
            "T": at_ms,
            "E": now_ms,
            "a": {"m": update.reason, "B": balances, "P": positions},
        }

    def _position(self, position: PaperPosition) -> dict[str, Any]:
        digits = self._digits_of(str(position.instrument))
        return {
            "s": digits.symbol,
            "pa": fixed(position.quantity, digits.quantity),
            "ep": plain(position.entry_price.quantize(Decimal("1e-10"))),
            "bep": plain(position.break_even.quantize(Decimal("1e-10"))),
            "cr": plain(position.realized),
            "up": fixed(position.unrealized),
            "mt": "isolated" if position.isolated else "cross",
            "iw": fixed(position.isolated_wallet),
            "ps": SIDES[position.side],
        }
