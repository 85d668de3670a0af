"""When a snapshot is believed against these books: the rules for positions and balances, pure.

An answer that contradicts what is known is in dispute until another question proves it: the same answer
again, apart in time, and a complete list of trades that explains nothing. What it would clear takes one
answer more: an empty list is what a venue in trouble gives first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentId, symbol_of

if TYPE_CHECKING:
    from decimal import Decimal

APART_S = 2.0
"""Least time between two answers that count."""
ANSWERS = 2
ANSWERS_TO_CLEAR = 3

Subject = tuple[str, ...]
"""("position", instrument, position side) or ("balance", asset)."""


@dataclass(slots=True)
class Dispute:
    """One value that a snapshot states otherwise than these books.

    Attributes:
        ours: here, 0 for none. theirs: in the newest snapshot. Signed venue units, or units of the asset.
        since, last: when it was seen first, and when the newest answer that counts came, monotonic seconds.
        answers: equal ones, apart. asked: trades were asked since it began, and do not explain it.
        shown: it outlived what a late stream explains: the trader is told that nobody knows.
    """

    ours: Decimal
    theirs: Decimal
    since: float
    last: float
    answers: int = 1
    asked: bool = False
    shown: bool = False

    @property
    def larger(self) -> Decimal:
        """The worst case of a position."""
        return self.ours if abs(self.ours) >= abs(self.theirs) else self.theirs

    def __str__(self) -> str:
        """Both values in words."""
        return f"{digits(self.ours)} here, {digits(self.theirs)} at the venue"


def again(old: Dispute | None, ours: Decimal, theirs: Decimal, now: float) -> Dispute | None:
    """The dispute after one more snapshot; None when both agree."""
    if ours == theirs:
        return None
    if old is None:
        return Dispute(ours, theirs, now, now)
    if (old.ours, old.theirs) != (ours, theirs):
        # Something moved meanwhile: the proof begins anew, the doubt does not.
        return Dispute(ours, theirs, old.since, now, shown=old.shown)
    if now - old.last >= APART_S:
        old.answers, old.last = old.answers + 1, now
    return old


def proved(dispute: Dispute) -> bool:
    """Whether the snapshot is right and these books are wrong."""
    needed = ANSWERS if dispute.theirs else ANSWERS_TO_CLEAR
    return dispute.answers >= needed and dispute.asked


def named(subject: Subject) -> str:
    """In words: "position BTC/USDT:USDT long", "balance USDT"."""
    if subject[0] == "balance":
        return f"balance {subject[1]}"
    side = f" {subject[2]}" if subject[2] != "net" else ""
    return f"position {symbol_of(InstrumentId(subject[1]))}{side}"


def digits(value: Decimal) -> str:
    """Without trailing zeros."""
    return f"{value.normalize():f}"
