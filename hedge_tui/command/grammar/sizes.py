"""Reads sizes: `0.5btc`, `2k usd`, `$500`, `10%free`, `risk:50usd`, `=0.5btc`, and what follows a slash.

Called by the order, amend, arm and margin grammars. A size without a unit is always refused, with what it
could have meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.command.ast.amount import MONEY, Size, SizeKind
from hedge_tui.command.grammar.numbers import NUMBER, bad_number, million_or_minutes, scaled
from hedge_tui.command.grammar.spread import read_spread
from hedge_tui.command.refusal import shown, unknown_word
from hedge_tui.command.tokens import Kind, Token
from hedge_tui.command.words import ORDER_WORDS, is_symbol
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast.line import Span
    from hedge_tui.command.grammar.cursor import Cursor

_LEAD = re.compile(r"(risk:|=)?([+\-]?)(\$?)", re.IGNORECASE | re.ASCII)
_UNIT = re.compile(r"[^\W\d_]\w*")
_SPACED_UNIT = re.compile(r"(?=.*[^\W\d_])\w+")
_PERCENT_KINDS = {"free": SizeKind.FREE, "eq": SizeKind.EQUITY, "pos": SizeKind.POSITION}
_PERCENT_MEANING = {"free": "of the free balance", "eq": "of the equity", "pos": "of the open position"}
_LEADS = {"": SizeKind.AMOUNT, "=": SizeKind.TARGET, "risk:": SizeKind.RISK}
_KIND_WORDS = {
    SizeKind.AMOUNT: "an amount such as 0.5btc or 500usd",
    SizeKind.FREE: "a percentage of the free balance",
    SizeKind.EQUITY: "a percentage of the equity",
    SizeKind.POSITION: "a percentage of the position",
    SizeKind.RISK: "a risk",
    SizeKind.TARGET: "a target position",
    SizeKind.ORDER: "a percentage of the order",
}

ORDER_KINDS = frozenset(SizeKind) - {SizeKind.ORDER}
AMOUNT_ONLY = frozenset({SizeKind.AMOUNT})
SHOW_KINDS = frozenset({SizeKind.AMOUNT, SizeKind.ORDER})


@dataclass(frozen=True, slots=True)
class SizeRules:
    """What a size may be in one place of the grammar.

    Attributes:
        example: a line that would work, for refusals.
        kinds: the kinds allowed there.
        symbol_follows: a symbol comes next, so `2 btc` alone is not a size with its unit.
        money: only units of money.
        seen: base and quote names of the symbols in the line, upper case: they decide whether `5kava`
            is five KAVA or five thousand AVA.
        price_word: how a price would be written there, for the readings of a bare number; "" for not at all.
    """

    example: str
    kinds: frozenset[SizeKind]
    symbol_follows: bool = False
    money: bool = False
    seen: frozenset[str] = frozenset()
    price_word: str = "at"


@dataclass(frozen=True, slots=True)
class _Typed:
    """The pieces of one typed size; `unit` is set when it stood apart ("2k usd")."""

    kind: SizeKind
    sign: str
    dollar: bool
    digits: str
    rest: str
    unit: str | None
    span: Span


def read_size(cur: Cursor, rules: SizeRules) -> Size:
    """Read one size at the cursor, with its /each or /split.

    Raises:
        CommandError: no number, no unit, an ambiguous unit, zero, or a kind not allowed here.
    """
    token = cur.take("a size", rules.example)
    head, slash, tail = token.text.partition("/")
    lead = _LEAD.match(head)
    body_at = lead.end() if lead else 0
    body = head[body_at:]
    number = NUMBER.match(body)
    if lead is None or number is None:
        raise _not_a_size(token, body, rules)
    rest = body[number.end() :]
    apart = None if slash or lead[3] else _unit_apart(cur, rest, rules)
    end = token.start + len(head)
    unit: str | None = None
    if apart is not None:
        unit, slash, tail = apart.text.partition("/")
        end = apart.start + len(unit)
    kind = _LEADS[(lead[1] or "").lower()]
    typed = _Typed(kind, lead[2], bool(lead[3]), number[0], rest, unit, (token.start, end))
    size = _meaning(typed, cur, rules)
    spread = read_spread(cur, slash + tail, end)
    return Size(size.kind, size.value, size.unit, spread, cur.since(token.start))


def _unit_apart(cur: Cursor, rest: str, rules: SizeRules) -> Token | None:
    """Take the next word when it is the unit of the number just read ("2k usd", "10% free")."""
    follower = cur.peek()
    if follower is None or follower.kind is not Kind.WORD:
        return None
    word = follower.low.partition("/")[0]
    if rest == "%":
        belongs = word in _PERCENT_KINDS
    elif rest.lower() not in {"", "k", "m", "mm"} or word in ORDER_WORDS or not _SPACED_UNIT.fullmatch(word):
        belongs = False
    elif word.upper() in MONEY or not rules.symbol_follows:
        belongs = True
    else:
        beyond = cur.peek(1)
        belongs = beyond is not None and beyond.kind is Kind.WORD and is_symbol(beyond.text.partition(",")[0])
    if not belongs:
        return None
    cur.at += 1
    return follower


def _meaning(typed: _Typed, cur: Cursor, rules: SizeRules) -> Size:
    """Turn the typed pieces into kind, value and unit, and check them against the rules."""
    if typed.rest.startswith("%"):
        kind, value, unit = _percent(typed, rules)
    else:
        kind = typed.kind
        value, unit = _amount(typed, cur, rules)
    if typed.sign and kind is not SizeKind.TARGET:
        raise CommandError(
            "a size has no sign: buy or sell says the direction", typed.span, f"for example: {rules.example}"
        )
    if typed.sign == "-":
        value = value.copy_negate()
    if not value and kind is not SizeKind.TARGET:
        raise CommandError("the size is zero", typed.span, f"for example: {rules.example}")
    if kind not in rules.kinds:
        allowed = " or ".join(_KIND_WORDS[k] for k in SizeKind if k in rules.kinds)
        raise CommandError(
            f"{_KIND_WORDS[kind]} has no meaning here: expected {allowed}",
            typed.span,
            f"for example: {rules.example}",
        )
    if (rules.money or kind is SizeKind.RISK) and unit not in MONEY:
        raise CommandError(
            f"{shown(unit.lower())} is not money",
            typed.span,
            "write it in usd",
        )
    return Size(kind, value, unit)


def _percent(typed: _Typed, rules: SizeRules) -> tuple[SizeKind, Decimal, str]:
    word = (typed.unit if typed.unit is not None else typed.rest[1:]).lower()
    value = scaled(typed.digits, "", typed.span)
    if typed.kind is not SizeKind.AMOUNT or typed.dollar:
        raise CommandError(
            "a risk or a target is an amount, not a percentage", typed.span, "write risk:50usd or =0.5btc"
        )
    if not word and SizeKind.ORDER in rules.kinds:
        if value > 100:
            raise CommandError(
                "more than the whole order cannot be shown", typed.span, "for example: iceberg 10%"
            )
        return SizeKind.ORDER, value, ""
    if not word:
        readings = tuple(f"{typed.digits}%{w} ({_PERCENT_MEANING[w]})" for w in _PERCENT_KINDS)
        raise CommandError(f"{typed.digits}% of what?", typed.span, f"write {typed.digits}%free", readings)
    if word not in _PERCENT_KINDS:
        raise unknown_word(
            word, typed.span, "something to take a percentage of", _PERCENT_KINDS, rules.example
        )
    return _PERCENT_KINDS[word], value, ""


def _amount(typed: _Typed, cur: Cursor, rules: SizeRules) -> tuple[Decimal, str]:
    rest = typed.rest.lower()
    scaled(typed.digits, "", typed.span)  # refuses endless digits before they fill a message
    if typed.dollar or typed.unit is not None:
        unit = "USD" if typed.dollar else (typed.unit or "").upper()
        if rest == "m":
            raise million_or_minutes(typed.digits, unit, typed.span)
        if rest not in {"", "k", "mm"}:
            raise CommandError(
                f"${typed.digits}{typed.rest}: the dollar sign is the unit already",
                typed.span,
                f"write ${typed.digits}",
            )
        return scaled(typed.digits, rest, typed.span), unit
    if rest in {"", "k", "m", "mm"}:
        raise _no_unit(typed, cur, rules)
    multiplier, unit = _attached(typed, rules.seen)
    return scaled(typed.digits, multiplier, typed.span), unit


def _attached(typed: _Typed, seen: frozenset[str]) -> tuple[str, str]:
    """Tell multiplier and unit apart in "kusd", "kava", "mmusd", "btc"."""
    rest = typed.rest
    if re.match(r"e[0-9]", rest, re.IGNORECASE) or _UNIT.fullmatch(rest) is None:
        raise CommandError(
            f"{shown(typed.digits + rest)} is not a size",
            typed.span,
            "write a number and its unit, such as 0.5btc",
        )
    unit = rest.upper()
    if unit in MONEY or unit in seen:
        return "", unit
    for multiplier in ("mm", "k", "m"):
        inner = unit[len(multiplier) :]
        if not rest.lower().startswith(multiplier) or not inner:
            continue
        if inner in MONEY or inner in seen:
            if multiplier == "m":
                raise million_or_minutes(typed.digits, inner, typed.span)
            return multiplier, inner
        if multiplier == "k":
            low = inner.lower()
            readings = (
                f"{typed.digits} {unit.lower()} ({typed.digits} {unit})",
                f"{typed.digits}k {low} ({typed.digits} thousand {inner})",
            )
            raise CommandError(
                f"{shown(typed.digits + rest)} can be read in two ways",
                typed.span,
                "put a space before the unit",
                readings,
            )
    return "", unit


def _no_unit(typed: _Typed, cur: Cursor, rules: SizeRules) -> CommandError:
    """Refuse a bare number with everything it could be."""
    number = typed.digits + typed.rest
    if typed.rest.lower() == "m":
        return million_or_minutes(typed.digits, "usd", typed.span)
    after = cur.peek()
    asset = "btc"
    if after is not None and rules.symbol_follows and is_symbol(after.text):
        asset = re.split(r"[/.:,\-]", after.low)[0] or asset
    lead = {SizeKind.TARGET: "=", SizeKind.RISK: "risk:"}.get(typed.kind, "")
    if rules.money or typed.kind is SizeKind.RISK:
        return CommandError(f"{shown(lead + number)} has no unit", typed.span, f"write {lead}{number}usd")
    readings = [f"{lead}{number}{asset} (quantity)", f"{lead}{number}usd (worth)"]
    if not lead and rules.price_word:
        readings.append(f"{rules.price_word} {number} (a price)")
    hint = f"for example: {rules.example}"
    if re.fullmatch(r"0[0-9]*", number):
        hint = f"a shell eats dollar signs: write 500usd instead of $500; {hint}"
    return CommandError(
        f"{shown(lead + number)} could be a quantity, a worth or a price", typed.span, hint, tuple(readings)
    )


def _not_a_size(token: Token, body: str, rules: SizeRules) -> CommandError:
    """Refuse a word that does not start like a number."""
    if (bad := bad_number(body, token.span)) is not None:
        return bad
    if token.low in {"all", "half"}:
        part = "100" if token.low == "all" else "50"
        return CommandError(
            f"{shown(token.text)} is not a size", token.span, f"write {part}%pos, or close BTC.p"
        )
    if rules.symbol_follows and is_symbol(token.text):
        return CommandError(
            f"{shown(token.text)} stands where the size belongs: the size comes before the symbol",
            token.span,
            f"for example: {rules.example}",
        )
    return CommandError(f"{shown(token.text)} is not a size", token.span, f"for example: {rules.example}")
