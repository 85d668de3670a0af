"""Asks for a value to be typed again before something is loosened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Input, Static

from hedge_tui.domain.errors import HedgeError
from hedge_tui.ui.modals.dialog import Dialog
from hedge_tui.ui.widgets.inert import inert
from hedge_tui.wire.messages import Result

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.widget import Widget

    from hedge_tui.wire.messages import Preview


class RetypeDialog(Dialog[Result]):
    """Enter sends what was typed; the engine compares it.

    Args:
        question: with `retype`.
        confirm: what was typed -> the engine's result.
    """

    DEFAULT_CSS = """
    RetypeDialog > Vertical { width: 76; border: round $warning; }
    RetypeDialog Static { width: 1fr; height: auto; }
    RetypeDialog #line { color: $foreground 70%; }
    RetypeDialog #headline { text-style: bold; margin: 1 0; }
    RetypeDialog Input { height: 1; border: none; background: $panel; margin: 1 0; }
    """
    title_text = " Loosen? "

    def __init__(self, question: Preview, confirm: Callable[[str], Awaitable[Result]]) -> None:
        super().__init__()
        self._question = question
        self._confirm = confirm

    def parts(self) -> list[Widget]:
        """What would change, and an input for the word."""
        word = inert(self._question.retype)
        headline = "\n".join(inert(one) for one in self._question.headline.split("\n"))
        return [
            Static(Content(inert(self._question.text)), id="line"),
            Static(Content(headline), id="headline"),
            Static(Content.styled("! this loosens what holds your orders back", "bold $text-warning")),
            Static(Content.assemble("Type ", (word, "bold"), " again:")),
            Input(compact=True),
            Static(
                Content.assemble(("Enter", "bold"), " loosens   ", ("Esc", "bold"), " leaves it as it is"),
                id="words",
            ),
        ]

    def on_mount(self) -> None:
        """Begin with an empty input: nothing that was typed before gets here by itself."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            return
        typed, event.input.value = event.value.strip(), ""
        self.query_one("#words", Static).update("asking the engine ...")
        self.run_worker(self._confirming(typed), exclusive=True)

    async def _confirming(self, typed: str) -> None:
        try:
            result = await self._confirm(typed)
        except HedgeError as error:
            self.query_one("#words", Static).update(Content.styled(inert(str(error)), "bold $text-error"))
        else:
            self.dismiss(result)
