"""The one place that uses private parts of Textual: writing changed cells past the compositor.

Measured at 200x50 with 50,000 cell updates a second, the compositor costs 35 ms of key-to-paint p99, writing
only the changed cells 5 ms. Everything here is guarded: `origin` gives None whenever the public path
(`Widget.refresh`) has to be taken instead, also when Textual's inside is not the one this was written for.
`HEDGE_PAINT=public` switches it off. Used by `LiveTable` and `CandleChart`; both are tested to show the
same screen either way.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from textual._compositor import CompositorUpdate
from textual.geometry import Offset, Region

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, ConsoleOptions, RenderResult
    from textual.app import App
    from textual.widget import Widget

QUEUE_BUSY = 6
"""Writes waiting for the terminal beyond which a frame is skipped; the next one holds all changes."""

QUEUE_FULL = 20
"""Beyond this not even a key is answered: the queue holds 30, and a full one blocks the event loop."""


class _ReadyText(CompositorUpdate):
    """Terminal text as an update, so that it goes out inside Textual's synchronized output."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del console, options
        return ()

    def render_segments(self, console: Console) -> str:
        del console
        return self._text


def writes_waiting(app: App[Any]) -> int:
    """How many writes the terminal has not taken yet; 0 if the driver keeps no queue."""
    try:
        return app._driver._writer_thread._queue.qsize()  # type: ignore[union-attr,no-any-return]  # noqa: SLF001 - there is no public way
    except AttributeError:
        return 0


def forget_lines(widget: Widget, lines: Iterable[int]) -> None:
    """Make the compositor ask `widget` again for these lines of its content, without painting now."""
    try:
        top = widget.styles.gutter.top
        cache = widget._styles_cache  # noqa: SLF001 - there is no public way
        cache.set_dirty(*[Region(0, top + y, 1, 1) for y in lines])
    except AttributeError:
        return


class DirectPaint:
    """Writes a widget's own cells to the terminal, if nothing else has a say in them.

    Args:
        widget: the widget, which must paint all of its content region itself.
    """

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._visible: object = None
        self._origin: Offset | None = None
        self._broken = os.environ.get("HEDGE_PAINT") == "public"

    def origin(self) -> Offset | None:
        """Screen position of the content's first cell, or None if the public path must be taken.

        None while another screen is on top, a layout is pending, updates are batched, the widget is clipped
        or faded, anything overlaps it, or the app draws inline or without a terminal.
        """
        if self._broken:
            return None
        try:
            return self._find()
        except AttributeError:
            self._broken = True
            return None

    def _find(self) -> Offset | None:
        widget = self._widget
        app, screen = widget.app, widget.screen
        if app.is_headless or app.is_inline or screen is not app.screen or widget.loading:
            return None
        if screen._layout_required or screen._scroll_required or app._batch_count:  # noqa: SLF001 - guarded
            return None
        visible = screen._compositor.visible_widgets  # noqa: SLF001 - guarded
        if visible is not self._visible:
            self._visible = visible
            self._origin = self._uncovered(visible)
        return self._origin

    def _uncovered(self, visible: dict[Widget, tuple[Region, Region]]) -> Offset | None:
        widget = self._widget
        entry = visible.get(widget)
        if entry is None or widget.opacity < 1 or widget.styles.tint.a:
            return None
        region, clip = entry
        if not clip.contains_region(region):
            return None
        family = set(widget.ancestors_with_self)
        for other, (other_region, other_clip) in visible.items():
            if other not in family and other_region.intersection(other_clip).overlaps(region):
                return None
        return region.shrink(widget.styles.gutter).offset

    def write(self, text: str) -> None:
        """Send ready terminal text; call only right after `origin` gave a position."""
        self._widget.app._display(self._widget.screen, _ReadyText(text))  # noqa: SLF001 - guarded by `origin`
