"""The dialog between a preview and the venue: all rows, totals, warnings, ten seconds, one key.

Enter or y sends, once; nothing else can. See `arming` for keys typed too early, `preview_rows` for the rows.
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
from hedge_tui.ui.modals.confirm_footer import Phase, footer
from hedge_tui.ui.modals.dialog import Dialog
from hedge_tui.ui.modals.leg_results import failed_legs, result_lines
from hedge_tui.ui.modals.preview_rows import lay_rows, noun_of, totals_line
from hedge_tui.ui.widgets.inert import inert
from hedge_tui.wire.client import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual import events
    from textual.widget import Widget

    from hedge_tui.wire.messages import Preview, Result

    Send = Callable[[str], Awaitable[Result]]
    """Hash -> what became of it."""
    Again = Callable[[], Awaitable[Preview]]
    """Preview the same line anew."""

MOST_LINES = 400
LEAST_LINES = 10
"""Of the terminal: below that rows and keys are not in sight together."""


class ConfirmDialog(Dialog["Result"]):
    """Answers with the result, or None when nothing was sent.

    Args:
        preview: what would be sent. send, again: how. modes: words for the kinds of money, the
            gravest first: it gives the frame.
        trading: whether this console may send. take_over: asks for the lock, then previews again.
        now: monotonic seconds.
    """

    DEFAULT_CSS = """
    ConfirmDialog > Vertical { border: heavy $mode-none; }
    ConfirmDialog > .mode-live { border: heavy $mode-live; }
    ConfirmDialog > .mode-demo { border: heavy $mode-demo; }
    ConfirmDialog > .mode-paper { border: heavy $mode-paper; }
    ConfirmDialog > .mode-sandbox { border: heavy $mode-sandbox; }
    ConfirmDialog VerticalScroll { height: auto; max-height: 1fr; width: auto; scrollbar-size-vertical: 1; }
    ConfirmDialog Static { width: auto; height: auto; }
    ConfirmDialog #line { color: $foreground 70%; }
    ConfirmDialog #headline { text-style: bold; margin: 0 0 1 0; }
    ConfirmDialog #totals { margin: 1 0 0 0; }
    ConfirmDialog #footer { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "confirm", "Send", show=False, id="confirm.send"),
        Binding("n", "leave", "Send nothing", show=False, id="confirm.cancel"),
        Binding("r", "again", "Preview again", show=False, id="confirm.again"),
        Binding("f9", "take_over", "Take the trading lock", show=False, id="confirm.take_over"),
    ]

    def __init__(
        self,
        preview: Preview,
        send: Send,
        again: Again,
        *,
        modes: tuple[str, ...],
        trading: bool,
        take_over: Callable[[], Awaitable[bool]],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._preview = preview
        self._send = send
        self._again = again
        self._mode = modes[0] if modes else "none"
        self._trading = trading
        self._take_over = take_over
        self._now = now
        self._until = now() + preview.expires_in_s
        self._arming = Arming(now())
        self._pressed_at = 0.0
        self._fault = ""
        self._result: Result | None = None
        self._fits = False
        self.phase = Phase.ASKING
        self.title_text = f" {' + '.join(modes).upper() or 'ORDERS'}  confirm "

    def parts(self) -> list[Widget]:
        """Line, headline, rows, totals, warnings, footer."""
        return [
            Static(id="line"),
            Static(id="headline"),
            Static(id="details"),
            VerticalScroll(Static(id="rows"), can_focus=False),
            Static(id="totals"),
            Static(id="warnings"),
            Static(id="footer"),
        ]

    def on_mount(self) -> None:
        """Write everything and start the countdown."""
        self.query_one("#box").add_class(f"mode-{self._mode}")
        self._arming = Arming(self._now())
        self._write()
        self.set_interval(0.1, self._count_down)

    def on_resize(self) -> None:
        """Other rows may fit."""
        self._write()

    # -- what is shown

    def _write(self) -> None:
        preview = self._preview
        width = max(1, self.app.size.width - 6)
        laid = lay_rows(preview.rows, width)
        self._fits = (bool(laid.lines) or not preview.rows) and self.app.size.height >= LEAST_LINES
        rows = Content("\n").join(laid.lines[:MOST_LINES])
        if not self._fits:
            size = f"{laid.needed + 6} x {LEAST_LINES}"
            rows = Content.styled(
                f"enlarge the terminal: this needs {size}, it has {width + 6} x {self.app.size.height}",
                "bold $text-error",
            )
        if len(laid.lines) > MOST_LINES:
            rows = Content("\n").join([rows, Content(f"  ... {len(laid.lines) - MOST_LINES} more lines")])
        self._part("#line", Content(f"{inert(preview.text)}"))
        self._part("#headline", Content(inert(preview.headline)))
        self._part("#details", Content("\n".join(inert(one) for one in preview.details)))
        self._part("#rows", rows if self._result is None else result_lines(self._result, width))
        self._part("#totals", totals_line(preview) if self._result is None else Content(""))
        warnings = [Content.styled(f"! {inert(one)}", "bold $text-warning") for one in preview.warnings]
        self._part("#warnings", Content("\n").join(warnings))
        self._count_down()

    def _part(self, name: str, content: Content) -> None:
        part = self.query_one(name, Static)
        part.update(content)
        part.display = bool(content.plain)

    @property
    def may_send(self) -> bool:
        """Whether a deliberate key would send now, arming aside."""
        return self.phase is Phase.ASKING and self._trading and self._fits and bool(self._preview.sendable)

    def _count_down(self) -> None:
        left = self._until - self._now()
        if self.phase is Phase.ASKING and left <= 0 and self._preview.sendable:
            self.phase = Phase.EXPIRED
        self._part(
            "#footer",
            footer(
                self.phase,
                sendable=self._preview.sendable,
                unsent=len(self._preview.rows) - self._preview.sendable,
                left_s=max(0.0, left),
                armed=self._arming.armed(self._now()),
                trading=self._trading,
                fits=self._fits,
                preview_only=self._preview.preview_only,
                fault=self._fault,
                noun=noun_of(self._preview.rows),
                asks=self._preview.asks,
            ),
        )

    # -- keys

    async def on_event(self, event: events.Event) -> None:
        """See each key before its binding runs."""
        if event.__class__.__name__ == "Key":
            self._pressed_at = event.time
        await super().on_event(event)

    def _deliberate(self) -> bool:
        accepted = self._arming.accepts(self._pressed_at, self._now())
        self._count_down()
        return accepted

    def action_confirm(self) -> None:
        """Send, once."""
        if self.phase is Phase.DONE:
            self.dismiss(self._result)
            return
        if not self._deliberate() or not self.may_send or self._now() >= self._until:
            return
        self.phase = Phase.SENDING
        self._count_down()
        self.run_worker(self._sending(), exclusive=True, group="send")

    async def _sending(self) -> None:
        try:
            self._result = await self._send(self._preview.hash)
        except RequestRefused as error:
            self._refuse(error.failure.message, error.failure.hint)
        except HedgeError as error:
            self._refuse(str(error), "look at Orders before you send it again")
        else:
            if failed_legs(self._result):
                self.phase = Phase.DONE
                self._write()
            else:
                self.dismiss(self._result)

    def _refuse(self, message: str, hint: str) -> None:
        self._fault = f"{message}. {hint}" if hint else message
        self.phase = Phase.REFUSED
        self._count_down()

    def action_again(self) -> None:
        """Preview the line anew: fresh prices, another ten seconds."""
        if self.phase in {Phase.EXPIRED, Phase.REFUSED, Phase.ASKING}:
            self.phase = Phase.WAITING
            self._count_down()
            self.run_worker(self._previewing(), exclusive=True, group="send")

    async def _previewing(self) -> None:
        try:
            preview = await self._again()
        except RequestRefused as error:
            self._refuse(error.failure.message, error.failure.hint)
            return
        except HedgeError as error:
            self._refuse(str(error), "")
            return
        self._preview, self._fault = preview, ""
        self._until = self._now() + preview.expires_in_s
        self._arming = Arming(self._now())
        self.phase = Phase.ASKING
        self._write()

    async def action_take_over(self) -> None:
        """Take the trading lock, then preview again: the engine kept no plan for a reader."""
        if not self._trading and await self._take_over():
            self._trading = True
            self.action_again()

    def action_leave(self) -> None:
        """Send nothing; while sending it only closes the dialog, the orders go on."""
        self.dismiss(self._result)
