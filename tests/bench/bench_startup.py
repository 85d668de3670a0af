"""How long `hedge --version` and `hedge --help` take, as a ratio to a bare `python -c pass`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from ratio import print_ratio

ROUNDS = 21
BARE = [sys.executable, "-c", "pass"]
SUBJECTS = {
    "hedge --version": [sys.executable, "-m", "hedge_tui.cli.main", "--version"],
    "hedge --help": [sys.executable, "-m", "hedge_tui.cli.main", "--help"],
    "hedge doctor --help": [sys.executable, "-m", "hedge_tui.cli.main", "doctor", "--help"],
}


def milliseconds(words: list[str]) -> float:
    """Wall time of one run, output thrown away."""
    start = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Interleave the runs, so that a busy moment hits all alike."""
    milliseconds(BARE)
    taken: dict[str, list[float]] = {name: [] for name in (*SUBJECTS, "bare")}
    for _ in range(ROUNDS):
        taken["bare"].append(milliseconds(BARE))
        for name, words in SUBJECTS.items():
            taken[name].append(milliseconds(words))
    bare = statistics.median(taken["bare"])
    for name in SUBJECTS:
        print_ratio(
            name, ours=statistics.median(taken[name]), peer=bare, unit="ms", peer_name="python -c pass"
        )


if __name__ == "__main__":
    main()
