"""The PnL book: exact sums per asset, by day, session, account, instrument and tag."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)
KEEP_DAYS = 500
"""Days that are kept apart; older ones are forgotten here and kept by the journal alone."""
KEEP_SESSIONS = 1_000
COLUMNS = ("realized", "fees", "funding", "other", "deposits", "withdrawals", "transfers")
"""What is summed up, in the order in which it is saved."""

CellKey = tuple[int, int, str, str, str, str]
"""(start of the day, start of the session or 0, account, instrument or "", tag or "", asset)."""


@dataclass(slots=True)
class Sums:
    """One asset in one cell, signed units of it.

    Attributes:
        realized: of executions, before fees. fees: paid, < 0 for rebates. funding: received.
        other: any other income or cost (insurance, bonus, rebate).
        deposits, withdrawals, transfers: money moved in (> 0) or out; never profit.
        fills: executions.
    """

    realized: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    other: Decimal = ZERO
    deposits: Decimal = ZERO
    withdrawals: Decimal = ZERO
    transfers: Decimal = ZERO
    fills: int = 0

    @property
    def net(self) -> Decimal:
        """Profit: realized less fees, with funding and other income."""
        return self.realized - self.fees + self.funding + self.other

    @property
    def moved(self) -> Decimal:
        """Money moved in (> 0) or out: no profit."""
        return self.deposits + self.withdrawals + self.transfers

    @property
    def empty(self) -> bool:
        """Whether nothing is left in it."""
        return not self.fills and not any(getattr(self, name) for name in COLUMNS)

    def add(self, other: Sums, factor: Decimal | int = 1) -> None:
        """Add another's sums, times a price for a valuation."""
        for name in COLUMNS:
            setattr(self, name, getattr(self, name) + getattr(other, name) * factor)


@dataclass(slots=True)
class PnlBook:
    """Cells, and the sessions that they are told apart by.

    Attributes:
        sessions: (start, name), oldest first; what came before the first belongs to none.
    """

    cells: dict[CellKey, Sums] = field(default_factory=dict)
    sessions: list[tuple[int, str]] = field(default_factory=list)
    newest_ns: int = 0

    def session_of(self, at_ns: int) -> int:
        """Start of the session that holds a moment; 0 for none."""
        place = bisect_right(self.sessions, at_ns, key=lambda one: one[0])
        return self.sessions[place - 1][0] if place else 0

    def start_session(self, at_ns: int, name: str) -> None:
        """Begin a session; the one before it ends."""
        insort(self.sessions, (at_ns, name))
        if len(self.sessions) > KEEP_SESSIONS:
            gone, _ = self.sessions.pop(0)
            for key in [key for key in self.cells if key[1] == gone]:
                self.put((key[0], 0, *key[2:]), self.cells.pop(key))

    def put(self, key: CellKey, change: Sums, sign: int = 1) -> None:
        """Add to a cell, or take back out of it with `sign` -1."""
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = Sums()
        cell.add(change, sign)
        cell.fills += change.fills * sign
        if cell.empty:
            del self.cells[key]
        if key[0] > self.newest_ns:
            self.newest_ns = key[0]
            self._forget(key[0] - KEEP_DAYS * 86_400_000_000_000)

    def _forget(self, before_ns: int) -> None:
        for key in [key for key in self.cells if key[0] < before_ns]:
            del self.cells[key]
