"""The tree says what the business is, in files that can be read at one go, with nothing left unfinished."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import pytest

MOST_LINES = 500
MEDIAN_LINES = 150
SAYS_NOTHING = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "base",
    "misc",
    "tools",
}
TOP_FOLDERS = {"hedge_tui", "adapters", "store", "indicators", "tests", ".ci"}
# Each pattern has a letter in brackets, so that it does not find itself.
UNFINISHED = re.compile(r"NotImplemented[E]rror|\bT[O]DO\b|\bF[I]XME\b|\bX[X]X\b")
MACHINE_PATHS = re.compile(r"/(?:w[o]rk|r[o]ot|h[o]me|f[a]rm)/[a-z]|C:[\\]Users")
INDEX_HOSTS = re.compile(r"--(?:extra-)?index-[u]rl|--find-[l]inks|[p]ypi\.org|files\.[p]ythonhosted")


def test_no_file_is_too_long_to_read(sources: dict[str, str]) -> None:
    sizes = {name: text.count("\n") for name, text in sources.items()}
    assert {name: lines for name, lines in sizes.items() if lines > MOST_LINES} == {}


def test_files_are_short_as_a_rule(product: dict[str, ast.Module], sources: dict[str, str]) -> None:
    sizes = [lines for name in product if (lines := sources[name].count("\n")) > 5]
    assert statistics.median(sizes) <= MEDIAN_LINES


def test_names_say_the_business(sources: dict[str, str]) -> None:
    words = {name: {part.removesuffix(".py") for part in name.split("/")} for name in sources}
    assert {name: found for name, parts in words.items() if (found := parts & SAYS_NOTHING)} == {}


def test_no_other_folder_at_the_root(tracked: list[Path], root: Path) -> None:
    tops = {path.relative_to(root).parts[0] for path in tracked if len(path.relative_to(root).parts) > 1}
    assert tops - TOP_FOLDERS == set()


def test_tests_are_no_package(sources: dict[str, str]) -> None:
    assert [name for name in sources if name.startswith("tests/") and name.endswith("__init__.py")] == []


def test_every_module_says_why_it_exists(product: dict[str, ast.Module]) -> None:
    silent = [name for name, tree in product.items() if len((ast.get_docstring(tree) or "").strip(" .")) < 10]
    assert silent == []


@pytest.mark.parametrize(
    ("rule", "suffixes"),
    [
        (UNFINISHED, {".py", ".tcss", ".sql"}),
        (MACHINE_PATHS, None),
        (INDEX_HOSTS, None),
    ],
    ids=["unfinished", "paths of one machine", "index addresses"],
)
def test_nothing_is_committed_that_must_not_be(
    rule: re.Pattern[str], suffixes: set[str] | None, tracked: list[Path], root: Path
) -> None:
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()[:80]}"
        for path in tracked
        if (suffixes is None or path.suffix in suffixes) and path.suffix not in {".svg", ".png", ".gz"}
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if rule.search(line)
    ]
    assert found == []


def test_what_every_project_has(root: Path) -> None:
    for name in ("LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "config.example.toml"):
        assert (root / name).stat().st_size > 200, name
    assert "Apache License" in (root / "LICENSE").read_text()
