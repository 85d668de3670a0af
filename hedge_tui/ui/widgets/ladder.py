"""Rows of an order book as text: asks above, bids below, depth bars, own orders marked. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hedge_tui.ui.widgets.line_canvas import Run

BESIDE = 64
"""Cells from which on bids and asks may stand beside each other."""
Level = tuple[float, float]
"""Price and quantity."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a book shows.

    Attributes:
        bids, asks: best first. price_digits, quantity_digits: of the instrument.
        own: (side word, price text) -> open quantity of our orders there.
        stale_s: age in seconds if it is too old, else 0.
        own_mark: beside a level with own orders.
    """

    bids: Sequence[Level] = ()
    asks: Sequence[Level] = ()
    price_digits: int = 2
    quantity_digits: int = 3
    own: Mapping[tuple[str, str], float] = field(default_factory=dict)
    stale_s: float = 0.0
    own_mark: str = "▸"


def ladder_lines(ladder: Ladder, width: int, height: int) -> list[list[Run]]:
    """`height` lines: labels, asks from far to near, the spread, bids from near to far."""
    if width < 12 or height < 3:
        return []
    if width >= BESIDE and height < width // 4:
        return _beside(ladder, width, height)
    each = max(1, (height - 2) // 2)
    prices = [price for price, _ in (*ladder.asks[:each], *ladder.bids[:each])]
    price_width = max((len(_number(p, ladder.price_digits)) for p in prices), default=8)
    price_width = max(5, min(price_width, width - 4))
    size_width = max(4, min(10, (width - price_width - 4) // 2))
    sum_width = width - price_width - size_width - 4
    asks = _side(ladder, "sell", ladder.asks[:each], (price_width, size_width, sum_width))
    bids = _side(ladder, "buy", ladder.bids[:each], (price_width, size_width, sum_width))
    labels = " " + "Price".rjust(price_width) + " " + "Quantity"[:size_width].rjust(size_width)
    labels += " " + ("Total".rjust(sum_width) if sum_width >= 5 else "")
    blank: list[list[Run]] = [[] for _ in range(each - len(asks))]
    return [[(labels.ljust(width)[:width], "title")], *blank, *reversed(asks), _spread(ladder, width), *bids][
        :height
    ]


def _beside(ladder: Ladder, width: int, height: int) -> list[list[Run]]:
    """Bids on the left, asks on the right, the spread on top: for a flat, wide place."""
    half = (width - 1) // 2
    rows = height - 2
    sides = []
    for side, levels in (("buy", ladder.bids[:rows]), ("sell", ladder.asks[:rows])):
        price_width = max((len(_number(p, ladder.price_digits)) for p, _ in levels), default=8)
        widths = (price_width, 10, max(0, half - price_width - 14))
        sides.append(_side(ladder, side, levels, widths))
    label = ("Price".rjust(9) + "Quantity".rjust(12) + "Total".rjust(max(6, half - 23))).ljust(half)[:half]
    lines: list[list[Run]] = [_spread(ladder, width), [(label, "title"), (" ", "title"), (label, "title")]]
    for row in range(rows):
        left = sides[0][row] if row < len(sides[0]) else [(" " * half, "text")]
        right = sides[1][row] if row < len(sides[1]) else []
        lines.append([*left, (" ", "text"), *right])
    return lines[:height]


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}"


def short_number(value: float, digits: int, width: int) -> str:
    """A quantity in `width` cells, at the right, with as many decimals as fit."""
    for places in range(min(digits, 6), -1, -1):
        if len(text := f"{value:,.{places}f}") <= width:
            return text.rjust(width)
    for unit, name in ((1e3, "k"), (1e6, "M"), (1e9, "G")):
        if len(text := f"{value / unit:.1f}{name}") <= width:
            return text.rjust(width)
    return "#" * width


def _side(
    ladder: Ladder, side: str, levels: Sequence[Level], widths: tuple[int, int, int]
) -> list[list[Run]]:
    price_width, size_width, sum_width = widths
    total = sum(quantity for _, quantity in levels) or 1.0
    ink, bar, own_part = ("up", "bid-bar", "own-bid") if side == "buy" else ("down", "ask-bar", "own-ask")
    lines, running = [], 0.0
    for price, quantity in levels:
        running += quantity
        text = _number(price, ladder.price_digits)
        own = ladder.own.get((side, text), 0.0)
        figures = " " + short_number(quantity, ladder.quantity_digits, size_width)
        figures += " " + (
            short_number(running, ladder.quantity_digits, sum_width) if sum_width >= 4 else " " * sum_width
        )
        filled = round(len(figures) * min(1.0, running / total))
        mark = (ladder.own_mark, own_part) if own else (" ", "text")
        lines.append(
            [
                mark,
                (text.rjust(price_width)[-price_width:], ink if not own else own_part),
                (figures[: len(figures) - filled], "text"),
                (figures[len(figures) - filled :], bar),
                (" ", "text"),
            ]
        )
    return lines


def _spread(ladder: Ladder, width: int) -> list[Run]:
    if not ladder.bids or not ladder.asks:
        return [(" no book yet".ljust(width), "muted")]
    bid, ask = ladder.bids[0][0], ladder.asks[0][0]
    basis = (ask - bid) / ((ask + bid) / 2) * 10_000 if ask + bid else 0.0
    text = f" spread {_number(ask - bid, ladder.price_digits)}  {basis:.1f} bp"
    if ladder.stale_s:
        return [(f" STALE {ladder.stale_s:.0f} s".ljust(width)[:width], "warning")]
    return [(text.ljust(width)[:width], "muted")]
