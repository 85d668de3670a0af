"""Live table against Textual's DataTable in a real 200x50 pseudo-terminal, in one run.

Run by `make bench`. 2,000 rows of 12 columns take 50,000 cell updates a second through each widget's public
calls while keys move the cursor; what counts is the time from writing a key to reading the cursor's new row.
Prints one JSON line per subject, then a table; bars are printed, not asserted: a person judges them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import select
import statistics
import struct
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

WIDTH, HEIGHT = 200, 50
ROWS, COLUMNS = 2_000, 12
UPDATES_PER_S = 50_000
TICK_S = 0.01
CURSOR = b"48;2;254;1;2"
"""Background of the cursor's row in every subject, so that its paint is told from any other."""
SUBJECTS = ("live", "stock", "empty")


# -- the child: one of three apps


NAMES = [f"R{row:05d}" for row in range(ROWS)]
KEYS = [f"c{column}" for column in range(1, COLUMNS)]
CSS = (
    "Screen .live-table--cursor, Screen LiveTable:focus > .live-table--cursor,"
    "Screen .datatable--cursor, Screen DataTable:focus > .datatable--cursor"
    " { background: #fe0102; color: #ffffff; }"
)


def feed_of(app, update, per_s=UPDATES_PER_S):
    """A timer callback that makes up for the time since it last ran, as far as that can be made up for."""
    app.fed_to = time.monotonic()

    def feed() -> None:
        now = time.monotonic()
        count = min(int((now - app.fed_to) * per_s), 5_000)
        app.fed_to = now
        update(count)

    return feed


def live_app():
    import numpy as np
    from textual.app import App

    from hedge_tui.ui.widgets.live_table import Column, Kind, LiveTable

    start = {key: np.sin(np.arange(ROWS) * (3.7 + nth)) * 1e4 for nth, key in enumerate(KEYS)}

    class Live(App[None]):
        CSS = CSS

        def compose(self):
            first = Column(key="name", label="Name", kind=Kind.TEXT, width=12)
            self.table = LiveTable([first, *(Column(key=k, label=k, width=14, flash=True) for k in KEYS)])
            self.table.set_rows(NAMES, {"name": NAMES, **start})
            self.rows = self.table.slots(NAMES)
            yield self.table

        def on_mount(self) -> None:
            self.set_interval(TICK_S, feed_of(self, self.update))

        def update(self, count: int) -> None:
            dice = self.dice = getattr(self, "dice", None) or np.random.default_rng(7)
            share = count // len(KEYS)
            for key in KEYS:
                self.table.set_cells(
                    self.rows[dice.integers(0, ROWS, share)], key, dice.normal(0, 1e4, share)
                )

    return Live()


def stock_app():
    from textual.app import App
    from textual.widgets import DataTable

    rng = random.Random(7)

    class Stock(App[None]):
        CSS = CSS

        def compose(self):
            self.table = table = DataTable(cursor_type="row")
            table.add_column("Name", width=12, key="name")
            for key in KEYS:
                table.add_column(key, width=14, key=key)
            for name in NAMES:
                table.add_row(name, *(f"{rng.gauss(0, 1e4):14,.2f}" for _ in KEYS), key=name)
            yield table

        def on_mount(self) -> None:
            self.set_interval(TICK_S, feed_of(self, self.update))

        def update(self, count: int) -> None:
            choice, gauss, update_cell = rng.choice, rng.gauss, self.table.update_cell
            for _ in range(count):
                update_cell(choice(NAMES), choice(KEYS), f"{gauss(0, 1e4):14,.2f}")

    return Stock()


def empty_app():
    from textual.app import App
    from textual.widgets import Static

    class Empty(App[None]):
        def compose(self):
            yield Static(NAMES[0])

    return Empty()


def run_child(subject: str) -> None:
    {"live": live_app, "stock": stock_app, "empty": empty_app}[subject]().run()


# -- the parent: a terminal that reads all the time


class Terminal:
    """A pty with a child in it; every byte is read as soon as it comes."""

    def __init__(self, subject: str, script: str = __file__) -> None:
        self.bytes = self.frames = 0
        self._tail = b""
        self.started = time.perf_counter()
        self.pid, self.fd = os.forkpty()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")
            for name in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE"):  # an installed program has its bytecode
                os.environ.pop(name, None)
            os.execv(sys.executable, [sys.executable, script, "--child", subject])
        ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))

    def read(self, until: re.Pattern[bytes] | None, seconds: float) -> float | None:
        """Read until a pattern shows up; its arrival, or None after `seconds`."""
        seen = b""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            ready, _, _ = select.select([self.fd], [], [], left)
            if not ready:
                break
            try:
                data = os.read(self.fd, 1 << 16)
            except OSError:
                raise RuntimeError(f"the child died: {seen[-2000:]!r}") from None
            arrived = time.perf_counter()
            self._account(data)
            if until is not None:
                seen += data
                if until.search(seen):
                    return arrived
        return None

    def _account(self, data: bytes) -> None:
        self.bytes += len(data)
        joined = self._tail + data
        self.frames += joined.count(b"\x1b[?2026l")
        if b"\x1b[?2026$p" in joined:  # say that synchronized output is known: its end marks a frame
            os.write(self.fd, b"\x1b[?2026;2$y")
        self._tail = b"" if joined.endswith((b"l", b"p")) else joined[-7:]

    def cpu_s(self) -> float:
        """User and system time of the child so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the child."""
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def first_paint(subject: str) -> float:
    terminal = Terminal(subject)
    arrived = terminal.read(re.compile(rb"R00000"), 30)
    terminal.close()
    if arrived is None:
        raise RuntimeError(f"{subject}: nothing was painted within 30 s")
    return (arrived - terminal.started) * 1e3


def run(subject: str, keys: int) -> dict[str, float]:
    """One run: move the cursor down `keys` times (past the first page) under full load."""
    rng = random.Random(3)
    terminal = Terminal(subject)
    terminal.read(re.compile(rb"R00000"), 30)
    terminal.read(None, 2.0)  # let it settle under load
    bytes_before, frames_before = terminal.bytes, terminal.frames
    cpu_before, began = terminal.cpu_s(), time.perf_counter()
    waits = []
    for row in range(1, keys + 1):
        painted = re.compile(CURSOR + rb"[^m]*m[^\x1b]{0,4}R%05d" % row)
        sent = time.perf_counter()
        os.write(terminal.fd, b"\x1b[B")
        arrived = terminal.read(painted, 10)
        waits.append(10.0 if arrived is None else arrived - sent)
        terminal.read(None, rng.uniform(0.02, 0.08))
    elapsed = time.perf_counter() - began
    frames = max(1, terminal.frames - frames_before)
    result = {
        "key_p50_ms": statistics.median(waits) * 1e3,
        "key_p99_ms": sorted(waits)[min(len(waits) - 1, round(len(waits) * 0.99))] * 1e3,
        "cpu_percent": (terminal.cpu_s() - cpu_before) / elapsed * 100,
        "kb_per_frame": (terminal.bytes - bytes_before) / frames / 1e3,
        "frames_per_s": frames / elapsed,
    }
    terminal.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", choices=SUBJECTS)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keys", type=int, default=80)
    options = parser.parse_args()
    if options.child:
        run_child(options.child)
        return
    found: dict[str, list[dict[str, float]]] = {"live": [], "stock": [], "empty": []}
    for _ in range(options.runs):  # subjects take turns, so that a busy moment hits them alike
        for subject in SUBJECTS:
            row = {"first_paint_ms": first_paint(subject)}
            if subject != "empty":
                row |= run(subject, options.keys)
            found[subject].append(row)
    medians = {
        subject: {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        for subject, rows in found.items()
    }
    for subject, figures in medians.items():
        line = {"bench": "live_table", "subject": subject, **{k: round(v, 2) for k, v in figures.items()}}
        print(json.dumps(line))
    from ratio import print_ratio

    live, stock, empty = medians["live"], medians["stock"], medians["empty"]
    ratios = {
        "key_p99_times_better": stock["key_p99_ms"] / live["key_p99_ms"],
        "first_paint_times_empty": live["first_paint_ms"] / empty["first_paint_ms"],
    }
    print(
        json.dumps(
            {"bench": "live_table", "subject": "ratios", **{k: round(v, 2) for k, v in ratios.items()}}
        )
    )
    print(
        f"\n{ROWS} rows x {COLUMNS} columns, {UPDATES_PER_S:,} updates/s, {WIDTH}x{HEIGHT},"
        f" medians of {options.runs}"
    )
    print(f"{'':24}{'LiveTable':>12}{'DataTable':>12}{'bar':>28}")
    for key, label, bar in (
        ("key_p50_ms", "key to paint p50, ms", ""),
        ("key_p99_ms", "key to paint p99, ms", "< 20 and 20 times better"),
        ("cpu_percent", "CPU, % of a core", "< 25"),
        ("kb_per_frame", "KB a frame", ""),
        ("frames_per_s", "frames/s", ""),
        ("first_paint_ms", "first paint, ms", ""),
    ):
        print(f"{label:24}{live[key]:12.1f}{stock[key]:12.1f}{bar:>28}")
    for what, ours, peer, unit, name, bar in (
        (
            "key to paint p99, live table",
            live["key_p99_ms"],
            stock["key_p99_ms"],
            "ms",
            "DataTable",
            "1/20, < 20 ms",
        ),
        ("CPU, live table", live["cpu_percent"], stock["cpu_percent"], "%", "DataTable", "< 25 %"),
        ("first paint", live["first_paint_ms"], empty["first_paint_ms"], "ms", "an empty app", "at most 2"),
    ):
        print_ratio(what, ours=ours, peer=peer, unit=unit, peer_name=name, bar=bar)
    print(f"key to paint p99: {ratios['key_p99_times_better']:.0f} times better (bar: 20)")
    print(
        f"first paint: {ratios['first_paint_times_empty']:.2f} times an empty app's"
        f" {empty['first_paint_ms']:.0f} ms (bar: 2)"
    )


if __name__ == "__main__":
    main()
