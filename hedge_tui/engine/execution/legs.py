"""Makes one preview row out of one order: rounding, the venue's rules, what it costs and does."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.account import Mode
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, Side, TimeInForce, TriggerSource
from hedge_tui.domain.plan import Act, Effect, Leg
from hedge_tui.domain.rounding import floor_to
from hedge_tui.engine.execution.prices import touch

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.standing import Standing
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Draft:
    """An order before the venue's rules were applied.

    Attributes:
        quantity: venue units, not rounded. price: limit, on the grid; None for market orders.
        working_price: what notional and fee are judged at.
        typed_price: for the preview. notes: what the trader should know.
    """

    account: AccountState
    instrument: Instrument
    side: Side
    type: OrderType
    quantity: Decimal
    working_price: Decimal
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    trigger_source: TriggerSource = TriggerSource.LAST
    time_in_force: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    reduce_only: bool = False
    expire_ns: int | None = None
    reference: Decimal | None = None
    typed_price: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()


def make(draft: Draft, standing: Standing, view: View, origin: str) -> Leg:
    """The preview row of one draft; its `problem` says why it cannot be sent."""
    grid = draft.instrument.grid
    quantity = floor_to(draft.quantity, grid.lot)
    request = OrderRequest(
        client_order_id=ClientOrderId(""),
        account=draft.account.name,
        instrument=draft.instrument.id,
        side=draft.side,
        type=draft.type,
        quantity=quantity,
        price=draft.price,
        trigger_price=draft.trigger_price,
        trigger_source=draft.trigger_source,
        time_in_force=draft.time_in_force,
        post_only=draft.post_only,
        reduce_only=draft.reduce_only,
        expire_ns=draft.expire_ns,
        origin=origin,
    )
    problem = draft.problem or standing_problem(draft.account, view) or _rule_problem(request, draft)
    notional = draft.instrument.notional(quantity, draft.working_price)
    crossing = _crosses(request, draft, view)
    fee = notional * _fee_rate(draft, crossing=crossing)
    notes = [*draft.notes, *_notes(request, draft, view, crossing=crossing)]
    effect, left = Effect.NONE, None
    if not problem:
        effect, left, problem = standing.take(request, draft.instrument, draft.working_price, fee)
        if not problem and draft.reduce_only and effect not in (Effect.REDUCES, Effect.CLOSES):
            problem = "reduce-only, and there is nothing to reduce"
    return Leg(
        act=Act.PLACE,
        account=draft.account.name,
        instrument=draft.instrument.id,
        request=request,
        notional=notional,
        reference_price=draft.reference or draft.working_price,
        fee=fee,
        fee_asset=draft.instrument.settle,
        effect=effect,
        margin_after=left,
        problem=problem,
        note="; ".join(notes),
        typed_price=draft.typed_price,
    )


def standing_problem(account: AccountState, view: View) -> str:
    """Why an account takes no order now, or ""."""
    if account.account.read_only:
        return "the account is read-only"
    if account.state is FeedState.LOCKED or (view.locked and account.account.mode is not Mode.PAPER):
        return "the vault is locked; run `hedge unlock`"
    if "" in view.limits.halted:
        return "the desk is halted"
    if account.name in view.limits.halted:
        return "the account is halted"
    if not account.snapshot_ns:
        return "the account is not connected yet"
    if account.state in (FeedState.FAILED, FeedState.STOPPED, FeedState.STALE, FeedState.RECONNECTING):
        return f"its private stream is {account.state}"
    return ""


def _rule_problem(request: OrderRequest, draft: Draft) -> str:
    """What the venue would refuse by its published grid."""
    instrument, grid = draft.instrument, draft.instrument.grid
    quantity = request.quantity
    if not instrument.active:
        return f"{instrument.symbol} is not trading at {instrument.venue}"
    if quantity <= 0:
        return f"quantity {draft.quantity.normalize():f} is below the lot {grid.lot:f}"
    if quantity < grid.min_quantity:
        return f"quantity {quantity:f} is below the smallest {grid.min_quantity:f}"
    largest = grid.max_market_quantity if request.type is OrderType.MARKET else grid.max_quantity
    if largest and quantity > largest:
        return f"quantity {quantity:f} is above the largest {largest:f}"
    notional = instrument.notional(quantity, draft.working_price)
    if notional < grid.min_notional and not request.reduce_only:
        return f"notional {notional:.2f} is below the smallest {grid.min_notional:f} {instrument.quote}"
    if request.price is not None and grid.max_price and request.price > grid.max_price:
        return f"price {request.price:f} is above the highest {grid.max_price:f}"
    if request.price is not None and request.price < grid.min_price:
        return f"price {request.price:f} is below the lowest {grid.min_price:f}"
    if request.reduce_only and instrument.kind is InstrumentKind.SPOT:
        return "spot knows no reduce-only"
    if draft.account.hedge_mode:
        return "the account is in hedge mode: write long or short (not in this release)"
    return ""


def _crosses(request: OrderRequest, draft: Draft, view: View) -> bool:
    """Whether a limit order would trade at once by the newest quote."""
    if request.price is None or request.type is not OrderType.LIMIT:
        return False
    bid, ask = touch(draft.instrument, view)
    far = ask if request.side is Side.BUY else bid
    return far is not None and (far - request.price) * request.side.sign <= 0


def _fee_rate(draft: Draft, *, crossing: bool) -> Decimal:
    taking = (
        crossing
        or draft.type is OrderType.MARKET
        or draft.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
    )
    return draft.instrument.taker_fee if taking and not draft.post_only else draft.instrument.maker_fee


def _notes(request: OrderRequest, draft: Draft, view: View, *, crossing: bool) -> list[str]:
    """What a trader should know of an order that can be sent."""
    notes = []
    lost = draft.quantity - request.quantity
    if lost > 0 and draft.quantity > 0 and lost / draft.quantity > Decimal("0.005"):
        notes.append(f"{100 * lost / draft.quantity:.1f} % lost to the lot {draft.instrument.grid.lot:f}")
    if crossing and request.post_only:
        notes.append("crosses now: the venue will refuse a post-only order")
    elif crossing and request.time_in_force is TimeInForce.GTC:
        notes.append("crosses now: takes at once")
    if request.price is not None and _crosses_own(request, view):
        notes.append("would trade against an own order")
    return notes


def _crosses_own(request: OrderRequest, view: View) -> bool:
    assert request.price is not None
    for order in view.state.working_orders():
        other = order.request
        if (
            other.instrument == request.instrument
            and other.side is request.side.opposite
            and other.price is not None
            and (request.price - other.price) * request.side.sign >= 0
        ):
            return True
    return False
