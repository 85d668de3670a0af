"""Each library has one door; the domain has none; a package may be missing from no contract."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

DOORS = {
    "ccxt": ("adapters/via_ccxt/",),
    "python_socks": ("adapters/via_ccxt/",),
    "duckdb": ("store/",),
    "pyarrow": ("store/",),
    "sqlite3": ("store/",),
    "textual": ("hedge_tui/ui/",),
    "keyring": ("hedge_tui/credentials/",),
    "nacl": ("hedge_tui/credentials/",),
    "argon2": ("hedge_tui/credentials/",),
    "typer": ("hedge_tui/cli/",),
    "talib": ("indicators/",),
    "numba": ("indicators/", "hedge_tui/backtest/"),
    "trustme": ("adapters/sandbox/",),
}


def imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Top-level names that a module imports anywhere in it, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno


@pytest.mark.parametrize("library", DOORS)
def test_one_door_per_library(library: str, product: dict[str, ast.Module]) -> None:
    strays = [
        f"{name}:{line}"
        for name, tree in product.items()
        for found, line in imported(tree)
        if found == library and not name.startswith(DOORS[library])
    ]
    assert strays == []


def test_the_domain_needs_only_the_standard_library(product: dict[str, ast.Module]) -> None:
    strays = [
        f"{name}:{line} {found}"
        for name, tree in product.items()
        if name.startswith("hedge_tui/domain/")
        for found, line in imported(tree)
        if found not in sys.stdlib_module_names | {"hedge_tui"}
        and not (found == "numpy" and name == "hedge_tui/domain/series.py")
    ]
    assert strays == []


def test_indicators_import_nothing_of_ours(product: dict[str, ast.Module]) -> None:
    allowed = sys.stdlib_module_names | {"indicators", "numpy", "numba", "talib"}
    strays = [
        f"{name}:{line} {found}"
        for name, tree in product.items()
        if name.startswith("indicators/")
        for found, line in imported(tree)
        if found not in allowed
    ]
    assert strays == []


def test_no_relative_imports(product: dict[str, ast.Module]) -> None:
    strays = [
        f"{name}:{node.lineno}"
        for name, tree in product.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert strays == []


def test_every_part_stands_in_the_layers(root: Path, product: dict[str, ast.Module]) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one for one in contracts if one["type"] == "layers")["layers"]
    layered = {word.strip(" ()") for layer in layers for word in layer.split("|")}
    parts = {
        ".".join(
            Path(name).with_suffix("").parts[:2] if name.startswith("hedge_tui/") else name.split("/")[:1]
        )
        for name in product
    }
    assert parts - layered - {"hedge_tui.__init__"} == set()
