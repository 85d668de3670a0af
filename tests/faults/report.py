"""Folds a tally file into the table of README.md's section "Reliability"; run by `make faults`.

python tests/faults/report.py TALLY README
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from faults.tally import Case, read

BEGIN = "<!-- faults: written by `make faults` -->"
END = "<!-- faults: end -->"
HEAD = ("Suite", "Cases", "Seeds or runs", "Orders", "Lost", "Doubled", "False ends", "Failed", "Minutes")


def table(cases: Sequence[Case]) -> str:
    """One row per suite, in the order in which they were first heard of."""
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    lines = ["| " + " | ".join(HEAD) + " |", "|---" + "|---:" * (len(HEAD) - 1) + "|"]
    for suite in sorted(suites):
        rows = suites[suite]
        figures = (
            len({row.case for row in rows}),
            sum(row.runs for row in rows),
            sum(row.orders for row in rows),
            sum(row.lost for row in rows),
            sum(row.doubled for row in rows),
            sum(row.false_terminal for row in rows),
            sum(row.failed for row in rows),
        )
        minutes = f"{sum(row.seconds for row in rows) / 60:.1f}"
        lines.append(f"| {suite} | " + " | ".join(f"{figure:,}" for figure in figures) + f" | {minutes} |")
    return "\n".join(lines)


def written(page: str, cases: Sequence[Case]) -> str:
    """The page with the table between its marks renewed.

    Raises:
        ValueError: the page has not exactly one pair of marks.
    """
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"the page needs one line {BEGIN} and one line {END}")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table(cases)}\n{END}{after}"


def main() -> int:
    """Write the table; 1 if something was lost, doubled or failed."""
    tally, page = Path(sys.argv[1]), Path(sys.argv[2])
    cases = read(tally)
    page.write_text(written(page.read_text(), cases))
    print(table(cases))
    bad = [case for case in cases if case.failed or case.lost or case.doubled or case.false_terminal]
    for case in bad:
        print(f"NOT KEPT: {case.suite}: {case.case}: {case}", file=sys.stderr)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
