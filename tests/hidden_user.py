"""Hides the user's own desk from tests and from the processes they start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REALDATA = "HEDGE_REALDATA"


def hide_user(patch: pytest.MonkeyPatch, home: Path, runtime_dir: Path) -> None:
    """An empty home, no keyring, no session bus, no engine of the user's; child processes inherit it."""
    for name in list(os.environ):
        if name.startswith(("XDG_", "HEDGE_", "DBUS_")) and name != REALDATA:
            patch.delenv(name)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "PYTHON_KEYRING_BACKEND"):
        patch.delenv(name, raising=False)
    patch.setenv("HOME", str(home))
    patch.setenv("TERM", "xterm-256color")
    patch.setenv("HEDGE_RUNTIME_DIR", str(runtime_dir))
