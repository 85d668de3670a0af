"""Double entry for every asset: what one account gets, another one gives.

Besides the traders' accounts there are four of the venue's own, so that all totals of an asset
always sum to zero: a rounding error, a double booking or money from nowhere shows at once.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKET = "(market)"
"""Everybody outside: what they trade with our accounts, and what PnL and funding are paid from."""
FEES = "(fees)"
"""Commissions received, less rebates paid."""
INSURANCE = "(insurance)"
"""Liquidation fees received, less losses beyond an account's money."""
WORLD = "(world)"
"""Where deposits come from and withdrawals go to."""

INTERNAL = (MARKET, FEES, INSURANCE, WORLD)

ZERO = Decimal(0)
CENT = Decimal("0.00000001")
"""Commissions, PnL, funding and margins are kept to eight decimals, as venues do."""


def rounded(value: Decimal, step: Decimal = CENT) -> Decimal:
    """`value` to the decimals of `step`, ties to even.

    The rounding is named because ccxt changes that of the running thread.
    """
    return value.quantize(step, ROUND_HALF_EVEN)


class Ledger:
    """Totals by account and asset; internal accounts may be negative."""

    __slots__ = ("_totals",)

    def __init__(self) -> None:
        self._totals: dict[str, dict[str, Decimal]] = defaultdict(dict)

    def move(self, source: str, target: str, asset: str, quantity: Decimal) -> None:
        """Book `quantity` (of either sign) of `asset` from one account to another."""
        totals = self._totals
        giver, taker = totals[source], totals[target]
        giver[asset] = giver.get(asset, ZERO) - quantity
        taker[asset] = taker.get(asset, ZERO) + quantity

    def total(self, account: str, asset: str) -> Decimal:
        """What `account` has of `asset`; 0 if it never had any."""
        return self._totals[account].get(asset, ZERO)

    def assets(self, account: str) -> list[str]:
        """Assets that `account` ever had, in the order it got them."""
        return list(self._totals[account])

    def accounts(self) -> list[str]:
        """All accounts that something was booked for, internal ones too."""
        return [name for name, totals in self._totals.items() if totals]

    def totals(self) -> dict[str, dict[str, Decimal]]:
        """A copy of everything: by account, by asset."""
        return {name: dict(totals) for name, totals in self._totals.items() if totals}

    def restore(self, totals: Mapping[str, Mapping[str, Decimal]]) -> None:
        """Put a copy back; what was booked before is forgotten."""
        self._totals.clear()
        for name, of_account in totals.items():
            self._totals[name] = dict(of_account)

    def sums(self) -> dict[str, Decimal]:
        """Per asset the sum over all accounts: always zero."""
        out: dict[str, Decimal] = {}
        for totals in self._totals.values():
            for asset, quantity in totals.items():
                out[asset] = out.get(asset, ZERO) + quantity
        return out
