"""The red dialog: enter cancels every entry order on every account at once, stops stay.

It needs neither preview nor trading lock; only keys typed before it was in sight are ignored.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from hedge_tui.domain.errors import HedgeError
from hedge_tui.ui.modals.arming import Arming
from hedge_tui.ui.modals.dialog import Dialog
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual import events
    from textual.widget import Widget

_WORDS = (
    "Cancels all entry orders on all accounts, now.\n"
    "Protective stops stay; positions stay open.\n"
    "To close positions as well, type :panic flat"
)


class PanicDialog(Dialog[str]):
    """Answers with what the engine said, or None when nothing was done.

    Args:
        press: sends `panic`. now: monotonic seconds.
    """

    DEFAULT_CSS = """
    PanicDialog > Vertical { border: heavy $error; width: 56; }
    PanicDialog Static { width: 1fr; height: auto; }
    PanicDialog #words { margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press", "Cancel all entries", show=False, id="panic.press"),
    ]
    title_text = " PANIC "

    def __init__(
        self, press: Callable[[], Awaitable[str]], *, now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._press = press
        self._now = now
        self._arming = Arming(now())
        self._pressed_at = 0.0
        self.done = False

    def parts(self) -> list[Widget]:
        """Words and keys."""
        return [Static(Content(_WORDS), id="words"), Static(id="keys")]

    def on_mount(self) -> None:
        """Start to arm."""
        self._arming = Arming(self._now())
        self._write()
        self.set_interval(0.1, self._write)

    def _write(self) -> None:
        if self.done:
            return
        armed = self._arming.armed(self._now())
        key = ("Enter", "bold $text-error") if armed else ("Enter", "$foreground 40%")
        words = " cancels everything" if armed else " in a moment ..."
        self._say(Content.assemble(key, words, "   ", ("Esc", "bold"), " does nothing"))

    def _say(self, content: Content) -> None:
        # The engine may answer after the dialog was closed; its words are in the log all the same.
        for line in self.query("#keys").results(Static):
            line.update(content)

    async def on_event(self, event: events.Event) -> None:
        """See each key before its binding runs."""
        if event.__class__.__name__ == "Key":
            self._pressed_at = event.time
        await super().on_event(event)

    def action_press(self) -> None:
        """Cancel everything, once; a second enter closes."""
        if self.done:
            self.dismiss(None)
        elif self._arming.accepts(self._pressed_at, self._now()):
            self.done = True
            self._say(Content.styled("cancelling ...", "bold $text-error"))
            self.run_worker(self._pressing(), exclusive=True)

    async def _pressing(self) -> None:
        try:
            text = await self._press()
        except HedgeError as error:
            self._say(Content.styled(f"{inert(str(error))}\nin a shell: hedge panic", "bold $text-error"))
        else:
            self._say(Content.assemble((inert(text), "bold"), "\n\n", ("Esc", "bold"), " closes"))
