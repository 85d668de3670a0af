"""Large figures in a few characters, for volumes and notionals."""

from __future__ import annotations

_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))


def compact_text(value: float, sign: str = "") -> str:
    """Three or four figures and a letter: 12,345,678 -> 12.3M.

    Args:
        value: any float; infinities read "inf".
        sign: "+" to write it before positive figures too.

    >>> compact_text(12_345_678.0), compact_text(-950.0), compact_text(0.5)
    ('12.3M', '-950', '0.5')
    """
    size = abs(value)
    for unit, letter in _STEPS:
        if size >= unit * 0.9995:
            scaled = value / unit
            digits = 0 if abs(scaled) >= 99.95 else 1 if abs(scaled) >= 9.995 else 2
            return f"{scaled:{sign}.{digits}f}{letter}"
    return f"{value:{sign}z.4g}"
