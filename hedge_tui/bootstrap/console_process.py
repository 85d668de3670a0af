"""The console as a process: the screen over a connection to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hedge_tui.config.paths import Paths
    from hedge_tui.config.settings import Settings


def run_console(
    paths: Paths,
    settings: Settings,
    socket: Path,
    report: Callable[[BaseException], str],
    *,
    tour: bool = False,
    layout: str = "",
    screen: str = "",
) -> int:
    """Run the screen until it is left.

    Args:
        paths: of the desk; typed lines are kept in its data directory.
        settings: `[console]` and `[keys]` of them.
        socket: where the engine listens.
        report: what a crash prints once the terminal is restored; holds no secrets.
        tour: begin with the tour.
        layout: name of the console's layout.
        screen: the first one in sight, "" for Trade.

    Returns:
        The exit code; not 0 after a crash.
    """
    from hedge_tui.credentials.process import harden
    from hedge_tui.ui.console import run_console as run

    harden()
    return run(
        socket,
        settings.console,
        settings.keys,
        data_dir=paths.data_dir,
        report=report,
        tour=tour,
        layout=layout,
        screen=screen,
    )
