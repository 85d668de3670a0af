"""The README stays true: its lines are read by the parser, its files and commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hedge_tui.cli import commands
from hedge_tui.command import parse

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [
    re.split(r"\s{3,}", line.strip())[0] for line in TEXT.splitlines() if re.match(r" {4}(@|help )", line)
]


@pytest.mark.parametrize("line", LINES)
def test_its_lines_are_lines_of_the_language(line: str) -> None:
    assert parse(line).cmds


def test_it_shows_lines_at_all() -> None:
    assert len(LINES) > 5


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", TEXT))
def test_what_it_links_to_is_there(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"hedge (\w+)", TEXT)) - {"console"}))
def test_its_commands_exist(name: str) -> None:
    assert commands.find(name) is not None


@pytest.mark.parametrize("folder", re.findall(r"^\| `([a-z_/]+)`", TEXT, re.MULTILINE))
def test_its_map_names_real_folders(folder: str) -> None:
    assert (ROOT / folder).is_dir()
