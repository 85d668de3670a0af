"""The words of the language that more than one part of the parser must know: verbs and order keywords."""

from __future__ import annotations

import re

VERBS = (
    "buy", "sell", "cancel", "amend", "close", "flatten", "hedge", "equalise", "panic", "abort", "arm",
    "disarm", "alarm", "rule", "note", "tag", "draw", "ind", "chart", "watch", "lev", "margin", "mode",
    "halt", "reducing", "resume", "limit", "account", "session", "stress", "set", "alias", "view", "layout",
    "away", "tour", "journal", "lock", "help",
)  # fmt: skip
"""Every verb, in the order help lists them."""

SHORT_VERBS = {"b": "buy", "s": "sell"}

ACTING = frozenset(
    {
        "buy",
        "sell",
        "cancel",
        "amend",
        "close",
        "flatten",
        "hedge",
        "equalise",
        "panic",
        "arm",
        "lev",
        "margin",
        "mode",
    }
)
"""Verbs that change something at a venue or arm the desk: only these have a preview."""

SCOPED = ACTING | {"alarm", "rule", "tag", "note", "disarm", "stress", "halt", "reducing", "resume", "limit"}
"""Verbs that accounts may be written before."""

TEXT_VERBS = frozenset({"alarm", "rule", "note", "draw", "ind", "set", "alias", "halt", "reducing"})
"""Verbs followed by text that may itself end in ? or !."""

PICKED = "picked"
"""Stands for the rows that are picked on screen, wherever symbols or orders are listed."""

PRICE_WORDS = ("bid", "ask", "mid", "mark", "last", "entry")

ORDER_WORDS = frozenset(
    {
        "long", "short", "at", "scale", "twap", "chase", "iceberg", "swarm", "tp", "sl", "trail", "ts",
        "post", "ioc", "fok", "gtd", "reduce", "stop", "trig", "lev", "iso", "cross", "from", "to", "over",
        "jitter", "linear", "geo", "skew", "then", *PRICE_WORDS,
    }
)  # fmt: skip
"""Words that are never read as a unit in an order."""

NOT_SYMBOLS = ORDER_WORDS | {"all", "buys", "sells", "longs", "shorts"}
"""Words that are never read as a symbol. A coin with such a name is written AT/USDT."""

FOREIGN = {
    "long": "buy 500usd BTC.p long",
    "short": "sell 500usd BTC.p short",
    "exit": "close BTC.p",
    "kill": "cancel all",
    "freeze": "halt",
    "unhalt": "resume",
    "limits": "limit",
    "stop": "cancel all, or for a stop: sell 50%pos BTC.p stop:62000 reduce",
    "market": "buy 500usd BTC.p",
    "ladder": "buy 500usd BTC.p scale 20 from mid to mid-3%",
    "twap": "buy 500usd BTC.p twap 10 over 30m",
    "chase": "buy 500usd BTC.p chase",
    "scale": "buy 500usd BTC.p scale 20 from mid to mid-3%",
    "delete": "cancel #3",
    "modify": "amend #3 at 64000",
    "edit": "amend #3 at 64000",
    "move": "amend #3 at bid",
    "leverage": "lev BTC.p 5",
    "alert": "alarm close > 65000",
    "indicator": "ind ema(close, 20)",
    "unwatch": "watch off BTC.p",
    "accounts": "account desk-1",
    "use": "account desk-1",
    "unalias": "alias remove NAME",
    "reverse": "sell =-0.5btc BTC.p",
    "equalize": "equalise run:4f2a",
    "balance": "account",
    "whatif": "stress -10%",
    "quit": "nothing: close the console with its quit key; the engine keeps running",
}  # fmt: skip
"""Words from other programs, with the line that does it here."""

SYMBOL = re.compile(r"(?=.*[^\W\d_])\w[\w./:\-]*(?<![./:\-])")
"""What a symbol may look like: letters and digits with . / : - inside, at least one letter."""

NAME = re.compile(r"\w[\w.\-]*")
"""Names of accounts, groups, tags, rules, aliases, drawings."""


def is_symbol(text: str) -> bool:
    """Whether `text` can be read as a symbol in an order."""
    return text.casefold() not in NOT_SYMBOLS and SYMBOL.fullmatch(text) is not None
