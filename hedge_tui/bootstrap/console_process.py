"""The console as a process: the screen over a connection to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.bootstrap.places import command_history

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.config.paths import Paths
    from hedge_tui.config.settings import Settings


def run_console(paths: Paths, settings: Settings, socket: Path) -> int:
    """Run the screen until it is left; returns the exit code, not 0 after a crash."""
    from hedge_tui.credentials.process import harden
    from hedge_tui.ui.run import run_console as run

    harden()
    return run(socket, settings, command_history(paths.data_dir))
