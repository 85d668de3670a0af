"""Raw combined-stream frames of one instrument, played back as a book and trades.

A recording is gzip, one `<receive ns> <json>` a line, with one REST snapshot among the frames, from which on
depth diffs make the book. Played by `replay` at any pace, in a circle.
"""

from __future__ import annotations

import gzip
import heapq
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from adapters.sandbox.market.updates import Level

SHOWN_LEVELS = 100
"""Of a side; recorded books hold a thousand."""


@dataclass(frozen=True, slots=True)
class RecordedTrade:
    """One trade frame; `at_ns` since the beginning of the recording."""

    trade_id: int
    at_ns: int
    price: Decimal
    quantity: Decimal
    buy: bool


class RecordedSide:
    """One side of a recorded book; see `market_state.Side`. Nothing moves it but the recording."""

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._sizes: dict[Decimal, Decimal] = {}
        self._told: tuple[Level, ...] | None = None
        self._best: Decimal | None = None

    def load(self, levels: list[list[str]]) -> None:
        """Replace all levels."""
        self._sizes = {Decimal(price): Decimal(size) for price, size in levels}
        self._told = self._best = None

    def change(self, levels: list[list[str]]) -> None:
        """Set or remove levels."""
        for price, size in levels:
            quantity = Decimal(size)
            if quantity:
                self._sizes[Decimal(price)] = quantity
            else:
                self._sizes.pop(Decimal(price), None)
        if levels:
            self._told = self._best = None

    def touch(self, price: Decimal, size: Decimal) -> None:
        """The best level is known; what would be better has gone."""
        best, sign = self.best(), self._sign
        if best is not None and sign * best > sign * price:
            for better in [at for at in self._sizes if sign * at > sign * price]:
                del self._sizes[better]
        self._sizes[price] = size
        self._best = price
        self._told = None

    def best(self) -> Decimal | None:
        """The best price; None when the side is empty."""
        if self._best is None:
            self._best = (max if self._sign > 0 else min)(self._sizes, default=None)
        return self._best

    def levels(self) -> tuple[Level, ...]:
        """The best levels, best first."""
        if self._told is None:
            pick = heapq.nlargest if self._sign > 0 else heapq.nsmallest
            self._told = tuple(pick(SHOWN_LEVELS, self._sizes.items()))
        return self._told

    def follow(self, best: int) -> None:
        """The recording says where the touch is."""

    def flutter(self, changes: int) -> None:
        """The recording says what changes."""

    def take(self, price: int, quantity: Decimal) -> None:
        """The recording goes on as if nobody had traded."""


class FramePlayer:
    """Plays one file.

    Attributes:
        bids, asks: the book as played so far.
        first_trade_id: of the recording's first trade after the snapshot.

    Raises:
        ValueError: the file has no REST snapshot, or no trade after it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.bids, self.asks = RecordedSide(1), RecordedSide(-1)
        self._begin_ns, self._span_ns, self.first_trade_id, self._ids = self._survey()
        self._loops = 0
        self._frames: Iterator[tuple[int, dict[str, Any]]] = iter(())
        self._next: tuple[int, dict[str, Any]] | None = None
        self._rewind()

    def advance(self, until_ns: int) -> list[RecordedTrade]:
        """Play up to `until_ns` since the beginning; returns the trades on the way."""
        trades: list[RecordedTrade] = []
        behind = until_ns // self._span_ns - self._loops
        if behind > 1:
            # A long pause: whole rounds would only come back to the same book.
            self._loops += behind - 1
            self._rewind()
        while True:
            while (
                self._next is not None
                and self._next[0] - self._begin_ns + self._loops * self._span_ns <= until_ns
            ):
                self._play(*self._next, trades)
                self._next = next(self._frames, None)
            if self._next is not None or (self._loops + 1) * self._span_ns > until_ns:
                return trades
            self._loops += 1
            self._rewind()

    def _play(self, received_ns: int, data: dict[str, Any], trades: list[RecordedTrade]) -> None:
        if "lastUpdateId" in data:
            return
        event = data.get("e", "bookTicker")
        if event == "depthUpdate":
            self.bids.change(data["b"])
            self.asks.change(data["a"])
        elif event == "bookTicker":
            self.bids.touch(Decimal(data["b"]), Decimal(data["B"]))
            self.asks.touch(Decimal(data["a"]), Decimal(data["A"]))
        elif event == "trade":
            at_ns = received_ns - self._begin_ns + self._loops * self._span_ns
            trade_id = data["t"] + self._loops * self._ids
            trades.append(
                RecordedTrade(trade_id, at_ns, Decimal(data["p"]), Decimal(data["q"]), not data["m"])
            )

    def _survey(self) -> tuple[int, int, int, int]:
        """Time of the snapshot, length after it, first trade id, ids in the recording."""
        begin = last = first_id = last_id = 0
        for received_ns, data in _read(self._path):
            if "lastUpdateId" in data:
                begin = received_ns
            elif begin and data.get("e") == "trade":
                first_id = first_id or data["t"]
                last_id = data["t"]
            last = received_ns
        if not begin or not first_id:
            raise ValueError(f"{self._path.name} has no REST snapshot with trades after it")
        return begin, last - begin + 1, first_id, last_id - first_id + 1

    def _rewind(self) -> None:
        """Stand at the snapshot, with the diffs that were received before it but are newer."""
        early: list[dict[str, Any]] = []
        self._frames = _read(self._path)
        for _, data in self._frames:
            if "lastUpdateId" in data:
                self.bids.load(data["bids"])
                self.asks.load(data["asks"])
                for diff in early:
                    if diff["u"] > data["lastUpdateId"]:
                        self._play(0, diff, [])
                break
            if data.get("e") == "depthUpdate":
                early.append(data)
        self._next = next(self._frames, None)


def _read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with gzip.open(path, "rb") as lines:
        for line in lines:
            received, _, text = line.partition(b" ")
            body = orjson.loads(text)
            yield int(received), body.get("data", body)
