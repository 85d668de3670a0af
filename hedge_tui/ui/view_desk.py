"""What a `view` line makes the console do: save the table of the active pane, or show one that was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.ui.app import HedgeApp


class ViewDesk:
    """Saved views of one console.

    Args:
        app: whose screens and kept state they are.
    """

    def __init__(self, app: HedgeApp) -> None:
        self._app = app
        self._noted()

    def _noted(self) -> None:
        self._app.state.views = tuple(self._app.tables.view_names())

    def carry_out(self, act: str, name: str) -> None:
        """Save, show, remove or list, and say what was done."""
        if act == "save":
            self._save(name)
        elif act == "show":
            self._show(name)
        elif act == "remove":
            if self._app.tables.remove_view(name):
                self._noted()
                self._app.say(f"view {name} is gone")
            else:
                self._unknown(name)
        else:
            self._app.say(self._listed())

    def _save(self, name: str) -> None:
        screen = self._app.desk_screen()
        pane = screen.grid.pane(screen.grid.active)
        if pane.table is None:
            self._app.say(f"{pane.title} has no table: go to one with tab, then  view save {name}", "warning")
            return
        self._app.tables.save_view(name, screen.mode_id, pane.id or "", pane.table)
        self._noted()
        self._app.say(f"view {name} is {pane.title} as it is now; show it again with  view {name}")

    def _show(self, name: str) -> None:
        view = self._app.tables.view(name)
        if view is None:
            self._unknown(name)
            return
        if view["screen"] not in self._app.mode_names():
            self._app.say(f"view {name} is of a screen that is not there: {view['screen']}", "warning")
            return
        self._app.action_screen_named(view["screen"])
        self._app.call_after_refresh(self._arrange, name, view)

    def _arrange(self, name: str, view: Mapping[str, Any]) -> None:
        screen = self._app.desk_screen()
        pane = next((pane for pane in screen.grid.panes if pane.id == view["pane"]), None)
        if not isinstance(pane, Pane) or pane.table is None:
            self._app.say(f"view {name} is of a table that is not there: {view['pane']}", "warning")
            return
        screen.recall_tables()
        screen.grid.activate(pane.id or "")
        pane.table.restore(view["table"])
        pane.table.set_filter(view["filter"])
        pane.retitle()

    def _unknown(self, name: str) -> None:
        self._app.say(f"no view {name}. {self._listed()}", "warning")

    def _listed(self) -> str:
        names = self._app.tables.view_names()
        return (
            f"views: {', '.join(names)}" if names else "no views yet: arrange a table, then  view save NAME"
        )
