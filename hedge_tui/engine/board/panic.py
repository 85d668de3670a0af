"""The `panic` topic: how far panic is on each account, while it works and until it is pressed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.engine.board.table import LiveRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.engine.desk import Desk


class PanicRows(LiveRows):
    """One row per account; none before panic is pressed for the first time.

    Args:
        documents: of `PanicButton`.
    """

    topic = "panic"
    every_s = 0.2

    def __init__(self, desk: Desk, documents: Callable[[], list[dict[str, Any]]]) -> None:
        super().__init__(desk)
        self._documents = documents
        self._now: dict[str, dict[str, Any]] = {}

    def keys(self) -> Iterable[str]:
        """Accounts."""
        self._now = {str(one["account"]): one for one in self._documents()}
        return self._now

    def row(self, key: str) -> list[Any] | None:
        """Whole seconds, so that a row changes once a second."""
        found = self._now.get(key)
        if found is None:
            return None
        return [int(found[name]) if name == "seconds" else found[name] for name in self.columns]
