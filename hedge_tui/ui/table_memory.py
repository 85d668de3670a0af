"""How each table was arranged, kept by screen and pane; and arrangements that were saved under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hedge_tui.ui.kept_state import KeptState
    from hedge_tui.ui.widgets.topic_table import TopicTable

TABLES = "tables"
VIEWS = "views"


class TableMemory:
    """Arrangements in a `KeptState`.

    Args:
        kept: where they are.
    """

    def __init__(self, kept: KeptState) -> None:
        self._kept = kept
        self._seen: dict[str, object] = {}

    def restore(self, place: str, table: TopicTable) -> None:
        """Arrange a table as it was left, the first time that this is asked.

        Args:
            place: screen and pane, such as `trade.positions`.
            table: as delivered so far.
        """
        if place in self._seen:
            return
        state = self._kept.get(TABLES, place)
        if isinstance(state, Mapping):
            table.restore(state)
        self._seen[place] = table.arranged

    def look(self, place: str, table: TopicTable) -> None:
        """Note how a table is arranged now; called a few times a second."""
        arranged = table.arranged
        if place not in self._seen or arranged == self._seen[place]:
            return
        self._seen[place] = arranged
        state = table.state()
        self._kept.put(TABLES, place, None if state == table.delivered else state)

    # -- views

    def view_names(self) -> list[str]:
        """Names of saved views."""
        return self._kept.names(VIEWS)

    def save_view(self, name: str, screen: str, pane: str, table: TopicTable) -> None:
        """Keep arrangement and filter of a table under a name."""
        view = {"screen": screen, "pane": pane, "filter": table.filter_text, "table": table.state()}
        self._kept.put(VIEWS, name, view)

    def view(self, name: str) -> Mapping[str, Any] | None:
        """A saved view: its `screen`, `pane`, `filter` and `table`; None if there is none or it is broken."""
        found = self._kept.get(VIEWS, name)
        words = ("screen", "pane", "filter")
        if not isinstance(found, Mapping) or not all(isinstance(found.get(word), str) for word in words):
            return None
        return found if isinstance(found.get("table"), Mapping) else None

    def remove_view(self, name: str) -> bool:
        """Forget a view; False if there is none."""
        known = name in self.view_names()
        self._kept.put(VIEWS, name, None)
        return known
