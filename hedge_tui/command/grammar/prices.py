"""Reads prices: `64000`, `bid-2t`, `mid - 0.2%`, `line:TL3`, and triggers such as `4%@mark`.

Called by the order, algo, attachment and amend grammars. What a price comes to is resolved when it is sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hedge_tui.command.ast.price import Distance, Offset, OffsetUnit, Price, PriceRef, Trigger
from hedge_tui.command.grammar.numbers import NUMBER, bad_number, million_or_minutes, scaled
from hedge_tui.command.refusal import nearest, shown, unknown_word
from hedge_tui.command.tokens import Kind, Token, unquote
from hedge_tui.command.words import PRICE_WORDS
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import TriggerSource

if TYPE_CHECKING:
    from hedge_tui.command.ast.line import Span
    from hedge_tui.command.grammar.cursor import Cursor

_REFERENCE = re.compile(r"(bid|ask|mid|mark|last|entry)(?![^+\-])", re.IGNORECASE | re.ASCII)
_LINE = re.compile(r'[Ll][Ii][Nn][Ee]:([^\W\d]\w*(?:\.\w+)*|"(?:[^"\\]|\\.)+")')
_OFFSET = re.compile(r"([+\-])([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(t|bp|bps|%|)", re.IGNORECASE | re.ASCII)
_DISTANCE = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(t|bp|bps|%)", re.IGNORECASE | re.ASCII)
_UNITS = {
    "t": OffsetUnit.TICKS,
    "bp": OffsetUnit.BASIS_POINTS,
    "bps": OffsetUnit.BASIS_POINTS,
    "%": OffsetUnit.PERCENT,
    "": OffsetUnit.PRICE,
}
_SOURCES = {source.value: source for source in TriggerSource}


def read_price(cur: Cursor, example: str) -> Price:
    """Read a price, its offset possibly standing apart ("mid - 0.2%")."""
    token = cur.take("a price", example)
    price, used = _head(token, example)
    if price.reference is PriceRef.NUMBER:
        return price
    if used < len(token.text):
        offset: Offset | None = _offset(token.text[used:], (token.start + used, token.end), example)
    else:
        offset = _offset_apart(cur, example)
    return Price(price.reference, None, price.line, offset, cur.since(token.start))


def read_trigger(cur: Cursor, example: str, *, distance: bool) -> Trigger:
    """Read a trigger price with its source.

    Args:
        cur: at the price.
        example: a line that would work, for refusals.
        distance: `4%` and signed `-4%` from the average fill may be written, as in tp and sl.
    """
    start = cur.here[0]
    for ahead in range(3):
        cur.cut_before("@", ahead)
    price = read_distance_or_price(cur, example) if distance else read_price(cur, example)
    return Trigger(price, read_source(cur), cur.since(start))


def read_source(cur: Cursor) -> TriggerSource | None:
    """Read `@last` or `@mark` if it stands at the cursor."""
    token = cur.peek()
    if token is None or not token.text.startswith("@"):
        return None
    source = _SOURCES.get(token.low[1:])
    if source is None:
        raise unknown_word(token.text, token.span, "a trigger source", ("@last", "@mark"), "sl 4%@mark")
    cur.at += 1
    return source


def read_distance_or_price(cur: Cursor, example: str) -> Price | Distance:
    """Read what may follow tp and sl: a price, `4%` away, or `-4%` signed from the average fill."""
    token = cur.peek()
    if token is not None and _DISTANCE.fullmatch(token.text):
        return read_distance(cur, example)
    if token is not None and token.text[:1] in "+-" and token.text not in {"+", "-"}:
        cur.at += 1
        offset = _offset(token.text, token.span, example)
        return Price(PriceRef.ENTRY, offset=offset, span=token.span)
    return read_price(cur, example)


def read_distance(cur: Cursor, example: str) -> Distance:
    """Read an unsigned `1%`, `50bp` or `20t`."""
    token = cur.take("a distance", example)
    match = _DISTANCE.fullmatch(token.text)
    if match is None:
        if NUMBER.fullmatch(token.text):
            readings = (
                f"{token.text}% (percent)",
                f"{token.text}t (ticks)",
                f"{token.text}bp (basis points)",
            )
            raise CommandError(
                f"{shown(token.text)} has no unit", token.span, f"for example: {example}", readings
            )
        raise CommandError(
            f"{shown(token.text)} is not a distance: expected a number with %, bp or t",
            token.span,
            f"for example: {example}",
        )
    value = scaled(match[1], "", token.span)
    if not value:
        raise CommandError("the distance is zero", token.span, f"for example: {example}")
    return Distance(value, _UNITS[match[2].lower()], token.span)


def _head(token: Token, example: str) -> tuple[Price, int]:
    """Read the price a token starts with; also where in the token an offset begins."""
    text = token.text
    if (word := _REFERENCE.match(text)) is not None:
        return Price(PriceRef(word[1].lower()), span=token.span), word.end()
    if (line := _LINE.match(text)) is not None:
        return Price(PriceRef.LINE, line=unquote(line[1]), span=token.span), line.end()
    if (number := NUMBER.match(text)) is not None:
        return _number(token, number[0], text[number.end() :], example), len(text)
    raise _not_a_price(token, example)


def _number(token: Token, digits: str, rest: str, example: str) -> Price:
    multiplier = rest.lower()
    if multiplier == "m":
        raise million_or_minutes(digits, "", token.span)
    if multiplier in {"t", "bp", "bps", "%"}:
        readings = tuple(
            f"{word}{sign}{digits}{rest}" for word, sign in (("bid", "-"), ("mid", "-"), ("ask", "+"))
        )
        raise CommandError(
            f"{shown(token.text)} from which price?", token.span, f"write {readings[1]}", readings
        )
    if multiplier not in {"", "k", "mm"}:
        raise CommandError(
            f"{shown(token.text)} is not a price: a price has no unit", token.span, f"for example: {example}"
        )
    value = scaled(digits, multiplier, token.span)
    if not value:
        raise CommandError("the price is zero", token.span, f"for example: {example}")
    return Price(PriceRef.NUMBER, value, span=token.span)


def _offset(text: str, span: Span, example: str) -> Offset:
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise CommandError(
            f"{shown(text)} is not an offset: expected + or - with a number and t, bp, % or nothing",
            span,
            f"for example: {example}",
        )
    value = scaled(match[2], "", span)
    if not value:
        raise CommandError("the offset is zero", span, "leave it out")
    return Offset(value.copy_negate() if match[1] == "-" else value, _UNITS[match[3].lower()], span)


def _offset_apart(cur: Cursor, example: str) -> Offset | None:
    """Read an offset that stands after its price: "mid -0.2%" or "mid - 0.2%"."""
    token = cur.peek()
    if token is None or token.kind is not Kind.WORD or token.text[0] not in "+-":
        return None
    cur.at += 1
    if token.text not in {"+", "-"}:
        return _offset(token.text, token.span, example)
    amount = cur.take("an offset", example)
    return _offset(token.text + amount.text, (token.start, amount.end), example)


def _not_a_price(token: Token, example: str) -> CommandError:
    text = token.text
    if (bad := bad_number(text, token.span)) is not None:
        return bad
    if token.low.startswith("line:"):
        return CommandError(
            f"{shown(text)} names no drawing",
            token.span,
            'write line:TL3, or line:"weekly high" for other names',
        )
    if text[0] in "+-":
        readings = tuple(f"{word}{text}" for word in ("bid", "ask", "mid"))
        return CommandError(f"{shown(text)} from which price?", token.span, f"write mid{text}", readings)
    if token.low in {"market", "mkt"}:
        return CommandError("a market order has no price", token.span, "leave out 'at market'")
    if nearest(text, PRICE_WORDS):
        return unknown_word(text, token.span, "a price", PRICE_WORDS, example)
    return CommandError(
        f"{shown(text)} is not a price: expected a number, {', '.join(PRICE_WORDS)} or line:NAME",
        token.span,
        f"for example: {example}",
    )
