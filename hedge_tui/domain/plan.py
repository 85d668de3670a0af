"""From an intent to what will be sent: legs, plan, approval, refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.margin import TermChange
from hedge_tui.domain.order import OrderRef, OrderRequest


class Act(StrEnum):
    """What one leg does at the venue."""

    PLACE = "place"
    CANCEL = "cancel"
    AMEND = "amend"
    LEVERAGE = "leverage"
    MARGIN_MODE = "margin_mode"
    MARGIN = "margin"
    POSITION_MODE = "position_mode"


class Effect(StrEnum):
    """What a leg does to the position it works on."""

    OPENS = "opens"
    INCREASES = "increases"
    REDUCES = "reduces"
    CLOSES = "closes"
    FLIPS = "flips"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Basis:
    """The venue's rules and the account's settings that an order was planned on.

    Attributes:
        tick, lot, min_quantity, min_notional, contract_size, active: of the instrument.
        leverage, isolated: as set; None where the venue had not told.
    """

    tick: Decimal
    lot: Decimal
    min_quantity: Decimal
    min_notional: Decimal
    contract_size: Decimal
    active: bool
    leverage: Decimal | None = None
    isolated: bool | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One row of a preview: one thing to send to one account, or the reason why it cannot be sent.

    Attributes:
        request: for PLACE; its client order id is given at confirmation, "" before.
        target: for CANCEL and AMEND.
        quantity, price: new values for AMEND; LEVERAGE uses `quantity` for the leverage.
        basis: for PLACE and AMEND, what the plan hangs on besides prices.
        change: for LEVERAGE, MARGIN_MODE, MARGIN and POSITION_MODE.
        notional: at the working price, quote currency of the instrument; None if unknown.
        reference_price: the price the plan was made with (drift is judged against it).
        fee: expected commission, quote.
        margin_after: free margin of the account after this leg, settle; None for spot or unknown.
        problem: why it cannot be sent, or "" (then it will be).
        note: what a trader should know though it can be sent (rounding, a self-cross), or "".
        typed_price: how the price was typed ("ask+2t"), for the preview; "" for plain numbers.
        wanted: for PLACE, the quantity before it was rounded to the lot; None where nothing was asked.
        increase: for AMEND, by how much the notional grows, reporting currency.
        exit: it sells a coin that is held, by `close` or `flatten`: a way out, though no venue rule says so.
    """

    act: Act
    account: str
    instrument: InstrumentId
    request: OrderRequest | None = None
    target: OrderRef | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    notional: Decimal | None = None
    reference_price: Decimal | None = None
    fee: Decimal | None = None
    fee_asset: str = ""
    effect: Effect = Effect.NONE
    margin_after: Decimal | None = None
    problem: str = ""
    note: str = ""
    typed_price: str = ""
    wanted: Decimal | None = None
    increase: Decimal = Decimal(0)
    change: TermChange | None = None
    basis: Basis | None = None
    exit: bool = False


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """All legs of one line, in order.

    Attributes:
        text: the line as typed; headline: totals in words ("3 x 500 = 1,500 USD").
        groups: joiner before each leg's command, see `command`: legs of one command share a group number.
        created_ns: when prices and state were read; a confirmation later than 10 s is refused.
        origin: keyboard, cli, alarm:NAME ...
    """

    text: str
    legs: tuple[Leg, ...]
    headline: str
    created_ns: int
    origin: str
    groups: tuple[int, ...] = ()
    joiners: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    hash: str = ""

    @property
    def sendable(self) -> tuple[Leg, ...]:
        """The legs without a problem."""
        return tuple(leg for leg in self.legs if not leg.problem)


@dataclass(frozen=True, slots=True)
class Denied:
    """Our gate's refusal, as a value.

    Attributes:
        reason: a stable code such as `order_notional`.
        message: names the value and the limit.
        leg: index of the offending leg; None when the whole plan is.
    """

    reason: str
    message: str
    leg: int | None = None


P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Approved(Generic[P]):
    """A plan that passed the gate; only the gate holds the mint that makes one."""

    plan: P
    mint: object = field(repr=False)
