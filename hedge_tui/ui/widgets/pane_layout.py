"""Where the panes of a screen go: pure rules from a size to slots, and the layout that Textual asks.

A slot shows one of its panes at a time; on a small terminal one slot holds many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement

if TYPE_CHECKING:
    from textual.widget import Widget

GAP = 1
"""Cells between columns; rows are told apart by their title lines."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the screen and the panes that take turns in it."""

    region: Region
    panes: tuple[str, ...]


Part = tuple[tuple[str, ...], int | None]
"""Pane names, and cells they get; None shares what is left."""
Arrange = Callable[[int, int], list[Slot]]
"""(width, height) -> slots."""


def _cut(length: int, sizes: Sequence[int | None], gap: int) -> list[tuple[int, int]]:
    """(start, length) of each part; the last part is flexible if none is."""
    wanted = list(sizes)
    if wanted and None not in wanted:
        wanted[-1] = None
    fixed = sum(size for size in wanted if size is not None) + gap * (len(wanted) - 1)
    flexible = wanted.count(None)
    share, extra = divmod(max(0, length - fixed), max(1, flexible))
    found, start = [], 0
    for size in wanted:
        given = size
        if given is None:
            given, extra = share + (extra > 0), extra - 1
        given = max(0, min(given, length - start))
        found.append((start, given))
        start += given + gap
    return found


def across(region: Region, parts: Sequence[Part]) -> list[Slot]:
    """Parts side by side, those without panes left out."""
    kept = [part for part in parts if part[0]]
    cuts = _cut(region.width, [size for _, size in kept], GAP)
    return [
        Slot(Region(region.x + start, region.y, size, region.height), panes)
        for (panes, _), (start, size) in zip(kept, cuts, strict=True)
        if size > 0 and region.height > 0
    ]


def down(region: Region, sizes: Sequence[int | None]) -> list[Region]:
    """Regions below each other."""
    return [
        Region(region.x, region.y + start, region.width, size)
        for start, size in _cut(region.height, sizes, 0)
    ]


class PaneLayout(Layout):
    """Places the children of a `PaneGrid` where it says."""

    name = "panes"

    def __init__(self, regions: Callable[[Size], dict[str, Region]]) -> None:
        self._regions = regions

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """One placement for each child that has a region."""
        del parent, greedy
        regions = self._regions(size)
        return [
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child, 0, False, False, False)
            for child in children
            if (region := regions.get(child.id or "")) is not None
        ]
