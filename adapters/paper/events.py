"""What happened at the simulated venue, in order; every method of `PaperVenue` returns these.

An execution gives, for each side that is an account of the venue: `OrderTraded`, then one
`BalanceChanged` per asset, then (USD-M) `PositionChanged`; and last one `PublicTrade` for the tape.
The records inside are importable from here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.paper.records import (
    IncomeKind,
    PaperBalance,
    PaperIncome,
    PaperMargin,
    PaperOrder,
    PaperOrderList,
    PaperPosition,
    PaperStatus,
    PaperTrade,
)
from adapters.paper.refusal import PaperRefusal, RefusalCode

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import Side

__all__ = [
    "BalanceChanged",
    "Event",
    "IncomeKind",
    "Liquidated",
    "OrderAccepted",
    "OrderAmended",
    "OrderCancelled",
    "OrderExpired",
    "OrderListChanged",
    "OrderRejectedEvent",
    "OrderTraded",
    "OrderTriggered",
    "PaperBalance",
    "PaperIncome",
    "PaperMargin",
    "PaperOrder",
    "PaperOrderList",
    "PaperPosition",
    "PaperRefusal",
    "PaperStatus",
    "PaperTrade",
    "PositionChanged",
    "PublicTrade",
    "RefusalCode",
]


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """A new order rests, waits for its trigger, or is about to execute (its executions follow)."""

    order: PaperOrder
    at_ns: int


@dataclass(frozen=True, slots=True)
class OrderRejectedEvent:
    """A stop that was accepted earlier was set off and then refused (status REJECTED)."""

    order: PaperOrder
    code: RefusalCode
    reason: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class OrderTraded:
    """An order executed; `order` is as it stands after `trade`."""

    order: PaperOrder
    trade: PaperTrade
    at_ns: int


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """An order was taken off because its owner (or a liquidation) asked.

    Attributes:
        reason: "" when the owner asked, else LIQUIDATION, AMEND or LIST (with another one of its list).
    """

    order: PaperOrder
    at_ns: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """The venue took an order (or the rest of it) off by its own rules.

    Attributes:
        reason: IOC, FOK, MARKET (no liquidity left), GTD, REDUCE_ONLY, POST_ONLY, SELF_TRADE, or LIST
            (another one of its list was set off, has traded or expired).
    """

    order: PaperOrder
    reason: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class OrderAmended:
    """Quantity or price changed; the order id stays."""

    order: PaperOrder
    at_ns: int


@dataclass(frozen=True, slots=True)
class OrderTriggered:
    """A stop or take-profit was set off; it now goes on as MARKET or LIMIT under the same id."""

    order: PaperOrder
    at_ns: int


@dataclass(frozen=True, slots=True)
class OrderListChanged:
    """A list of orders was accepted (`started`), or nothing of it is open any more."""

    orders: PaperOrderList
    at_ns: int
    started: bool


@dataclass(frozen=True, slots=True)
class BalanceChanged:
    """An asset of an account after a change.

    Attributes:
        delta: change of the total; 0 when only the lock changed (spot).
        reason: ORDER, FUNDING_FEE, LIQUIDATION, ADL, INSURANCE_CLEAR, MARGIN_TRANSFER, an income kind, or
            what `transfer` was told.
    """

    account: str
    asset: str
    total: Decimal
    free: Decimal
    locked: Decimal
    delta: Decimal
    reason: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """A position's quantity changed, or what is set apart for it.

    Attributes:
        reason: ORDER, LIQUIDATION, ADL, FUNDING_FEE (isolated only), MARGIN_TRANSFER.
    """

    account: str
    position: PaperPosition
    reason: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """One print on the tape.

    Attributes:
        outside: True for the part of `print_trade` that no order of this venue's accounts took.
    """

    instrument: InstrumentId
    price: Decimal
    quantity: Decimal
    taker_side: Side
    trade_id: int
    at_ns: int
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Liquidated:
    """A position, or part of one, was closed by the venue.

    Attributes:
        order: the closing order (FILLED, client id `autoclose-…` or `adl_autoclose…`).
        trade: its execution: at mark, or against a deleveraged position at the bankruptcy price.
        kind: LIQUIDATION, or ADL: the position had to give way to a bankrupt one.
    """

    account: str
    order: PaperOrder
    trade: PaperTrade
    fee: Decimal
    at_ns: int
    kind: str = "LIQUIDATION"


Event = (
    OrderAccepted
    | OrderRejectedEvent
    | OrderTraded
    | OrderCancelled
    | OrderExpired
    | OrderAmended
    | OrderTriggered
    | OrderListChanged
    | BalanceChanged
    | PositionChanged
    | PublicTrade
    | Liquidated
)
"""Anything a call of `PaperVenue` can cause."""
