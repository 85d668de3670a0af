"""The red dialog: enter cancels every entry order on every account at once, stops stay.

Then it shows how far that is, account by account, until everything is proved. It needs neither preview nor
trading lock; only keys typed before it was in sight are ignored.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from hedge_tui.domain.errors import HedgeError
from hedge_tui.ui.modals.arming import Arming
from hedge_tui.ui.modals.dialog import Dialog
from hedge_tui.ui.panic_sign import NOTHING
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual import events
    from textual.widget import Widget

    from hedge_tui.ui.panic_sign import PanicRow

_ENTRIES = (
    "Cancels all entry orders on all accounts, now.\n"
    "Protective stops stay; positions stay open.\n"
    "It goes on until every account has proved it."
)
_FLAT = (
    "Cancels all entry orders AND CLOSES EVERY POSITION\n"
    "on all accounts at market, now. Stops are dropped\n"
    "once the venue shows their position flat."
)
NAMED = 6
"""Accounts without anything to do that are named."""
_NO_ENGINE = "The engine does not answer. In a shell, now: hedge panic"


class PanicDialog(Dialog[str]):
    """Stays while panic works; closing it changes nothing.

    Args:
        press: sends the line. rows: how far it is. now: monotonic seconds.
    """

    DEFAULT_CSS = """
    PanicDialog > Vertical { border: heavy $error; width: auto; min-width: 58; }
    PanicDialog Static { width: auto; height: auto; }
    PanicDialog VerticalScroll { height: auto; max-height: 1fr; width: auto; scrollbar-size-vertical: 1; }
    PanicDialog #words { margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press", "Cancel all entries", show=False, id="panic.press"),
        Binding("f", "flat", "Close positions too", show=False, id="panic.flat"),
        Binding("s", "stop", "Stop the trying", show=False, id="panic.stop"),
    ]
    title_text = " PANIC "

    def __init__(
        self,
        press: Callable[[str], Awaitable[str]],
        rows: Callable[[], list[PanicRow]] = list,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._press = press
        self._rows = rows
        self._now = now
        self._arming = Arming(now())
        self._pressed_at = 0.0
        self._flat = False
        self._told = ""
        self.done = any(not row.settled for row in rows())
        """Pressed, here or elsewhere: progress is shown."""

    def parts(self) -> list[Widget]:
        """Words, accounts and keys."""
        return [
            Static(id="words"),
            VerticalScroll(Static(id="accounts"), can_focus=False),
            Static(id="keys"),
        ]

    def on_mount(self) -> None:
        """Start to arm."""
        self._arming = Arming(self._now())
        self._write()
        self.set_interval(0.1, self._write)

    # -- what is shown

    def _write(self) -> None:
        if self.done:
            self._write_progress()
        else:
            self._part("#words", Content.styled(_FLAT if self._flat else _ENTRIES, self._tone))
            self._part("#accounts", Content(""))
        self._part("#keys", self._keys())

    @property
    def _tone(self) -> str:
        return "bold $text-error" if self._flat else ""

    def _write_progress(self) -> None:
        rows = self._rows()
        left = sum(not row.settled for row in rows)
        if self._told == _NO_ENGINE or not (self._told or left):
            # What stands there is of an earlier press: it must not be taken for an answer.
            self._part("#words", Content.styled(self._told or "asking the engine ...", "bold $text-error"))
            self._part("#accounts", Content(""))
            return
        if left:
            seconds = max(row.seconds for row in rows if not row.settled)
            words = f"at work on {left} of {len(rows)} accounts, {seconds} s; it goes on behind this dialog"
            head = Content.styled(words, "bold $text-error")
        else:
            head = Content.styled(f"settled on all {len(rows)} accounts", "bold")
        self._part("#words", head)
        busy = [row for row in rows if not (row.settled and row.words == NOTHING)]
        width = max((len(row.account) for row in busy), default=0)
        lines = [_line(row, width) for row in busy]
        if idle := [inert(row.account) for row in rows if row not in busy]:
            lines.append(Content.styled(f"{NOTHING} on {_listed(idle)}", "$foreground 60%"))
        self._part("#accounts", Content("\n").join(lines))

    def _keys(self) -> Content:
        if self.done:
            stop = (("S", "bold"), " stops the trying   ") if self._at_work else ()
            return Content.assemble(("Enter", "bold"), " presses again   ", *stop, ("Esc", "bold"), " closes")
        armed = self._arming.armed(self._now())
        key = ("Enter", "bold $text-error") if armed else ("Enter", "$foreground 40%")
        does = " cancels and closes all" if self._flat else " cancels everything"
        other = " keeps positions" if self._flat else " closes positions too"
        return Content.assemble(
            key, does if armed else " in a moment ...", "   ", ("F", "bold"), other, "   ", ("Esc", "bold"),
            " does nothing",
        )  # fmt: skip

    @property
    def _at_work(self) -> bool:
        return any(not row.settled for row in self._rows())

    def _part(self, name: str, content: Content) -> None:
        # The engine may answer after the dialog was closed; its words are in the log all the same.
        for part in self.query(name).results(Static):
            part.update(content)
            part.display = bool(content.plain)

    # -- keys

    async def on_event(self, event: events.Event) -> None:
        """See each key before its binding runs."""
        if event.__class__.__name__ == "Key":
            self._pressed_at = event.time
        await super().on_event(event)

    def action_flat(self) -> None:
        """Close positions too, or not; nothing is sent by it."""
        if not self.done:
            self._flat = not self._flat
            self._arming = Arming(self._now())
            self._write()

    def action_press(self) -> None:
        """Do it; pressed again it only hastens what is at work."""
        if self._arming.accepts(self._pressed_at, self._now()):
            self.done = True
            self._arming = Arming(self._now())
            self._send("panic flat" if self._flat else "panic")

    def action_stop(self) -> None:
        """Ask for nothing more."""
        if self.done and self._at_work:
            self._send("panic stop")

    def _send(self, line: str) -> None:
        self._told = ""
        self._write()
        self.run_worker(self._sending(line), exclusive=False)

    async def _sending(self, line: str) -> None:
        try:
            self._told = await self._press(line)
        except HedgeError:
            self._told = _NO_ENGINE
        self._write()


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"


def _line(row: PanicRow, width: int) -> Content:
    style = "" if row.settled else "bold $text-error" if not row.heard else "bold"
    name = inert(row.account).ljust(width)
    return Content.assemble((f"{name}  ", "bold"), (inert(row.words), style))
