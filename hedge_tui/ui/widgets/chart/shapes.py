"""Shapes on planes: candles at half a cell's height, lines in Braille dots, volume in eighths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.ui.widgets.chart.candle_data import CLOSE, HIGH, LOW, OPEN, VOLUME
from hedge_tui.ui.widgets.chart.planes import BLANK, Planes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hedge_tui.domain.series import FloatArray
    from hedge_tui.ui.widgets.chart.scale import Scale


def _codes(text: str) -> NDArray[np.uint32]:
    return np.array([ord(character) for character in text], np.uint32)


# By (upper half, lower half) of a cell; 0 is nothing, 1 wick, 2 body.
_SLIM = _codes(" ╷╻╵│╽╹╿┃")
_SOLID = _codes(" ╷▄╵│▄▀▀█")
_HOLLOW = _codes(" ╷░╵│░░░░")
_ASCII_UP = _codes(" |o||oooo")
_ASCII_DOWN = _codes(" |#||####")
_EIGHTHS = _codes(" ▁▂▃▄▅▆▇█")
_ASCII_EIGHTHS = _codes(" ...::::#")
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
_BRAILLE = 0x2800
_ASCII_LINES = ".:+~=*"


def draw_candles(
    planes: Planes,
    candles: FloatArray,
    xs: NDArray[np.int64],
    scale: Scale,
    *,
    top: int,
    inks: tuple[int, int],
    stride: int,
    colorful: bool,
    ascii_only: bool,
) -> None:
    """Candles of shape (5, n) at cells `xs`; without colour, falling ones are filled and rising ones not.

    Args:
        planes: painted in place.
        candles: open, high, low, close, volume.
        xs: cell of each candle, shape (n,).
        scale: prices to lines.
        top: first line of the plot.
        inks: for rising and falling candles.
        stride: cells between candles: with room, bodies are blocks, else thick lines.
        colorful: whether the direction may be left to colour.
        ascii_only: letters and bars instead of blocks.
    """
    lines = scale.lines
    if not lines or not candles.shape[1]:
        return
    places = np.nan_to_num(scale.positions(candles[:4], 2), nan=-9.0, posinf=-9.0, neginf=-9.0)
    halves = np.clip(places, -9, lines * 2 + 9).astype(np.int64)
    rising = candles[CLOSE] >= candles[OPEN]
    body_top = np.minimum(halves[OPEN], halves[CLOSE])
    body_end = np.maximum(halves[OPEN], halves[CLOSE])
    rows = np.arange(lines * 2)[:, None]
    kinds = ((rows >= halves[HIGH]) & (rows <= halves[LOW])).astype(np.int8)
    kinds[(rows >= body_top) & (rows <= body_end)] = 2
    shape = kinds[0::2] * 3 + kinds[1::2]
    if ascii_only:
        chars = np.where(rising, _ASCII_UP[shape], _ASCII_DOWN[shape])
    elif colorful:
        chars = (_SLIM if stride == 1 else _SOLID)[shape]
    else:
        chars = np.where(rising, _HOLLOW[shape], _SOLID[shape])
    ink = np.where(rising, *inks).astype(np.uint8)
    drawn = chars != BLANK
    area, paint = planes.chars[top : top + lines], planes.inks[top : top + lines]
    columns: tuple[tuple[int, NDArray[np.bool_]], ...] = ((0, drawn),)
    if stride >= 4:
        body = (kinds[0::2] == 2) | (kinds[1::2] == 2)
        columns = ((-1, body), (0, drawn), (1, body))
    for shift, shown in columns:
        where = xs + shift
        inside = (where >= 0) & (where < planes.width)
        mask = shown[:, inside]
        at = where[inside]
        area[:, at] = np.where(mask, chars[:, inside], area[:, at])
        paint[:, at] = np.where(mask, ink[inside], paint[:, at])


def draw_volume(
    planes: Planes,
    candles: FloatArray,
    xs: NDArray[np.int64],
    *,
    top: int,
    lines: int,
    inks: tuple[int, int],
    stride: int,
    ascii_only: bool,
) -> None:
    """Volume of each candle as a bar of up to `lines` lines from below."""
    if not lines or not candles.shape[1]:
        return
    volume = np.nan_to_num(candles[VOLUME])
    most = float(volume.max()) or 1.0
    eighths = np.ceil(volume / most * lines * 8).astype(np.int64)
    below = (np.arange(lines)[::-1] * 8)[:, None]
    chars = (_ASCII_EIGHTHS if ascii_only else _EIGHTHS)[np.clip(eighths - below, 0, 8)]
    ink = np.where(candles[CLOSE] >= candles[OPEN], *inks).astype(np.uint8)
    for shift in (-1, 0, 1) if stride >= 4 else (0,):
        where = xs + shift
        inside = (where >= 0) & (where < planes.width)
        planes.chars[top : top + lines, where[inside]] = chars[:, inside]
        planes.inks[top : top + lines, where[inside]] = ink[inside]


def draw_line(
    planes: Planes,
    values: FloatArray,
    xs: NDArray[np.int64],
    scale: Scale,
    *,
    top: int,
    width: int,
    ink: int,
    nth: int,
    ascii_only: bool,
) -> None:
    """Values at cells `xs` joined by a line of dots, in cells that are blank; NaN interrupts it.

    Args:
        planes: painted in place.
        values: shape (n,).
        xs: cell of each value, shape (n,).
        scale: values to lines.
        top: first line of the plot.
        width: cells of the plot; nothing is drawn beyond.
        ink: for all of it.
        ascii_only: one character a cell instead of dots.
        nth: number of the line, which picks its character where there is no Braille.
    """
    lines = scale.lines
    if not lines or len(xs) < 2 or not np.isfinite(values).any():
        return
    dots = np.arange(max(0, int(xs[0])) * 2, min(width, int(xs[-1]) + 1) * 2)
    heights = np.interp(dots, xs * 2 + 0.5, scale.positions(values, 4))
    known = np.isfinite(heights)
    height = np.clip(np.where(known, heights, 0), -1, lines * 4).astype(np.int64)
    before = np.concatenate([height[:1], height[:-1]])
    before = np.where(np.concatenate([known[:1], known[:-1]]), before, height)
    # From the neighbour's height (not included, it has its own dot) to this one.
    start = np.where(before < height, before + 1, height)
    end = np.where(before > height, before - 1, height)
    runs = np.where(known, end - start + 1, 0)
    columns = np.repeat(dots, runs)
    first = np.cumsum(runs) - runs
    rows = np.arange(len(columns)) - np.repeat(first - start, runs)
    inside = (rows >= 0) & (rows < lines * 4)
    columns, rows = columns[inside], rows[inside]
    cells = (rows >> 2) * width + (columns >> 1)
    weights = _DOTS[rows & 3, columns & 1]
    bits = np.bincount(cells, weights, lines * width).astype(np.uint32).reshape(lines, width)
    area = planes.chars[top : top + lines, :width]
    shown = (bits > 0) & (area == BLANK)
    area[shown] = ord(_ASCII_LINES[nth % len(_ASCII_LINES)]) if ascii_only else bits[shown] + _BRAILLE
    planes.inks[top : top + lines, :width][shown] = ink


def draw_level(planes: Planes, y: int, width: int, character: str, ink: int) -> None:
    """A horizontal line through the blank cells of line `y`."""
    row = planes.chars[y, :width]
    free = row == BLANK
    row[free] = ord(character)
    planes.inks[y, :width][free] = ink


def draw_upright(planes: Planes, x: int, span: tuple[int, int], character: str, ink: int) -> None:
    """A vertical line through the blank cells of column `x`, from one line up to another."""
    top, end = span
    column = planes.chars[top:end, x]
    free = column == BLANK
    column[free] = ord(character)
    planes.inks[top:end, x][free] = ink
