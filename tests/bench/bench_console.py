"""The console's first paint on a running desk, beside an empty Textual app in the same run.

Counted from the start of the process to the first painted cell of a pane, and to the first price.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
from pathlib import Path

from bench_live_table import Terminal
from bench_live_table import first_paint as of_subject
from ratio import print_ratio

from hedge_tui.bootstrap.demo import start_demo, stop_demo

ROUNDS = 5
PANE = re.compile(rb"Positions")
PRICE = re.compile(rb"BTC/USDT")


class ConsoleTerminal(Terminal):
    """The real console in a terminal of 200x50."""

    def __init__(self, data_dir: Path) -> None:
        os.environ["HEDGE_BENCH_DESK"] = str(data_dir)
        super().__init__("console", __file__)


def run_child() -> None:
    """Become the console."""
    desk = os.environ.pop("HEDGE_BENCH_DESK")
    os.execv(sys.executable, [sys.executable, "-m", "hedge_tui", "console", "--data-dir", desk])


def console_paint(data_dir: Path, what: re.Pattern[bytes]) -> float:
    """Milliseconds from the start of the process until `what` is on the screen."""
    terminal = ConsoleTerminal(data_dir)
    arrived = terminal.read(what, 30)
    terminal.close()
    if arrived is None:
        raise RuntimeError("the console painted nothing within 30 s")
    return (arrived - terminal.started) * 1e3


def main() -> None:
    if "--child" in sys.argv:
        run_child()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "desk"
        start_demo(data_dir)
        try:
            console_paint(data_dir, PRICE)
            taken: dict[str, list[float]] = {"empty": [], "pane": [], "price": []}
            for _ in range(ROUNDS):
                taken["empty"].append(of_subject("empty"))
                taken["pane"].append(console_paint(data_dir, PANE))
                taken["price"].append(console_paint(data_dir, PRICE))
        finally:
            stop_demo(data_dir)
    found = {name: statistics.median(each) for name, each in taken.items()}
    print(f"medians of {ROUNDS}, ms: " + ", ".join(f"{name} {ms:.0f}" for name, ms in found.items()))
    for name, words in (("pane", "console, first paint"), ("price", "console, first price")):
        print_ratio(words, ours=found[name], peer=found["empty"], unit="ms", peer_name="an empty app")


if __name__ == "__main__":
    main()
