"""The frame every live table of the engine fits in."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from hedge_tui.wire.topics import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes

NAN = math.nan


class LiveRows(ABC):
    """Rows of one topic by key, and which of them are out of date.

    A subclass says how one row is made, and which keys a change touches. Rows are made when a client
    that follows the topic gets its frame, not when something happens.

    Attributes:
        rows: key -> values in the order of `COLUMNS[topic]`.
        every_s: how often rows that depend on prices are made anew; 0: only on changes.
    """

    topic = ""
    every_s = 0.0

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.columns = COLUMNS[self.topic]
        self.rows: dict[str, list[Any]] = {}
        self.dirty: set[str] = set()
        self._last = -math.inf
        self._round: list[str] = []
        self._share = 0.0

    def touch(self, changes: Changes) -> None:  # noqa: B027 - tables of prices alone need none
        """Mark what a recorded change makes out of date."""

    @abstractmethod
    def keys(self) -> Iterable[str]:
        """All keys that exist now."""

    @abstractmethod
    def row(self, key: str) -> list[Any] | None:
        """The values of one row, key first; None when it is gone."""

    def moving(self) -> Iterable[str]:
        """Keys whose row depends on prices or on time; asked every `every_s`."""
        return self.keys()

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        """Make what is out of date anew; returns (keys whose values changed, keys that are gone)."""
        if self.every_s:
            self._move_on(now_s)
        return self.make()

    def _move_on(self, now_s: float) -> None:
        """A part of the moving rows at each call, all in `every_s`: a thousand at once would stall."""
        elapsed, self._last = now_s - self._last, now_s
        if elapsed >= self.every_s:
            self.dirty.update(self._round, self.moving())
            self._round = []
            return
        if not self._round:
            self._round = list(self.moving())
            self._share = len(self._round) / self.every_s
        count = math.ceil(elapsed * self._share)
        self.dirty.update(self._round[:count])
        del self._round[:count]

    def make(self) -> tuple[set[str], set[str]]:
        """Make the dirty rows anew, whatever the time."""
        dirty, self.dirty = self.dirty, set()
        changed, gone = set(), set()
        for key in dirty:
            row = self.row(key)
            if row is None:
                if self.rows.pop(key, None) is not None:
                    gone.add(key)
            elif not _same(self.rows.get(key), row):
                self.rows[key] = row
                changed.add(key)
        return changed, gone

    def rebuild(self) -> None:
        """Make everything anew at the next refresh; asked when the first client begins to follow."""
        self.dirty.update(self.keys())
        self.dirty.update(self.rows)


def number(value: Decimal | float | None) -> float:
    """A number for the screen; NaN where there is none."""
    return NAN if value is None else float(value)


def rounded(value: Decimal | float | None, digits: int) -> float:
    """A number for the screen whose last digits would only flicker."""
    return NAN if value is None else round(float(value), digits)


def _same(old: list[Any] | None, new: list[Any]) -> bool:
    """Equal rows, where NaN equals NaN."""
    if old is None:
        return False
    return all(a == b or (a != a and b != b) for a, b in zip(old, new, strict=True))  # noqa: PLR0124 - NaN
