"""What an account can still do while the legs of one line use it up: margin, balances, positions."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.order import PositionSide, Side
from hedge_tui.domain.plan import Effect
from hedge_tui.engine.execution.sizes import held_quantity

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.order import OrderRequest
    from hedge_tui.engine.accounts import AccountState

ZERO = Decimal(0)
DEFAULT_LEVERAGE = Decimal(20)
"""What a new Binance USD-M account has until it is changed; used only before the venue says its own."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one order does to its account.

    Attributes:
        left: what is left of the settle asset (spot: of the asset paid with); None when nothing is known.
        problem: why it cannot be sent, or "". note: what to know though it can.
    """

    effect: Effect
    left: Decimal | None = None
    problem: str = ""
    note: str = ""


@dataclass(slots=True)
class Standing:
    """One account, as it will be after the legs so far.

    Attributes:
        free: by asset, after the legs so far. held: position by (instrument, side), signed venue units.
        leverage: set by this line, by instrument.
    """

    account: AccountState
    free: dict[str, Decimal] = field(default_factory=dict)
    held: dict[tuple[InstrumentId, PositionSide], Decimal] = field(default_factory=dict)
    leverage: dict[InstrumentId, Decimal] = field(default_factory=dict)

    def free_of(self, asset: str) -> Decimal:
        """What is left of one asset."""
        if asset not in self.free:
            balance = self.account.balances.get(asset)
            self.free[asset] = balance.free if balance is not None else ZERO
        return self.free[asset]

    def held_of(self, instrument: Instrument, side: PositionSide = PositionSide.NET) -> Decimal:
        """The position after the legs so far."""
        key = (instrument.id, side)
        if key not in self.held:
            self.held[key] = held_quantity(self.account, instrument, side)
        return self.held[key]

    def take(self, request: OrderRequest, instrument: Instrument, price: Decimal, fee: Decimal) -> Taken:
        """Use up what one order needs; an order that cannot be sent uses nothing up.

        Args:
            request: on the grid.
            instrument: its instrument.
            price: what it is judged at, quote.
            fee: expected, in settle.
        """
        held = self.held_of(instrument, request.position_side)
        change, note = request.quantity * request.side.sign, ""
        closing = held * change < 0
        if request.reduce_only or request.close_position:
            if not closing:
                return Taken(Effect.NONE, problem="reduce-only, and there is nothing to reduce")
            if abs(change) > abs(held):
                change, note = -held, f"reduces no more than the {abs(held):f} held"
        elif request.position_side is not PositionSide.NET and (problem := _wrong_way(request, held)):
            return Taken(Effect.NONE, problem=problem)
        effect = effect_of(held, held + change)
        if instrument.kind is InstrumentKind.SPOT:
            left, problem = self._pay(request, instrument, price)
        else:
            left, problem, doubt = self._margin(request, instrument, price, fee, held)
            note = "; ".join(part for part in (note, doubt) if part)
        if not problem and not request.type.triggered:
            # A stop that waits leaves the position to the legs that come after it.
            self.held[instrument.id, request.position_side] = held + change
        return Taken(effect, left, problem, note)

    def _pay(self, request: OrderRequest, instrument: Instrument, price: Decimal) -> tuple[Decimal, str]:
        if request.side is Side.BUY:
            asset, need = instrument.quote, instrument.notional(request.quantity, price)
        else:
            asset, need = instrument.base, request.quantity
        free = self.free_of(asset)
        if need > free:
            return free, f"needs {need.normalize():f} {asset}, free is {free.normalize():f}"
        self.free[asset] = free - need
        return self.free[asset], ""

    def _margin(
        self, request: OrderRequest, instrument: Instrument, price: Decimal, fee: Decimal, held: Decimal
    ) -> tuple[Decimal, str, str]:
        asset = instrument.settle
        free = self.free_of(asset)
        closing = min(request.quantity, abs(held)) if held * request.side.sign < 0 else ZERO
        opening = ZERO if request.reduce_only or request.close_position else request.quantity - closing
        known = self.leverage.get(instrument.id) or self.account.leverage.get(instrument.id)
        leverage = known or DEFAULT_LEVERAGE
        need = instrument.notional(opening, price) / leverage
        if instrument.inverse:
            need /= price
        need += fee
        note = ""
        if opening > 0 and need > free:
            words = f"needs {need:.2f} {asset} of margin at {leverage:f}x, free is {free:.2f}"
            if known is not None:
                return free, words, ""
            note = f"{words}; the venue has not told the leverage"
        self.free[asset] = free - need
        return self.free[asset], "", note


def effect_of(before: Decimal, after: Decimal) -> Effect:
    """What a change from one signed position to another is called."""
    if before == after:
        return Effect.NONE
    if before == 0:
        return Effect.OPENS
    if after == 0:
        return Effect.CLOSES
    if before * after < 0:
        return Effect.FLIPS
    return Effect.INCREASES if abs(after) > abs(before) else Effect.REDUCES


def _wrong_way(request: OrderRequest, held: Decimal) -> str:
    """In hedge mode one side never turns into the other: more than is held cannot be closed."""
    opens = request.side is (Side.BUY if request.position_side is PositionSide.LONG else Side.SELL)
    if opens or request.quantity <= abs(held):
        return ""
    return f"closes {request.quantity:f} of the {request.position_side}, {abs(held):f} is held"
