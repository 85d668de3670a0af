"""What loosens a limit or lifts a halt is typed twice: at a terminal, or by an option that says it again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.wire.client import EngineClient
    from hedge_tui.wire.messages import Preview, Result


async def loosen(client: EngineClient, question: Preview, again: str, *, json: bool) -> Result:
    """Confirm a question that wants a word typed again.

    Args:
        client: of the engine.
        question: with `retype`.
        again: given on the command line, "" to ask.
        json: nothing is asked: what is printed is a document.

    Raises:
        CommandError: it was not typed again, and nobody can be asked.
    """
    typed = again
    if not typed and not json and sys.stdin.isatty():
        sys.stdout.write(f"{question.headline}\n")
        typed = _typed(f"this loosens; type {question.retype} again: ")
    if not typed:
        raise CommandError(
            f"{question.headline}: this loosens, and nothing was changed",
            hint=f"say it twice: --again {question.retype}",
        )
    return await client.confirm(question.hash, typed=typed)


def _typed(words: str) -> str:
    try:
        return input(words).strip()
    except EOFError:
        return ""
