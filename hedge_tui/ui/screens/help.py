"""The Help screen: commands on the left, the text of one on the right, keys below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from hedge_tui.ui.pane_help.command_help import alias_help, command_help, command_list
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.live_table import Column, Kind, LiveTable
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot, across, down

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.live_table.messages import RowHighlighted

PANES = ("commands", "text", "keys")
LIST_CELLS = 62


class HelpText(VerticalScroll):
    """A scrolling text."""

    DEFAULT_CSS = """
    HelpText { background: $surface; padding: 0 1; scrollbar-size-vertical: 1; }
    HelpText Static { width: 1fr; height: auto; }
    """

    def __init__(self, text: Content) -> None:
        self.part = Static(text)
        super().__init__(self.part)


class HelpScreen(DeskScreen):
    """All commands and keys."""

    mode_id = "help"

    def make_panes(self) -> list[Pane]:
        """List, text, keys."""
        self.commands = LiveTable(
            (
                Column(key="word", label="Word", width=11, kind=Kind.TEXT),
                Column(key="summary", label="What it does", width=20, kind=Kind.TEXT, stretch=True),
            ),
            fixed_columns=1,
        )
        self._list()
        self.text = HelpText(command_help("buy"))
        return [
            Pane("commands", "Commands and topics", self.commands, hints=("table.down", "pane.filter")),
            Pane("text", "Help", self.text),
            Pane("keys", "Keys of every screen", HelpText(self._keys())),
        ]

    def on_screen_resume(self) -> None:
        """Aliases may have come since."""
        super().on_screen_resume()
        self._list()

    def _list(self) -> None:
        """Commands and topics, and in front of them the trader's own words."""
        aliases = self.desk.state.aliases
        words = [*((name, f"= {inert(line)}") for name, line in sorted(aliases.items())), *command_list()]
        self.commands.set_rows(
            [word for word, _ in words],
            {"word": [word for word, _ in words], "summary": [summary for _, summary in words]},
        )

    def _keys(self) -> Content:
        lines = [
            Content.assemble((f"{key:<14}", "bold"), tooltip) for key, _, tooltip in self.desk.all_keys()
        ]
        return Content("\n").join(lines)

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """List beside text; keys below where there is room."""
        whole = Region(0, 0, width, height)
        if width < 100:
            upper, lower = down(whole, [None, height * 3 // 5])
            return [Slot(upper, ("commands",)), Slot(lower, ("text", "keys"))]
        left, right = (
            slot.region for slot in across(whole, [(("commands",), LIST_CELLS), (("text",), None)])
        )
        if height < 30:
            return [Slot(left, ("commands",)), Slot(right, ("text", "keys"))]
        upper, lower = down(right, [None, max(8, right.height // 2)])
        return [Slot(left, ("commands",)), Slot(upper, ("text",)), Slot(lower, ("keys",))]

    @on(LiveTable.RowHighlighted)
    def _chosen(self, event: RowHighlighted) -> None:
        if event.row_key:
            line = self.desk.state.aliases.get(event.row_key)
            self.text.part.update(alias_help(event.row_key, line) if line else command_help(event.row_key))
            self.text.scroll_home(animate=False)
            self.grid.pane("text").title = event.row_key
            self.grid.pane("text").retitle()
