"""Runs the console in this terminal until it is closed. Called by the CLI."""

from __future__ import annotations

import gc
import os
import signal
import threading
from typing import TYPE_CHECKING

from hedge_tui.ui.app import HedgeApp
from hedge_tui.ui.crash import crash_text
from hedge_tui.ui.link import attach_to

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hedge_tui.config import ConsoleSettings

HISTORY = "console_history"
KEPT = "console_state.json"
EXPORTS = "exports"
END_S = 3.0
"""After a signal: the process is gone by then, whatever its terminal does."""
WARM_UP_S = 0.5
"""After the first paint: modules that it did without are loaded then."""
SWEEP_S = 30.0
"""Between collections of widgets that are gone: they hold each other, and the thresholds below never come to
them. With what was frozen left out, one takes about 10 ms."""


class TerminalApp(HedgeApp):
    """The app in a real terminal: signals end it cleanly, the collector stays out of the frames."""

    def on_ready(self) -> None:
        """The first paint is out: listen to signals, and load the rest in a while."""
        import asyncio

        self.set_timer(WARM_UP_S, self._warm_up)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            # Not the loop's own handlers: a loop that waits for a dead terminal never comes to them.
            signal.signal(number, lambda number, _: self._end(loop, number))

    async def _warm_up(self) -> None:
        """Load what the first command and the first confirmation need, then freeze what is there."""
        import asyncio
        from importlib import import_module

        for name in ("hedge_tui.command", "hedge_tui.ui.modals.confirm", "hedge_tui.ui.modals.reader"):
            await asyncio.to_thread(import_module, name)
        gc.collect()
        gc.freeze()
        self.set_interval(SWEEP_S, self._sweep)

    def _sweep(self) -> None:
        gc.collect()

    def _end(self, loop: asyncio.AbstractEventLoop, number: int) -> None:
        # A terminal that is gone takes no more writes, and Textual waits for them for ever: the process would
        # stay behind and keep the trading lock.
        last_resort = threading.Timer(END_S, self._give_up, (number,))
        last_resort.daemon = True
        last_resort.start()
        loop.call_soon_threadsafe(self.exit, None, 128 + number)

    def _give_up(self, number: int) -> None:
        self.kept.write()
        os._exit(128 + number)


def run_console(
    socket: Path,
    settings: ConsoleSettings,
    keys: Mapping[str, str] | None = None,
    *,
    data_dir: Path | None = None,
    report: Callable[[BaseException], str] = crash_text,
    tour: bool = False,
    layout: str = "",
    screen: str = "",
) -> int:
    """Show the console of the engine at `socket`; gives the process's exit code.

    Args:
        socket: where the engine listens; it need not be there yet.
        settings: `[console]`.
        keys: `[keys]`.
        data_dir: holds the history of typed lines and how tables are arranged, and exports; None keeps none.
        report: what a crash prints after the terminal is restored.
        tour: begin with the tour.
        layout: name of the console's layout.
        screen: the first one in sight, "" for Trade.
    """
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(
            name, None
        )  # a shell's words from another time; the terminal itself says how large it is
    if settings.ascii:
        os.environ["HEDGE_ASCII"] = "1"
    gc.set_threshold(50_000, 20, 50)
    history = data_dir / HISTORY if data_dir is not None else None
    kept = data_dir / KEPT if data_dir is not None else None
    exports = data_dir / EXPORTS if data_dir is not None else None
    app = TerminalApp(
        attach_to(socket),
        settings,
        keys,
        history=history,
        kept=kept,
        exports=exports,
        report=report,
        tour=tour,
        layout=layout,
        first_screen=screen,
    )
    app.run()
    return app.return_code or 0
