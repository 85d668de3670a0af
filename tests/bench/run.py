"""Runs every `bench_*.py` beside it and prints one table of ratios; called by `make bench`.

    python tests/bench/run.py            all of them
    python tests/bench/run.py startup    those whose name contains a word

A benchmark is a program: what it prints is shown as it comes, its lines made by `ratio.print_ratio` are
collected. One that fails does not stop the others; the exit code says whether any did. A benchmark finds the
Python of a peer's own environment in HEDGE_PEER_NAME (HEDGE_PEER_PLOT for peers-plot.txt).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TIME_LIMIT_S = 1800


def main(words: list[str]) -> int:
    """Run the chosen benchmarks; 1 when one of them failed or none was found."""
    chosen = [
        one for one in sorted(HERE.glob("bench_*.py")) if not words or any(word in one.stem for word in words)
    ]
    rows: list[dict[str, Any]] = []
    outcomes: list[tuple[str, str, float]] = []
    for file in chosen:
        name = file.stem.removeprefix("bench_")
        print(f"\n--- {name}", flush=True)
        start = time.monotonic()
        found, outcome = run_one(file)
        rows += found
        outcomes.append((name, outcome, time.monotonic() - start))
    print_summary(rows, outcomes)
    return 0 if outcomes and all(outcome == "ok" for _, outcome, _ in outcomes) else 1


def run_one(file: Path) -> tuple[list[dict[str, Any]], str]:
    """Its rows, and "ok" or what went wrong."""
    rows = []
    with subprocess.Popen(
        [sys.executable, str(file)], cwd=ROOT, env=peers_environment(), stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        started = time.monotonic()
        for line in child.stdout:
            row = ratio_of(line)
            rows += [row] if row else []
            print("" if row else "  " + line, end="", flush=True)
            if time.monotonic() - started > TIME_LIMIT_S:
                child.kill()
                return rows, f"stopped after {TIME_LIMIT_S} s"
    return rows, "ok" if child.returncode == 0 else f"failed with exit code {child.returncode}"


def ratio_of(line: str) -> dict[str, Any] | None:
    """The row on a line that `ratio.print_ratio` made, else None."""
    if not line.startswith('{"ratio"'):
        return None
    row: dict[str, Any] = json.loads(line)
    return row


def peers_environment() -> dict[str, str]:
    """This environment and the interpreters of the peers that are there."""
    found = {
        f"HEDGE_PEER_{name.upper()}": str(python)
        for file in HERE.glob("peers-*.txt")
        if (
            python := ROOT / f".venv-{(name := file.stem.removeprefix('peers-'))}" / "bin" / "python"
        ).exists()
    }
    return {**os.environ, **found}


def print_summary(rows: list[dict[str, Any]], outcomes: list[tuple[str, str, float]]) -> None:
    """One table over all benchmarks, and how each of them ended."""
    print("\n=== each beside a peer measured in the same run; smaller is better\n")
    if rows:
        wide = max(len(row["what"]) for row in rows)
        peer_wide = max(len(row["peer_name"]) for row in rows)
        print(f"{'':{wide}}  {'ours':>12}  {'peer':>12}  {'unit':<6}{'':<16}{'peer':<{peer_wide}}  bar")
        for row in rows:
            numbers = (
                f"{row['ours']:>12,.3f}  {row['peer']:>12,.3f}  {row['unit']:<6}{in_words(row['ratio']):<16}"
            )
            print(f"{row['what']:<{wide}}  {numbers}{row['peer_name']:<{peer_wide}}  {row['bar']}")
    print()
    for name, outcome, seconds in outcomes:
        print(f"{name:<20} {outcome} ({seconds:.0f} s)")


def in_words(ratio: float) -> str:
    """Ours divided by the peer's, as a person says it."""
    return f"{ratio:.2f} x as much" if ratio >= 1 else f"{1 / ratio:.1f} x less"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
