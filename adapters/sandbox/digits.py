"""Numbers as the venue writes them: fixed decimals, no exponent. Used by every payload."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal


def fixed(value: Decimal | int, decimals: int = 8) -> str:
    """`value` with exactly `decimals` digits after the point.

    >>> fixed(Decimal("1.5"))
    '1.50000000'
    """
    return format(Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN), "f")


def plain(value: Decimal) -> str:
    """`value` without trailing zeros and without an exponent.

    >>> plain(Decimal("1E+2")), plain(Decimal("0.10"))
    ('100', '0.1')
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def decimals_of(step: Decimal) -> int:
    """Digits after the point of a tick or lot.

    >>> decimals_of(Decimal("0.010")), decimals_of(Decimal("1"))
    (2, 0)
    """
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def millis(time_ns: int) -> int:
    """Nanoseconds to the venue's milliseconds."""
    return time_ns // 1_000_000
