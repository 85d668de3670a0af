"""An order inside the venue: the one mutable record of it, with its place in queue and its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.ledger import ZERO
from adapters.paper.records import PaperOrder, PaperStatus
from adapters.paper.self_trade import SelfTrade
from hedge_tui.domain.order import OrderType, PositionSide, Side

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.order_group import OrderGroup
    from adapters.paper.paper_account import PaperAccount
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import OrderRequest

AFTER_TRIGGER = {
    OrderType.STOP_MARKET: OrderType.MARKET,
    OrderType.TAKE_PROFIT_MARKET: OrderType.MARKET,
    OrderType.TRAILING_STOP: OrderType.MARKET,
    OrderType.STOP_LIMIT: OrderType.LIMIT,
    OrderType.TAKE_PROFIT_LIMIT: OrderType.LIMIT,
}
"""What a stop or take-profit becomes when it is set off."""


class WorkingOrder:
    """One order of one account.

    Attributes:
        owner: whose it is.
        waiting: a stop that was not set off yet.
        resting: in the book now.
        reducing: may only shrink its leg (reduce-only, close-position, or a hedge-mode close).
        locked: spot: units of the paying asset set aside for it.
        margin_price: USD-M: price at which its rest counts into the open-order margin; None: it does not.
        ahead_mark: outside quantity in front of it, on the level's `drained` scale; None: not known yet.
        extreme: best price that a trailing stop has followed; None until it is activated.
        trail_ns: since when it follows; 0 before that. start_price: what its source said when it came.
        visible: of an iceberg, how much of it is shown at a time; None: all. shown: what is left of that.
        group: the list that it belongs to. partner: the other one of an OCO, while both share what is
            set aside for the dearer one.
        note: a word that the server keeps with it.
        self_trade: what happens when it meets an order of its own account.
    """

    __slots__ = (
        "ahead_mark",
        "client_order_id",
        "close_position",
        "created_ns",
        "cumulative_quote",
        "executed",
        "expire_ns",
        "extreme",
        "group",
        "instrument",
        "last_trade_id",
        "locked",
        "margin_price",
        "note",
        "order_id",
        "original_type",
        "owner",
        "partner",
        "position_side",
        "post_only",
        "price",
        "quantity",
        "reason",
        "reduce_only",
        "reducing",
        "resting",
        "self_trade",
        "shown",
        "side",
        "start_price",
        "status",
        "time_in_force",
        "trail_ns",
        "trail_pct",
        "trigger_price",
        "trigger_source",
        "triggered",
        "triggered_ns",
        "type",
        "updated_ns",
        "visible",
        "waiting",
        "working_ns",
    )

    def __init__(
        self, request: OrderRequest, instrument: Instrument, owner: PaperAccount, order_id: int, now_ns: int
    ) -> None:
        self.owner = owner
        self.instrument = instrument
        self.order_id = order_id
        self.client_order_id: str = request.client_order_id
        self.side = request.side
        self.type = self.original_type = request.type
        self.time_in_force = request.time_in_force
        self.status = PaperStatus.NEW
        self.quantity = ZERO if request.close_position else request.quantity
        self.price = request.price if request.type not in _MARKET_TYPES else None
        self.executed = ZERO
        self.cumulative_quote = ZERO
        self.trigger_price = request.trigger_price
        self.trigger_source = request.trigger_source
        self.triggered = False
        self.post_only = request.post_only
        self.reduce_only = request.reduce_only
        self.close_position = request.close_position
        self.position_side = request.position_side
        self.expire_ns = request.expire_ns
        self.created_ns = self.updated_ns = now_ns
        self.waiting = request.type.triggered
        self.working_ns = 0 if self.waiting else now_ns
        self.triggered_ns = 0
        self.reason = ""
        self.last_trade_id = 0
        self.resting = False
        self.reducing = request.reduce_only or request.close_position or _closes(request)
        self.locked = ZERO
        self.margin_price: Decimal | None = None
        self.ahead_mark: Decimal | None = None
        self.trail_pct = request.trail_pct if request.type.triggered else None
        self.start_price: Decimal | None = None
        self.trail_ns = 0
        self.visible: Decimal | None = None
        self.shown = ZERO
        self.extreme: Decimal | None = None
        self.self_trade = SelfTrade.EXPIRE_MAKER
        self.note = ""
        self.group: OrderGroup | None = None
        self.partner: WorkingOrder | None = None

    @property
    def remaining(self) -> Decimal:
        """Quantity not executed."""
        return self.quantity - self.executed

    @property
    def displayed(self) -> Decimal:
        """What the public book shows of it."""
        return self.remaining if self.visible is None else min(self.shown, self.remaining)

    def executed_more(self, quantity: Decimal, notional: Decimal, trade_id: int, now_ns: int) -> None:
        """Count one execution."""
        self.executed += quantity
        self.cumulative_quote += notional
        self.last_trade_id = trade_id
        self.updated_ns = now_ns
        done = self.executed >= self.quantity
        self.status = PaperStatus.FILLED if done else PaperStatus.PARTIALLY_FILLED

    def end(self, status: PaperStatus, reason: str, now_ns: int) -> None:
        """Take it out of life for another reason than being filled."""
        self.status = status
        self.reason = reason
        self.updated_ns = now_ns

    def set_off(self, now_ns: int) -> None:
        """Turn a waiting stop into the order that it stands for."""
        self.waiting = False
        self.triggered = True
        self.triggered_ns = self.working_ns = self.updated_ns = now_ns
        self.type = AFTER_TRIGGER[self.type]

    def snapshot(self) -> PaperOrder:
        """The order as it stands, frozen."""
        return PaperOrder(
            self.owner.name,
            self.instrument.id,
            self.order_id,
            self.client_order_id,
            self.side,
            self.type,
            self.original_type,
            self.time_in_force,
            self.status,
            self.quantity,
            self.price,
            self.executed,
            self.cumulative_quote,
            self.trigger_price,
            self.trigger_source,
            self.triggered,
            self.post_only,
            self.reduce_only,
            self.close_position,
            self.position_side,
            self.expire_ns,
            self.created_ns,
            self.updated_ns,
            not self.waiting and self.status.open and self.status is not PaperStatus.PENDING_NEW,
            self.working_ns,
            self.triggered_ns,
            self.reason,
            self.last_trade_id,
            self.instrument.contract_size,
            self.trail_pct,
            self.self_trade,
            self.note,
            self.group.list_id if self.group is not None else -1,
            self.visible or ZERO,
            self.trail_ns,
        )


_MARKET_TYPES = (
    OrderType.MARKET,
    OrderType.STOP_MARKET,
    OrderType.TAKE_PROFIT_MARKET,
    OrderType.TRAILING_STOP,
)


def _closes(request: OrderRequest) -> bool:
    """Whether a hedge-mode order works against its own leg."""
    if request.position_side is PositionSide.NET:
        return False
    return (request.side is Side.BUY) is (request.position_side is PositionSide.SHORT)
