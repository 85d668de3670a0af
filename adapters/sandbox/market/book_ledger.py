"""The books as the public sees them, with update ids: diffs, snapshots and best quotes all come from here.

Used by `StreamHub` and `MarketRows`, so that a REST snapshot and the stream of diffs belong together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.sandbox.market.updates import Level

Books = tuple[Sequence[Level], Sequence[Level]]
BookOf = Callable[[int, int], Books]
"""(index of the instrument, depth) -> (bids, asks), best first, resting orders of accounts included."""

FULL_DEPTH = 1000


@dataclass(slots=True)
class DepthDiff:
    """Changed levels between two update ids; quantity 0 means that a level is gone.

    Attributes:
        first_id, last_id: U and u. previous_id: pu, the last id of the diff before.
    """

    first_id: int
    last_id: int
    previous_id: int
    bids: list[Level]
    asks: list[Level]


@dataclass(slots=True)
class _Pending:
    """Changes that one speed of a diff stream has not told yet."""

    told_id: int
    bids: dict[Decimal, Decimal] = field(default_factory=dict)
    asks: dict[Decimal, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class _Seen:
    """One instrument's book as last looked at."""

    update_id: int
    top: tuple[Level | None, Level | None] = (None, None)
    bids: dict[Decimal, Decimal] = field(default_factory=dict)
    asks: dict[Decimal, Decimal] = field(default_factory=dict)
    pending: dict[str, _Pending] = field(default_factory=dict)


class BookLedger:
    """Watches books and numbers their changes.

    Args:
        count: instruments.
        book_of: where books are read.
        first_id: ids begin after it; it should rise from one start of the sandbox to the next.
    """

    def __init__(self, count: int, book_of: BookOf, first_id: int) -> None:
        self.book_of = book_of
        self._seen = [_Seen(first_id) for _ in range(count)]

    def top(self, index: int) -> tuple[int, Level | None, Level | None, bool]:
        """(update id, best bid, best ask, whether one of them changed since last asked)."""
        seen = self._seen[index]
        top = self.look(index)
        changed = top != seen.top
        if changed:
            seen.top = top
            seen.update_id += 1
        return seen.update_id, top[0], top[1], changed

    def look(self, index: int) -> tuple[Level | None, Level | None]:
        """Best bid and ask, for those who only show them."""
        bids, asks = self.book_of(index, 1)
        return (bids[0] if bids else None, asks[0] if asks else None)

    def last_id(self, index: int) -> int:
        """The newest update id."""
        return self._seen[index].update_id

    def snapshot(self, index: int, depth: int) -> tuple[int, Sequence[Level], Sequence[Level]]:
        """(lastUpdateId, bids, asks), consistent with the diffs."""
        bids, asks = self._watch(index)
        return self._seen[index].update_id, bids[:depth], asks[:depth]

    def open(self, index: int, speed: str) -> None:
        """Begin a stream of diffs; does nothing when it runs already."""
        seen = self._seen[index]
        if speed not in seen.pending:
            self._watch(index)
            seen.pending[speed] = _Pending(seen.update_id)

    def close(self, index: int, speed: str) -> None:
        """End a stream of diffs."""
        self._seen[index].pending.pop(speed, None)

    def diff(self, index: int, speed: str) -> DepthDiff | None:
        """What changed since the diff before of this speed; None if nothing did."""
        self._watch(index)
        seen = self._seen[index]
        pending = seen.pending[speed]
        if not pending.bids and not pending.asks:
            return None
        told = pending.told_id
        bids = sorted(pending.bids.items(), reverse=True)
        asks = sorted(pending.asks.items())
        seen.pending[speed] = _Pending(seen.update_id)
        return DepthDiff(told + 1, seen.update_id, told, bids, asks)

    def _watch(self, index: int) -> Books:
        seen = self._seen[index]
        bids, asks = self.book_of(index, FULL_DEPTH)
        now_bids, now_asks = dict(bids), dict(asks)
        changed_bids = _changes(seen.bids, now_bids)
        changed_asks = _changes(seen.asks, now_asks)
        seen.update_id += len(changed_bids) + len(changed_asks)
        seen.bids, seen.asks = now_bids, now_asks
        for pending in seen.pending.values():
            pending.bids.update(changed_bids)
            pending.asks.update(changed_asks)
        return bids, asks


def _changes(before: dict[Decimal, Decimal], now: dict[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    if before == now:
        return {}
    changed = {price: quantity for price, quantity in now.items() if before.get(price) != quantity}
    changed.update((price, Decimal(0)) for price in before if price not in now)
    return changed
