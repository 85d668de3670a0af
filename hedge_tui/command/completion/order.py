"""Completion inside `buy` and `sell`: size, share, symbol, then whatever the tail still allows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hedge_tui.command.ast.amount import MONEY, SPREAD_WORDS
from hedge_tui.command.completion.candidate import Completion, Partial, offer, offer_symbols
from hedge_tui.command.grammar.algos import ALGO_WORDS
from hedge_tui.command.grammar.attachments import ATTACH_WORDS
from hedge_tui.command.grammar.conditions import PLAIN_FLAGS, VALUE_FLAGS
from hedge_tui.command.words import PRICE_WORDS

if TYPE_CHECKING:
    from hedge_tui.command.completion.vocabulary import Vocabulary

MEANINGS = {
    "at": "the limit price",
    "long": "hedge mode: the long position",
    "short": "hedge mode: the short position",
    "scale": "a ladder of orders",
    "twap": "slices over time",
    "chase": "keep to the best price",
    "iceberg": "show only a part",
    "swarm": "many small orders",
    "tp": "target once filled",
    "sl": "stop once filled",
    "trail": "trailing stop once filled",
    "ts": "trailing stop once in profit",
    "post": "never take",
    "ioc": "take what is there",
    "fok": "all or nothing",
    "gtd:": "expires",
    "reduce": "never open",
    "stop:": "wait until the market moves against it",
    "trig:": "wait until the market moves its way",
    "lev:": "leverage, open positions too",
    "iso": "isolated margin",
    "cross": "cross margin",
}
_TAIL = (
    "at", "tp", "sl", "post", "reduce", "scale", "twap", "chase", "iceberg", "swarm", "trail", "ts", "ioc",
    "fok", "gtd:", "stop:", "trig:", "lev:", "iso", "cross", "long", "short",
)  # fmt: skip
_GROUPS = (
    ALGO_WORDS,
    frozenset({"ioc", "fok", "gtd:"}),
    frozenset({"post", "ioc", "fok"}),
    frozenset({"iso", "cross"}),
    frozenset({"stop:", "trig:"}),
    frozenset({"trail", "ts"}),
    frozenset({"long", "short"}),
)
"""Words of which one excludes the others."""
_DURATIONS = ("5m", "15m", "30m", "1h", "4h", "1d")
_VALUES = {"gtd": _DURATIONS, "lev": ("1", "2", "3", "5", "10", "20")}
_PERCENTS = ("free", "eq", "pos")
_BARE = re.compile(r"[=]?-?\$?[0-9.]+(?:k|mm)?")
_NUMBER = re.compile(r"(risk:|=)?-?([0-9.]+)(k|mm)?([%a-z]*)")
_AFTER_ALGO = {
    "over": (_DURATIONS, "value"),
    "jitter": (("10%", "20%", "50%"), "value"),
    "trail": (("0.5%", "1%", "2%"), "value"),
    "ts": (("1%", "2%"), "value"),
}


def complete_order(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    """Offer what may follow `words` (lower case, verb excluded)."""
    at = _size_length(words, partial)
    if at is None:
        return _complete_size(words, partial, vocabulary)
    if at == len(words) and partial.text.startswith("/"):
        return offer(partial, (f"/{word}" for word in SPREAD_WORDS), "share")
    rest = words[at:]
    symbols = 0
    while symbols < len(rest) and (symbols == 0 or rest[symbols - 1].endswith(",")):
        symbols += 1
    if symbols == 0 or (symbols == len(rest) and rest[-1].endswith(",")):
        return offer_symbols(partial.after(","), vocabulary.folded_symbols)
    return complete_tail(rest[symbols:], partial, vocabulary)


def complete_tail(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    """Offer what may follow the symbols."""
    low = partial.text.casefold()
    if (flag := low.partition(":")[0]) in VALUE_FLAGS and ":" in low:
        value = Partial(partial.text[len(flag) + 1 :], partial.start + len(flag) + 1, partial.end)
        if flag in _VALUES:
            return offer(value, _VALUES[flag], "value")
        return complete_price(value, vocabulary)
    if "@" in low:
        return offer(partial.after("@"), ("mark", "last"), "word")
    last = words[-1] if words else ""
    if last in {"at", "from", "to", "tp", "sl"}:
        return complete_price(partial, vocabulary)
    if last in _AFTER_ALGO:
        values, kind = _AFTER_ALGO[last]
        return offer(partial, values, kind)
    if last in {"scale", "twap", "swarm", "iceberg", "skew"}:
        return []
    linked = _linked(words)
    if linked and linked[0] in {"from", "to", "over"} and "chase" not in words:
        return offer(partial, linked, "word")
    tail = [word for word in _TAIL if not _excluded(word, words)]
    return offer(partial, linked, "word") + offer(partial, tail, "word", MEANINGS)


def complete_price(partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    """Offer references and drawings; after a drawing's colon its name."""
    if partial.text.casefold().startswith("line:"):
        name = Partial(partial.text[5:], partial.start + 5, partial.end)
        return offer(name, vocabulary.drawings, "name")
    return offer(partial, (*PRICE_WORDS, "line:"), "price")


def _size_length(words: list[str], partial: Partial) -> int | None:
    """How many of `words` are the size; None while it is still being typed."""
    if not words:
        return None
    length = 1
    if words[0].endswith("%"):
        if len(words) == 1:
            return None
        length = 2
    elif _BARE.fullmatch(words[0]) and not words[0].lstrip("=-").startswith("$"):
        money = len(words) > 1 and words[1].partition("/")[0].upper() in MONEY
        if len(words) == 1 and (not partial.text or partial.text[0].isalpha()):
            return None
        length = 2 if money or len(words) > 2 else 1
    while length < len(words) and words[length].startswith("/"):
        length += 1
    return length


def _complete_size(words: list[str], partial: Partial, vocabulary: Vocabulary) -> list[Completion]:
    """Offer units behind a number, shares behind a slash, and what a size may start with."""
    if words:
        units = (
            _PERCENTS
            if words[0].endswith("%")
            else ("usd", "usdt", "usdc", *map(str.lower, vocabulary.assets))
        )
        return offer(partial, units, "size")
    if "/" in partial.text:
        head, _, tail = partial.text.rpartition("/")
        share = Partial("/" + tail, partial.start + len(head), partial.end)
        return offer(share, (f"/{word}" for word in SPREAD_WORDS), "share")
    match = _NUMBER.fullmatch(partial.text.casefold())
    if match is None:
        own = offer(partial, vocabulary.sizes, "size") if not partial.text else []
        begun = offer(partial, ("risk:", "="), "size", {"risk:": "loss at the stop", "=": "target position"})
        return own + begun
    typed = partial.text[: match.start(4)]
    if match[4].startswith("%") or not match[4]:
        percents = [] if match[1] or match[3] else [f"{typed}%{word}" for word in _PERCENTS]
        amounts = [] if match[4] else [f"{typed}{unit}" for unit in ("usd", "usdt")]
        return offer(partial, (*amounts, *percents), "size")
    units = ("usd", "usdt", "usdc", *map(str.lower, vocabulary.assets))
    return offer(partial, (f"{typed}{unit}" for unit in units), "size")


def _linked(words: list[str]) -> list[str]:
    """Words that only make sense right after the algo just typed."""
    for index in range(len(words) - 1, -1, -1):
        word, after = words[index], words[index + 1 :]
        if word == "scale":
            return _after_scale(after)
        if word == "twap":
            if "over" not in after:
                return ["over"] if len(after) == 1 else []
            done = after[after.index("over") + 1 :]
            return [w for w in ("jitter", "chase") if w not in done] if done else []
        if word == "chase" and not after and "twap" not in words:
            return ["to"]
        if word in ATTACH_WORDS or word in PLAIN_FLAGS:
            return []
    return []


def _after_scale(after: list[str]) -> list[str]:
    if "from" not in after:
        return ["from"] if len(after) == 1 else []
    if "to" not in after:
        return ["to"] if after[-1] != "from" else []
    shaped = {"linear", "geo", "skew"} & set(after)
    return ["geo", "skew", "linear"] if not shaped and after[-1] != "to" else []


def _excluded(word: str, words: list[str]) -> bool:
    """Whether `word` was said already or contradicts what was."""
    heads = {w.partition(":")[0] + ":" if ":" in w else w for w in words}
    return word in heads or any(word in group and group & heads for group in _GROUPS)
