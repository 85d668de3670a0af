"""Carries out what an answered line asks of the console itself: another scope, chart, theme, help text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content

from hedge_tui.domain.errors import CommandError
from hedge_tui.ui.widgets.inert import inert_lines

if TYPE_CHECKING:
    from hedge_tui.ui.app import HedgeApp
    from hedge_tui.wire.messages import Done

TOAST_LINES = 4


class LineActions:
    """One function per key of `Done.action`; unknown keys are ignored, so that an engine may say more."""

    def __init__(self, app: HedgeApp) -> None:
        self._app = app

    def carry_out(self, done: Done) -> None:
        """Do what it asks and show what it says."""
        for name, value in done.action.items():
            handler = getattr(self, f"_do_{name}", None)
            if handler is not None:
                handler(value)
        if "help" in done.action or not done.text:
            return
        if "alias" in done.text or "stands for" in done.text or "is gone" in done.text:
            self._app.refresh_settings()
        if done.text.count("\n") >= TOAST_LINES:
            from hedge_tui.ui.modals.reader import ReaderDialog

            self._app.push_screen(ReaderDialog("Answer", Content(inert_lines(done.text))))
        else:
            self._app.say(done.text, "information")

    def _do_scope(self, scope: str) -> None:
        self._app.state.scope = scope
        self._app.choices_changed()

    def _do_chart(self, instrument: str) -> None:
        self._app.state.instrument = instrument
        self._app.choices_changed()

    def _do_timeframe(self, timeframe: str) -> None:
        self._app.state.timeframe = timeframe
        self._app.choices_changed()

    def _do_watchlist(self, instruments: list[str]) -> None:
        self._app.state.watchlist = tuple(instruments)
        self._app.choices_changed()

    def _do_set(self, settings: dict[str, str]) -> None:
        self._app.apply_settings(settings)

    def _do_tour(self, begin: bool) -> None:
        if begin:
            self._app.guide.begin()
        else:
            self._app.guide.end()

    def _do_away(self, since_ns: int) -> None:
        self._app.data.tell_away(since_ns)

    def _do_view(self, asked: dict[str, str]) -> None:
        self._app.views.carry_out(str(asked.get("act", "")), str(asked.get("name", "")))

    def _do_layout(self, asked: dict[str, str]) -> None:
        self._app.layouts.carry_out(str(asked.get("act", "")), str(asked.get("name", "")))

    def _do_lock_screen(self, _: bool) -> None:
        self._app.screen_lock.lock()

    def _do_lock(self, name: str) -> None:
        del name
        self._app.lock_taken()

    def _do_ind(self, act: dict[str, Any]) -> None:
        state = self._app.state
        if "add" in act and act["add"] not in state.indicators:
            state.indicators = (*state.indicators, str(act["add"]))
        elif "remove" in act:
            wanted = str(act["remove"]).casefold().replace(" ", "")
            kept = tuple(i for i in state.indicators if i != wanted and i.partition("(")[0] != wanted)
            state.indicators = kept
        elif "clear" in act:
            state.indicators = ()
        elif "list" in act:
            self._app.say(
                "on the chart: " + (", ".join(state.indicators) or "none; add: ind sma(20)"), "information"
            )
        self._app.choices_changed()

    def _do_help(self, topic: str) -> None:
        if not topic:
            self._app.action_screen_named("help")
            return
        from hedge_tui.ui.modals.reader import ReaderDialog
        from hedge_tui.ui.pane_help.command_help import command_help

        try:
            text = command_help(topic)
        except CommandError as error:
            self._app.say(error.message, "error")
            return
        self._app.push_screen(ReaderDialog(f"Help: {topic}", text))
