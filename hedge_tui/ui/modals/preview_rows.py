"""A preview as lines of text: a table where there is room, some lines a row where there is not.

Pure. A width at which not even that fits gives nothing, and what cannot be read cannot be confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.live_table.text_pool import fit_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.wire.messages import LegRow, Preview

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("account", "Account", "left"),
    ("side", "Side", "left"),
    ("quantity", "Quantity", "right"),
    ("instrument", "Instrument", "left"),
    ("type", "Type", "left"),
    ("price", "Price", "right"),
    ("notional", "Notional", "right"),
    ("fee", "Fee", "right"),
    ("effect", "Effect", "left"),
    ("margin_after", "Margin after", "right"),
    ("flags", "Flags", "left"),
)
_FIRST = ("account", "side", "quantity", "instrument", "price")
_SECOND = ("type", "notional", "fee", "effect", "margin_after", "flags")
_LABELS = {key: label.lower() for key, label, _ in COLUMNS}
_COLORS = {"buy": "$text-success", "sell": "$text-error"}
GAP = 2
LEAST = 36
"""Cells below which nothing can be read in earnest."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Lines of a preview.

    Attributes:
        lines: empty when the width is too small. needed: cells that the narrow form takes at least.
        header: leading lines that are labels.
    """

    lines: tuple[Content, ...]
    needed: int
    header: int


def _cell(row: LegRow, key: str) -> str:
    text = inert(str(getattr(row, key)))
    if key == "type" and text == "place":  # it never got so far as to have a type
        return ""
    if key == "price" and row.typed_price and row.typed_price != row.price:
        return f"{text} ({inert(row.typed_price)})"
    return text


def _remarks(row: LegRow, width: int) -> list[Content]:
    """Why a leg is not sent, or what to know of it; on as many lines as it takes."""
    glyphs = terminal_glyphs()
    mark = "x" if glyphs.ascii_only else "✗"
    text, indent, style = f"{mark} not sent: {inert(row.problem)}", "  ", "bold $text-error"
    if not row.problem:
        text, indent, style = inert(row.note), "    ", "$text-warning"
    return [Content.styled(line, style) for line in _flow(text.split(), width, indent, " ")]


def _dim(row: LegRow) -> str:
    return "$foreground 50%" if row.problem else ""


def _table(rows: Sequence[LegRow], width: int) -> list[Content] | None:
    used = [(key, label, align) for key, label, align in COLUMNS if any(_cell(row, key) for row in rows)]
    sizes = {key: max(cell_len(label), *(cell_len(_cell(r, key)) for r in rows)) for key, label, _ in used}
    if sum(sizes.values()) + GAP * (len(used) - 1) + 2 > width:
        return None
    gap = " " * GAP
    header = gap.join(fit_text(label, sizes[key], align, "…") for key, label, align in used)
    lines = [Content.styled(f"  {header}", "bold $foreground 65%")]
    for row in rows:
        parts: list[tuple[str, str] | str] = ["  "]
        for key, _, align in used:
            style = _dim(row) or (f"bold {_COLORS.get(row.side, '')}".strip() if key == "side" else "")
            parts += [(fit_text(_cell(row, key), sizes[key], align, "…"), style), gap]
        lines.append(Content.assemble(*parts[:-1]))
        lines += _remarks(row, width)
    return lines


def _pieces(row: LegRow) -> tuple[list[str], list[str]]:
    """What the first and the following lines of a row hold in the narrow form."""
    price = _cell(row, "price")
    at = f"at {price}" if price and row.act == "place" else price
    first = [part for part in (*(_cell(row, key) for key in _FIRST[:-1]), at) if part]
    second = [
        f"{_LABELS[key]} {text}" if key in {"notional", "fee", "margin_after"} else text
        for key in _SECOND
        if (text := _cell(row, key))
    ]
    return first, second


def _flow(pieces: Sequence[str], width: int, indent: str, gap: str) -> list[str]:
    """Pieces one after the other, a new line where one does not fit; none is cut."""
    lines: list[str] = []
    for piece in pieces:
        if lines and cell_len(lines[-1]) + len(gap) + cell_len(piece) <= width:
            lines[-1] += gap + piece
        else:
            lines.append(indent + piece)
    return lines


def lay_rows(rows: Sequence[LegRow], width: int) -> Laid:
    """Every leg, whatever becomes of it, with all that is known of it."""
    pairs = [_pieces(row) for row in rows]
    needed = max((cell_len(piece) for pair in pairs for part in pair for piece in part), default=0) + 4
    needed = max(needed, LEAST)
    if not rows:
        return Laid((), needed, 0)
    if (table := _table(rows, width)) is not None:
        return Laid(tuple(table), needed, 1)
    if needed > width:
        return Laid((), needed, 0)
    lines: list[Content] = []
    for row, (first, second) in zip(rows, pairs, strict=True):
        color = _dim(row) or f"bold {_COLORS.get(row.side, '')}".strip()
        lines += [Content.styled(line, color) for line in _flow(first, width, "  ", " ")]
        lines += [Content.styled(line, "$foreground 75%") for line in _flow(second, width, "    ", "  ")]
        lines += _remarks(row, width)
    return Laid(tuple(lines), needed, 0)


def totals_line(preview: Preview) -> Content:
    """Totals per account, in the reporting currency; nothing where they would only repeat."""
    parts: list[tuple[str, str] | str] = []
    if len(preview.totals) < 2 or not any(row.notional for row in preview.rows):
        return Content("")
    for account, legs, notional, fee in preview.totals:
        orders = f"{legs} order{'s' if legs != 1 else ''}"
        parts += [("  ", ""), (inert(account), "bold"), f" {orders}  {inert(notional)}  fee {inert(fee)}\n"]
    return Content.assemble(*parts).rstrip()


_NOUNS = {
    "place": "order",
    "cancel": "cancel",
    "amend": "amendment",
    "leverage": "leverage change",
    "margin_mode": "margin mode change",
    "margin": "move of margin",
    "position_mode": "position mode change",
}


def noun_of(rows: Sequence[LegRow]) -> str:
    """What would be sent, in one word."""
    acts = {row.act for row in rows if not row.problem}
    return _NOUNS.get(acts.pop(), "request") if len(acts) == 1 else "request"
