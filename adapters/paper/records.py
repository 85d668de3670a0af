"""What the simulated venue tells about orders, trades and money: frozen snapshots.

The server formats them into a venue's payloads; tests compare them. Quantities are in venue units
(base for spot, contracts otherwise), prices in quote, times UTC nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from adapters.paper.self_trade import SelfTrade

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import OrderType, PositionSide, Side, TimeInForce, TriggerSource

ZERO = Decimal(0)


class PaperStatus(StrEnum):
    """An order's status in the words that Binance uses, so that servers need no table."""

    NEW = "NEW"
    """Resting, or waiting for its trigger."""
    PENDING_NEW = "PENDING_NEW"
    """Waits for another order of its list to fill; nothing is set aside for it."""
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    """Accepted as a stop and refused when it was set off."""
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"
    """Taken off because it would have traded with its own account."""

    @property
    def open(self) -> bool:
        """Whether it may still trade."""
        return self in (PaperStatus.NEW, PaperStatus.PENDING_NEW, PaperStatus.PARTIALLY_FILLED)


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """One order as it stands at `updated_ns`.

    Attributes:
        order_id: unique in the venue, rising.
        type: now; a stop that was set off becomes MARKET or LIMIT. original_type: as placed.
        quantity: origQty. executed: executedQty. cumulative_quote: cumQuote, in quote.
        price: limit price; None for market orders.
        trigger_price: stopPrice; None when it has none.
        triggered: whether a stop was set off; always False for other types.
        working: in the book or executing (isWorking); a stop that waits is not.
        working_ns: since when; 0 if never. triggered_ns: 0 if never.
        expire_ns: goodTillDate of GTD orders, else None.
        reason: why it expired, was rejected or cancelled by the venue; "" otherwise.
        last_trade_id: of its newest execution; 0 before the first.
        trail_pct: of a trailing stop, in percent; its trigger price is where it starts to follow.
        self_trade: what happens when it meets an order of its own account.
        note: a word that whoever placed it wants kept with it.
        list_id: of the list that it belongs to, -1 for none.
        visible: of an iceberg, how much of it is shown at a time; 0 for all.
        trail_ns: since when a trailing one follows the price; 0 if it does not yet.
    """

    account: str
    instrument: InstrumentId
    order_id: int
    client_order_id: str
    side: Side
    type: OrderType
    original_type: OrderType
    time_in_force: TimeInForce
    status: PaperStatus
    quantity: Decimal
    price: Decimal | None
    executed: Decimal
    cumulative_quote: Decimal
    trigger_price: Decimal | None
    trigger_source: TriggerSource
    triggered: bool
    post_only: bool
    reduce_only: bool
    close_position: bool
    position_side: PositionSide
    expire_ns: int | None
    created_ns: int
    updated_ns: int
    working: bool
    working_ns: int
    triggered_ns: int
    reason: str
    last_trade_id: int
    contract_size: Decimal
    trail_pct: Decimal | None = None
    self_trade: SelfTrade = SelfTrade.EXPIRE_MAKER
    note: str = ""
    list_id: int = -1
    visible: Decimal = ZERO
    trail_ns: int = 0

    @property
    def remaining(self) -> Decimal:
        """Quantity not executed."""
        return self.quantity - self.executed

    @property
    def average_price(self) -> Decimal:
        """Mean price of what was executed (avgPrice), in quote; 0 before the first execution."""
        if not self.executed:
            return ZERO
        return self.cumulative_quote / (self.executed * self.contract_size)


@dataclass(frozen=True, slots=True)
class PaperOrderList:
    """Orders that hang together, as they stand at `updated_ns`.

    Attributes:
        contingency: OCO or OTO. orders: (order id, client id), the one that sets off others first.
        done: nothing of it is open any more.
    """

    account: str
    instrument: InstrumentId
    list_id: int
    client_id: str
    contingency: str
    orders: tuple[tuple[int, str], ...]
    done: bool
    updated_ns: int


@dataclass(frozen=True, slots=True)
class PaperTrade:
    """One execution seen from one side; both sides of it bear the same trade id.

    Attributes:
        trade_id: unique in the instrument, rising.
        quote_quantity: notional, in quote.
        commission: > 0 paid, < 0 rebate, in `commission_asset`.
        realized_pnl: in settle, before commission; 0 on spot and when opening.
    """

    account: str
    instrument: InstrumentId
    trade_id: int
    order_id: int
    client_order_id: str
    side: Side
    position_side: PositionSide
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    commission: Decimal
    commission_asset: str
    maker: bool
    realized_pnl: Decimal
    at_ns: int


@dataclass(frozen=True, slots=True)
class PaperBalance:
    """Holdings of one asset.

    Attributes:
        total: without unrealized PnL (the wallet balance).
        free: can be used now: on spot what no order locks, on USD-M the available balance.
        locked: total minus free. On USD-M it is negative while unrealized profit exceeds the margin.
    """

    total: Decimal
    free: Decimal
    locked: Decimal


@dataclass(frozen=True, slots=True)
class PaperMargin:
    """A USD-M account's figures in one settle asset, in the venue's own terms.

    Attributes:
        wallet: walletBalance. unrealized: of all positions, at mark.
        margin_balance: wallet + unrealized.
        position_initial: margin that positions need. order_initial: what open orders add to it.
        maintenance: below this margin balance the account is liquidated.
        available: what new orders may use, never below 0.
    """

    asset: str
    wallet: Decimal
    unrealized: Decimal
    margin_balance: Decimal
    position_initial: Decimal
    order_initial: Decimal
    maintenance: Decimal
    available: Decimal

    @property
    def initial(self) -> Decimal:
        """Margin that positions and orders need together."""
        return self.position_initial + self.order_initial


@dataclass(frozen=True, slots=True)
class PaperPosition:
    """One leg of an account's position, flat ones too once they were touched.

    Attributes:
        side: NET in one-way mode, LONG or SHORT in hedge mode.
        quantity: signed: > 0 long.
        entry_price: average cost; 0 when flat. mark: 0 when none was said yet.
        unrealized, initial_margin, maintenance_margin, isolated_wallet: in settle.
        order_margin: what open orders add to the initial margin.
        bid_notional, ask_notional: of open orders that may increase it.
        liquidation_price: 0 when flat or when no price liquidates it.
        realized: since the account exists, before commission and funding.
        break_even: price at which closing returns the entry commission too; 0 when flat.
        update_ns: of the last change of quantity, 0 if never.
    """

    account: str
    instrument: InstrumentId
    side: PositionSide
    quantity: Decimal
    entry_price: Decimal
    mark: Decimal
    unrealized: Decimal
    leverage: Decimal
    isolated: bool
    initial_margin: Decimal
    maintenance_margin: Decimal
    order_margin: Decimal
    bid_notional: Decimal
    ask_notional: Decimal
    liquidation_price: Decimal
    realized: Decimal
    break_even: Decimal
    isolated_wallet: Decimal
    notional: Decimal
    update_ns: int


class IncomeKind(StrEnum):
    """Why money moved, in Binance's words."""

    TRANSFER = "TRANSFER"
    REALIZED_PNL = "REALIZED_PNL"
    COMMISSION = "COMMISSION"
    FUNDING_FEE = "FUNDING_FEE"
    LIQUIDATION_FEE = "LIQUIDATION_FEE"
    INSURANCE_CLEAR = "INSURANCE_CLEAR"
    INTERNAL_TRANSFER = "INTERNAL_TRANSFER"
    WELCOME_BONUS = "WELCOME_BONUS"
    REFERRAL_KICKBACK = "REFERRAL_KICKBACK"
    COMMISSION_REBATE = "COMMISSION_REBATE"
    API_REBATE = "API_REBATE"
    CONTEST_REWARD = "CONTEST_REWARD"
    AUTO_EXCHANGE = "AUTO_EXCHANGE"
    COIN_SWAP_DEPOSIT = "COIN_SWAP_DEPOSIT"
    COIN_SWAP_WITHDRAW = "COIN_SWAP_WITHDRAW"
    POSITION_LIMIT_INCREASE_FEE = "POSITION_LIMIT_INCREASE_FEE"


@dataclass(frozen=True, slots=True)
class PaperMarginChange:
    """One change of an isolated position's own margin.

    Attributes:
        kind: TRADE, USER_ADJUST or LIQUIDATION.
        quantity: signed units of `asset`; what was added is positive.
    """

    instrument: InstrumentId
    side: PositionSide
    kind: str
    asset: str
    quantity: Decimal
    at_ns: int


@dataclass(frozen=True, slots=True)
class PaperIncome:
    """One movement of money in an account.

    Attributes:
        quantity: signed units of `asset`; what was paid is negative.
        income_id: unique in the venue, rising (tranId).
        instrument: None for transfers. trade_id: 0 when no trade caused it.
        info: the caller's word for a transfer, such as DEPOSIT; "" otherwise.
    """

    account: str
    income_id: int
    kind: IncomeKind
    asset: str
    quantity: Decimal
    instrument: InstrumentId | None
    trade_id: int
    at_ns: int
    info: str = ""
