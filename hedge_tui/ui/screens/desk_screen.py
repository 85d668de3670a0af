"""What all screens share: status lines, banner, panes, hints, the command bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.screen import Screen
from textual.widgets import Input

from hedge_tui.ui.command_bar.bar import CommandBar
from hedge_tui.ui.keys import SCREEN_BINDINGS, SHORT_WORDS
from hedge_tui.ui.row_lines import amend_line, cancel_line, close_line
from hedge_tui.ui.tour.panel import TourPanel
from hedge_tui.ui.widgets.banner import Banner
from hedge_tui.ui.widgets.hint_bar import HintBar
from hedge_tui.ui.widgets.live_table import LiveTable
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_grid import PaneGrid
from hedge_tui.ui.widgets.status_bar import StatusBar, mode_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import Binding, BindingType

    from hedge_tui.ui.app import HedgeApp
    from hedge_tui.ui.frame_pump import TopicView
    from hedge_tui.ui.widgets.pane_layout import Slot
    from hedge_tui.ui.widgets.status_bar import Figures
    from hedge_tui.ui.widgets.topic_table import TopicTable

FIRST_HINTS = ("app.command", "app.help", "pane.next")
LAST_HINTS = ("app.scope", "pane.filter", "pane.zoom", "app.panic")


class DeskScreen(Screen[None]):
    """A screen of panes. A subclass gives `make_panes` and `arrange`.

    Attributes:
        name_: of the mode. grid: its panes.
    """

    CSS_PATH = None
    BINDINGS: ClassVar[list[BindingType]] = SCREEN_BINDINGS
    DEFAULT_CSS = """
    DeskScreen { layers: base above; background: $background; color: $foreground; overflow: hidden; }
    DeskScreen.-armed PaneGrid { border-left: outer $mode-armed; border-right: outer $mode-armed; }
    DeskScreen.-halted PaneGrid { border-left: outer $warning; border-right: outer $warning; }
    DeskScreen.-armed PaneTitle { background: $mode-armed 45%; color: $foreground; }
    DeskScreen.-armed Pane:focus-within > PaneTitle { background: $mode-armed; color: white; }
    """
    mode_id = ""

    def __init__(self) -> None:
        super().__init__()
        self.status = StatusBar()
        self.banner = Banner()
        self.hints = HintBar()
        self.tour = TourPanel()
        self._told: tuple[bool, bool, bool] | None = None
        self.grid: PaneGrid
        self.bar: CommandBar

    @property
    def desk(self) -> HedgeApp:
        """The app."""
        return cast("HedgeApp", self.app)

    def make_panes(self) -> list[Pane]:
        """Panes in the order of the tab key."""
        return []

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """Where panes go at this size."""
        del width, height
        return []

    def _arrange(self, width: int, height: int) -> list[Slot]:
        """As the trader cut the screen up, else as delivered."""
        names = [pane.id or "" for pane in self.grid.panes]
        return self.desk.layouts.slots(self.mode_id, names, width, height) or self.arrange_panes(
            width, height
        )

    def action_layout_mode(self) -> None:
        """Cut the screen up by keys."""
        from hedge_tui.ui.modals.layout_keys import LayoutKeys

        if self.grid.zoomed:
            self.grid.toggle_zoom()
        self.app.push_screen(LayoutKeys(self, self.desk.layouts))

    def more_views(self) -> list[TopicView]:
        """Views that are no widgets."""
        return []

    def compose(self) -> ComposeResult:
        """Status, banner, panes, hints; the command bar above the hints."""
        self.grid = PaneGrid(self.make_panes(), self._arrange)
        self.bar = CommandBar(self.desk.history, self.desk.state.vocabulary)
        yield self.status
        yield self.banner
        yield self.tour
        yield self.grid
        yield self.hints
        yield self.bar
        yield self.bar.choices

    def on_mount(self) -> None:
        """Keys go to the first pane."""
        self.recall_tables()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.recall_tables()
        self.grid.settle()
        if self.focused is None:
            self.grid.activate(self.grid.active)
        self.in_sight()

    def _tables(self) -> Iterator[tuple[str, TopicTable]]:
        """Tables of this screen by the place under which their arrangement is kept."""
        for pane in self.grid.panes:
            if pane.table is not None:
                yield f"{self.mode_id}.{pane.id}", pane.table

    def recall_tables(self) -> None:
        """Arrange tables that are new as they were left."""
        for place, table in self._tables():
            self.desk.tables.restore(place, table)

    def keep_tables(self) -> None:
        """Remember how tables are arranged now."""
        for place, table in self._tables():
            self.desk.tables.look(place, table)

    def on_screen_resume(self) -> None:
        """Another screen was there before: follow what this one shows."""
        if self.is_mounted:
            self.in_sight()

    @on(PaneGrid.Changed)
    def in_sight(self) -> None:
        """Tell the pump what this screen shows now."""
        if self.desk.base_screen() is not self:
            return
        views = [view for pane in self.grid.shown for view in pane.views()]
        self.desk.pump.show([*views, *self.more_views()])
        self.write_hints()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Another pane may have the keys."""
        pane = next((node for node in event.widget.ancestors_with_self if isinstance(node, Pane)), None)
        if pane is not None:
            self.grid.noticed(pane.id or "")
        self.write_hints()

    # -- what the app tells

    def tell(self, figures: Figures, banner: str, alarm: str = "") -> None:
        """Status lines, banner and frame colour; `alarm` stands in the banner where nothing else does."""
        if not self.is_mounted:
            return
        self.status.figures = figures
        self.hints.mode = mode_name(figures)
        self.hints.alert = figures.armed.words if figures.armed is not None and figures.armed.mine else ""
        self.set_class(bool(self.hints.alert), "-armed")
        self.set_class(figures.held.startswith("HALTED the desk"), "-halted")
        self.banner.text, self.banner.alarm = banner or alarm, bool(alarm and not banner)
        told = (figures.trading, figures.locked, figures.linked)
        if told != self._told:
            self._told = told
            self.write_hints()
        for pane in self.grid.shown:
            pane.stale = "NOT LIVE" if banner else self.silence(pane)
        self.keep_tables()
        self.describe()

    def silence(self, pane: Pane) -> str:
        """Words for a pane whose data has stopped though the engine is there, "" for none."""
        del pane
        return ""

    def describe(self) -> None:
        """Write the details of pane titles, such as how many rows."""
        for pane in self.grid.shown:
            table = pane.table
            if table is not None:
                picked = len(table.picked_keys())
                count = f"{table.row_count:,}" if table.row_count else ""
                pane.detail = f"{count}  {picked} picked" if picked else count

    def focus_changed(self) -> None:
        """Another instrument, timeframe or scope was chosen."""

    def write_hints(self) -> None:
        """Keys of the active pane as they are bound now; unchanged under a dialog or an input."""
        if not self.is_mounted or self.app.screen is not self or isinstance(self.focused, Input):
            return
        pane = self.grid.pane(self.grid.active)
        known: dict[str | None, Binding] = {}
        for active in self.active_bindings.values():
            known.setdefault(active.binding.id, active.binding)
        state = self.desk.state
        urgent = ["app.unlock"] * state.locked + ["app.lock"] * (
            self.desk.link.attached and not state.trading
        )
        wanted = [*urgent, *pane.hints[:3], *FIRST_HINTS, *pane.hints[3:], *LAST_HINTS]
        self.hints.hints = tuple(
            (self.desk.key_words(binding), SHORT_WORDS.get(name, binding.description))
            for name in dict.fromkeys(wanted)
            if (binding := known.get(name)) is not None
        )

    # -- command bar

    def open_bar(self, text: str | None = None, *, cursor: int | None = None) -> None:
        """Type a command; the cursor stands at the end of `text` unless said."""
        state = self.desk.state
        state.picked = bool(self.selection())
        self.bar.open(state.scope, state.symbol, text, cursor)

    @on(CommandBar.Submitted)
    def _submitted(self, event: CommandBar.Submitted) -> None:
        event.stop()
        self.desk.lines.typed(self.bar, event.text)

    @on(CommandBar.Left)
    def back_to_pane(self) -> None:
        """Keys go back to the pane."""
        self.grid.pane(self.grid.active).take_focus()

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Under a dialog the keys of the screen do nothing; in an input letters are characters."""
        del parameters
        typed = isinstance(self.focused, Input) and action in {"filter", "pane", "zoom"}
        return self.app.screen is self and not typed

    def action_step_pane(self, way: int) -> None:
        """Next pane."""
        self.grid.step(way)

    def action_pane(self, name: str) -> None:
        """Straight to a pane."""
        self.grid.activate(name)

    def action_zoom(self) -> None:
        """Full size, or all panes again."""
        self.grid.toggle_zoom()

    def action_filter(self) -> None:
        """Filter the active pane's table."""
        self.grid.pane(self.grid.active).open_filter()

    def action_columns(self) -> None:
        """Choose the columns of the active pane's table."""
        from hedge_tui.ui.modals.columns import ColumnsDialog

        pane = self.grid.pane(self.grid.active)
        if pane.table is not None:
            self.app.push_screen(ColumnsDialog(pane.table, pane.title))
        else:
            self._no_table(pane)

    def action_export(self) -> None:
        """Write the active pane's table to a file."""
        pane = self.grid.pane(self.grid.active)
        if pane.table is not None:
            name = self.mode_id if pane.id == self.mode_id else f"{self.mode_id}-{pane.id}"
            self.desk.export(pane.table.exported(), name, pane.title)
        else:
            self._no_table(pane)

    def _no_table(self, pane: Pane) -> None:
        self.desk.say(f"{pane.title} has no table: go to one with tab first", "warning")

    def selection(self) -> tuple[str, ...]:
        """What `picked` stands for: the picked orders or markets, or those under a group's header."""
        table = self.active_table()
        if table is None or table.spec.target not in {"order", "instrument"}:
            return ()
        chosen = table.picked_keys() or table.cursor_group is not None
        return tuple(table.target_keys()) if chosen else ()

    def active_table(self) -> TopicTable | None:
        """The table of the active pane, if it has one."""
        return self.grid.pane(self.grid.active).table

    def _rows(self, target: str) -> list[dict[str, object]]:
        table = self.active_table()
        if table is None or table.spec.target != target:
            return []
        source = self.desk.link.replica.table(table.topic)
        return [
            dict(zip(source.columns, source.rows[key], strict=False))
            for key in table.target_keys()
            if key in source.rows
        ]

    def action_cancel_rows(self) -> None:
        """Cancel what is picked, or the order under the cursor."""
        if line := cancel_line(self._rows("order")):
            self.desk.lines.chosen(line)
        else:
            self.desk.say("Pick orders first: go to Orders and press space on them", "warning")

    def action_amend_row(self) -> None:
        """Begin a line that amends the order under the cursor."""
        if line := amend_line(self._rows("order")):
            self.open_bar(line)

    def action_close_rows(self) -> None:
        """Close what is picked, or the position under the cursor."""
        if line := close_line(self._rows("position")):
            self.desk.lines.chosen(line)
        else:
            self.desk.say("Pick positions first: go to Positions and press space on them", "warning")

    def action_use_account(self) -> None:
        """Make the account of the row under the cursor the active one."""
        table = self.active_table()
        key = table.cursor_key if table is not None else None
        if table is None or key is None or not table.has_row(key):
            return
        row = table.get_row(key)
        name = row.get("account") or (row.get("name") if table.spec.target == "account" else None)
        if name:
            self.desk.lines.chosen(f"account {name}")

    @on(LiveTable.PickedChanged)
    def _picked(self) -> None:
        self.describe()
