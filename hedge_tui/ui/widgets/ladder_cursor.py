"""Where a price ladder stands: its step, its window of prices, and a cursor that is bound to a price. Pure.

A row is a whole number: row n stands for the price n x step x tick. Nothing but a key moves the cursor, so a
moving market never puts another price under it.
"""

from __future__ import annotations

import math
from decimal import Decimal

QUIET_S = 0.3
"""After a key the window stays where it is for so long, wherever the market goes."""
STEPS = (1, 2, 5)
MOST_STEP = 1_000_000


class LadderCursor:
    """Window and cursor.

    Attributes:
        tick: the instrument's price step. step: ticks a row.
        at: the cursor's row, None before the first price. top: the highest row in sight. rows: how many are.
        following: the window keeps the market in sight; the cursor never follows.
    """

    def __init__(self) -> None:
        self.tick = Decimal(0)
        self.step = 1
        self.at: int | None = None
        self.top = 0
        self.rows = 1
        self.following = True
        self._key_s = -math.inf

    def reset(self, tick: Decimal) -> None:
        """Another instrument: no cursor, the finest step."""
        self.tick, self.step, self.at, self.following = tick, 1, None, True

    @property
    def size(self) -> Decimal:
        """Price from one row to the next."""
        return self.tick * self.step

    def price(self, row: int) -> Decimal:
        """The price of a row, exactly."""
        return self.size * row

    def row_of(self, price: float, *, up: bool = False) -> int:
        """The row that a price falls on: rounded down, as bids are, or `up`, as asks are."""
        ticks = round(price / float(self.tick))
        return -(-ticks // self.step) if up else ticks // self.step

    @property
    def in_sight(self) -> bool:
        """Whether the cursor's row is shown."""
        return self.at is not None and self.top - self.rows < self.at <= self.top

    @property
    def hidden_rows(self) -> int:
        """How many rows above (or, below 0, below) the window the cursor is."""
        if self.at is None or self.in_sight:
            return 0
        return self.at - self.top if self.at > self.top else self.at - (self.top - self.rows + 1)

    # -- keys

    def key(self, now_s: float) -> None:
        """A key was pressed: the window stays for a moment."""
        self._key_s = now_s

    def move(self, rows: int) -> None:
        """Up (above 0) or down; the window comes along at its edges, and to a cursor out of sight."""
        if self.at is None:
            return
        self.at = max(1, self.at + rows)
        if self.at > self.top:
            self.top = self.at
        elif self.at <= self.top - self.rows:
            self.top = self.at + self.rows - 1

    def centre(self, mid: float) -> None:
        """Cursor and window to the market."""
        self.at = max(1, self.row_of(mid))
        self.top = self.at + self.rows // 2

    def coarser(self, way: int, mid: float) -> None:
        """More (1) or fewer (-1) ticks a row, around the cursor; the row nearest to its price keeps it."""
        step = _next_step(self.step, way)
        if step == self.step:
            return
        price = self.price(self.at) if self.at is not None else Decimal(repr(mid))
        self.step = step
        if not self.in_sight:
            self.centre(float(price))
            return
        offset = self.top - (self.at or 0)
        self.at = max(1, round(price / self.size))
        self.top = self.at + offset

    # -- the market

    def fit(self, rows: int) -> None:
        """So many rows fit; the cursor, or else the middle, stays in sight."""
        rows = max(1, rows)
        if rows == self.rows:
            return
        anchor = self.at if self.at is not None and self.in_sight else self.top - self.rows // 2
        self.rows = rows
        self.top = anchor + rows // 2

    def choose_step(self, levels: list[float]) -> None:
        """The finest step that shows these prices in the window."""
        if not levels or not self.tick:
            return
        span = (max(levels) - min(levels)) / float(self.tick)
        self.step = 1
        while span / self.step > max(1, self.rows - 2) and self.step < MOST_STEP:
            self.step = _next_step(self.step, 1)

    def see(self, mid: float, now_s: float) -> bool:
        """Keep the market in the middle half of the window while following; gives whether it moved.

        It never does within 300 ms of a key, and it never moves the cursor.
        """
        if not self.following or now_s - self._key_s < QUIET_S:
            return False
        row, margin = self.row_of(mid), self.rows // 4
        if self.top - self.rows + 1 + margin <= row <= self.top - margin:
            return False
        self.top = row + self.rows // 2
        return True


def _next_step(step: int, way: int) -> int:
    """1, 2, 5, 10, 20, 50 ...

    >>> _next_step(1, 1), _next_step(5, 1), _next_step(20, -1), _next_step(1, -1)
    (2, 10, 10, 1)
    """
    scale = int("1" + "0" * (len(str(step)) - 1))
    place = STEPS.index(step // scale) + way
    if place < 0:
        return step if scale == 1 else 5 * scale // 10
    return scale * 10 if place >= len(STEPS) else scale * STEPS[place]
