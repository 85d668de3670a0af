"""Completion inside every verb but buy and sell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.completion.candidate import Completion, Partial, offer, offer_symbols
from hedge_tui.command.completion.order import complete_price, complete_tail
from hedge_tui.command.completion.restraint import complete_hold, complete_limit, complete_resume
from hedge_tui.command.grammar.algos import ALGO_WORDS
from hedge_tui.command.grammar.desk import DRAW_ACTS, TOOLS
from hedge_tui.command.grammar.watchers import FIRING_WORDS
from hedge_tui.command.help import HELP

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.command.completion.vocabulary import Vocabulary

    Completer = Callable[[list[str], Partial, Vocabulary], list[Completion]]

_TIMEFRAMES = ("1m", "5m", "15m", "1h", "4h", "1d", "1w", "1mo")
_WATCHER_ACTS = ("list", "pause", "resume", "remove")
_WAITS = ("stop:", "trig:", "trail")
"""What a close can wait for."""
_FRACTIONS = ("25%", "50%", "75%")
_MOVES = ("-5%", "-10%", "-20%", "-30%", "+5%", "+10%", "+20%")


def complete_verb(verb: str, words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    """Offer what may follow `words` (lower case, verb excluded) after `verb`."""
    completer = _COMPLETERS.get(verb)
    return [] if completer is None else completer(words, partial, vocabulary)


def _symbols(partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    return offer_symbols(partial.after(","), vocabulary.folded_symbols)


def _in_symbols(words: list[str]) -> bool:
    """Whether the next word still belongs to the list of symbols the command starts with."""
    return not words or words[-1].endswith(",")


def _runs(partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    return offer(partial, [f"run:{run}" for run in vocabulary.runs] or ["run:"], "name")


def _cancel(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        fixed = offer(partial, ("all", "buys", "sells", "#", "id:"), "word")
        return fixed + _runs(partial, vocabulary) + _symbols(partial, vocabulary)
    if _in_symbols(words):
        return _symbols(partial, vocabulary)
    return offer(partial, ("buys", "sells"), "word") if len(words) == 1 else []


def _amend(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return offer(partial, ("#", "id:"), "word")
    if words[-1] == "at":
        return complete_price(partial, vocabulary)
    if words[-1] == "to":
        return []
    return offer(partial, [word for word in ("to", "at") if word not in words], "word")


def _close(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return offer(partial, ("all", "longs", "shorts"), "word") + _symbols(partial, vocabulary)
    if _in_symbols(words):
        return _symbols(partial, vocabulary)
    if any(word in ALGO_WORDS for word in words):
        return complete_tail(words[1:], partial, vocabulary)
    if words[-1] == "trail":
        return offer(partial, ("0.5%", "1%", "2%"), "value")
    if any(word.startswith(_WAITS) for word in words):
        return []
    if words[-1].endswith("%"):
        return offer(partial, (*_WAITS, *sorted(ALGO_WORDS)), "word")
    sides = ("long", "short") if words[0] not in {"all", "longs", "shorts"} and len(words) == 1 else ()
    return offer(partial, _FRACTIONS, "value") + offer(
        partial, (*sides, *_WAITS, *sorted(ALGO_WORDS)), "word"
    )


def _flatten(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return offer(partial, ("all",), "word") + _symbols(partial, vocabulary)
    return _symbols(partial, vocabulary) if _in_symbols(words) else []


def _hedge(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    return [] if words else offer(partial, vocabulary.assets, "symbol")


def _equalise(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    return [] if words else _runs(partial, vocabulary)


def _panic(words: list[str], partial: Partial, _vocabulary: Vocabulary) -> list[Completion]:
    meanings = {"flat": "close positions too", "stop": "ask for nothing more"}
    return [] if words else offer(partial, ("flat", "stop"), "word", meanings)


def _arm(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return offer(partial, ("1m", "5m", "15m"), "value")
    if len(words) == 1:
        return offer(partial, ("cap",), "word")
    if len(words) == 2:
        return offer(partial, ("1kusd", "5kusd", "20kusd"), "size")
    if "on" not in words:
        return offer(partial, ("on",), "word")
    everything = offer(partial, ("all",), "word") if words[-1] == "on" else []
    return everything + (
        _symbols(partial, vocabulary) if words[-1] == "on" or words[-1].endswith(",") else []
    )


def _lev(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if _in_symbols(words):
        return _symbols(partial, vocabulary)
    if len(words) == 1:
        return offer(partial, ("1", "2", "3", "5", "10", "20"), "value")
    return offer(partial, ("iso", "cross"), "word") if len(words) == 2 else []


def _margin(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if _in_symbols(words):
        return _symbols(partial, vocabulary)
    if words[-1] in {"add", "remove", "iso", "cross"}:
        return []
    return offer(partial, ("iso", "cross", "add", "remove", "long", "short"), "word")


def _mode(words: list[str], partial: Partial, _vocabulary: Vocabulary) -> list[Completion]:
    meanings = {"hedge": "long and short held apart", "one-way": "they net"}
    return [] if words else offer(partial, tuple(meanings), "word", meanings)


def _watcher(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return offer(partial, _WATCHER_ACTS, "word")
    if words[0] in _WATCHER_ACTS and (len(words) == 1 or words[-1].endswith(",")):
        return offer(partial.after(","), (*vocabulary.watchers, "all"), "name")
    if words[-1] == "on" or ("on" in words and words[-1].endswith(",")):
        return _symbols(partial, vocabulary)
    if words[-1] in {"every", "for", "until"}:
        return offer(partial, ("1m", "5m", "15m", "1h"), "value")
    left = [word for word in ("on", *FIRING_WORDS, "do") if word not in words]
    return offer(partial, left, "word")


def _rule(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if len(words) == 1 and words[0] not in _WATCHER_ACTS:
        return offer(partial, ("when",), "word")
    return _watcher(words, partial, vocabulary)


def _note(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return offer(partial, ("on",), "word")
    if words == ["on"]:
        return _runs(partial, vocabulary) + _symbols(partial, vocabulary)
    if partial.text.startswith("#"):
        return offer(partial, (f"#{tag}" for tag in vocabulary.tags), "name")
    return []


def _tag(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return (
            offer(partial, ("#", "id:"), "word") + _runs(partial, vocabulary) + _symbols(partial, vocabulary)
        )
    tags = offer(partial.after(","), (f"#{tag}" for tag in vocabulary.tags), "name")
    return tags + (offer(partial, ("off",), "word") if len(words) > 1 else [])


def _draw(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return offer(partial, (*TOOLS, *DRAW_ACTS), "word")
    if words == ["remove"]:
        return offer(partial, vocabulary.drawings, "name")
    return offer(partial, ("as",), "word") if words[0] in TOOLS and len(words) > 1 else []


def _ind(words: list[str], partial: Partial, _vocabulary: Vocabulary) -> list[Completion]:
    acts = ("list", "remove", "clear") if not words else ("pane", "as")
    return offer(partial, acts, "word") if not words or words[0] not in {"list", "remove", "clear"} else []


def _chart(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    frames = offer(partial, _TIMEFRAMES, "value") if partial.text[:1].isdigit() or words else []
    return frames + (_symbols(partial, vocabulary) if not words else [])


def _watch(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    off = offer(partial, ("off",), "word") if not words else []
    symbols = (
        _symbols(partial, vocabulary) if not words or words == ["off"] or words[-1].endswith(",") else []
    )
    return off + symbols


def _account(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if words and not words[-1].endswith(","):
        return []
    piece = partial.after(",")
    if piece.text.startswith("@"):
        piece = Partial(piece.text[1:], piece.start + 1, piece.end)
    return offer(piece, vocabulary.scopes, "scope")


def _session(words: list[str], partial: Partial, _vocabulary: Vocabulary) -> list[Completion]:
    return [] if words else offer(partial, ("start",), "word")


def _set(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    return [] if words else offer(partial, vocabulary.settings, "setting")


def _alias(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return offer(partial, ("remove", *vocabulary.aliases), "alias")
    return offer(partial, vocabulary.aliases, "alias") if words == ["remove"] else []


def _stress(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if words and not words[-1].endswith("%"):
        return offer(partial, _MOVES, "value")
    named = [asset for asset in vocabulary.assets if asset.casefold() not in words]
    return (offer(partial, _MOVES, "value") if not words else []) + offer(partial, named, "name")


def _view(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    if not words:
        return offer(partial, (*vocabulary.views, "save", "list", "remove"), "word")
    return offer(partial, vocabulary.views, "name") if words[0] in {"save", "remove"} else []


def _layout(words: list[str], partial: Partial, _vocabulary: Vocabulary) -> list[Completion]:
    return [] if words else offer(partial, ("save", "list", "reset", "remove"), "word")


def _away(words: list[str], partial: Partial, _vocabulary: Vocabulary) -> list[Completion]:
    return [] if words else offer(partial, ("1h", "8h", "1d"), "time")


def _tour(words: list[str], partial: Partial, _vocabulary: Vocabulary) -> list[Completion]:
    return [] if words else offer(partial, ("off",), "word")


def _journal(words: list[str], partial: Partial, _vocabulary: Vocabulary) -> list[Completion]:
    return [] if words else offer(partial, ("reopen",), "word")


def _help(words: list[str], partial: Partial, _vocabulary: Vocabulary) -> list[Completion]:
    summaries = {word: text.summary for word, text in HELP.items()}
    return [] if words else offer(partial, HELP, "topic", summaries)


_COMPLETERS: dict[str, Completer] = {
    "cancel": _cancel,
    "amend": _amend,
    "close": _close,
    "flatten": _flatten,
    "hedge": _hedge,
    "equalise": _equalise,
    "panic": _panic,
    "arm": _arm,
    "lev": _lev,
    "margin": _margin,
    "mode": _mode,
    "alarm": _watcher,
    "rule": _rule,
    "note": _note,
    "tag": _tag,
    "draw": _draw,
    "ind": _ind,
    "chart": _chart,
    "watch": _watch,
    "account": _account,
    "session": _session,
    "set": _set,
    "alias": _alias,
    "stress": _stress,
    "view": _view,
    "layout": _layout,
    "away": _away,
    "tour": _tour,
    "journal": _journal,
    "help": _help,
    "halt": complete_hold,
    "reducing": complete_hold,
    "resume": complete_resume,
    "limit": complete_limit,
}
