"""The line scanner agrees with tomllib on what keys a file has, and names their lines."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from hedge_tui.config.lines import Path, key_lines, line_of

TRICKY = '''# a [comment] = "x"
top = 1
"quoted key" = 'a # no comment'
a.b.c = [1, # one ]
  [2, "]"],
]
text = """
[not.a.table]
key = 1
\\"""
""""
raw = \'\'\'
[[no]]
\'\'\'
empty = ""
[t.u]
x = { y = "}", z = [1, 2] }
[[list]]
n = 1
[list.sub]
m = 2
[[list]]
n = 3
[list.sub]
m = 4
[[list.inner]]
deep = true
'''


def paths(table: dict[str, Any], above: Path = ()) -> set[Path]:
    found: set[Path] = set()
    for key, value in table.items():
        here = (*above, key)
        if isinstance(value, dict):
            found |= paths(value, here) or {here}
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found |= {path for i, one in enumerate(value) for path in paths(one, (*here, i))}
        else:
            found.add(here)
    return found


def test_every_key_has_the_line_it_stands_on() -> None:
    lines = key_lines(TRICKY)
    raw = TRICKY.splitlines()
    for path in paths(tomllib.loads(TRICKY)):
        line = raw[line_of(lines, path) - 1]
        # A key inside an inline table has the line of the key that holds the table.
        assert str(path[-1]) in line, (path, line)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("a", "b", "c"), 4),
        (("raw",), 12),
        (("t", "u", "x", "z", 1), 17),
        (("list", 0, "sub", "m"), 21),
        (("list", 1), 22),
        (("list", 1, "sub", "m"), 25),
        (("list", 1, "inner", 0, "deep"), 27),
        (("nowhere",), 1),
    ],
)
def test_lines_are_counted_from_one(path: Path, line: int) -> None:
    assert line_of(key_lines(TRICKY), path) == line


def test_windows_line_ends_count_once() -> None:
    assert key_lines("a = 1\r\nb = 2\r\n")[("b",)] == 2
