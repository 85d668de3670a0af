"""What a column of a `LiveTable` is: its kind, its format and how it shows change."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    TEXT = "text"
    WORD = "word"
    TIME = "time"
    SPAN = "span"


Tint = Literal["", "sign", "up", "down", "muted", "accent", "warning"]
Align = Literal["left", "right", "center"]

SIDES: Mapping[str, Tint] = {"buy": "up", "long": "up", "sell": "down", "short": "down", "flat": "muted"}
"""Colours of the words for sides; the word itself is always shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; the table keeps changed copies of it when the trader resizes or hides it.

    Attributes:
        key: name in the feed's dictionaries; unique in the table.
        label: header text.
        width: cells for the content, at least 1; the padding comes on top.
        kind: NUMBER holds floats (NaN is not known), TEXT and WORD strings, TIME UTC nanoseconds as float
            (exact to 256 ns in these years), shown as much of it as the width takes; SPAN seconds as 3h12m.
        align: None means right for numbers and times, left for text.
        decimals: fixed, or the key of a number column (which may be hidden) that holds them per row.
        thousands, signed, percent, compact: NUMBER only. `percent` shows 0.0123 as 1.23%; `compact` shows
            12,300,000 as 12.3M.
        tint: "sign" colours numbers above and below zero; another word is a fixed colour.
        words: WORD only: lower-case word -> colour.
        flash: a changed value lights up for a moment, by its direction.
        visible: shown at all; see `LiveTable.show_column`.
        stretch: takes a share of the width that the other columns leave.
        blank: shown for NaN; None means a dash.
    """

    key: str
    label: str
    width: int = 12
    kind: Kind = Kind.NUMBER
    align: Align | None = None
    decimals: int | str = 2
    thousands: bool = True
    signed: bool = False
    percent: bool = False
    compact: bool = False
    tint: Tint = ""
    words: Mapping[str, Tint] = field(default_factory=lambda: SIDES)
    flash: bool = False
    visible: bool = True
    stretch: bool = False
    blank: str | None = None

    @property
    def is_text(self) -> bool:
        """True if values are strings."""
        return self.kind in {Kind.TEXT, Kind.WORD}

    @property
    def alignment(self) -> Align:
        """`align`, or what suits the kind."""
        return self.align or ("left" if self.is_text else "right")
