"""The wheel holds all of the product and nothing else, and gives `hedge`."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from hedge_tui.cli.commands import SECTIONS

PACKAGES = ("hedge_tui", "adapters", "store", "indicators")


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    words = [
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(out),
        str(root),
    ]
    subprocess.run([sys.executable, "-m", *words], check=True, timeout=60)
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_every_file_of_the_packages_is_in_the_wheel(
    wheel: zipfile.ZipFile, tracked: list[Path], root: Path
) -> None:
    ours = {str(path.relative_to(root)) for path in tracked if path.relative_to(root).parts[0] in PACKAGES}
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert ours - packed == set()
    assert {name.split("/")[0] for name in packed} == set(PACKAGES)
    assert "hedge_tui/py.typed" in packed


def test_the_wheel_gives_hedge_and_must_not_be_uploaded(wheel: zipfile.ZipFile) -> None:
    info = {
        name.rpartition("/")[2]: wheel.read(name).decode()
        for name in wheel.namelist()
        if ".dist-info/" in name
    }
    assert "hedge = hedge_tui.cli.main:main" in info["entry_points.txt"]
    assert "Private :: Do Not Upload" in info["METADATA"]
    assert "License-Expression: Apache-2.0" in info["METADATA"]
    assert "LICENSE" in info


def test_exact_pins_agree_with_the_hashed_requirements(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    locked = dict(
        line.split(" ")[0].split("==")
        for line in (root / "requirements.txt").read_text().splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    )
    exact = dict(one.split("==") for one in project["dependencies"] if "==" in one)
    assert exact.keys() == {"ccxt", "textual"}
    assert {name: locked[name] for name in exact} == exact


def test_requirements_are_hashed_and_name_no_index(root: Path) -> None:
    files = [root / "requirements.txt", root / "requirements-dev.txt", *root.glob("tests/bench/peers-*.txt")]
    for file in files:
        text = file.read_text()
        pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert pins, file
        assert all("==" in line and line.endswith("\\") for line in pins), file
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
        assert file.with_suffix(".in").exists()


def test_listed_commands_can_be_loaded(root: Path) -> None:
    """Every row of the table whose module exists names something in it."""
    code = (
        "from importlib import import_module\n"
        "from hedge_tui.cli.commands import available\n"
        "for row in available().values():\n"
        "    for one in row:\n"
        "        assert hasattr(import_module(one.module), one.attribute), one\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=root)
    assert SECTIONS
