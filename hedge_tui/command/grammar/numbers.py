"""Numbers, multipliers and durations as traders type them: `k` thousand, `mm` million, `m` minutes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast.moment import Duration
from hedge_tui.command.refusal import shown
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.command.ast.line import Span

NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?![0-9.,_'])")
"""Plain decimals only: no sign, no exponent, no separators."""

MAX_DIGITS = 30
_MULTIPLIERS = {"": 0, "k": 3, "mm": 6}
_NS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86_400 * 10**9, "w": 604_800 * 10**9}
_DURATION = re.compile(r"(?:([0-9]+(?:\.[0-9]+)?)(ms|[smhdw]))+")
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhdw])")
_MAX_DURATION_NS = 3_650 * _NS["d"]


def scaled(digits: str, multiplier: str, span: Span) -> Decimal:
    """Read `digits` times 1, thousand ("k") or million ("mm"), exactly.

    Raises:
        CommandError: more than 30 digits.
    """
    if len(digits) > MAX_DIGITS:
        raise CommandError(f"{shown(digits)} has more than {MAX_DIGITS} digits", span, "a shorter number")
    value = Decimal(digits)
    power = _MULTIPLIERS[multiplier]
    if not power:
        return value
    sign, figures, exponent = value.as_tuple()
    return Decimal((sign, figures, int(exponent) + power))


def number_text(value: Decimal) -> str:
    """Write a number without an exponent, keeping every digit."""
    return format(value, "f")


def bad_number(text: str, span: Span) -> CommandError | None:
    """Explain why something that starts like a number is not one; None when it is fine so far."""
    match = re.match(r"[0-9][0-9.,_']*", text)
    if match is None or NUMBER.match(text):
        return None
    typed = match[0]
    plain = re.sub(r"[,_']", "", typed)
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+", typed):
        readings = (f"{plain} (thousands)", f"{typed.replace(',', '.', 1)} (a decimal comma)")
        hint = f"write {plain}, or with a point for decimals"
        return CommandError(f"{shown(typed)} can be read in two ways", span, hint, readings)
    if re.fullmatch(r"[0-9]+,[0-9]+", typed):
        return CommandError(
            f"{shown(typed)} is not a number: decimals take a point", span, f"write {typed.replace(',', '.')}"
        )
    return CommandError(
        f"{shown(typed)} is not a number", span, "write digits with one point, such as 1250.5"
    )


def million_or_minutes(digits: str, unit: str, span: Span) -> CommandError:
    """Refuse `m` after a number where a million may have been meant."""
    tail = unit.lower()
    return CommandError(
        f"'{digits}m{tail}': m always means minutes",
        span,
        f"a million is mm: {digits}mm{tail}",
        (f"{digits}mm{tail} ({digits} million)", f"{digits}k{tail} ({digits} thousand)"),
    )


def read_count(text: str, span: Span, what: str, least: int, example: str) -> int:
    """Read a whole number of at least `least`, such as a number of orders."""
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise CommandError(
            f"{shown(text)} is not {what}: a whole number is expected", span, f"for example: {example}"
        )
    count = int(text)
    if count < least:
        raise CommandError(f"{what} is {count}, the least is {least}", span, f"for example: {example}")
    return count


def read_percent(text: str, span: Span, what: str, example: str) -> Decimal:
    """Read `20%` as Decimal(20); above 0, at most 100."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(%?)", text)
    if match is None:
        raise CommandError(f"{shown(text)} is not a percentage", span, f"for example: {example}")
    if not match[2]:
        raise CommandError(f"{what} is a percentage: {shown(text)} has no %", span, f"write {text}%")
    value = scaled(match[1], "", span)
    if not 0 < value <= 100:
        raise CommandError(
            f"{what} is {text}; it lies above 0% and up to 100%", span, f"for example: {example}"
        )
    return value


def looks_like_duration(text: str) -> bool:
    """Whether `text` (lower case) is a duration such as 90s or 1h30m."""
    return _DURATION.fullmatch(text) is not None


def read_duration(text: str, span: Span, example: str) -> Duration:
    """Read `30m`, `1h30m`, `2.5h`, `500ms`, `1w`.

    Raises:
        CommandError: no unit, an unknown unit, zero, not a whole number of milliseconds, over ten years.
    """
    if NUMBER.fullmatch(text):
        readings = tuple(
            f"{text}{unit} ({word})" for unit, word in (("s", "seconds"), ("m", "minutes"), ("h", "hours"))
        )
        raise CommandError(f"{shown(text)} has no unit of time", span, f"write {text}m for minutes", readings)
    if "M" in text:
        raise CommandError(
            f"{shown(text)}: M is neither minutes nor months",
            span,
            f"for minutes write {text.replace('M', 'm')}",
        )
    low = text.lower()
    if not looks_like_duration(low):
        raise CommandError(
            f"{shown(text)} is not a length of time: expected w, d, h, m, s or ms after a number",
            span,
            f"for example: {example}",
        )
    total = sum(
        (scaled(digits, "", span) * _NS[unit] for digits, unit in _DURATION_PART.findall(low)), Decimal(0)
    )
    if total <= 0:
        raise CommandError(f"{shown(text)} is no time at all", span, f"for example: {example}")
    if total > _MAX_DURATION_NS:
        raise CommandError(f"{shown(text)} is longer than ten years", span, f"for example: {example}")
    if total % _NS["ms"]:
        raise CommandError(
            f"{shown(text)} is not a whole number of milliseconds", span, f"for example: {example}"
        )
    return Duration(int(total), span)


def duration_text(duration: Duration) -> str:
    """Write a duration in the fewest whole units."""
    rest, parts = duration.ns, []
    for unit in ("w", "d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _NS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
