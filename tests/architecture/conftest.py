"""The tree as git knows it, read once for all the rules."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("hedge_tui", "adapters", "store", "indicators")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Files under version control, or all files of an unpacked archive that has no git."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode == 0 and done.stdout:
        return [path for name in done.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]
    folders = [ROOT / name for name in (*PACKAGES, "tests")]
    return [*(one for one in ROOT.iterdir() if one.is_file()), *(p for f in folders for p in f.rglob("*.*"))]


@pytest.fixture(scope="session")
def sources(tracked: list[Path]) -> dict[str, str]:
    """Text of every tracked Python file by its path from the root."""
    return {str(one.relative_to(ROOT)): one.read_text() for one in tracked if one.suffix == ".py"}


@pytest.fixture(scope="session")
def product(sources: dict[str, str]) -> dict[str, ast.Module]:
    """Syntax trees of the product's own modules by path."""
    return {name: ast.parse(text) for name, text in sources.items() if name.split("/")[0] in PACKAGES}
