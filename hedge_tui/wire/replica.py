"""A client's copy of the tables it follows: frames in, rows out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.wire.topics import COLUMNS

if TYPE_CHECKING:
    from hedge_tui.wire.messages import Delta, Frame


class Table:
    """Rows of one topic by key, as the engine last said.

    Attributes:
        columns: names, the key first.
        rows: key -> values in the order of `columns`.
        revision: counts changes.
        changed: keys upserted since `take_changes`, or None when everything changed.
        removed: keys dropped since then.
    """

    def __init__(self, topic: str) -> None:
        self.columns = COLUMNS.get(topic, ())
        self.rows: dict[str, list[Any]] = {}
        self.document: Any = None
        self.documents: list[Any] = []
        self.revision = 0
        self._changed: dict[str, None] | None = None
        self._removed: dict[str, None] = {}

    def apply(self, delta: Delta) -> None:
        """Take one delta in."""
        self.revision += 1
        if delta.document is not None:
            self.document = delta.document
            self.documents.append(delta.document)
        if delta.full:
            self.rows = {row[0]: row for row in delta.rows}
            self._changed, self._removed = None, {}
            return
        for key in delta.removed:
            self.rows.pop(key, None)
            self._removed[key] = None
            if self._changed is not None:
                self._changed.pop(key, None)
        for row in delta.rows:
            self.rows[row[0]] = row
            self._removed.pop(row[0], None)
            if self._changed is not None:
                self._changed[row[0]] = None

    def take_changes(self) -> tuple[list[str] | None, list[str]]:
        """Keys changed since the last call (None: all of them), and keys removed since then."""
        changed = None if self._changed is None else list(self._changed)
        removed = list(self._removed)
        self._changed, self._removed = {}, {}
        return changed, removed

    def take_documents(self) -> list[Any]:
        """Documents that came since the last call, oldest first."""
        documents, self.documents = self.documents, []
        return documents

    def get(self, key: str, column: str) -> Any:
        """One value, or None."""
        row = self.rows.get(key)
        return None if row is None else row[self.columns.index(column)]


class Replica:
    """All tables a client follows."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.seq = 0
        self.at_ns = 0
        self.skipped = 0

    def apply(self, frame: Frame) -> list[str]:
        """Take a frame in; returns the topics it touched."""
        self.seq, self.at_ns = frame.seq, frame.at_ns
        self.skipped += frame.skipped
        for delta in frame.deltas:
            self.table(delta.topic).apply(delta)
        return [delta.topic for delta in frame.deltas]

    def table(self, topic: str) -> Table:
        """The table of `topic`, empty before its first frame."""
        if topic not in self.tables:
            self.tables[topic] = Table(topic)
        return self.tables[topic]

    def forget(self, keep: set[str]) -> None:
        """Drop tables that are no longer followed."""
        for topic in self.tables.keys() - keep:
            del self.tables[topic]
