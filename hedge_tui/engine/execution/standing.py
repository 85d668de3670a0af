"""What an account can still do while the legs of one line use it up: margin, balances, positions."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.order import Side
from hedge_tui.domain.plan import Effect
from hedge_tui.engine.execution.sizes import held_quantity

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import OrderRequest
    from hedge_tui.engine.accounts import AccountState

ZERO = Decimal(0)
DEFAULT_LEVERAGE = Decimal(20)
"""What a new Binance USD-M account has until it is changed; used only before the venue says its own."""


@dataclass(slots=True)
class Standing:
    """One account, as it will be after the legs so far.

    Attributes:
        free: by asset, after the legs so far. held: position by instrument, signed venue units.
    """

    account: AccountState
    free: dict[str, Decimal] = field(default_factory=dict)
    held: dict[str, Decimal] = field(default_factory=dict)

    def free_of(self, asset: str) -> Decimal:
        """What is left of one asset."""
        if asset not in self.free:
            balance = self.account.balances.get(asset)
            self.free[asset] = balance.free if balance is not None else ZERO
        return self.free[asset]

    def held_of(self, instrument: Instrument) -> Decimal:
        """The position after the legs so far."""
        if instrument.id not in self.held:
            self.held[instrument.id] = held_quantity(self.account, instrument)
        return self.held[instrument.id]

    def take(
        self, request: OrderRequest, instrument: Instrument, price: Decimal, fee: Decimal
    ) -> tuple[Effect, Decimal | None, str]:
        """Use up what one order needs.

        Returns:
            What it does to the position, what is left of the settle asset (spot: of the asset paid
            with), and why it cannot be afforded, or "".
        """
        held = self.held_of(instrument)
        after = held + request.quantity * request.side.sign
        effect = effect_of(held, after)
        self.held[instrument.id] = after
        if instrument.kind is InstrumentKind.SPOT:
            left, problem = self._pay(request, instrument, price)
        else:
            left, problem = self._margin(request, instrument, price, fee, held)
        return effect, left, problem

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
    ) -> tuple[Decimal, str]:
        asset = instrument.settle
        free = self.free_of(asset)
        closing = min(request.quantity, abs(held)) if held * request.side.sign < 0 else ZERO
        opening = ZERO if request.reduce_only or request.close_position else request.quantity - closing
        leverage = self.account.leverage.get(instrument.id) or DEFAULT_LEVERAGE
        need = instrument.notional(opening, price) / leverage + fee
        if instrument.inverse:
            need = need / price
        if opening > 0 and need > free:
            return free, f"needs {need:.2f} {asset} of margin at {leverage:f}x, free is {free:.2f}"
        self.free[asset] = free - need
        return self.free[asset], ""


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
