"""The console's app: one link, one state, one pump, six screens. It holds no orders and decides nothing."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events

from hedge_tui.config import ConsoleSettings
from hedge_tui.ui.app_actions import AppActions
from hedge_tui.ui.armed_sign import TOPIC as ARMED
from hedge_tui.ui.armed_sign import TwoEscapes, armed_sign
from hedge_tui.ui.command_bar.history import History
from hedge_tui.ui.crash import crash_text
from hedge_tui.ui.desk_data import DeskData
from hedge_tui.ui.desk_state import DeskState
from hedge_tui.ui.frame_pump import FramePump
from hedge_tui.ui.kept_state import KeptState
from hedge_tui.ui.keys import APP_BINDINGS, keymap
from hedge_tui.ui.layout_desk import LayoutDesk
from hedge_tui.ui.line_actions import LineActions
from hedge_tui.ui.line_desk import LineDesk
from hedge_tui.ui.link import DeskLink, LinkState
from hedge_tui.ui.notices import NoticeBoard
from hedge_tui.ui.panic_sign import TOPIC as PANIC
from hedge_tui.ui.screen_lock import ScreenLock
from hedge_tui.ui.table_memory import TableMemory
from hedge_tui.ui.themes import THEMES
from hedge_tui.ui.tour.guide import LOOK_EVERY_S, TourGuide
from hedge_tui.ui.view_desk import ViewDesk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from rich.console import RenderableType
    from textual.app import SystemCommand
    from textual.binding import BindingType
    from textual.screen import Screen

    from hedge_tui.ui.link import Attach
    from hedge_tui.wire.messages import Notice

SCREENS = (
    ("markets", "Markets"),
    ("trade", "Trade"),
    ("portfolio", "Portfolio"),
    ("risk", "Risk"),
    ("orders", "Orders"),
    ("feeds", "Feeds"),
    ("journal", "Journal"),
    ("help", "Help"),
)
STATUS_EVERY_S = 0.25
KEEP_EVERY_S = 1.0


def _screen(name: str) -> Callable[[], Screen[None]]:
    """A screen that is imported and built when it is first opened."""

    def build() -> Screen[None]:
        from importlib import import_module

        module = import_module(f"hedge_tui.ui.screens.{name}")
        made: Screen[None] = getattr(module, f"{name.capitalize()}Screen")()
        return made

    return build


class HedgeApp(AppActions):
    """The console.

    Args:
        attach: makes connections to the engine.
        settings: `[console]` of the configuration. keys: `[keys]`.
        history: file of typed lines, None to forget them.
        layout: name of the layout in force. first_screen: of SCREENS, "" for Trade.
        kept: file of what is remembered over a restart, None to forget it.
        exports: folder for tables written to files, None for nowhere.
        now_ns: UTC nanoseconds. report: what a crash prints. tour: begin with the tour.

    Attributes:
        state: what the trader chose. link, pump, lines, actions, guide: see their modules.
    """

    CSS_PATH: ClassVar[str] = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = APP_BINDINGS
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {name: _screen(name) for name, _ in SCREENS}
    DEFAULT_MODE = "trade"
    TITLE = "hedge"
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        attach: Attach,
        settings: ConsoleSettings | None = None,
        keys: Mapping[str, str] | None = None,
        *,
        history: Path | None = None,
        kept: Path | None = None,
        layout: str = "",
        first_screen: str = "",
        exports: Path | None = None,
        now_ns: Callable[[], int] = time.time_ns,
        report: Callable[[BaseException], str] = crash_text,
        tour: bool = False,
    ) -> None:
        # First of all: events are seen from here on.
        self.screen_lock = ScreenLock(self, (settings or ConsoleSettings()).autolock_min, time.monotonic)
        super().__init__()
        self.settings = settings or ConsoleSettings()
        self._keys = keymap(keys or {})
        self._report = report
        self._begin_tour = tour
        self._first_screen = first_screen
        self.now_ns = now_ns
        self.state = DeskState(
            watchlist=tuple(self.settings.watchlist), configured_sizes=tuple(self.settings.presets)
        )
        self.history = History(history)
        self.exports = exports
        self.kept = KeptState(kept)
        self.tables = TableMemory(self.kept)
        self.layouts = LayoutDesk(self, layout)
        self.views = ViewDesk(self)
        self.link = DeskLink(attach)
        self.pump = FramePump(self.link)
        self.pump.always("accounts", "portfolio", "summary", "bans", "holds", ARMED, PANIC)
        self._escapes = TwoEscapes()
        self.data = DeskData(self)
        self.lines = LineDesk(self)
        self.actions = LineActions(self)
        self.guide = TourGuide(self)
        self.notices = NoticeBoard(self._toast, self._ring)
        self.link.on_frame = self.pump.mark
        self.link.on_notice = self._notice
        self.link.on_state = self._link_changed
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.settings.theme

    # -- life

    def on_mount(self) -> None:
        """Start to attach, to paint and to tell the time."""
        self.set_keymap(self._keys)
        self.set_interval(1 / self.settings.fps, self._paint, name="frame pump")
        self.set_interval(STATUS_EVERY_S, self.tell_screen, name="status")
        self.set_interval(0.1, self.notices.flush, name="notices")
        self.set_interval(KEEP_EVERY_S, self._keep, name="kept state")
        self._say_kept()
        self.set_interval(1.0, self.screen_lock.look, name="screen lock")
        self.set_interval(LOOK_EVERY_S, self.guide.look, name="tour")
        if self._first_screen and self._first_screen != self.DEFAULT_MODE:
            self.call_after_refresh(self.action_screen_named, self._first_screen)
        if self._begin_tour:
            self.call_after_refresh(self.guide.begin)
        self.run_worker(self.link.keep(), group="link", name="link")

    def _paint(self) -> None:
        if self.pump.tick():
            self.data.look()

    async def _keep(self) -> None:
        if self.kept.dirty:
            await asyncio.to_thread(self.kept.write)
            self._say_kept()

    def _say_kept(self) -> None:
        if self.kept.problem:
            self.say(self.kept.problem, "warning")
            self.kept.problem = ""

    def exit(
        self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Close the console, and remember how its tables are arranged."""
        from hedge_tui.ui.screens.desk_screen import DeskScreen

        screen = self.base_screen()
        if isinstance(screen, DeskScreen) and screen.is_mounted:
            screen.keep_tables()
        self.kept.write()
        super().exit(result, return_code, message)

    def _link_changed(self) -> None:
        if self.link.state is LinkState.ATTACHED:
            self.pump.reload()
            self.data.attached()
        else:
            self.state.trading = False
        self.tell_screen()

    def _notice(self, notice: Notice) -> None:
        self.notices.put(notice)
        if notice.topic == "lock":
            self.state.trading = False
            self.tell_screen()

    async def on_event(self, event: events.Event) -> None:
        """Escape twice disarms, whatever has the keys."""
        fresh = isinstance(event, events.Key) and not event.is_forwarded
        await super().on_event(event)
        if fresh and isinstance(event, events.Key) and self._escapes.seen(event.key, event.time):
            sign = armed_sign(self.link)
            if sign is not None and sign.mine:
                self.lines.chosen("disarm")

    # -- screens

    @staticmethod
    def mode_names() -> set[str]:
        """Screens there are."""
        return {name for name, _ in SCREENS}

    def base_screen(self) -> Screen[Any] | None:
        """The screen of the mode, whatever dialog is on top."""
        stack = self.screen_stack
        return stack[0] if stack else None

    def tell_screen(self) -> None:
        """Status lines of the screen in sight."""
        from hedge_tui.ui.screens.desk_screen import DeskScreen

        screen = self.base_screen()
        if isinstance(screen, DeskScreen):
            screen.tell(self.data.figures(screen.mode_id), self.data.banner(), self.data.alarm())

    def choices_changed(self) -> None:
        """Another scope, instrument, timeframe or watchlist."""
        from hedge_tui.ui.screens.desk_screen import DeskScreen

        screen = self.base_screen()
        if isinstance(screen, DeskScreen):
            screen.focus_changed()
        self.tell_screen()

    def grid_of(self, instrument: str) -> tuple[int, int] | None:
        """Decimals of prices and quantities of an instrument, None if it is not known yet."""
        row = self.state.markets.get(instrument)
        return None if row is None else (int(row["price_decimals"]), int(row["quantity_decimals"]))

    # -- the end

    def _handle_exception(self, error: Exception) -> None:
        self._crashed = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual's own shows local variables.
        from rich.text import Text

        error = getattr(self, "_crashed", None) or RuntimeError()
        self._exit_renderables.append(Text(self._report(error)))
        self._close_messages_no_wait()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers: every key with its words."""
        del screen
        return self.palette_commands()
