"""The caps of the risk gate, as plain values; read from the config, changeable while running."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Caps:
    """Caps of one account; None: no cap. 0 means zero: nothing passes.

    Attributes:
        order_notional: of one order. day_notional: of all orders sent since the day began. Reporting currency.
        open_orders: resting at once.
    """

    order_notional: Decimal | None = None
    day_notional: Decimal | None = None
    open_orders: int | None = None


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """All limits of the desk.

    Attributes:
        caps: for accounts without their own. accounts: by name.
        bulk_notional: of one line over all accounts, reporting currency.
        order_count: orders in one line.
        collar_pct: how far through the mark an order may be priced, percent; None: no collar.
        drift_bp: how far a reference price may move between preview and confirmation.
        halted: accounts (or "" for the desk) that take no new orders; cancels always pass.
    """

    caps: Caps = field(default_factory=Caps)
    accounts: Mapping[str, Caps] = field(default_factory=dict)
    bulk_notional: Decimal | None = None
    order_count: int | None = None
    collar_pct: Decimal | None = None
    drift_bp: Decimal = Decimal(20)
    halted: frozenset[str] = frozenset()

    def of(self, account: str) -> Caps:
        """The caps of one account."""
        return self.accounts.get(account, self.caps)
