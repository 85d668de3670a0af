"""Painting that the hot widgets share: when to look, which of two paths to take, what to do when covered.

A widget says what differs from the screen (`look`) and how it reads as terminal text or as strips; everything
about Textual's compositor, the frame clock and hidden screens is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.filter import NoColor
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from hedge_tui.ui.widgets.direct_paint import DirectPaint, forget_lines
from hedge_tui.ui.widgets.frame_clock import FrameClock
from hedge_tui.ui.widgets.visibility import Visibility, visibility

if TYPE_CHECKING:
    from collections.abc import Sequence

BEHIND_FRAMES = 8
"""Below a dialog only every eighth frame is painted: enough to see that the market lives."""


class Damage(Protocol):
    """What of a widget is not up to date on screen."""

    @property
    def whole(self) -> bool:
        """True if everything has to be painted, by the compositor."""
        ...

    @property
    def lines(self) -> Sequence[int]:
        """Content lines to paint, if not `whole`."""
        ...


class HotSurface(Widget, can_focus=True):
    """A widget that paints its own cells thirty times a second.

    Subclasses give `look`, `ansi` and `content_strip`.
    """

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, name: str | None, id: str | None, classes: str | None) -> None:  # noqa: A002 - Textual's word
        super().__init__(name=name, id=id, classes=classes)
        self._direct = DirectPaint(self)
        self._behind = 0
        self._stale_style = True
        self._painted_size = (-1, -1)

    # -- what a subclass says

    def look(self, width: int, height: int, *, restyle: bool) -> Damage | None:
        """Compare with what was painted last; what is given counts as painted.

        Args:
            width: cells of the content.
            height: lines of the content.
            restyle: colours have changed since the last look.
        """
        del width, height, restyle
        return None

    def ansi(self, damage: Damage, origin: Offset) -> str:
        """Terminal text that paints `damage`, the content's first cell being at `origin`."""
        del damage, origin
        return ""

    def content_strip(self, y: int) -> Strip:
        """A content line as painted last."""
        del y
        return Strip.blank(self._painted_size[0])

    def after_look(self) -> None:
        """Called in every frame in which the widget is seen, to tell parents what changed."""

    # -- painting

    def on_mount(self) -> None:
        """Join the frames of the app."""
        FrameClock.of(self.app).join(self)

    def on_unmount(self) -> None:
        """Leave them."""
        FrameClock.of(self.app).leave(self)

    def notify_style_update(self) -> None:
        """Theme, focus or stylesheet changed: colours are asked for again before the next paint."""
        super().notify_style_update()
        self._stale_style = True

    def answer(self) -> None:
        """Paint now, outside the frame clock: a key that waits for a frame feels slow."""
        if self.is_attached:
            FrameClock.of(self.app).urgent(self)

    def paint(self) -> int:
        """Compare and paint what differs; gives the bytes sent, 0 when hidden or nothing changed.

        Called by the frame clock; call it from a test, or after a burst of changes, to paint at once.
        """
        seen = visibility(self)
        if seen is Visibility.HIDDEN or not self.size:
            return 0
        if seen is Visibility.BEHIND:
            self._behind = (self._behind + 1) % BEHIND_FRAMES
            if self._behind:
                return 0
        damage = self._look()
        self.after_look()
        if damage is None:
            return 0
        origin = None if damage.whole else self._direct.origin()
        if origin is None:
            return self._refresh(damage)
        text = self.ansi(damage, origin)
        if self.styles.gutter:
            forget_lines(self, damage.lines)
        self._direct.write(text)
        return len(text)

    def _refresh(self, damage: Damage) -> int:
        width, height = self._painted_size
        if damage.whole:
            self.refresh()
            return width * height
        self.refresh(*[Region(0, y, width, 1) for y in damage.lines])
        return 2 * width * len(damage.lines)

    def _look(self) -> Damage | None:
        width, height = self.size
        restyle, self._stale_style = self._stale_style, False
        self._painted_size = (width, height)
        return self.look(width, height, restyle=restyle)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines for the compositor, as painted last.

        Without border, padding or fading they go straight out; otherwise Textual's own styling is put around.
        """
        if self._stale_style or self.size != self._painted_size:
            self._look()
        styles = self.styles
        if not (styles.gutter or styles.has_rule("tint") or styles.has_rule("hatch") or self.opacity < 1):
            end = crop.x + crop.width
            return [self.content_strip(y).crop(crop.x, end) for y in crop.line_range]
        strips = super().render_lines(crop)
        if self.app.no_color:
            background = self.background_colors[1]
            strips = [strip.apply_filter(NoColor(), background) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """One line of the content."""
        return self.content_strip(y)

    def render(self) -> str:
        """Nothing: all is drawn by lines."""
        return ""
