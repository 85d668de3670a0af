"""One clock of frames for all hot widgets of an app, with one budget of bytes between them.

A timer per widget would wake the loop six times a frame on the trade screen; here it wakes once. Widgets
join when they are mounted and leave when they are removed; nobody else needs to know.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary, WeakSet

from hedge_tui.ui.widgets.direct_paint import QUEUE_BUSY, QUEUE_FULL, writes_waiting
from hedge_tui.ui.widgets.paint_budget import PaintBudget

if TYPE_CHECKING:
    from textual.app import App
    from textual.timer import Timer

FRAMES_PER_S = 30


class Painted(Protocol):
    """A widget that compares what it shows with what it should show."""

    def paint(self) -> int:
        """Bring the screen up to date; gives the bytes that it takes (an estimate on the public path)."""
        ...


class FrameClock:
    """Calls `paint` of every joined widget thirty times a second, less often on a slow terminal.

    Args:
        app: the running app, whose timer is used.

    Attributes:
        budget: bytes that may be sent.
        skipped: frames left out because the terminal was behind, since the start.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._widgets: WeakSet[Painted] = WeakSet()
        self._timer: Timer | None = None
        self.budget = PaintBudget()
        self.skipped = 0

    @classmethod
    def of(cls, app: App[Any]) -> FrameClock:
        """The app's clock, made when first asked for."""
        clock = _CLOCKS.get(app)
        if clock is None:
            clock = _CLOCKS[app] = cls(app)
        return clock

    def join(self, widget: Painted) -> None:
        """Paint `widget` from the next frame on."""
        self._widgets.add(widget)
        if self._timer is None:
            self._timer = self._app.set_interval(1 / FRAMES_PER_S, self.tick, name="frame clock")

    def leave(self, widget: Painted) -> None:
        """Paint `widget` no more; unknown widgets are ignored."""
        self._widgets.discard(widget)

    def tick(self) -> None:
        """One frame; skipped whole when the terminal is behind."""
        now = time.monotonic()
        self.budget.refill(now)
        if writes_waiting(self._app) > QUEUE_BUSY:
            self.budget.slow_down(now)
        if self.budget.exhausted:
            self.skipped += 1
            return
        for widget in list(self._widgets):
            self.budget.spend(widget.paint())

    def urgent(self, widget: Painted) -> None:
        """Paint `widget` now, as the answer to a key, whatever the budget says."""
        if writes_waiting(self._app) <= QUEUE_FULL:
            self.budget.spend(widget.paint())


_CLOCKS: WeakKeyDictionary[App[Any], FrameClock] = WeakKeyDictionary()
