"""Numbers and times as a person reads them, from the exact text that the engine sends. Never scientific."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

NONE = "-"
_LARGE = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "mm"), (Decimal(10) ** 3, "k"))


def number(value: Any) -> Decimal | None:
    """A finite number out of text, int, float or Decimal; None for anything else."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return None
    return found if found.is_finite() else None


def exact(value: Any) -> str:
    """Every digit that counts, thousands grouped: 44,507.7."""
    found = number(value)
    if found is None:
        return NONE
    text = f"{found:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(value: Any) -> str:
    """A worked-out price: seven digits that count, or all before the point."""
    found = number(value)
    if not found:
        return NONE if found is None else "0"
    places = max(0, 6 - found.adjusted())
    return exact(f"{found.quantize(Decimal(1).scaleb(-places)):f}")


def money(value: Any) -> str:
    """Two places: 1,234.50."""
    return _fixed(value, 2)


def exact_two(value: Any) -> str:
    """At most two places: 3.5."""
    found = number(value)
    return NONE if found is None else exact(f"{found.quantize(Decimal('0.01')):f}")


def signed_money(value: Any) -> str:
    """Two places and a sign, for what is won or lost: +12.30."""
    text = money(value)
    return f"+{text}" if (number(text.replace(",", "")) or 0) > 0 else text


def percent(value: Any) -> str:
    """A fraction as a signed percentage with two places: +1.25 %."""
    return _percent(value, 2, "+")


def ratio(value: Any) -> str:
    """A fraction as a percentage without a sign: 12.50 %."""
    return _percent(value, 2, "")


def rate(value: Any) -> str:
    """A funding rate as a percentage with four places: +0.0100 %."""
    return _percent(value, 4, "+")


def basis_points(value: Any) -> str:
    """One place."""
    return _fixed(value, 1)


def compact(value: Any) -> str:
    """Three digits and a letter, as sizes are typed: 1.23mm, 45.6k, 1.2bn."""
    found = number(value)
    if found is None:
        return NONE
    for size, word in _LARGE:
        if abs(found) >= size:
            return _three_digits(found / size) + word
    return _three_digits(found)


def plain(value: Any) -> str:
    """A number that is a name, such as a row or a process id: no grouping."""
    return NONE if value is None else str(value)


def when(zone: tzinfo = UTC) -> Any:
    """A function from UTC nanoseconds to `11-20 10:47:12` in `zone`."""

    def show(at_ns: Any) -> str:
        return f"{datetime.fromtimestamp(at_ns / 1e9, zone):%m-%d %H:%M:%S}" if at_ns else NONE

    return show


def ago(at_ns: int, now_ns: int) -> str:
    """How long ago, in its largest unit: 3 min."""
    seconds = max(0, (now_ns - at_ns) // 1_000_000_000)
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {word}"
    return f"{seconds} s"


def _fixed(value: Any, places: int) -> str:
    found = number(value)
    if found is None:
        return NONE
    return f"{_unsigned_zero(found.quantize(Decimal(1).scaleb(-places))):,f}"


def _percent(value: Any, places: int, sign: str) -> str:
    found = number(value)
    if found is None:
        return NONE
    return f"{_unsigned_zero((found * 100).quantize(Decimal(1).scaleb(-places))):{sign},f} %"


def _three_digits(value: Decimal) -> str:
    whole = len(str(int(abs(value))))
    return f"{value.quantize(Decimal(1).scaleb(-max(0, 3 - whole))):,f}"


def _unsigned_zero(value: Decimal) -> Decimal:
    """-0.00 says nothing that 0.00 does not."""
    return abs(value) if value == 0 else value
