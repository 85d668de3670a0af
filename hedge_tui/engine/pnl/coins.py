"""What coins cost: average cost in the order in which the venue executed, however late it is told; pure.

A margin venue says itself what an execution realized. A spot venue does not, and an execution that a lost
stream kept back moves the average of all that came after it: those of lately are counted again.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import Side
from hedge_tui.engine.cost import Holding, trade

if TYPE_CHECKING:
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.instrument import Instrument

ZERO = Decimal(0)
KEEP_TAIL = 300
"""Executions of one instrument that can still be counted again."""


@dataclass(slots=True)
class Coins:
    """One spot instrument in one account.

    Attributes:
        past: by executions from before the desk knew the account.
        seed: what was held when the desk first saw the account, at the price of then; None for nothing.
        settled: the past is complete, so that only what it does not explain costs the seed's price.
        base: what was held before `tail`; None while that still follows from the three above.
        tail: (execution, what it realized) in the venue's order.
    """

    past: Holding = field(default_factory=Holding)
    seed: Holding | None = None
    settled: bool = False
    base: Holding | None = None
    tail: list[tuple[Fill, Decimal]] = field(default_factory=list)

    @property
    def start(self) -> Holding:
        """What is held before the tail."""
        if self.base is not None:
            return self.base
        if self.seed is None:
            return self.past
        if not self.settled or self.seed.quantity <= 0:
            return self.seed
        known = min(self.past.quantity, self.seed.quantity)
        cost = known * self.past.entry_price + (self.seed.quantity - known) * self.seed.entry_price
        return Holding(self.seed.quantity, cost / self.seed.quantity)

    def add(self, fill: Fill, held: Holding, instrument: Instrument | None) -> tuple[Holding, Decimal]:
        """Take an execution in; (what is held, what it realized). One that is `late` waits for `again`."""
        if self.late(fill):
            insort(self.tail, (fill, ZERO), key=lambda one: _place(one[0]))
            return held, ZERO
        held, realized = covered(held, fill, instrument)
        self.tail.append((fill, realized))
        if len(self.tail) > KEEP_TAIL:
            self.base, _ = covered(self.start, self.tail[0][0], instrument)
            del self.tail[0]
        return held, realized

    def late(self, fill: Fill) -> bool:
        """Whether the venue executed others since."""
        return bool(self.tail) and _place(fill) < _place(self.tail[-1][0])

    def again(self, instrument: Instrument | None) -> tuple[Holding, list[tuple[Fill, Decimal, Decimal]]]:
        """Count the tail again; (what is held, each execution that changed with its old and new result)."""
        held, changed = self.start, []
        for place, (fill, before) in enumerate(self.tail):
            held, realized = covered(held, fill, instrument)
            if realized != before:
                self.tail[place] = (fill, realized)
                changed.append((fill, before, realized))
        return held, changed


def covered(held: Holding, fill: Fill, instrument: Instrument | None) -> tuple[Holding, Decimal]:
    """Book one execution; coins of unknown cost realize nothing when they are sold."""
    quantity = fill.quantity
    if fill.side is Side.SELL:
        quantity = min(quantity, max(held.quantity, ZERO))
    return trade(held, fill.side, quantity, fill.price, instrument) if quantity else (held, ZERO)


def is_coin(instrument: str) -> bool:
    """Whether an instrument is paid in full, by its name `venue:BASE/QUOTE[:SETTLE]`."""
    return ":" not in instrument.partition("/")[2]


def _place(fill: Fill) -> tuple[int, int, str]:
    """The venue's order; ids rise."""
    return (fill.venue_ns, len(fill.trade_id), fill.trade_id)
