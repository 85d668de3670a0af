"""Orders: what is asked (`OrderRequest`) and what is known of it (`Order`)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from hedge_tui.domain.instrument import InstrumentId

ClientOrderId = NewType("ClientOrderId", str)
"""Ours, 32 lowercase hex characters, journalled before sending."""
VenueOrderId = NewType("VenueOrderId", str)
"""Theirs, known after they accept."""


_TWIN = "~"
"""In no client id that a venue takes."""


def twin_id(client_order_id: str, venue_order_id: str) -> ClientOrderId:
    """What the books call an order whose client id another order has: venues let ids be used again."""
    return ClientOrderId(f"{client_order_id}{_TWIN}{venue_order_id}")


def venue_client_id(client_order_id: ClientOrderId) -> ClientOrderId:
    """What the venue calls it."""
    return ClientOrderId(client_order_id.partition(_TWIN)[0])


class Side(StrEnum):
    """Of an order."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class PositionSide(StrEnum):
    """Which leg of a hedge-mode position an order works on; NET in one-way mode."""

    NET = "net"
    LONG = "long"
    SHORT = "short"


class OrderType(StrEnum):
    """How an order is priced and triggered."""

    MARKET = "market"
    LIMIT = "limit"
    STOP_MARKET = "stop_market"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT_MARKET = "take_profit_market"
    TAKE_PROFIT_LIMIT = "take_profit_limit"
    TRAILING_STOP = "trailing_stop"

    @property
    def triggered(self) -> bool:
        """Whether it waits for a trigger price."""
        return self not in (OrderType.MARKET, OrderType.LIMIT)


class TimeInForce(StrEnum):
    """How long an order rests."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    GTD = "gtd"


class TriggerSource(StrEnum):
    """The price that sets a stop off."""

    LAST = "last"
    MARK = "mark"


class OrderStatus(StrEnum):
    """Where an order is in its life (DESIGN names; the legal steps are in `lifecycle.NEXT`)."""

    INTENT = "intent"
    DENIED = "denied"
    SENDING = "sending"
    ACKED = "acked"
    LIVE = "live"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    CANCEL_UNKNOWN = "cancel_unknown"
    AMEND_UNKNOWN = "amend_unknown"
    ABSENT = "absent"

    @property
    def terminal(self) -> bool:
        """Nothing more is expected; ABSENT counts, though it can be revived."""
        return self in _TERMINAL

    @property
    def resting(self) -> bool:
        """Seen at the venue, and nothing about it is in doubt."""
        return self in _RESTING

    @property
    def working(self) -> bool:
        """May still trade at the venue, so it counts as exposure."""
        return self in _WORKING


_TERMINAL = frozenset(
    {
        OrderStatus.DENIED,
        OrderStatus.FILLED,
        OrderStatus.CANCELLED,
        OrderStatus.REJECTED,
        OrderStatus.EXPIRED,
        OrderStatus.ABSENT,
    }
)
_RESTING = frozenset({OrderStatus.ACKED, OrderStatus.LIVE, OrderStatus.PARTIAL})
_WORKING = frozenset(
    {
        OrderStatus.SENDING,
        OrderStatus.ACKED,
        OrderStatus.LIVE,
        OrderStatus.PARTIAL,
        OrderStatus.UNKNOWN,
        OrderStatus.CANCEL_UNKNOWN,
        OrderStatus.AMEND_UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """One order to send; immutable, complete, already on the venue's grid.

    Attributes:
        client_order_id: ours.
        account: the account's name in the config.
        quantity: venue units (base for spot and linear contracts of size 1, else contracts), > 0.
        price: limit price in quote; None for market orders.
        trigger_price: for stops and take-profits, else None.
        reduce_only: may only shrink a position; close_position: closes all of it, whatever its size.
        expire_ns: for GTD, UTC nanoseconds.
        run: id of the bulk, algo or rule this order belongs to, or "".
        origin: who asked: "keyboard", "cli", "alarm:NAME", "rule:NAME", "algo:ID".
        trail_pct: of a trailing stop, how far the price must turn, in percent (1 is 1 %); its
            `trigger_price`, if any, is where it starts to follow.
    """

    client_order_id: ClientOrderId
    account: str
    instrument: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    trigger_source: TriggerSource = TriggerSource.LAST
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    reduce_only: bool = False
    close_position: bool = False
    position_side: PositionSide = PositionSide.NET
    expire_ns: int | None = None
    run: str = ""
    origin: str = "keyboard"
    trail_pct: Decimal | None = None

    @property
    def only_reduces(self) -> bool:
        """It can shrink a position and never open one; in hedge mode the position side says so."""
        if self.reduce_only or self.close_position:
            return True
        closing = {PositionSide.LONG: Side.SELL, PositionSide.SHORT: Side.BUY}.get(self.position_side)
        return self.side is closing


@dataclass(frozen=True, slots=True)
class OrderRef:
    """Enough to name one order at its venue."""

    account: str
    instrument: InstrumentId
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId | None = None
    triggered: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """A request and what is known of it.

    Attributes:
        filled: executed quantity in venue units; never goes down.
        average_price: of the fills, in quote; None before the first.
        reason: why it was denied, rejected or cancelled, in the venue's or the gate's words.
        external: made outside this desk (the venue's web page, another program).
        cancel_asked: we have sent a cancel for it. amend_asked: an amendment is on its way, unanswered.
        created_ns, updated_ns: UTC nanoseconds by our clock. sent_ns: when it left; 0 before.
        venue_ns: the venue's time of its newest report, by which late ones are known; 0 before the first.
        asked_quantity: what an amendment wants it to be, while nobody knows whether it was made; else None.
    """

    request: OrderRequest
    status: OrderStatus
    created_ns: int
    updated_ns: int
    venue_order_id: VenueOrderId | None = None
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    reason: str = ""
    external: bool = False
    cancel_asked: bool = False
    amend_asked: bool = False
    sent_ns: int = 0
    venue_ns: int = 0
    asked_quantity: Decimal | None = None

    @property
    def at_most(self) -> Decimal:
        """Quantity that may still trade if an amendment nobody answered was made: the worst case."""
        return max(self.remaining, (self.asked_quantity or Decimal(0)) - self.filled)

    @property
    def remaining(self) -> Decimal:
        """Quantity that may still trade."""
        return max(self.request.quantity - self.filled, Decimal(0))

    @property
    def ref(self) -> OrderRef:
        """What to call it at the venue."""
        r = self.request
        return OrderRef(
            r.account, r.instrument, venue_client_id(r.client_order_id), self.venue_order_id, r.type.triggered
        )
