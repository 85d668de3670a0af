"""Carries changes from the replica to the widgets of the screen in sight, once per paint.

Frames only mark topics. At the app's frame rate each marked table is asked for its changes once, and they
are handed to every view of that topic; a view that comes into sight is loaded whole first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.ui.link import DeskLink
    from hedge_tui.wire.replica import Table


@runtime_checkable
class TopicView(Protocol):
    """A widget that shows one topic.

    Attributes:
        topic: "" while there is nothing to follow.
    """

    topic: str

    def load(self, table: Table) -> None:
        """Show everything there is."""
        ...

    def change(self, table: Table, changed: list[str], removed: list[str], documents: list[Any]) -> None:
        """Show what changed: keys upserted, keys gone, documents that came, oldest first."""
        ...


class FramePump:
    """One per app.

    Attributes:
        views: what is in sight.
        painted: frames handed on since the start.
    """

    def __init__(self, link: DeskLink) -> None:
        self._link = link
        self._always: tuple[str, ...] = ()
        self._marked: set[str] = set()
        self._fresh: set[int] = set()
        self.views: list[TopicView] = []
        self.painted = 0

    def always(self, *topics: str) -> None:
        """Topics followed whatever is in sight, such as the accounts of the status line."""
        self._always = topics

    def mark(self, topics: Iterable[str]) -> None:
        """A frame touched these topics."""
        self._marked.update(topics)

    def show(self, views: Iterable[TopicView]) -> None:
        """These views are in sight now; those that were not are loaded whole at the next tick."""
        before = {id(view): view.topic for view in self.views if id(view) not in self._fresh}
        self.views = list(views)
        self._fresh = {id(view) for view in self.views if before.get(id(view)) != view.topic}
        self.follow()

    def reload(self) -> None:
        """Everything may have changed: load all views again."""
        self._fresh = {id(view) for view in self.views}
        self.follow()

    def follow(self) -> None:
        """Tell the engine what is in sight."""
        topics = dict.fromkeys((*self._always, *(view.topic for view in self.views if view.topic)))
        self._link.follow(*topics)

    def tick(self) -> bool:
        """Hand marked changes on; gives whether there were any."""
        if not self._marked and not self._fresh:
            return False
        marked, self._marked = self._marked, set()
        tables = self._link.replica.tables
        wanted = marked | {view.topic for view in self.views if id(view) in self._fresh}
        for topic in wanted:
            if (table := tables.get(topic)) is not None:
                self._hand_on(topic, table)
        self.painted += 1
        return True

    def _hand_on(self, topic: str, table: Table) -> None:
        changed, removed = table.take_changes()
        documents = table.take_documents()
        for view in self.views:
            if view.topic != topic:
                continue
            if id(view) in self._fresh or changed is None:
                self._fresh.discard(id(view))
                view.load(table)
                if documents:
                    view.change(table, [], [], documents)
            elif changed or removed or documents:
                view.change(table, changed, removed, documents)
