"""What a private stream and the answers teach about one account, made whole before it is handed on.

Used by `execution`: it knows whose order an execution was, how much margin is in use between two
snapshots, and which instruments have fills worth asking for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.domain.account import AccountDelta, AccountSnapshot, Balance
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.instrument import InstrumentId, instrument_id, symbol_of, venue_of
from hedge_tui.domain.report import Report

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.domain.order import ClientOrderId
    from hedge_tui.domain.ports.venue import PrivateEvent

_NAMES = 20_000


class AccountMemory:
    """The memory of one account's events.

    Attributes:
        changes: counts updates of the account, so that a snapshot they have overtaken is noticed.
        fills_since_ns: venue time of the newest execution, UTC nanoseconds.
        touched: instruments that orders, fills or positions were seen in.

    Args:
        now_ns: where `fills_since_ns` begins.
        margin: the account has margin, so that its balance updates leave out what of it is in use.
    """

    def __init__(self, now_ns: int, *, margin: bool) -> None:
        self.changes = 0
        self.fills_since_ns = now_ns
        self.touched: set[InstrumentId] = set()
        self._margin = margin
        self._locked: dict[str, Decimal] = {}
        self._names: dict[str, ClientOrderId] = {}

    def completed(self, event: PrivateEvent) -> PrivateEvent:
        """Learn from an event; returns it with what its source left out."""
        if isinstance(event, Report):
            self.remember(event)
        elif isinstance(event, Fill):
            self.fills_since_ns = max(self.fills_since_ns, event.venue_ns)
            self.notice(event.instrument)
        elif isinstance(event, AccountDelta):
            self.changes += 1
            return self._with_margin(event)
        return event

    def snapshot(self, snapshot: AccountSnapshot) -> None:
        """Learn from a whole picture."""
        self._locked = {balance.asset: balance.locked for balance in snapshot.balances}
        for position in snapshot.positions:
            self.notice(position.instrument)

    def remember(self, report: Report) -> None:
        """Which order is whose: at some venues executions asked over REST name only the venue's id."""
        if not (report.venue_order_id and report.client_order_id):
            return
        self._names[str(report.venue_order_id)] = report.client_order_id
        if len(self._names) > _NAMES:
            del self._names[next(iter(self._names))]

    def named(self, fill: Fill) -> Fill:
        """The execution with our id of its order, where that is known."""
        name = self._names.get(str(fill.venue_order_id))
        return replace(fill, client_order_id=name) if name and not fill.client_order_id else fill

    def notice(self, instrument: str) -> None:
        """Remember an instrument whose fills are worth asking for."""
        self.touched.add(
            instrument_id(venue_of(InstrumentId(instrument)), symbol_of(InstrumentId(instrument)))
        )

    def _with_margin(self, delta: AccountDelta) -> AccountDelta:
        """A contract account's update says no margin in use: the last known stands until the refresh."""
        if not delta.positions and not self._margin:
            return delta
        balances = tuple(self._less_margin(balance) for balance in delta.balances)
        return replace(delta, balances=balances)

    def _less_margin(self, balance: Balance) -> Balance:
        locked = self._locked.get(balance.asset)
        if locked is None or balance.locked:
            return balance
        locked = min(locked, balance.total)
        return replace(balance, locked=locked, free=balance.total - locked)
