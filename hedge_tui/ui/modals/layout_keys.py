"""Layout mode: one key after the other cuts up the screen below, until enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from hedge_tui.ui.widgets import layout_tree as tree

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from hedge_tui.ui.layout_desk import LayoutDesk
    from hedge_tui.ui.screens.desk_screen import DeskScreen

STEP = 0.05


def _key(keys: str, action: str, words: str, name: str) -> Binding:
    return Binding(keys, action, words, show=False, id=f"layout.{name}")


class LayoutKeys(ModalScreen[None]):
    """Changes the layout in force, at once and kept; the pane with the keys is the one that is moved.

    Args:
        screen: whose panes. layouts: where it is kept.
    """

    DEFAULT_CSS = """
    LayoutKeys { background: transparent; }
    LayoutKeys Static { dock: bottom; height: 2; width: 1fr; background: $accent 40%; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("left,h", "swap(-1,0)", "Change places with the left", "left"),
        _key("right,l", "swap(1,0)", "Change places with the right", "right"),
        _key("up,k", "swap(0,-1)", "Change places with the one above", "up"),
        _key("down,j", "swap(0,1)", "Change places with the one below", "down"),
        _key("shift+left,H", "resize(True,-1)", "Narrower", "narrower"),
        _key("shift+right,L", "resize(True,1)", "Wider", "wider"),
        _key("shift+up,K", "resize(False,-1)", "Lower", "lower"),
        _key("shift+down,J", "resize(False,1)", "Higher", "higher"),
        _key("v", "split(True)", "A place of its own beside", "beside"),
        _key("s", "split(False)", "A place of its own below", "below"),
        _key("m", "join", "Share the place of the next pane", "join"),
        _key("tab", "step(1)", "Next pane", "next"),
        _key("shift+tab", "step(-1)", "Previous pane", "previous"),
        _key("r", "reset", "As delivered", "reset"),
        _key("enter,escape,q,ctrl+w", "leave", "Done", "leave"),
    ]

    def __init__(self, screen: DeskScreen, layouts: LayoutDesk) -> None:
        super().__init__()
        self._desk = screen
        self._layouts = layouts

    def compose(self) -> ComposeResult:
        """What the keys do."""
        yield Static()

    def on_mount(self) -> None:
        """Say which pane is moved."""
        self._tell()

    def _tell(self) -> None:
        pane = self._desk.grid.pane(self._desk.grid.active)
        keys = "tab pane  hjkl move  HJKL size  v beside  s below  m share a place  r reset  enter done"
        self.query_one(Static).update(
            Content.assemble((f"Layout {self._layouts.name}: {pane.title}", "bold"), f"\n{keys}")
        )

    def _change(self, new: tree.Node | None) -> None:
        self._layouts.put(self._desk.mode_id, new)
        self._desk.grid.settle()
        self._tell()

    def _now(self) -> tree.Node | None:
        grid = self._desk.grid
        names = [pane.id or "" for pane in grid.panes]
        delivered = self._desk.arrange_panes(grid.size.width, grid.size.height)
        found = self._layouts.begin(self._desk.mode_id, names, delivered)
        if found is None:
            self.notify("this screen cannot be cut anew at this size", markup=False)
        return found

    def action_swap(self, x: int, y: int) -> None:
        """Change places."""
        grid, now = self._desk.grid, self._now()
        other = tree.neighbour(grid.slots(grid.size), grid.active, x, y)
        if now is not None and other is not None:
            self._change(tree.swap(now, grid.active, other))

    def action_resize(self, across: bool, way: int) -> None:
        """Another share."""
        if (now := self._now()) is not None:
            self._change(tree.resize(now, self._desk.grid.active, across=across, by=way * STEP))

    def action_split(self, across: bool) -> None:
        """A place of its own."""
        if (now := self._now()) is None:
            return
        new = tree.split(now, self._desk.grid.active, across=across)
        if new == now:
            self.notify("it has a place of its own already; m puts it together with the next", markup=False)
        self._change(new)

    def action_join(self) -> None:
        """Together with the next pane."""
        grid, now = self._desk.grid, self._now()
        if now is None:
            return
        order = [leaf.panes for leaf in tree.leaves(now)]
        at = next((n for n, panes in enumerate(order) if grid.active in panes), 0)
        self._change(tree.join(now, grid.active, order[(at + 1) % len(order)][0]))

    def action_step(self, way: int) -> None:
        """Another pane."""
        self._desk.grid.step(way)
        self._tell()

    def action_reset(self) -> None:
        """As delivered."""
        self._change(None)

    def action_leave(self) -> None:
        """Done; it is kept already."""
        self.dismiss()
