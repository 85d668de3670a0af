"""The body of a screen: panes in slots, one of them active, any of them zoomed to the full size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container
from textual.geometry import Region, Size
from textual.message import Message

from hedge_tui.ui.widgets.pane_layout import Arrange, PaneLayout, Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from hedge_tui.ui.widgets.pane import Pane


class PaneGrid(Container):
    """Shows as many panes as there is room for.

    Args:
        panes: in the order of the tab key; their ids are the names that `arrange` uses.
        arrange: from a size to slots.

    Attributes:
        active: id of the pane that has the keys.
        zoomed: the active pane fills the grid.
    """

    DEFAULT_CSS = "PaneGrid { width: 1fr; height: 1fr; background: $background; }"

    class Changed(Message):
        """Other panes are in sight than before."""

    def __init__(self, panes: Sequence[Pane], arrange: Arrange) -> None:
        super().__init__(*panes)
        self._panes = {pane.id or "": pane for pane in panes}
        self._order = [pane.id or "" for pane in panes]
        self._arrange_slots = arrange
        self._recent = list(self._order)
        self._shown: tuple[str, ...] = ()
        self.active = self._order[0]
        self.zoomed = False
        self._pane_layout = PaneLayout(self._regions)

    @property
    def layout(self) -> PaneLayout:
        """Slots instead of a stylesheet's layout."""
        return self._pane_layout

    @property
    def panes(self) -> list[Pane]:
        """All panes, in the order of the tab key."""
        return list(self._panes.values())

    @property
    def shown(self) -> list[Pane]:
        """Panes in sight."""
        return [self._panes[name] for name in self._shown]

    def pane(self, name: str) -> Pane:
        """The pane called `name`. Raises KeyError."""
        return self._panes[name]

    def slots(self, size: Size) -> list[Slot]:
        """Slots at this size."""
        if self.zoomed or size.width < 1 or size.height < 1:
            return [Slot(Region(0, 0, size.width, size.height), tuple(self._order))]
        return self._arrange_slots(size.width, size.height)

    def _choose(self, slot: Slot) -> str:
        """The pane used last among those of a slot."""
        return next(name for name in self._recent if name in slot.panes)

    def _regions(self, size: Size) -> dict[str, Region]:
        return {self._choose(slot): slot.region for slot in self.slots(size)}

    def on_resize(self, event: events.Resize) -> None:
        """Other panes may fit now."""
        del event
        self.settle()

    def settle(self) -> None:
        """Bring what is displayed in line with size, zoom and the active pane."""
        slots = self.slots(self.size)
        shown = {self._choose(slot): slot for slot in slots}
        if self.active not in shown and shown:
            self.active = next(iter(shown))
        for name, pane in self._panes.items():
            pane.display = name in shown
            slot = shown.get(name)
            pane.tabs = [] if slot is None else [self._panes[other] for other in slot.panes]
        if tuple(shown) != self._shown:
            self._shown = tuple(shown)
            self.post_message(self.Changed())
        self.refresh(layout=True)

    def activate(self, name: str) -> None:
        """Bring a pane into sight and give it the keys."""
        if name not in self._panes:
            return
        self.active = name
        self._recent.remove(name)
        self._recent.insert(0, name)
        self.settle()
        self._panes[name].take_focus()

    def step(self, way: int) -> None:
        """Activate the next pane, or the one before; in a zoomed grid it takes the full size."""
        at = self._order.index(self.active)
        self.activate(self._order[(at + way) % len(self._order)])

    def noticed(self, name: str) -> None:
        """A pane got the keys by the mouse."""
        if name in self._panes and name != self.active:
            self.active = name
            self._recent.remove(name)
            self._recent.insert(0, name)

    def toggle_zoom(self) -> None:
        """Full size for the active pane, or all panes again."""
        self.zoomed = not self.zoomed
        self.settle()
        self._panes[self.active].take_focus()
