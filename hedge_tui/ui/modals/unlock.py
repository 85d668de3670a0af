"""Asks for the passphrase of the engine's vault; it goes to the engine and is kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Input, Static

from hedge_tui.domain.errors import HedgeError
from hedge_tui.ui.modals.dialog import Dialog
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.widget import Widget


class SecretInput(Input):
    """Dots for characters, and nothing to copy."""

    def action_copy(self) -> None:
        """A secret is not copied."""

    def action_cut(self) -> None:
        """Nor cut."""


class UnlockDialog(Dialog[None]):
    """Enter sends the passphrase; a wrong one can be typed again.

    Args:
        unlock: passphrase -> what the engine says.
    """

    DEFAULT_CSS = """
    UnlockDialog > Vertical { width: 60; }
    UnlockDialog Static { width: 1fr; height: auto; }
    UnlockDialog Input { height: 1; border: none; background: $panel; margin: 1 0; }
    """
    title_text = " Open the vault "

    def __init__(self, unlock: Callable[[str], Awaitable[str]]) -> None:
        super().__init__()
        self._unlock = unlock

    def parts(self) -> list[Widget]:
        """Words and an input."""
        return [
            Static("Passphrase of the vault with the API keys:"),
            SecretInput(password=True, compact=True),
            Static(
                Content.assemble(("Enter", "bold"), " opens   ", ("Esc", "bold"), " leaves it locked"),
                id="words",
            ),
        ]

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        passphrase, event.input.value = event.value, ""
        self.query_one("#words", Static).update("opening ...")
        self.run_worker(self._opening(passphrase), exclusive=True)

    async def _opening(self, passphrase: str) -> None:
        try:
            text = await self._unlock(passphrase)
        except HedgeError as error:
            self.query_one("#words", Static).update(Content.styled(inert(str(error)), "bold $text-error"))
        else:
            self.app.notify(inert(text), markup=False)
            self.dismiss(None)
