"""What keys and answers make the app do besides screens and lines: lock, panic, help, toasts, settings."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.widgets import Input

from hedge_tui.domain.errors import EngineUnreachable, HedgeError
from hedge_tui.ui.keys import APP_BINDINGS, SCREEN_BINDINGS
from hedge_tui.ui.screen_lock import ALLOWED
from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from hedge_tui.ui.desk_data import DeskData
    from hedge_tui.ui.desk_state import DeskState
    from hedge_tui.ui.line_desk import LineDesk
    from hedge_tui.ui.link import DeskLink
    from hedge_tui.ui.screen_lock import ScreenLock
    from hedge_tui.ui.screens.desk_screen import DeskScreen
    from hedge_tui.ui.tour.guide import TourGuide
    from hedge_tui.ui.widgets.live_chart import LiveChart
    from hedge_tui.ui.widgets.live_table import Column

TOAST_S = 6.0
ERROR_TOAST_S = 12.0
PAGE = 500
PANIC_S = 7.0
"""The engine answers panic within 5 s; one that has not after this hangs."""


class AppActions(App[int]):
    """The half of `HedgeApp` that acts; the other half keeps it alive and fed.

    Attributes:
        state: what the trader chose.
        link: the connection.
        data: what is read from the engine.
        lines: where lines go.
        screen_lock: hides everything while nobody is here.
        guide: the tour.
        exports: folder for tables written to files, None for nowhere.
        now_ns: UTC nanoseconds.
    """

    state: DeskState
    link: DeskLink
    data: DeskData
    lines: LineDesk
    screen_lock: ScreenLock
    guide: TourGuide
    exports: Path | None
    now_ns: Callable[[], int]

    def desk_screen(self) -> DeskScreen:
        """The screen of the mode, whatever dialog is on top."""
        from hedge_tui.ui.screens.desk_screen import DeskScreen

        screen = self.screen_stack[0]
        assert isinstance(screen, DeskScreen), "modes hold desk screens only"
        return screen

    def tell_screen(self) -> None:
        """Status lines of the screen in sight."""

    def choices_changed(self) -> None:
        """Another scope, instrument, timeframe or watchlist."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that move the focus do nothing under a dialog; in an input they are characters."""
        del parameters
        if self.screen_lock.locked and action not in ALLOWED:
            return False
        if action in {"tour", "end_tour"}:
            return self.guide.tour.on
        if action not in {"command", "choose_scope", "screen_named"}:
            return True
        return not (self.screen.is_modal or isinstance(self.focused, Input))

    # -- saying

    def say(self, text: str, severity: str = "information", title: str = "") -> None:
        """A toast of inert text."""
        self._toast(text, title, severity)

    def _toast(self, text: str, title: str, severity: str) -> None:
        if self.screen_lock.locked:
            return  # it may name accounts and figures; the log keeps it
        words = "\n".join(inert(line) for line in text.split("\n"))
        self.notify(
            words,
            title=inert(title),
            severity=severity,  # type: ignore[arg-type]
            timeout=ERROR_TOAST_S if severity == "error" else TOAST_S,
            markup=False,
        )

    def _ring(self) -> None:
        if self.state.settings.get("sound") != "off":
            self.bell()

    @staticmethod
    def monotonic() -> float:
        """Seconds for ages on screen."""
        return time.monotonic()

    def export(self, columns: list[tuple[Column, list[object]]], name: str, title: str) -> None:
        """Write a table to a file in the background, and say where it is."""
        from hedge_tui.ui.table_export import write_csv

        folder, rows = self.exports, len(columns[0][1]) if columns else 0
        if folder is None or not rows:
            why = f"{title} has no rows" if folder is not None else "this console has no data directory"
            self.say(f"nothing to export: {why}", "warning")
            return

        async def writing() -> None:
            try:
                path = await asyncio.to_thread(write_csv, folder, name, self.now_ns(), columns)
            except OSError as error:
                self.say(f"{title} cannot be exported to {folder}: {error.strerror}", "error")
                return
            self.say(f"{rows:,} rows of {title} in {path}")

        self.run_worker(writing(), group="export", name="export")

    # -- settings

    def apply_settings(self, settings: Mapping[str, str]) -> None:
        """Theme, timeframe, sound: what `set` keeps."""
        self.state.settings.update(settings)
        if settings.get("theme") in self.available_themes:
            self.theme = settings["theme"]
        if settings.get("timeframe"):
            self.state.timeframe = settings["timeframe"]
        self.choices_changed()

    def refresh_settings(self) -> None:
        """Aliases may have changed."""
        self.run_worker(self.data.load_settings(), group="data", name="settings")

    # -- asking

    def ask(self, name: str, take: Callable[[Any], None]) -> None:
        """Ask the engine once, in the background."""
        self.data.ask(name, take)

    def load_older(self, chart: LiveChart, before_ns: int) -> None:
        """Fetch a page of older candles for a chart that was scrolled back."""
        topic = chart.topic
        instrument, timeframe, indicators = topic.removeprefix("chart:").split("|")

        async def loading() -> None:
            try:
                page = await self.link.client.query(
                    "chart_before",
                    instrument=instrument,
                    timeframe=timeframe,
                    before_ns=before_ns,
                    count=PAGE,
                    indicators=indicators,
                )
            except HedgeError as error:
                self.say(f"no older candles: {error}", "warning")
                return
            if chart.topic == topic:
                chart.add_older(page)

        self.run_worker(loading(), group="older", exclusive=True, name="older candles")

    # -- the trading lock

    async def take_free_lock(self) -> None:
        """Take the lock if nobody holds it any more; a holder keeps it."""
        try:
            await self.link.client.take_lock(force=False)
        except HedgeError:
            return
        self.lock_taken()

    async def take_lock(self) -> bool:
        """Take the lock, from another console if need be; gives whether it is ours now."""
        try:
            await self.link.client.take_lock(force=True)
        except HedgeError as error:
            self.say(str(error), "error")
            return False
        self.lock_taken()
        return True

    def lock_taken(self) -> None:
        """This console may trade."""
        self.state.trading, self.state.holder = True, ""
        self.tell_screen()

    def action_take_lock(self) -> None:
        """F9."""

        async def taking() -> None:
            if self.state.trading:
                self.say("this console holds the trading lock")
            elif await self.take_lock():
                self.say("this console trades now; the other one is read-only")

        self.run_worker(taking(), group="lock", exclusive=True, name="lock")

    # -- dialogs

    def action_panic(self) -> None:
        """The panic dialog, over whatever is open."""
        from hedge_tui.ui.modals.panic import PanicDialog
        from hedge_tui.ui.panic_sign import panic_rows

        async def press(line: str) -> str:
            try:
                async with asyncio.timeout(PANIC_S):
                    answer = await self.link.client.submit(line, origin="panic")
            except TimeoutError:
                raise EngineUnreachable(f"no answer for {PANIC_S:.0f} s") from None
            return str(getattr(answer, "text", "")) or "done"

        if not isinstance(self.screen, PanicDialog):
            self.push_screen(PanicDialog(press, lambda: panic_rows(self.link)))

    def action_abort(self) -> None:
        """Let nothing leave any more of what is being sent."""
        self.lines.chosen("abort")

    def action_unlock(self) -> None:
        """Ask for the vault's passphrase."""
        from hedge_tui.ui.modals.unlock import UnlockDialog

        async def unlock(passphrase: str) -> str:
            done = await self.link.client.unlock(passphrase)
            self.state.locked = False
            self.tell_screen()
            return done.text

        self.push_screen(UnlockDialog(unlock))

    def action_lock_screen(self) -> None:
        """Hide everything until the passphrase is typed."""
        self.screen_lock.lock()

    async def on_event(self, event: events.Event) -> None:
        """Keys and the mouse show that somebody is here."""
        if isinstance(event, events.InputEvent):
            self.screen_lock.touched()
        await super().on_event(event)

    def action_pane_help(self) -> None:
        """Help for the active pane: what it is, its keys, its columns."""
        from hedge_tui.ui.modals.reader import ReaderDialog
        from hedge_tui.ui.pane_help.pane_texts import pane_help

        screen = self.desk_screen()
        pane = screen.grid.pane(screen.grid.active)
        table = pane.table
        words = pane_help(
            pane.help_topic, self.bound_here(pane.hints), table.spec if table is not None else None, ""
        )
        self.push_screen(ReaderDialog(pane.title, words))

    # -- screens and lines

    def action_screen_named(self, name: str) -> None:
        """Another screen."""
        self.switch_mode(name)
        self.call_after_refresh(self.tell_screen)

    def action_command(self) -> None:
        """Open the command line."""
        self.desk_screen().open_bar()

    def action_choose_scope(self) -> None:
        """Open the command line at the choice of an account."""
        self.desk_screen().open_bar("account ")

    def action_tour(self, way: int) -> None:
        """A step of the tour on or back."""
        self.guide.step(way)

    def action_end_tour(self) -> None:
        """End the tour."""
        self.guide.end()

    # -- keys in words

    def key_words(self, binding: Binding) -> str:
        """A key as it is printed on the keyboard."""
        words = self.get_key_display(binding)
        return words if words.isascii() or not terminal_glyphs().ascii_only else binding.key

    def bound_here(self, first: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
        """(key, words, id) of every binding that works now: `first`, then screens', then widgets' own."""
        found: dict[str, tuple[list[str], str]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.id:
                keys, _ = found.setdefault(binding.id, ([], binding.tooltip or binding.description))
                keys.append(self.key_words(binding))
        own = ("table.", "chart.")
        order = sorted(found, key=lambda name: (name not in first, name.startswith(own)))
        return [(" ".join(dict.fromkeys(found[name][0])), found[name][1], name) for name in order]

    def all_keys(self) -> list[tuple[str, str, str]]:
        """(key, words, tooltip) of the app and of every screen."""
        found = []
        for binding in (*APP_BINDINGS, *SCREEN_BINDINGS):
            if isinstance(binding, Binding):
                keys = self._keymap.get(binding.id or "", binding.key)
                shown = " ".join(
                    self.key_words(one) for one in Binding.make_bindings([Binding(keys, "", "")])
                )
                found.append((shown, binding.description, binding.tooltip or binding.description))
        return found

    def palette_commands(self) -> Iterator[SystemCommand]:
        """Everything that a key of the app does, and the themes."""
        for binding in APP_BINDINGS:
            if isinstance(binding, Binding):
                action = binding.action
                yield SystemCommand(
                    f"{binding.description.capitalize()} ({self.key_words(binding)})",
                    binding.tooltip or binding.description,
                    lambda action=action: self.run_worker(self.run_action(action)),
                )
        for name in ("dark", "light"):
            yield SystemCommand(
                f"Theme: {name}", "Colours of the console", lambda name=name: self._set_theme(name)
            )

    def _set_theme(self, name: str) -> None:
        self.lines.chosen(f"set theme {name}")
