"""A public book rebuilt from snapshots and diffs equals the real one, whatever happens to it in between."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.market.book_ledger import BookLedger

sides = st.dictionaries(st.integers(1, 12), st.integers(1, 5), max_size=8)
moves = st.lists(
    st.tuples(sides, sides, st.sampled_from(["fast", "slow", "snapshot", "top", "nothing"])), max_size=30
)


class Books:
    """A book that can be set."""

    def __init__(self) -> None:
        self.bids: list[tuple[Decimal, Decimal]] = []
        self.asks: list[tuple[Decimal, Decimal]] = []

    def set(self, bids: dict[int, int], asks: dict[int, int]) -> None:
        self.bids = sorted(((Decimal(at), Decimal(size)) for at, size in bids.items()), reverse=True)
        self.asks = sorted((Decimal(100 + at), Decimal(size)) for at, size in asks.items())

    def read(self, _index: int, depth: int):
        return self.bids[:depth], self.asks[:depth]


@given(moves)
def test_diffs_of_two_speeds_rebuild_the_book(steps) -> None:
    books = Books()
    ledger = BookLedger(1, books.read, 1000)
    speeds = ("fast", "slow")
    copies: dict[str, tuple[dict, dict]] = {}
    told: dict[str, int] = {}
    for speed in speeds:
        ledger.open(0, speed)
        update_id, bids, asks = ledger.snapshot(0, 100)
        copies[speed] = (dict(bids), dict(asks))
        told[speed] = update_id
    for bids, asks, act in [*steps, ({}, {3: 1}, "fast"), ({}, {3: 1}, "slow")]:
        books.set(bids, asks)
        if act == "top":
            before = ledger.last_id(0)
            _, _, _, changed = ledger.top(0)
            assert ledger.last_id(0) == before + changed
        elif act == "snapshot":
            update_id, now_bids, now_asks = ledger.snapshot(0, 100)
            assert (list(now_bids), list(now_asks)) == (books.bids, books.asks)
            assert update_id == ledger.last_id(0)
        elif act in speeds and (diff := ledger.diff(0, act)) is not None:
            assert (diff.previous_id, diff.first_id) == (told[act], told[act] + 1)
            assert diff.last_id >= diff.first_id
            told[act] = diff.last_id
            for copy, changes in zip(copies[act], (diff.bids, diff.asks), strict=True):
                for price, size in changes:
                    copy.pop(price, None)
                    if size:
                        copy[price] = size
        if act in speeds:
            assert copies[act] == (dict(books.bids), dict(books.asks))
