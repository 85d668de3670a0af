"""What the risk gate judges: the legs of one plan that send something new, and the desk they meet; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from hedge_tui.domain.order import OrderType
from hedge_tui.domain.plan import Act, Denied, Leg, OrderPlan
from hedge_tui.domain.trading import scope_words
from hedge_tui.engine.execution.limits import scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.account import Account
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.execution.limits import Limit
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)


@dataclass(frozen=True)
class Case:
    """One plan before the gate. Not slotted: what is worked out is kept."""

    plan: OrderPlan
    view: View

    @cached_property
    def entries(self) -> list[Leg]:
        """Orders and amendments that would be sent."""
        return [leg for leg in self.plan.sendable if leg.act in (Act.PLACE, Act.AMEND)]

    @cached_property
    def adding(self) -> list[Leg]:
        """Of those, what the caps of notional, quantity, position and rate count: not a way out."""
        return [leg for leg in self.entries if not reduces(leg)]

    @cached_property
    def growing(self) -> list[Leg]:
        """Of those, what asks for more than is at the venue: orders, and amendments that make one larger."""
        return [leg for leg in self.adding if leg.act is Act.PLACE or leg.increase > 0 or _more(leg)]

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """Every account of the desk."""
        return {name: one.account for name, one in self.view.accounts.items()}

    @cached_property
    def _strictest(self) -> dict[tuple[str, str], Limit]:
        return {}

    def strictest(self, name: str, account: str) -> Limit:
        """The smallest of a number that desk, groups and account say; looked up once."""
        known = self._strictest.get((name, account))
        if known is None:
            known = self.view.limits.strictest(name, self.accounts[account])
            self._strictest[name, account] = known
        return known

    def instrument(self, leg: Leg) -> Instrument:
        """A leg's instrument."""
        return self.view.markets.instruments[leg.instrument]

    @cached_property
    def concerned(self) -> list[Account]:
        """Accounts that something new would be sent to."""
        return [self.accounts[name] for name in dict.fromkeys(leg.account for leg in self.entries)]

    def within(self, limit: Limit, legs: Iterable[Leg]) -> list[Leg]:
        """The legs that a cap counts."""
        return [leg for leg in legs if limit.scope in scopes_of(self.accounts[leg.account])]

    def denied(self, reason: str, message: str, leg: Leg | None = None) -> Denied:
        """The refusal; it names the row of the preview."""
        return Denied(reason, message, None if leg is None else self.plan.legs.index(leg))


def reduces(leg: Leg) -> bool:
    """A way out is never closed: reduce-only orders, and `close` of a coin."""
    return leg.request is not None and (leg.request.only_reduces or leg.exit)


def exits(leg: Leg) -> bool:
    """Market orders out of a position: their number is that of the positions."""
    return reduces(leg) and leg.request is not None and leg.request.type is OrderType.MARKET


def reporting_value(leg: Leg, view: View) -> Decimal:
    """Notional of one leg in the reporting currency; in its quote where no market converts."""
    instrument = view.markets.instruments.get(leg.instrument)
    notional = leg.notional or ZERO
    worth = view.markets.value(instrument.quote, notional) if instrument is not None else None
    return notional if worth is None else worth


def units_added(leg: Leg) -> Decimal:
    """What a leg asks for, venue units: of an amendment only what it adds."""
    if leg.act is Act.PLACE:
        return leg.request.quantity if leg.request is not None else ZERO
    old = leg.request.quantity if leg.request is not None else ZERO
    return max((leg.quantity or ZERO) - old, ZERO)


def base_units(instrument: Instrument, units: Decimal, price: Decimal) -> Decimal:
    """Venue units in the base asset."""
    if instrument.inverse:
        return units * instrument.contract_size / price if price else ZERO
    return units * instrument.contract_size


def of_whom(limit: Limit) -> str:
    """Whose a cap is: "of group core"."""
    return f"of {scope_words(limit.scope)}"


def _more(leg: Leg) -> bool:
    return units_added(leg) > 0
