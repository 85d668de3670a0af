"""Reads the flags of an order: post ioc fok gtd: reduce stop: trig: lev: iso cross."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.command.ast.order import Flags, MarginMode
from hedge_tui.command.grammar.moments import read_moment
from hedge_tui.command.grammar.numbers import NUMBER, scaled
from hedge_tui.command.grammar.prices import read_trigger
from hedge_tui.command.refusal import contradiction, missing, shown, twice
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import TimeInForce

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast.line import Span
    from hedge_tui.command.grammar.cursor import Cursor
    from hedge_tui.command.tokens import Token

PLAIN_FLAGS = ("post", "ioc", "fok", "reduce", "iso", "cross")
VALUE_FLAGS = {"gtd": "gtd:30m", "stop": "stop:62000", "trig": "trig:66000@mark", "lev": "lev:5"}
"""Flags with a value after a colon, each with an example."""

_EXCLUDES = (
    ("ioc", "fok", ""),
    ("post", "ioc", "a post-only order rests, it never takes"),
    ("post", "fok", "a post-only order rests, it never takes"),
    ("gtd", "ioc", "an order that does not rest has no expiry"),
    ("gtd", "fok", "an order that does not rest has no expiry"),
    ("iso", "cross", ""),
    ("stop", "trig", "an order has one trigger"),
)
_TIF = {"ioc": TimeInForce.IOC, "fok": TimeInForce.FOK, "gtd": TimeInForce.GTD}


class FlagReader:
    """Collects the flags of one order, refusing repeats and contradictions as they come."""

    def __init__(self) -> None:
        self._spans: dict[str, Span] = {}
        self._values: dict[str, Any] = {}

    def read(self, cur: Cursor) -> bool:
        """Read one flag if it stands at the cursor."""
        low = cur.low()
        if low in PLAIN_FLAGS:
            word, token = low, cur.take("a flag", "post")
            self._note(word, token.span)
            return True
        word, colon, value = low.partition(":")
        if word not in VALUE_FLAGS:
            return False
        token = cur.take("a flag", VALUE_FLAGS[word])
        if not colon:
            raise _no_colon(token, cur)
        if not value:
            raise missing(f"the value of {word}:", (token.end, token.end), VALUE_FLAGS[word])
        self._values[word] = self._value(word, token, cur)
        self._note(word, cur.since(token.start))
        return True

    def flags(self) -> Flags:
        """Everything read, as one node."""
        if not self._spans:
            return Flags()
        tif = next((_TIF[word] for word in self._spans if word in _TIF), None)
        mode = next((MarginMode(word) for word in ("iso", "cross") if word in self._spans), None)
        spans = tuple(self._spans.items())
        return Flags(
            post="post" in self._spans,
            time_in_force=tif,
            expires=self._values.get("gtd"),
            reduce="reduce" in self._spans,
            stop=self._values.get("stop"),
            trig=self._values.get("trig"),
            leverage=self._values.get("lev"),
            margin_mode=mode,
            spans=spans,
            span=(min(span[0] for _, span in spans), max(span[1] for _, span in spans)),
        )

    def _note(self, word: str, span: Span) -> None:
        if word in self._spans:
            raise twice(word, span)
        for one, other, why in _EXCLUDES:
            if word in {one, other}:
                earlier = other if word == one else one
                if earlier in self._spans:
                    raise contradiction(earlier, word, span, why)
        self._spans[word] = span

    def _value(self, word: str, token: Token, cur: Cursor) -> object:
        """Read what stands after the colon; the token is already taken."""
        value = token.text.partition(":")[2]
        start = token.end - len(value)
        if word == "gtd":
            return read_moment(value, (start, token.end), VALUE_FLAGS[word])
        if word == "lev":
            return read_leverage(value, (start, token.end), VALUE_FLAGS[word])
        cur.at -= 1
        cur.tokens[cur.at] = token._replace(text=value, low=value.casefold(), start=start)
        return read_trigger(cur, VALUE_FLAGS[word], distance=False)


def read_leverage(text: str, span: Span, example: str) -> Decimal:
    """Read `5` or `5x`; from 1 to 1000."""
    digits = text[:-1] if text[-1:] in {"x", "X"} else text
    if NUMBER.fullmatch(digits) is None:
        raise CommandError(f"{shown(text)} is not a leverage", span, f"for example: {example}")
    value = scaled(digits, "", span)
    if not 1 <= value <= 1000:
        raise CommandError(f"leverage {text} lies outside 1 to 1000", span, f"for example: {example}")
    return value


def _no_colon(token: Token, cur: Cursor) -> CommandError:
    word = token.low
    follower = cur.peek()
    value = follower.text if follower is not None else VALUE_FLAGS[word].partition(":")[2]
    hint = f"write {word}:{value}"
    if word == "stop":
        readings = (
            f"stop:{value} (the order waits for this price)",
            f"sl {value} (a stop-loss once it is filled)",
        )
        return CommandError("'stop' is written with a colon, or sl was meant", token.span, hint, readings)
    return CommandError(f"{shown(word)} is written with a colon", token.span, hint)
