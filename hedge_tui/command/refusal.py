"""Words for what cannot be read: every part of the parser refuses through here.

A refusal names what was read and what was expected, and its hint is a line or a word that would work.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.command.ast.line import Span

_SHOWN = 40


def shown(text: str) -> str:
    """Quote typed text for a message, cut when long."""
    return f"'{text}'" if len(text) <= _SHOWN else f"'{text[: _SHOWN - 1]}…'"


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Known words that look like `word`, best first."""
    return get_close_matches(word.casefold(), list(known), n=count, cutoff=0.6)


def unknown_word(word: str, span: Span, what: str, known: Iterable[str], example: str = "") -> CommandError:
    """Refuse a word that is not in the list of `known` words.

    Args:
        word: as typed.
        span: where it stands.
        what: what it should have been, with its article ("a command").
        known: the words that would do.
        example: a line that would work, or "".
    """
    close = nearest(word, known)
    hints = [f"did you mean {' or '.join(close)}?"] if close else []
    if example:
        hints.append(f"for example: {example}")
    return CommandError(f"{shown(word)} is not {what}", span, " ".join(hints))


def missing(what: str, span: Span, example: str) -> CommandError:
    """Refuse a line that ends before `what`."""
    return CommandError(f"{what} is missing here", span, f"for example: {example}")


def twice(word: str, span: Span) -> CommandError:
    """Refuse something that may be said only once."""
    return CommandError(f"{shown(word)} is said twice", span, "leave one of them out")


def contradiction(first: str, second: str, span: Span, why: str = "") -> CommandError:
    """Refuse two words that exclude each other; `span` is the second."""
    reason = f": {why}" if why else ""
    return CommandError(f"'{second}' contradicts '{first}'{reason}", span, f"leave out {first} or {second}")
