"""What a plan is made from: the state of the desk at one instant, and where the trader stands."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Scope, ScopeItem, ScopeKind
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import OrderStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import Order, Side
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.limits import RiskLimits
    from hedge_tui.engine.markets import Markets
    from hedge_tui.engine.state import DeskState

UNANSWERED = (OrderStatus.SENDING, OrderStatus.UNKNOWN)
"""What the venue's balances and positions may or may not show yet."""


@dataclass(frozen=True, slots=True)
class View:
    """Read only; the planner and the gate see nothing else.

    Attributes:
        scope: the console's active account, group or venue; "" when there is none.
        focus: the instrument on screen, for lines that name none; "" for none.
        selection: client order ids of selected rows.
        locked: accounts cannot trade because the vault is locked.
        zone: of the trader, for clock times.
    """

    state: DeskState
    accounts: Mapping[str, AccountState]
    markets: Markets
    limits: RiskLimits
    now_ns: int
    scope: str = ""
    focus: InstrumentId | None = None
    selection: tuple[str, ...] = ()
    locked: bool = False
    zone: tzinfo = UTC
    _own: dict[tuple[InstrumentId, Side], Decimal] = field(default_factory=dict, repr=False, compare=False)
    _own_read: list[bool] = field(default_factory=list, repr=False, compare=False)

    def own_best(self, instrument: InstrumentId, side: Side) -> Decimal | None:
        """Best price of our own working limit orders of one side, over all accounts; None without any."""
        if not self._own_read:
            self._own_read.append(True)
            for order in self.state.working_orders():
                r = order.request
                if r.price is None or r.type.triggered:
                    continue
                best = self._own.get((r.instrument, r.side))
                if best is None or (r.price - best) * r.side.sign > 0:
                    self._own[r.instrument, r.side] = r.price
        return self._own.get((instrument, side))

    def unanswered(self, account: str, instrument: str = "") -> list[Order]:
        """Orders that may have traded without anybody here knowing; of one instrument or of all."""
        return [
            order
            for order in self.state.working_orders(account)
            if order.status in UNANSWERED and instrument in ("", order.request.instrument)
        ]

    def accounts_of(self, scope: Scope | None, span: tuple[int, int]) -> list[AccountState]:
        """The accounts a command works on, in the desk's order, each once.

        Raises:
            CommandError: nothing was named and no scope is active, or a name is unknown.
        """
        if scope is None:
            if not self.scope:
                raise CommandError(
                    "no account is named, and none is active",
                    span,
                    hint="write @desk-1 before the verb, or set one with: account desk-1",
                    readings=tuple(f"@{name} …" for name in list(self.accounts)[:3]),
                )
            return self.named(ScopeItem(ScopeKind.NAME, self.scope, span))
        picked: dict[str, AccountState] = {}
        for item in scope.items:
            picked |= {a.name: a for a in self.named(item)}
        return [a for name, a in self.accounts.items() if name in picked]

    def named(self, item: ScopeItem) -> list[AccountState]:
        """The accounts that one item of a scope means.

        Raises:
            CommandError: the name is unknown.
        """
        everyone = list(self.accounts.values())
        if item.kind is ScopeKind.ALL or item.text == "all":
            return everyone
        if item.kind is ScopeKind.TAG:
            found = [a for a in everyone if item.text in a.account.tags]
            known = {tag for a in everyone for tag in a.account.tags}
        else:
            if item.text in self.accounts:
                return [self.accounts[item.text]]
            found = [a for a in everyone if item.text in a.account.groups or item.text == a.account.venue]
            known = set(self.accounts)
            known |= {group for a in everyone for group in a.account.groups}
            known |= {a.account.venue for a in everyone}
        if found:
            return found
        sign = "#" if item.kind is ScopeKind.TAG else "@"
        near = difflib.get_close_matches(item.text, sorted(known), 3, 0.3)
        raise CommandError(
            f"{sign}{item.text} is no account, group, tag or venue of this desk",
            item.span,
            hint="known: " + ", ".join(near or sorted(known)[:6]),
        )

    def weight(self, account: AccountState) -> Decimal:
        """The account's configured weight."""
        return account.account.weight or Decimal(1)
