"""Net delta: how much of each asset an account's equity moves with; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.engine.risk.margin_book import Holder, MarginBook

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Delta:
    """What an account is long (> 0) or short of one asset.

    Attributes:
        quantity: units of it. value: what equity gains, in the reporting currency, if it doubles.
    """

    quantity: Decimal = ZERO
    value: Decimal = ZERO

    def __add__(self, other: Delta) -> Delta:
        """Both together."""
        return Delta(self.quantity + other.quantity, self.value + other.value)


def deltas(holder: Holder, book: MarginBook) -> dict[str, Delta]:
    """Net delta of each asset, cash left out: coins in the wallet, and what positions stand for.

    Coins that secure inverse positions count, and unrealized profit in coins: they lose with the market too.
    """
    found: dict[str, Delta] = {}

    def add(asset: str, quantity: Decimal, value: Decimal) -> None:
        if quantity and not book.is_cash(asset):
            found[asset] = found.get(asset, Delta()) + Delta(quantity, value)

    for asset, quantity in holder.wallets.items():
        add(asset, quantity, quantity * book.worth(asset))
    for leg in holder.legs:
        one, profit = leg.instrument, leg.unrealized(leg.mark)
        notional = one.notional(leg.quantity, leg.mark)
        value = notional * book.worth(one.quote)
        add(one.settle, profit, profit * book.worth(one.settle))
        if one.inverse:
            add(one.base, notional / leg.mark if leg.mark else ZERO, value)
        else:
            add(one.base, leg.quantity * one.contract_size, value)
            add(one.quote, -notional, -value)
    return found
