"""What `help` says about every verb and topic. Read by the console's help screen and by `hedge do`."""

from __future__ import annotations

from hedge_tui.command.help.desk import DESK
from hedge_tui.command.help.restraint import RESTRAINT
from hedge_tui.command.help.text import Example, HelpText
from hedge_tui.command.help.topics import TOPICS
from hedge_tui.command.help.trading import TRADING
from hedge_tui.command.refusal import unknown_word
from hedge_tui.command.words import SHORT_VERBS

__all__ = ["HELP", "Example", "HelpText", "help_for"]

HELP: dict[str, HelpText] = {text.word: text for text in (*TRADING, *RESTRAINT, *DESK, *TOPICS)}
"""Every help text by its word: verbs first, then topics."""

_ALSO = {
    "sizes": "size", "prices": "price", "symbols": "symbol", "scopes": "scope", "@": "scope",
    "scale": "algo", "twap": "algo", "chase": "algo", "iceberg": "algo", "swarm": "algo", "tp": "attach",
    "sl": "attach", "trail": "attach", "ts": "attach", "post": "flags", "ioc": "flags", "fok": "flags",
    "gtd": "flags", "reduce": "flags", "stop": "flags", "trig": "flags", "iso": "flags", "cross": "flags",
    "each": "size", "/each": "size", "split": "size", "/split": "size", "then": "joiners", ";": "joiners",
}  # fmt: skip


def help_for(word: str, span: tuple[int, int] = (0, 0)) -> HelpText:
    """Find the help text of a verb, a topic, or a word that a topic explains.

    Raises:
        CommandError: nothing is known by that word; names the nearest.
    """
    low = word.casefold().rstrip(":")
    low = SHORT_VERBS.get(low, _ALSO.get(low, low))
    text = HELP.get(low)
    if text is None:
        raise unknown_word(word, span, "something help knows", HELP, "help buy")
    return text
