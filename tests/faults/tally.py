"""What happened in a fault suite, counted: one JSON line per case in the file that HEDGE_TALLY names.

`make faults` sets it and folds the file into the README by `report.py`. Without it nothing is written.
The environment is read when this module is imported: the tests' own fixtures hide HEDGE_* from the code
under test.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

_FILE = os.environ.get("HEDGE_TALLY", "")
_LONG = os.environ.get("HEDGE_FAULTS", "") == "long"
_SEEDS = os.environ.get("HEDGE_SEEDS", "")
_RUNS = os.environ.get("HEDGE_RUNS", "")


def seeds(short: int, long: int) -> int:
    """How many seeds of simulated time to run: HEDGE_SEEDS, else by the form that is asked for."""
    return int(_SEEDS) if _SEEDS else long if _LONG else short


def runs(short: int, long: int) -> int:
    """How often to run one case over real sockets or processes: HEDGE_RUNS, else by the form asked for."""
    return int(_RUNS) if _RUNS else long if _LONG else short


@dataclass(frozen=True, slots=True)
class Case:
    """The figures of one case, or of a part of its runs; lines of the same suite and case add up.

    Attributes:
        suite: "simulated", "sockets", "kill -9", "panic" and the like: a row of the table.
        case: what went wrong in it, in words.
        runs: how often it was run; for simulated time the seeds.
        orders: intents that reached the journal.
        lost: orders at the venue that the desk did not know, or intents that it forgot.
        doubled: venue orders beyond the first of one intent.
        false_terminal: orders shown as ended that lived, or as living that had ended for good.
        seconds: what it took on the wall clock.
        failed: cases that did not hold, whatever the reason.
    """

    suite: str
    case: str
    runs: int
    orders: int
    lost: int
    doubled: int
    false_terminal: int
    seconds: float
    failed: int


@dataclass
class Tally:
    """Counts one case; writes its line when the block ends, also when it ends badly.

    with Tally("kill -9", "synced") as tally:
        ...
        tally.add(orders=60)                 # one run in which nothing went wrong
    """

    suite: str
    case: str
    file: str = _FILE
    _sums: dict[str, int] = field(default_factory=dict)
    _start: float = 0.0

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._write(failed=int(kind is not None))

    def add(
        self, *, runs: int = 1, orders: int = 0, lost: int = 0, doubled: int = 0, false_terminal: int = 0
    ) -> None:
        """Count what one run showed; before asserting that it is nothing."""
        figures = {
            "runs": runs,
            "orders": orders,
            "lost": lost,
            "doubled": doubled,
            "false_terminal": false_terminal,
        }
        for name, figure in figures.items():
            self._sums[name] = self._sums.get(name, 0) + figure

    def _write(self, *, failed: int) -> None:
        if not self.file:
            return
        sums = {
            name: self._sums.get(name, 0) for name in ("runs", "orders", "lost", "doubled", "false_terminal")
        }
        seconds = round(time.monotonic() - self._start, 3)
        case = Case(self.suite, self.case, **sums, seconds=seconds, failed=failed)
        line = json.dumps(asdict(case)).encode() + b"\n"
        # One write to a file opened for appending: lines of several processes never mix.
        handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)


def read(file: Path) -> list[Case]:
    """The lines of a tally file, in the order they were written."""
    return [Case(**json.loads(line)) for line in file.read_text().splitlines() if line]
