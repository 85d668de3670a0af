"""Numbers and times as text of an exact width, never cut in a way that reads as another number."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from hedge_tui.ui.widgets.compact_number import compact_text
from hedge_tui.ui.widgets.live_table.column import Column, Kind

CellFormat = Callable[[float, int], str]
"""(value, decimals) -> text of the column's width."""

_MAX_DECIMALS = 12


def _aligned(text: str, width: int, align: str) -> str:
    if align == "right":
        return text.rjust(width)
    return text.ljust(width) if align == "left" else text.center(width)


def _number_format(column: Column, width: int, blank: str) -> CellFormat:
    sign = "+" if column.signed else ""
    comma = "," if column.thousands else ""
    letter = "%" if column.percent else "f"
    specs = [f"{sign}z{comma}.{n}{letter}" for n in range(_MAX_DECIMALS + 1)]
    plain = [f"{sign}z.{n}{letter}" for n in range(_MAX_DECIMALS + 1)]
    align = column.alignment
    empty = _aligned(blank[:width], width, align)
    overflow = "#" * width

    def shorter(value: float, decimals: int) -> str:
        # First without separators, then with a unit letter; rather no figure at all than a cut one.
        suffix = "%" if column.percent else ""
        scaled = value * 100 if column.percent else value
        for text in (format(value, plain[decimals]), compact_text(scaled, sign) + suffix):
            if len(text) <= width:
                return _aligned(text, width, align)
        return overflow

    def number(value: float, decimals: int) -> str:
        if math.isnan(value):
            return empty
        if column.compact:
            text = compact_text(value, sign)
        elif math.isinf(value):
            text = f"{value:{sign}f}"
        else:
            text = format(value, specs[min(max(decimals, 0), _MAX_DECIMALS)])
        if len(text) > width:
            return shorter(value, min(max(decimals, 0), _MAX_DECIMALS)) if math.isfinite(value) else overflow
        return _aligned(text, width, align)

    return number


def time_text(at_ns: int, width: int) -> str:
    """UTC wall time, with the date from 14 cells on and milliseconds at 12 and at 23.

    >>> time_text(1_700_000_000_123_000_000, 8), time_text(1_700_000_000_123_000_000, 19)
    ('22:13:20', '2023-11-14 22:13:20')
    """
    seconds, rest = divmod(at_ns, 1_000_000_000)
    moment = time.gmtime(seconds)
    millis = f".{rest // 1_000_000:03d}"
    if width >= 23:
        return time.strftime("%Y-%m-%d %H:%M:%S", moment) + millis
    if width >= 19:
        return time.strftime("%Y-%m-%d %H:%M:%S", moment)
    if width >= 14:
        return time.strftime("%m-%d %H:%M:%S", moment)
    if width >= 12:
        return time.strftime("%H:%M:%S", moment) + millis
    return time.strftime("%H:%M:%S" if width >= 8 else "%H:%M", moment)


def _time_format(column: Column, width: int, blank: str) -> CellFormat:
    align = column.alignment
    empty = _aligned(blank[:width], width, align)

    def moment(value: float, decimals: int) -> str:
        del decimals
        if math.isnan(value):
            return empty
        try:
            text = time_text(int(value), width)
        except (OverflowError, ValueError, OSError):
            return "#" * width
        return _aligned(text, width, align) if len(text) <= width else "#" * width

    return moment


def span_text(seconds: float) -> str:
    """A length of time in its two largest units.

    >>> span_text(11_520), span_text(725), span_text(9), span_text(200_000)
    ('3h12m', '12m05s', '9s', '2d07h')
    """
    sign, left = ("-" if seconds < 0 else ""), int(abs(seconds))
    for unit, name, part, below in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "m"), (60, "m", 1, "s")):
        if left >= unit:
            return f"{sign}{left // unit}{name}{left % unit // part:02d}{below}"
    return f"{sign}{left}s"


def _span_format(column: Column, width: int, blank: str) -> CellFormat:
    align = column.alignment
    empty = _aligned(blank[:width], width, align)

    def span(value: float, decimals: int) -> str:
        del decimals
        if not math.isfinite(value):
            return empty
        text = span_text(value)
        return _aligned(text, width, align) if len(text) <= width else "#" * width

    return span


def cell_format(column: Column, width: int, blank: str) -> CellFormat:
    """The function that writes values of a NUMBER, TIME or SPAN column.

    Args:
        column: kind, signs, separators.
        width: cells to fill exactly; may differ from the column's own on a narrow screen.
        blank: for NaN, used if the column names none.
    """
    shown = blank if column.blank is None else column.blank
    if column.kind is Kind.TIME:
        return _time_format(column, width, shown)
    if column.kind is Kind.SPAN:
        return _span_format(column, width, shown)
    return _number_format(column, width, shown)
