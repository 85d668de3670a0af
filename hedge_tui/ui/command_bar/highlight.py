"""Colours the words of a command while it is typed. Pure; only spans and style words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.highlighter import Highlighter

if TYPE_CHECKING:
    from rich.text import Text

Painted = tuple[int, int, str]
"""Start, end and the part: scope, verb, side-buy, side-sell, number, word, join, name."""
_NUMBER = re.compile(r"[=$-]?\$?\d")
_WORDS = frozenset({
    "at", "from", "to", "over", "tp", "sl", "trail", "ts", "post", "ioc", "fok", "reduce", "iso", "cross",
    "scale", "twap", "chase", "iceberg", "swarm", "bid", "ask", "mid", "mark", "last", "entry", "long",
    "short", "all", "buys", "sells", "longs", "shorts", "geo", "linear", "skew", "jitter", "off", "when",
})  # fmt: skip


def painted(text: str, verbs: frozenset[str] = frozenset()) -> list[Painted]:
    """Which characters are what; empty while a quote is open.

    Args:
        text: the line so far.
        verbs: names of aliases, which stand where verbs stand.
    """
    from hedge_tui.command.tokens import Kind, rough_tokens

    found: list[Painted] = []
    at_start = True
    for token in rough_tokens(text) or ():
        if token.kind is not Kind.WORD:
            found.append((token.start, token.end, "join"))
            at_start = True
        elif token.low.startswith("@") and at_start:
            found.append((token.start, token.end, "scope"))
        elif at_start:
            found.append((token.start, token.end, _verb(token.low, verbs)))
            at_start = False
        elif _NUMBER.match(token.low) or token.low.startswith(("#", "id:", "run:")):
            found.append((token.start, token.end, "number"))
        elif token.low.partition(":")[0] in _WORDS or token.low.startswith("/"):
            found.append((token.start, token.end, "word"))
        else:
            found.append((token.start, token.end, "name"))
    return found


def _verb(low: str, verbs: frozenset[str]) -> str:
    from hedge_tui.command.words import SHORT_VERBS, VERBS

    full = SHORT_VERBS.get(low, low)
    if full in {"buy", "sell"}:
        return f"side-{full}"
    if full in VERBS or low in verbs:
        return "verb"
    return "strange"


class LineHighlighter(Highlighter):
    """Paints the input; `fault` underlines what the engine refused.

    Attributes:
        styles: part -> Rich style, from the theme. fault: span, (0, 0) for none. aliases: names.
    """

    def __init__(self) -> None:
        self.styles: dict[str, str] = {}
        self.fault = (0, 0)
        self.aliases: frozenset[str] = frozenset()

    def highlight(self, text: Text) -> None:
        """Style `text` in place."""
        for start, end, part in painted(text.plain, self.aliases):
            if style := self.styles.get(part):
                text.stylize(style, start, end)
        start, end = self.fault
        if end > start:
            text.stylize("underline bold", start, min(end, len(text.plain)))
