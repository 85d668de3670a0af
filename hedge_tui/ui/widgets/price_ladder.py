"""The rows of a ladder to trade on: one price a row, the market beside it, own orders at the edges. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.ladder import short_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hedge_tui.ui.widgets.ladder_cursor import LadderCursor
    from hedge_tui.ui.widgets.line_canvas import Run

LEAST_WIDTH = 26
LEAST_ROWS = 3
FOOTER = 2
"""Lines below the rows: sizes, and what a key would do."""


_UNIT = re.compile(r"[0-9](?:k|mm)?([a-z]{3,})$")


@dataclass(slots=True)
class RowOrders:
    """Own open quantity on one row and side, and whether some of it is pending."""

    quantity: float = 0.0
    pending: bool = False


@dataclass(frozen=True, slots=True)
class LadderSight:
    """What the rows show.

    Attributes:
        bids, asks: quantity by row. own: (side, row) -> own orders.
        digits: of prices and of quantities. entry: row of the average entry price, None without a position.
        long: the position's side. stale: words in place of the market's quantities, or "".
        presets: sizes of the keys 1 to 5. chosen: which one, from 0. note: the last line.
        alarm: the note is a warning.
    """

    bids: Mapping[int, float] = field(default_factory=dict)
    asks: Mapping[int, float] = field(default_factory=dict)
    own: Mapping[tuple[str, int], RowOrders] = field(default_factory=dict)
    digits: tuple[int, int] = (2, 3)
    entry: int | None = None
    long: bool = True
    stale: str = ""
    presets: Sequence[str] = ()
    chosen: int = 0
    note: str = ""
    alarm: bool = False


def rows_in(height: int) -> int:
    """How many prices fit into so many lines, besides the labels and the footer."""
    return max(0, height - 1 - (FOOTER if height >= 1 + FOOTER + LEAST_ROWS else 0))


def price_ladder(cursor: LadderCursor, sight: LadderSight, width: int, height: int) -> list[list[Run]]:
    """`height` lines: labels, prices from high to low, sizes, note; [] where there is no room."""
    rows = rows_in(height)
    if width < LEAST_WIDTH or rows < LEAST_ROWS:
        return []
    shown = list(range(cursor.top, cursor.top - rows, -1))
    if cursor.at is not None and not cursor.in_sight:
        shown[0 if cursor.hidden_rows > 0 else -1] = cursor.at  # its price stays in sight at the edge
    price_width = max(len(_price(cursor, row, sight.digits[0])) for row in (shown[0], shown[-1]))
    price_width = min(price_width, width - 16)
    side = (width - price_width - 4) // 2
    own = min(8, max(4, side * 2 // 5))
    widths = (own, side - own, price_width)
    largest = max((*(sight.bids.get(r, 0.0) for r in shown), *(sight.asks.get(r, 0.0) for r in shown), 0.0))
    lines = [_labels(widths, width)]
    lines += [_row(cursor, sight, row, widths, width, largest) for row in shown]
    if len(lines) < height:
        lines += [_sizes(sight, width), _note(sight, width)]
    return lines


def _price(cursor: LadderCursor, row: int, digits: int) -> str:
    return f"{cursor.price(row):,.{digits}f}" if row > 0 else ""


def _labels(widths: tuple[int, int, int], width: int) -> list[Run]:
    own, market, price = widths
    text = " " + "mine".rjust(own) + "bid".rjust(market) + " " + "price".rjust(price) + "  "
    text += "ask".ljust(market) + "mine".ljust(own)
    return [(text.ljust(width)[:width], "title")]


def _row(  # noqa: PLR0917 - one call, from the line above
    cursor: LadderCursor,
    sight: LadderSight,
    row: int,
    widths: tuple[int, int, int],
    width: int,
    largest: float,
) -> list[Run]:
    own, market, price = widths
    glyphs = terminal_glyphs()
    here = row == cursor.at
    bid, ask = sight.bids.get(row, 0.0), sight.asks.get(row, 0.0)
    flag = ("L" if sight.long else "S") if row == sight.entry else " "
    ink = "up" if bid and not ask else "down" if ask and not bid else "text"
    hidden = cursor.hidden_rows
    mark = glyphs.up if hidden > 0 else glyphs.down if hidden < 0 else glyphs.right
    runs: list[Run] = [(mark if here else " ", "cursor" if here else "text")]
    runs.append(_own(sight, "buy", row, own))
    runs += _bar(bid, largest, market, sight.digits[1], "bid-bar", left=True)
    runs.append((flag, "accent"))
    runs.append((_price(cursor, row, sight.digits[0]).rjust(price)[-price:], "cursor" if here else ink))
    runs.append(((glyphs.left if here else " ") + " ", "cursor" if here else "text"))
    runs += _bar(ask, largest, market, sight.digits[1], "ask-bar", left=False)
    runs.append(_own(sight, "sell", row, own))
    rest = width - sum(len(text) for text, _ in runs)
    return [*runs, (" " * max(0, rest), "text")]


def _own(sight: LadderSight, side: str, row: int, width: int) -> Run:
    """Own quantity; a pending one has a mark behind it and is not painted as resting."""
    orders = sight.own.get((side, row))
    if orders is None:
        return (" " * width, "text")
    mark = terminal_glyphs().cut if orders.pending else ""
    text = short_number(orders.quantity, sight.digits[1], width - len(mark) - (side == "sell")).strip() + mark
    shown = text.rjust(width) if side == "buy" else f" {text}".ljust(width)
    part = "pending" if orders.pending else "own-bid" if side == "buy" else "own-ask"
    return (shown[:width], part)


def _bar(quantity: float, largest: float, width: int, digits: int, part: str, *, left: bool) -> list[Run]:
    """A quantity over a bar that grows from the price outwards."""
    text = short_number(quantity, digits, width - 1).strip() if quantity else ""
    cells = f"{text} ".rjust(width) if left else f"{text}".ljust(width)
    filled = min(width, round(width * quantity / largest)) if largest else 0
    if left:
        return [(cells[: width - filled], "text"), (cells[width - filled :], part)]
    return [(cells[:filled], part), (cells[filled:], "text")]


def _sizes(sight: LadderSight, width: int) -> list[Run]:
    runs: list[Run] = []
    unit = _common_unit(sight.presets)
    for index, typed in enumerate(sight.presets):
        chosen, size = index == sight.chosen, typed.removesuffix(unit)
        runs += [(f" {index + 1}", "strong" if chosen else "muted")]
        runs += [(f"[{size}]" if chosen else f" {size}", "accent" if chosen else "muted")]
    return _cut([*runs, (f" {unit}", "muted")], width)


def _common_unit(sizes: Sequence[str]) -> str:
    """The letters that all sizes end in, said once: "usd" of 500usd and 1kusd."""
    units = {match[1] for size in sizes if (match := _UNIT.search(size)) is not None}
    return units.pop() if len(units) == 1 else ""


def _note(sight: LadderSight, width: int) -> list[Run]:
    if sight.stale:
        return _cut([(f" {sight.stale}", "warning")], width)
    return _cut([(f" {sight.note}", "warning" if sight.alarm else "text")], width)


def _cut(runs: list[Run], width: int) -> list[Run]:
    kept, left = [], width
    for text, part in runs:
        kept.append((text[:left], part))
        left -= min(left, len(text))
    return [*kept, (" " * left, "text")]
