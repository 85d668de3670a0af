"""What holds for every test: the user's own desk is out of sight; missing recorded data is said."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hidden_user import REALDATA, hide_user

if TYPE_CHECKING:
    from collections.abc import Iterator

# A shell starts what runs behind it with interrupts ignored, and every process of a test would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = os.environ.get(REALDATA, "")
    if folder and Path(folder).is_dir():
        return
    reason = f"{REALDATA} names no folder with recorded market data" + (f": {folder}" if folder else "")
    for item in items:
        if item.get_closest_marker("realdata"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Words of hostile venues are in the captured log; half a character cannot go from worker to master."""
    report: Any = yield
    sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    report.sections = sections
    return report


@pytest.fixture
def realdata() -> Path:
    """The folder of recorded market data; only for tests marked `realdata`."""
    return Path(os.environ[REALDATA])


@pytest.fixture(scope="session")
def _runtime_dir() -> Iterator[Path]:
    # Not below pytest's own folder: a unix socket's path has to stay short.
    folder = Path(tempfile.mkdtemp(prefix="hedge-t-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def hidden_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, _runtime_dir: Path
) -> Path:
    """An empty home, no keyring, no session bus, no engine of the user's; child processes inherit it."""
    home = tmp_path_factory.mktemp("home")
    hide_user(monkeypatch, home, _runtime_dir)
    return home
