"""Runs the console in this terminal until it is closed. Called by the CLI."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING

from hedge_tui.ui.app import HedgeApp
from hedge_tui.ui.crash import crash_text
from hedge_tui.ui.link import attach_to

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hedge_tui.config import ConsoleSettings

HISTORY = "console_history"
HANGUP = 129
"""Exit code after the terminal went away: 128 + SIGHUP."""


class TerminalApp(HedgeApp):
    """The app in a real terminal: signals end it cleanly, the collector stays out of the frames."""

    def on_ready(self) -> None:
        """Everything is loaded: keep it out of collections, and listen to signals."""
        import asyncio

        gc.collect()
        gc.freeze()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            loop.add_signal_handler(number, self._end, number)

    def _end(self, number: signal.Signals) -> None:
        self.exit(return_code=128 + number)


def run_console(
    socket: Path,
    settings: ConsoleSettings,
    keys: Mapping[str, str] | None = None,
    *,
    data_dir: Path | None = None,
    report: Callable[[BaseException], str] = crash_text,
) -> int:
    """Show the console of the engine at `socket`; gives the process's exit code.

    Args:
        socket: where the engine listens; it need not be there yet.
        settings: `[console]`.
        keys: `[keys]`.
        data_dir: holds the history of typed lines; None keeps none.
        report: what a crash prints after the terminal is restored.
    """
    if settings.ascii:
        os.environ["HEDGE_ASCII"] = "1"
    gc.set_threshold(50_000, 20, 50)
    history = data_dir / HISTORY if data_dir is not None else None
    app = TerminalApp(attach_to(socket), settings, keys, history=history, report=report)
    app.run()
    return app.return_code or 0
