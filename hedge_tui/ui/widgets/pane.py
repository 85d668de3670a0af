"""One pane of a screen: a title line and what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from hedge_tui.ui.widgets.filter_line import FilterLine
from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.topic_table import TopicTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from hedge_tui.ui.frame_pump import TopicView


class PaneTitle(Widget):
    """The line above a pane: its name, or the names of all that share its place, then details."""

    DEFAULT_CSS = """
    PaneTitle { height: 1; width: 1fr; background: $pane-title; color: $foreground 75%; }
    """
    text: reactive[Content] = reactive(Content(""), layout=False)

    def render(self) -> Content:
        """The line."""
        return self.text


class Pane(Vertical):
    """A titled widget that can be active, zoomed, filtered and marked stale.

    Args:
        name: shown in the title and used as id by the grid.
        title: words. body: what it holds; the first focusable part takes the keys.
        key: the key that leads here, for the title.
        hints: ids of the bindings worth a hint while it is active.
    """

    DEFAULT_CSS = """
    Pane { background: $surface; overflow: hidden; }
    /* Without a rule of its own Textual does not look at the title when the focus moves. */
    Pane:focus-within { background: $surface; }
    Pane:focus-within > PaneTitle { background: $pane-title-focus; color: $foreground; }
    Pane.-stale > * { opacity: 100%; text-style: dim; }
    Pane.-stale > PaneTitle { background: $warning 30%; }
    """
    tabs: reactive[list[Pane]] = reactive(list, layout=False, always_update=True)
    detail: reactive[str] = reactive("", layout=False)
    stale: reactive[str] = reactive("", layout=False)

    def __init__(
        self,
        name: str,
        title: str,
        body: Widget,
        *,
        key: str = "",
        hints: Sequence[str] = (),
        topic: str = "",
    ) -> None:
        super().__init__(id=name)
        self.title = title
        self.body = body
        self.key_id = key
        self.hints = tuple(hints)
        self.help_topic = topic or name
        self._title = PaneTitle()
        self._filter: FilterLine | None = None

    def compose(self) -> ComposeResult:
        """Title line, then the body."""
        yield self._title
        yield self.body
        if isinstance(self.body, TopicTable):
            # There before it is asked for: the key after / is the first of the filter.
            self._filter = FilterLine(self.body, self.retitle)
            self._filter.display = False
            yield self._filter

    def views(self) -> list[TopicView]:
        """Everything in here that follows a topic."""
        from hedge_tui.ui.frame_pump import TopicView

        found: list[Any] = [
            node for node in (self.body, *self.body.walk_children()) if isinstance(node, TopicView)
        ]
        return found

    @property
    def table(self) -> TopicTable | None:
        """Its table, if it has one."""
        if isinstance(self.body, TopicTable):
            return self.body
        return next(iter(self.body.query(TopicTable)), None)

    def take_focus(self) -> None:
        """Give the keys to the body."""
        target = (
            self.body if self.body.can_focus else next((w for w in self.body.query("*") if w.can_focus), None)
        )
        if target is not None:
            self.screen.set_focus(target, scroll_visible=False)

    def on_mount(self) -> None:
        """Write the title."""
        self.retitle()

    def watch_tabs(self) -> None:
        """Others share the place now."""
        self.retitle()

    def watch_detail(self) -> None:
        """There is something else to say."""
        self.retitle()

    def watch_stale(self) -> None:
        """The data got old, or fresh again."""
        self.set_class(bool(self.stale), "-stale")
        self.retitle()

    def retitle(self) -> None:
        """Write the title line anew."""
        parts: list[tuple[str, str] | str] = [" "]
        for pane in self.tabs or [self]:
            parts += [(pane.title, "bold" if pane is self else "dim"), "  "]
        if self.stale:
            parts.append((f"{self.stale}  ", "bold $text-warning"))
        table = self.table
        if table is not None and table.filter_text:
            parts.append((f"/{inert(table.filter_text)}  ", "$text-accent"))
            if table.filter_problem:
                parts.append((f"{inert(table.filter_problem)}  ", "$text-warning"))
        parts.append((inert(self.detail), ""))
        self._title.text = Content.assemble(*parts)

    def open_filter(self) -> None:
        """Type to filter the table."""
        table = self.table
        if table is None:
            return
        if self._filter is None:
            self._filter = FilterLine(table, self.retitle)
            self.mount(self._filter)
        self._filter.open()
