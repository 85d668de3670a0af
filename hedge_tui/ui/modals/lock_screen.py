"""The locked console: no figure, no name, one input. Panic works from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from hedge_tui.domain.errors import HedgeError
from hedge_tui.ui.modals.panic import PanicDialog
from hedge_tui.ui.modals.unlock import SecretInput
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from hedge_tui.ui.screen_lock import ScreenLock


class LockScreen(ModalScreen[None]):
    """Covers everything until the passphrase is typed.

    Args:
        check: returns when the passphrase is right. Raises HedgeError.
        lock: says whether the console is still locked.
    """

    DEFAULT_CSS = """
    LockScreen { align: center middle; background: $background; }
    LockScreen > Vertical { width: 56; max-width: 100%; height: auto; }
    LockScreen Static { width: 1fr; height: auto; text-align: center; }
    LockScreen Input { height: 1; border: none; background: $panel; margin: 1 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, check: Callable[[str], Awaitable[None]], lock: ScreenLock) -> None:
        super().__init__()
        self._check = check
        self._lock = lock

    def compose(self) -> ComposeResult:
        """Words and an input."""
        with Vertical():
            yield Static(Content.styled("hedge is locked", "bold"))
            yield SecretInput(password=True, compact=True, placeholder="passphrase of the vault")
            yield Static(
                Content.assemble(
                    ("Enter", "bold"),
                    " opens   ",
                    ("Ctrl+K", "bold $text-error"),
                    " panic: cancel all entries",
                ),
                id="words",
            )
            yield Static(Content("Orders, alarms and the engine go on."))

    def on_screen_suspend(self) -> None:
        """Only panic may stand above the lock; what else comes late is sent away unseen."""
        top = self.app.screen
        if self._lock.locked and top is not self and not isinstance(top, PanicDialog):
            self.app.pop_screen()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        passphrase, event.input.value = event.value, ""
        if passphrase:
            self._say(Content("looking ..."))
            self.run_worker(self._opening(passphrase), exclusive=True)

    async def _opening(self, passphrase: str) -> None:
        try:
            await self._check(passphrase)
        except HedgeError as error:
            self._say(Content.styled(inert(str(error)), "bold $text-error"))
        else:
            self.dismiss(None)

    def _say(self, content: Content) -> None:
        self.query_one("#words", Static).update(content)

    async def on_event(self, event: Any) -> None:
        """A click beside the input does not take the keys from it."""
        await super().on_event(event)
        if self.is_mounted and self.is_current and self.focused is None:
            for one in self.query(SecretInput):
                one.focus()
