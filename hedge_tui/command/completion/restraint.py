"""Completion inside halt, reducing, resume and limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.completion.candidate import Completion, Partial, offer, offer_symbols
from hedge_tui.command.grammar.restraint import BECAUSE, DEFAULT, NONE, OF_WHAT, SOURCE

if TYPE_CHECKING:
    from hedge_tui.command.completion.vocabulary import Vocabulary

_SOURCES = tuple(f"{SOURCE}{origin}" for origin in ("keyboard", "cli"))


def complete_hold(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    """What may be halted, then why."""
    if BECAUSE in words:
        return []
    reason = offer(partial, (BECAUSE,), "word") if not words or not words[-1].endswith(",") else []
    return complete_resume(words, partial, vocabulary) + reason


def complete_resume(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    """What may be set free."""
    if words and not words[-1].endswith(","):
        return []
    piece = partial.after(",")
    if piece.text.startswith("@"):
        piece = Partial(piece.text[1:], piece.start + 1, piece.end)
    return offer(piece, vocabulary.scopes, "scope") + offer(piece, _SOURCES, "word")


def complete_limit(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    """A name, of what, its value, whose."""
    if not words:
        return offer(partial, vocabulary.limits, "setting")
    if partial.text.startswith("@") or words[-1].startswith("@"):
        piece = partial.after(",")
        piece = Partial(
            piece.text.removeprefix("@"), piece.end - len(piece.text.removeprefix("@")), piece.end
        )
        return offer(piece, vocabulary.scopes, "scope")
    if words[0].endswith(OF_WHAT) and len(words) == 1:
        return offer(partial, vocabulary.assets, "symbol") + offer_symbols(partial, vocabulary.folded_symbols)
    valued = len(words) > (2 if words[0].endswith(OF_WHAT) else 1)
    if valued:
        return offer(partial, (f"@{scope}" for scope in vocabulary.scopes), "scope")
    return offer(partial, (DEFAULT, *((NONE,) if words[0] in {"allow", "deny"} else ())), "value")
