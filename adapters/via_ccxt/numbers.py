"""From a venue's digits to Decimal, float and nanoseconds, without ever failing on rubbish.

Used by all the parsers of this package; "cannot be read" is None (or NaN), never an exception.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

_NAN = float("nan")


def decimal_of(value: Any) -> Decimal | None:
    """A finite Decimal without exponent, None if there is none.

    >>> decimal_of("1e-8")
    Decimal('0.00000001')
    """
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    if not number.is_finite():
        return None
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        return number.quantize(Decimal(1)) if number.adjusted() < 28 else number
    return number


def positive(value: Any) -> Decimal | None:
    """A Decimal above zero, else None: venues write 0 for "none"."""
    number = decimal_of(value)
    return number if number is not None and number > 0 else None


def float_of(value: Any) -> float:
    """A float; NaN if there is none."""
    try:
        return float(value) if value is not None else _NAN
    except (TypeError, ValueError):
        return _NAN


def ns_of_ms(value: Any) -> int:
    """UTC nanoseconds of a venue's milliseconds; 0 if there are none."""
    try:
        return int(value) * 1_000_000 if value is not None else 0
    except (TypeError, ValueError):
        return 0


def digits(value: Decimal) -> str:
    """Plain digits, never an exponent: venues refuse 1E+2."""
    return format(value, "f")
