"""Where the panes of the Trade screen go at which size. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region

from hedge_tui.ui.widgets.pane_layout import Slot, across, down

if TYPE_CHECKING:
    from collections.abc import Sequence

SIDE_LEFT, SIDE_RIGHT = 43, 38
WIDE, MIDDLE = 150, 100
TALL = 24


def trade_slots(width: int, height: int, shown: Sequence[str]) -> list[Slot]:
    """Slots for the panes in `shown`; a narrow terminal gets the chart and one pane more.

    Wide: markets, chart, book over trades; positions beside orders. Middle: book and trades share a place,
    positions and orders too.
    """

    def only(*names: str) -> tuple[str, ...]:
        return tuple(name for name in names if name in shown)

    whole = Region(0, 0, width, height)
    rest = only("positions", "orders", "watchlist", "book", "trades")
    if height < 14 or not rest:
        return [Slot(whole, only("chart", "positions", "orders", "watchlist", "book", "trades"))]
    if width < MIDDLE or height < TALL:
        upper, lower = down(whole, [None, max(6, height * 2 // 5)])
        return [*across(upper, [(only("chart"), None)]), *across(lower, [(rest, None)])] or [
            Slot(whole, rest)
        ]
    low = max(7, min(14, height * 3 // 10)) if only("positions", "orders") else 0
    upper, lower = down(whole, [None, low])
    left = SIDE_LEFT if width >= WIDE else 36
    right = SIDE_RIGHT if width >= WIDE else 30
    if width < WIDE:
        middle = across(
            upper, [(only("watchlist"), left), (only("chart"), None), (only("book", "trades"), right)]
        )
        return [*middle, *across(lower, [(only("positions", "orders"), None)])]
    columns = across(
        upper, [(only("watchlist"), left), (only("chart"), None), (only("book", "trades"), right)]
    )
    found: list[Slot] = []
    for slot in columns:
        if slot.panes == ("book", "trades") and slot.region.height >= 24:
            book, tape = down(slot.region, [None, max(7, slot.region.height // 4)])
            found += [Slot(book, ("book",)), Slot(tape, ("trades",))]
        else:
            found.append(slot)
    return [*found, *across(lower, [(only("positions"), None), (only("orders"), None)])]
