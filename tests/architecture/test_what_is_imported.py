"""What a process really loads: the console no engine, the engine no console, `--help` nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

HEAVY = {
    "ccxt",
    "duckdb",
    "pyarrow",
    "textual",
    "numba",
    "numpy",
    "talib",
    "rich",
    "typer",
    "msgspec",
    "asyncio",
}
SHOW = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
SHOW_OURS = "import sys; print(*sorted(name for name in sys.modules if name.startswith('hedge_tui.')))"


def loaded(code: str, show: str = SHOW) -> set[str]:
    """Modules in a fresh interpreter after it ran `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--version"], ["--help"], []])
def test_help_and_version_load_nothing_heavy(words: list[str]) -> None:
    code = f"from hedge_tui.cli.main import run\nassert run({words or ['help']}) == 0"
    assert loaded(code) & HEAVY == set()


def test_a_light_command_loads_no_venue_no_screen_no_store() -> None:
    code = "from hedge_tui.cli.main import run\nrun(['doctor', '--help'])"
    assert loaded(code) & {"ccxt", "duckdb", "pyarrow", "textual", "numba", "numpy", "talib", "rich"} == set()


def test_the_configuration_and_the_wire_are_light() -> None:
    code = "import hedge_tui.config, hedge_tui.wire.client"
    assert (
        loaded(code) & {"ccxt", "duckdb", "pyarrow", "textual", "numba", "numpy", "talib", "rich", "typer"}
        == set()
    )


def test_the_engine_loads_no_screen() -> None:
    found = loaded(_import_all("hedge_tui.engine"))
    assert found & {"textual", "rich", "typer", "duckdb", "pyarrow", "ccxt"} == set()


def test_the_console_loads_no_engine_no_venue_no_store() -> None:
    assert find_spec("hedge_tui.ui") is not None
    code = _import_all("hedge_tui.ui")
    assert (
        loaded(code) & {"ccxt", "duckdb", "pyarrow", "numba", "talib", "adapters", "store", "indicators"}
        == set()
    )
    ours = loaded(code, SHOW_OURS)
    assert {name for name in ours if name.startswith(("hedge_tui.engine", "hedge_tui.credentials"))} == set()
    assert "textual" in loaded(code)


def _import_all(package: str) -> str:
    """Code that imports a package and every module below it."""
    return (
        f"import importlib, pkgutil, {package} as top\n"
        "for one in pkgutil.walk_packages(top.__path__, top.__name__ + '.'):\n"
        "    importlib.import_module(one.name)"
    )
