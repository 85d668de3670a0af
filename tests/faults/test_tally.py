"""The figures of the fault suites are written whole, added up, and put between the marks."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

import pytest
from faults.report import BEGIN, END, written
from faults.tally import Case, Tally, read

README = Path(__file__).resolve().parents[2] / "README.md"


def note(file: str, name: str) -> None:
    for _ in range(50):
        with Tally("simulated", name, file) as tally:
            tally.add(orders=7)
            tally.add(runs=2, orders=1, lost=1)


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    file = tmp_path / "tally"
    context = get_context("fork")
    processes = [context.Process(target=note, args=(str(file), f"case {i}")) for i in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    cases = read(file)
    assert len(cases) == 200
    assert {(case.runs, case.orders, case.lost, case.failed) for case in cases} == {(3, 8, 1, 0)}


def test_a_case_that_breaks_is_counted_as_failed(tmp_path: Path) -> None:
    file = tmp_path / "tally"

    def run() -> None:
        with Tally("kill -9", "synced", str(file)) as tally:
            tally.add(orders=3, doubled=1)
            raise AssertionError("two at the venue")

    with pytest.raises(AssertionError):
        run()
    (case,) = read(file)
    assert (case.runs, case.doubled, case.failed) == (1, 1, 1)


def test_nothing_is_written_unless_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Tally("kill -9", "synced", "") as tally:
        tally.add()
    assert not list(tmp_path.iterdir())


def test_parts_of_one_case_add_up_and_the_rest_of_the_page_stays() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    cases = [
        Case("simulated", "all", 5000, 60000, 0, 0, 0, 60.0, 0),
        Case("simulated", "all", 5000, 60000, 0, 0, 0, 30.0, 0),
        Case("kill -9", "synced", 10, 600, 1, 0, 0, 12.0, 1),
    ]
    after = written(page, cases)
    assert "| simulated | 1 | 10,000 | 120,000 | 0 | 0 | 0 | 0 | 1.5 |" in after
    assert "| kill -9 | 1 | 10 | 600 | 1 | 0 | 0 | 1 | 0.2 |" in after
    assert after.startswith("before\n")
    assert after.endswith(f"{END}\nafter\n")
    assert "old" not in after
    assert written(after, cases) == after


def test_the_readme_has_a_place_for_it() -> None:
    page = README.read_text()
    assert page.index("## Reliability") < page.index(BEGIN) < page.index(END)
    assert written(page, [])
