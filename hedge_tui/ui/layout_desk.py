"""The layouts of one console: which is in force, how each screen is cut up in it, lines that manage them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region

from hedge_tui.ui.widgets.layout_tree import fits, from_plain, slots_of, to_plain, tree_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.ui.app import HedgeApp
    from hedge_tui.ui.widgets.layout_tree import Node
    from hedge_tui.ui.widgets.pane_layout import Slot

SECTION = "layouts"
PLAIN = "default"


class LayoutDesk:
    """Layouts by name; each holds a tree for every screen that was changed.

    Args:
        app: whose kept state they are in. name: the layout in force.
    """

    def __init__(self, app: HedgeApp, name: str = "") -> None:
        self._app = app
        self.name = name or PLAIN

    def _trees(self) -> dict[str, object]:
        found = self._app.kept.get(SECTION, self.name)
        return dict(found) if isinstance(found, dict) else {}

    def tree(self, screen: str, panes: Sequence[str]) -> Node | None:
        """How a screen was cut up, None while it is as delivered."""
        return from_plain(self._trees().get(screen), panes)

    def slots(self, screen: str, panes: Sequence[str], width: int, height: int) -> list[Slot] | None:
        """Where its panes go, None for as delivered: nothing was changed, or this terminal is too small."""
        tree = self.tree(screen, panes)
        if tree is None:
            return None
        found = slots_of(tree, Region(0, 0, width, height))
        return found if fits(found) else None

    def begin(self, screen: str, panes: Sequence[str], delivered: Sequence[Slot]) -> Node | None:
        """The tree to change: the one in force, else that of the delivered layout."""
        tree = self.tree(screen, panes) or tree_of(delivered)
        return None if tree is None else from_plain(to_plain(tree), panes)

    def put(self, screen: str, tree: Node | None) -> None:
        """Keep how a screen is cut up; None for as delivered."""
        trees = self._trees()
        if tree is None:
            trees.pop(screen, None)
        else:
            trees[screen] = to_plain(tree)
        self._app.kept.put(SECTION, self.name, trees)

    def names(self) -> list[str]:
        """Of all layouts."""
        return sorted({PLAIN, self.name, *self._app.kept.names(SECTION)})

    def carry_out(self, act: str, name: str) -> None:
        """Save, show, remove, reset or list, and say what was done."""
        app = self._app
        if act == "save":
            app.kept.put(SECTION, name, self._trees())
            self.name = name
            app.say(f"layout {name} is this console's now; in a shell: hedge console --layout {name}")
        elif act == "show" and name not in self.names():
            app.say(f"no layout {name}. {self._listed()}", "warning")
        elif act == "show":
            self.name = name
            app.desk_screen().grid.settle()
            app.say(f"layout {name}")
        elif act == "remove":
            app.kept.put(SECTION, name, None)
            self.name = PLAIN if self.name == name else self.name
            app.desk_screen().grid.settle()
            app.say(f"layout {name} is gone")
        elif act == "reset":
            self.put(app.desk_screen().mode_id, None)
            app.desk_screen().grid.settle()
            app.say("this screen is as delivered")
        else:
            app.say(self._listed())

    def _listed(self) -> str:
        names = ", ".join(f"[{name}]" if name == self.name else name for name in self.names())
        return f"layouts: {names}; ctrl+w changes this one, layout save NAME keeps it under another name"
