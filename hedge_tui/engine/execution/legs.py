"""Makes one preview row out of one order: rounding, the venue's rules, what it costs and does."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.account import Mode
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.order import (
    ClientOrderId,
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    TriggerSource,
)
from hedge_tui.domain.plan import Act, Effect, Leg
from hedge_tui.domain.rounding import floor_to
from hedge_tui.engine.execution.basis import basis_of
from hedge_tui.engine.execution.prices import touch
from hedge_tui.engine.execution.standing import Taken
from hedge_tui.engine.execution.trading_state import bar, panic_words, shrinks
from hedge_tui.engine.risk.protection import rival_in_doubt, rival_words

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
        close_position: all of it when it is set off. trail_pct: of a trailing stop.
        exit: it sells a coin that is held, as the way out of it.
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
    position_side: PositionSide = PositionSide.NET
    close_position: bool = False
    trail_pct: Decimal | None = None
    exit: bool = False


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
        position_side=draft.position_side,
        close_position=draft.close_position,
        trail_pct=draft.trail_pct,
        origin=origin,
    )
    problem = second_stop(request, view) or draft.problem
    reducing = draft.exit or shrinks(request, view)
    problem = problem or standing_problem(draft.account, view, reducing=draft.exit or request.only_reduces)
    problem = problem or bar(view.state.restraints.holds, draft.account.account, reduces=reducing)
    problem = problem or _rule_problem(request, draft)
    notional = draft.instrument.notional(quantity, draft.working_price)
    crossing = _crosses(request, draft, view)
    fee = notional * _fee_rate(draft, crossing=crossing)
    if draft.instrument.inverse and draft.working_price:
        fee /= draft.working_price
    notes = [*draft.notes, *_notes(request, draft, view, crossing=crossing)]
    taken = Taken(Effect.NONE)
    if not problem:
        taken = standing.take(request, draft.instrument, draft.working_price, fee)
        notes += [taken.note] if taken.note else []
    return Leg(
        act=Act.PLACE,
        account=draft.account.name,
        instrument=draft.instrument.id,
        request=request,
        notional=notional,
        reference_price=draft.reference or draft.working_price,
        fee=fee,
        fee_asset=draft.instrument.settle,
        effect=taken.effect,
        margin_after=taken.left,
        problem=problem or taken.problem,
        note="; ".join(notes),
        typed_price=draft.typed_price,
        wanted=draft.quantity,
        exit=draft.exit,
        basis=basis_of(draft.account, draft.instrument),
    )


def standing_problem(account: AccountState, view: View, *, reducing: bool = False) -> str:
    """Why an account takes no order now, or ""; a silent stream does not bar the way out of a position."""
    if account.read_only:
        return "the account is read-only" + ("" if account.account.read_only else ": its key may not trade")
    if account.key.refusal and not reducing:
        return account.key.refusal
    if account.state is FeedState.LOCKED or (view.locked and account.account.mode is not Mode.PAPER):
        return "the vault is locked; run `hedge unlock`"
    if words := panic_words(account) or bar(view.state.restraints.holds, account.account, reduces=True):
        return words
    if not account.snapshot_ns:
        return "the account is not connected yet"
    silent = account.state in (FeedState.STALE, FeedState.RECONNECTING)
    if account.state in (FeedState.FAILED, FeedState.STOPPED) or (silent and not reducing):
        return f"its private stream is {account.state}"
    return ""


def second_stop(request: OrderRequest, view: View) -> str:
    """Why a stop waits for another of its position, or ""."""
    rival = rival_in_doubt(request, view.state.working_orders(request.account))
    return "" if rival is None else rival_words(rival, view.state.rows.get(rival.request.client_order_id))


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
    largest = grid.max_market_quantity if request.type in _TAKING else grid.max_quantity
    if largest and quantity > largest:
        return f"quantity {quantity:f} is above the largest {largest:f}"
    notional = instrument.notional(quantity, draft.working_price)
    if notional < grid.min_notional and not request.only_reduces:
        return f"notional {notional:.2f} is below the smallest {grid.min_notional:f} {instrument.quote}"
    if request.price is not None and grid.max_price and request.price > grid.max_price:
        return f"price {request.price:f} is above the highest {grid.max_price:f}"
    if request.price is not None and request.price < grid.min_price:
        return f"price {request.price:f} is below the lowest {grid.min_price:f}"
    if request.reduce_only and instrument.kind is InstrumentKind.SPOT:
        return "spot knows no reduce-only"
    return _side_problem(request, draft)


def _side_problem(request: OrderRequest, draft: Draft) -> str:
    """Long and short are written exactly where the account holds them apart."""
    side, spot = request.position_side, draft.instrument.kind is InstrumentKind.SPOT
    if side is PositionSide.NET:
        if not draft.account.hedge_mode or spot:
            return ""
        long_, short = ("opens", "closes") if request.side is Side.BUY else ("closes", "opens")
        return f"hedge mode: write long ({long_} it) or short ({short} it) after the symbol"
    if spot:
        return "spot knows no long and short"
    return "" if draft.account.hedge_mode else "the account is in one-way mode: leave out long and short"


def mode_moved(leg: Leg, view: View) -> str:
    """Why an order that was previewed no longer fits the account's position mode, or ""."""
    request, account = leg.request, view.accounts[leg.account]
    instrument = view.markets.instruments.get(leg.instrument)
    if leg.act is not Act.PLACE or request is None or instrument is None:
        return ""
    spot, net = instrument.kind is InstrumentKind.SPOT, request.position_side is PositionSide.NET
    if spot or net is not bool(account.hedge_mode):
        return ""
    mode = "hedge" if account.hedge_mode else "one-way"
    return f"the account was switched to {mode} mode at the venue since the preview; write the line anew"


_TAKING = (OrderType.MARKET, OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET, OrderType.TRAILING_STOP)
"""Executed at the market, at once or when set off."""


def _crosses(request: OrderRequest, draft: Draft, view: View) -> bool:
    """Whether a limit order would trade at once by the newest quote."""
    if request.price is None or request.type is not OrderType.LIMIT:
        return False
    bid, ask = touch(draft.instrument, view)
    far = ask if request.side is Side.BUY else bid
    return far is not None and (far - request.price) * request.side.sign <= 0


def _fee_rate(draft: Draft, *, crossing: bool) -> Decimal:
    taking = crossing or draft.type in _TAKING or draft.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)
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
    best = view.own_best(request.instrument, request.side.opposite)
    assert request.price is not None
    return best is not None and (request.price - best) * request.side.sign >= 0
