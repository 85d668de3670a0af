"""Which money the stream has told of and the venue's ledger has not confirmed yet; pure.

A stream tells amounts without ids, and may tell several movements as one; the ledger, read over REST, has
ids. Whatever came first, each movement is booked once: a stream's word stands until the ledger's row about
it is read, or until the ledger is read past its time without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.domain.account import CashFlow

CONFIRM_WITHIN_NS = 72 * 3_600_000_000_000
"""A deposit is filed under the time it was first seen, hours before it is credited."""
LATE_WORD_NS = 120 * 1_000_000_000
"""How long after its row in the ledger a stream may still tell the same movement."""
SETTLE_AFTER_NS = 90 * 1_000_000_000
"""A venue may enter a movement in its ledger so long after it happened."""
KEEP = 500
"""Words and rows that wait for each other, per account."""


@dataclass(slots=True)
class Unsettled:
    """What waits in one account: `told` by the stream alone, `read` in the ledger alone; oldest first."""

    told: list[CashFlow] = field(default_factory=list)
    read: list[CashFlow] = field(default_factory=list)

    def word(self, flow: CashFlow) -> bool:
        """Take a stream's word; False when the ledger told the same already."""
        twin = _nearest(self.read, flow, LATE_WORD_NS)
        if twin is not None:
            self.read.remove(twin)
            return False
        self.told.append(flow)
        del self.told[:-KEEP]
        return True

    def row(self, flow: CashFlow) -> CashFlow | None:
        """Take a row of the ledger; the stream's word that it replaces, if there is one."""
        twin = _nearest(self.told, flow, CONFIRM_WITHIN_NS)
        if twin is not None:
            self.told.remove(twin)
        else:
            self.read = [one for one in self.read if flow.venue_ns - one.venue_ns <= LATE_WORD_NS]
            self.read.append(flow)
            del self.read[:-KEEP]
        return twin

    def settle(self, until_ns: int) -> list[CashFlow]:
        """The ledger is read up to here: words without a row, which must be taken back."""
        gone = [one for one in self.told if one.venue_ns <= until_ns - SETTLE_AFTER_NS]
        self.told = [one for one in self.told if one.venue_ns > until_ns - SETTLE_AFTER_NS]
        return gone


def _nearest(waiting: list[CashFlow], flow: CashFlow, within_ns: int) -> CashFlow | None:
    """Of the same asset and quantity, nearest in time."""
    same = [
        one
        for one in waiting
        if one.asset == flow.asset
        and one.quantity == flow.quantity
        and abs(one.venue_ns - flow.venue_ns) <= within_ns
    ]
    return min(same, key=lambda one: abs(one.venue_ns - flow.venue_ns), default=None)
