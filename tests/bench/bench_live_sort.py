"""Live sorting: the table of Markets against Textual's DataTable, over a slow terminal and in this process.

Run by `make bench`. First, each in a real 200x50 pseudo-terminal that takes 300 KB a second: 2,000 markets
in the columns of Markets, 20,000 cell updates a second, sorted four times a second by a column that changes,
while keys move the cursor; what counts is the time from writing a key to having read the cursor's new line.
Then 10,000 rows in this process: CPU ms of a frame that sorts, compares and writes, plain and in groups.
Bars are printed, not asserted: a person judges them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import select
import statistics
import sys
import time

from bench_live_table import CSS, CURSOR, Terminal, feed_of
from ratio import print_ratio

ROWS, MANY_ROWS = 2_000, 10_000
UPDATES_PER_S = 20_000
TICK_S = 0.01
SORT_S = 0.25
LINK_BYTES_PER_S = 300_000
SORTED = "change_5m"
CHANGING = (
    SORTED,
    "change_1h",
    "last",
    "spread_bp",
    "bid_depth",
    "ask_depth",
    "premium_bp",
    "interest_value",
)
SPREADS = {SORTED: 0.005, "change_1h": 0.01, "last": 900.0, "spread_bp": 3.0}
"""How far apart instruments are, by column; a value drifts by a hundredth of that."""
FRAMES = 40
STOCK_KEYS = 12
"""Each of its answers takes seconds."""


def names(count: int) -> list[str]:
    """Names of the rows, which the terminal's reader looks for."""
    return [f"R{row:05d}" for row in range(count)]


def spread_of(key: str) -> float:
    """Standard deviation of a column over all rows."""
    return SPREADS.get(key, 1e6)


# -- the two subjects


def live_table(count: int, **options):
    """A `LiveTable` with the columns of Markets, filled."""
    import numpy as np

    from hedge_tui.ui.columns.markets import MARKETS
    from hedge_tui.ui.widgets.live_table import LiveTable

    table = LiveTable(
        MARKETS.columns, fixed_columns=1, totals=MARKETS.totals, subtotals=MARKETS.subtotals, **options
    )
    dice = np.random.default_rng(7)
    figures = {
        column.key: dice.normal(0, spread_of(column.key), count)
        for column in MARKETS.columns
        if not column.is_text and column.key != "price_decimals"
    }
    figures["price_decimals"] = np.full(count, 2.0)
    bases = [f"A{row % (count // 4)}" for row in range(count)]
    table.set_rows(names(count), {"symbol": names(count), "venue": "sandbox", "base": bases, **figures})
    table.sort_by(SORTED, descending=True)
    return table


def shake_live(table, rows, dice, count: int) -> None:
    """Let `count` cells drift."""
    share = count // len(CHANGING)
    for key in CHANGING:
        chosen = dice.integers(0, len(rows), share)
        index = table._model.columns.index(key)
        now = table._model.store.values[index, rows[chosen]]
        table.set_cells(rows[chosen], key, now + dice.normal(0, spread_of(key) / 100, share))


def stock_table(count: int):
    """A `DataTable` with the visible columns of Markets, filled."""
    from textual.widgets import DataTable

    from hedge_tui.ui.columns.markets import MARKETS

    rng = random.Random(7)
    table = DataTable(cursor_type="row")
    shown = [column for column in MARKETS.columns if column.visible]
    for column in shown:
        table.add_column(column.label, width=column.width, key=column.key)
    for name in names(count):
        figures = (f"{rng.gauss(0, spread_of(column.key)):.4f}" for column in shown[1:])
        table.add_row(name, *figures, key=name)
    return table


def shake_stock(table, rng: random.Random, count: int, rows: list[str]) -> None:
    """Let `count` cells drift."""
    for _ in range(count):
        name, key = rng.choice(rows), rng.choice(CHANGING)
        now = float(table.get_cell(name, key))
        table.update_cell(name, key, f"{now + rng.gauss(0, spread_of(key) / 100):.4f}")


def sort_stock(table) -> None:
    """What a program on DataTable has to do again and again."""
    table.sort(SORTED, key=float, reverse=True)


def app_of(subject: str):
    """One of the two as an app that feeds itself."""
    import numpy as np
    from textual.app import App

    class Live(App[None]):
        CSS = CSS

        def compose(self):
            self.table = live_table(ROWS, resort_s=SORT_S)
            self.rows = self.table.slots(names(ROWS))
            self.dice = np.random.default_rng(3)
            yield self.table

        def on_mount(self) -> None:
            self.table.move_cursor(row=20)
            self.set_interval(TICK_S, feed_of(self, self.update, UPDATES_PER_S))

        def update(self, count: int) -> None:
            shake_live(self.table, self.rows, self.dice, count)

    class Stock(App[None]):
        CSS = CSS

        def compose(self):
            self.table = stock_table(ROWS)
            self.rng = random.Random(3)
            self.rows = names(ROWS)
            yield self.table

        def on_mount(self) -> None:
            sort_stock(self.table)
            self.table.move_cursor(row=20)
            self.set_interval(TICK_S, feed_of(self, self.update, UPDATES_PER_S))
            self.set_interval(SORT_S, lambda: sort_stock(self.table))

        def update(self, count: int) -> None:
            shake_stock(self.table, self.rng, count, self.rows)

    return {"live": Live, "stock": Stock}[subject]()


# -- a slow terminal


_SEEN = re.compile(rb"\x1b\[(\d+);\d+H|\n|\x1b\[[\d;]*" + CURSOR + rb"[\d;]*m[^\x1b]{0,4}(R\d{5})")


class SlowTerminal(Terminal):
    """A pty that takes so many bytes a second, and knows on which line the cursor was painted last.

    Attributes:
        line: of the screen, from 1. name: of the row there.
    """

    def __init__(self, subject: str) -> None:
        self.line, self.name = 0, b""
        self._y = 1
        self._rest = b""
        self._due = time.perf_counter()
        super().__init__(subject, script=__file__)

    def step(self) -> float:
        """Take what the link lets through in the next moment; gives when it was through."""
        now = time.perf_counter()
        self._due = max(self._due, now - 0.01)
        if self._due > now:
            time.sleep(self._due - now)
        ready, _, _ = select.select([self.fd], [], [], 0.005)
        if not ready:
            return time.perf_counter()
        data = os.read(self.fd, 1_024)
        self._due += len(data) / LINK_BYTES_PER_S
        if (wait := self._due - time.perf_counter()) > 0:
            time.sleep(wait)
        self._account(data)
        self._look(data)
        return time.perf_counter()

    def _look(self, data: bytes) -> None:
        text = self._rest + data
        end = 0
        for found in _SEEN.finditer(text):
            end = found.end()
            if found[1]:
                self._y = int(found[1])
            elif found[2]:
                self.line, self.name = self._y, found[2]
            else:
                self._y += 1
        self._rest = text[max(end, len(text) - 64) :]

    def until(self, done, seconds: float) -> float | None:
        """Take bytes until `done()`; when that was, None after `seconds`."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            at = self.step()
            if done():
                return at
        return None


def run_slow(subject: str, keys: int) -> dict[str, float]:
    """Move the cursor down and up while everything moves; waits in ms."""
    rng = random.Random(5)
    terminal = SlowTerminal(subject)
    if terminal.until(lambda: terminal.name, 60) is None:
        raise RuntimeError(f"{subject}: no cursor within 60 s")
    terminal.until(lambda: False, 2.0)
    waits, bytes_before, began = [], terminal.bytes, time.perf_counter()
    for nth in range(keys):
        # The cursor of LiveTable stays on its row through sorts, that of DataTable on its line.
        before = terminal.name if subject == "live" else terminal.line
        sent = time.perf_counter()
        os.write(terminal.fd, b"\x1b[A" if nth % 2 else b"\x1b[B")
        arrived = terminal.until(
            lambda before=before: (terminal.name if subject == "live" else terminal.line) != before, 10
        )
        waits.append((10.0 if arrived is None else arrived - sent) * 1e3)
        terminal.until(lambda: False, rng.uniform(0.05, 0.2))
    elapsed = time.perf_counter() - began
    figures = {
        "p50": statistics.median(waits),
        "p99": sorted(waits)[min(len(waits) - 1, round(len(waits) * 0.99))],
        "kb_per_s": (terminal.bytes - bytes_before) / elapsed / 1e3,
    }
    terminal.close()
    return figures


# -- frames in this process


def frame_ms_live(group: str | None, folded: bool = False) -> float:
    """Median CPU ms of a frame of `LiveTable` that sorts, compares and writes what changed."""
    import numpy as np
    from textual.app import App
    from textual.geometry import Offset

    waits: list[float] = []

    class Frames(App[None]):
        CSS = CSS

        def compose(self):
            self.table = live_table(MANY_ROWS, resort_s=0.0)
            yield self.table

    async def measure() -> None:
        app = Frames()
        async with app.run_test(size=(200, 50)) as pilot:
            await pilot.pause()
            table = app.table
            table.group_by(group, folded=folded)
            rows, dice = table.slots(names(MANY_ROWS)), np.random.default_rng(1)
            table.paint()
            for _ in range(FRAMES):
                shake_live(table, rows, dice, UPDATES_PER_S // 30)
                began = time.process_time()
                damage = table._look()
                if damage is not None and not damage.whole:
                    table.ansi(damage, Offset(0, 0))
                waits.append((time.process_time() - began) * 1e3)

    asyncio.run(measure())
    return statistics.median(waits)


def frame_ms_stock() -> float:
    """Median CPU ms of a frame of `DataTable` that sorts and renders its lines."""
    from textual.app import App
    from textual.geometry import Region

    waits: list[float] = []

    class Frames(App[None]):
        CSS = CSS

        def compose(self):
            self.table = stock_table(MANY_ROWS)
            yield self.table

    async def measure() -> None:
        app = Frames()
        async with app.run_test(size=(200, 50)) as pilot:
            await pilot.pause()
            rng, rows = random.Random(1), names(MANY_ROWS)
            for _ in range(FRAMES // 4):
                shake_stock(app.table, rng, UPDATES_PER_S // 30, rows)
                began = time.process_time()
                sort_stock(app.table)
                app.table.render_lines(Region(0, 0, 200, 50))
                waits.append((time.process_time() - began) * 1e3)

    asyncio.run(measure())
    return statistics.median(waits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", choices=("live", "stock"))
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--keys", type=int, default=60)
    options = parser.parse_args()
    if options.child:
        app_of(options.child).run()
        return
    found: dict[str, list[dict[str, float]]] = {"live": [], "stock": []}
    for _ in range(options.runs):  # subjects take turns, so that a busy moment hits them alike
        for subject, rows in found.items():
            rows.append(run_slow(subject, options.keys if subject == "live" else STOCK_KEYS))
    live, stock = (
        {key: statistics.median(row[key] for row in rows) for key in rows[0]} for rows in found.values()
    )
    where = f"{ROWS:,} markets, live sort, {UPDATES_PER_S:,} cells/s, {LINK_BYTES_PER_S // 1000} KB/s link"
    for key, bar in (("p50", "< 10 ms"), ("p99", "")):
        print_ratio(
            f"key to paint {key}, {where}",
            ours=live[key],
            peer=stock[key],
            unit="ms",
            peer_name="DataTable",
            bar=bar,
        )
    print(f"sent: LiveTable {live['kb_per_s']:.0f} KB/s, DataTable {stock['kb_per_s']:.0f} KB/s")
    peer = frame_ms_stock()
    for what, group, folded in (("", None, False), (", grouped", "base", False), (", folded", "base", True)):
        print_ratio(
            f"CPU of a frame, {MANY_ROWS:,} rows sorted live{what}",
            ours=frame_ms_live(group, folded),
            peer=peer,
            unit="ms",
            peer_name="DataTable",
            bar="< 5 ms",
        )


if __name__ == "__main__":
    sys.exit(main())
