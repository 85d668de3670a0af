"""How a table fits the terminal: pure arithmetic on cells that are text already.

A table that is too wide loses whole columns first, those that can be spared, then its longest texts are
shortened. A line is never wrapped, a number never cut.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = "  "
LEAST_TEXT = 6
"""A shortened column keeps so many cells at least."""


@dataclass(frozen=True, slots=True)
class Track:
    """One column before it is laid out.

    Attributes:
        title: the heading.
        cells: text of each row.
        right: set to the right, and never cut.
        spare: dropped where there is no room, the largest number first; 0 never.
    """

    title: str
    cells: Sequence[str]
    right: bool = False
    spare: int = 0

    @property
    def width(self) -> int:
        """Terminal cells of its widest text."""
        return max(width(text) for text in (self.title, *self.cells))


def lay_out(tracks: Sequence[Track], limit: int | None, ellipsis: str = "…") -> list[str]:
    """The lines of a table, headings first.

    Args:
        tracks: the columns, each with the same number of cells.
        limit: terminal cells of a line; None for no limit.
        ellipsis: ends a shortened text.
    """
    kept = list(tracks)
    while limit is not None and _total(kept) > limit and any(one.spare for one in kept):
        kept.remove(max(kept, key=lambda one: one.spare))
    widths = [one.width for one in kept]
    if limit is not None:
        widths = _shortened(kept, widths, limit)
    count = len(tracks[0].cells) if tracks else 0
    lines = [_line(kept, widths, [one.title for one in kept], ellipsis)]
    lines += [_line(kept, widths, [one.cells[row] for one in kept], ellipsis) for row in range(count)]
    return lines


def width(text: str) -> int:
    """Terminal cells that inert text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _total(tracks: Sequence[Track]) -> int:
    return sum(one.width for one in tracks) + len(GAP) * (len(tracks) - 1)


def _shortened(tracks: Sequence[Track], widths: list[int], limit: int) -> list[int]:
    """Take cells from the widest text column until the line fits or nothing more can be given."""
    over = sum(widths) + len(GAP) * (len(widths) - 1) - limit
    texts = [index for index, one in enumerate(tracks) if not one.right]
    while over > 0 and texts:
        widest = max(texts, key=lambda index: widths[index])
        if widths[widest] <= LEAST_TEXT:
            break
        widths[widest] -= 1
        over -= 1
    return widths


def _line(tracks: Sequence[Track], widths: Sequence[int], texts: Sequence[str], ellipsis: str) -> str:
    cells = [
        _pad(text if one.right else _cut(text, room, ellipsis), room, right=one.right)
        for one, room, text in zip(tracks, widths, texts, strict=True)
    ]
    return GAP.join(cells).rstrip()


def _cut(text: str, room: int, ellipsis: str) -> str:
    if width(text) <= room:
        return text
    kept = ""
    for letter in text:
        if width(kept + letter + ellipsis) > room:
            break
        kept += letter
    return kept + ellipsis


def _pad(text: str, cells: int, *, right: bool) -> str:
    blank = " " * (cells - width(text))
    return blank + text if right else text + blank
