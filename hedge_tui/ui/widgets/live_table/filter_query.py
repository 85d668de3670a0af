"""What is typed to filter a table: words that must be there or must not, and comparisons of columns.

`btc -usdt funding>0.01 spread<5`: rows with "btc" and without "usdt" in their texts whose funding is above
0.01 % and whose spread is below 5. Numbers are in the unit that the column shows, lengths of time read 1h30m.
A value that is not known passes no comparison. `"a b"` in quotes is one text, whatever is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.ui.widgets.live_table.column import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from hedge_tui.domain.series import FloatArray
    from hedge_tui.ui.widgets.live_table.column import Column

_AROUND = re.compile(r"\s*(<=|>=|!=|==|=|<|>)\s*")
_TERM = re.compile(r'-?"[^"]*"?|\S+')
_COMPARED = re.compile(r"([^<>=!]*)(<=|>=|!=|==|=|<|>)(.*)")
_NUMBER = re.compile(r"([+-]?(?:\d[\d,]*\.?\d*|\.\d+))(k|K|M|mm|B|bn|T)?(%?)")
_SPAN = re.compile(r"(?=\d)(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s?)?")
_UNITS = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "mm": 1e6, "B": 1e9, "bn": 1e9, "T": 1e12}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One column against one value.

    Attributes:
        column: its key. sign: one of < <= > >= = and !=.
        value: in the unit of the feed: 0.01 % is 0.0001.
        near: how far from `value` still counts as equal: half of the last digit typed.
        word: for columns of texts, case-folded; None for numbers.
    """

    column: str
    sign: str
    value: float = 0.0
    near: float = 0.0
    word: str | None = None

    def holds(self, values: FloatArray) -> NDArray[np.bool_]:
        """Where it is true of numbers; false where they are not known."""
        with np.errstate(invalid="ignore"):
            equal = np.abs(values - self.value) <= self.near
            found = {
                "<": values < self.value,
                ">": values > self.value,
                "<=": (values <= self.value) | equal,
                ">=": (values >= self.value) | equal,
                "=": equal,
                "!=": ~equal,
            }[self.sign]
        known: NDArray[np.bool_] = found & ~np.isnan(values)
        return known


@dataclass(frozen=True, slots=True)
class Query:
    """A filter as it is applied; an empty one lets every row pass.

    Attributes:
        words: case-folded; each must be found in one of a row's texts.
        absent: none of these may be.
        comparisons: each must be true.
        problem: what of the text could not be used, for the trader; "" if all of it was.
    """

    words: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    problem: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.absent or self.comparisons)


def parse_filter(text: str, columns: Iterable[Column]) -> Query:
    """Read what was typed so far; what is not finished yet is left out.

    Args:
        text: as typed.
        columns: all columns of the table, hidden ones too.
    """
    known = list(columns)
    words: list[str] = []
    absent: list[str] = []
    comparisons: list[Comparison] = []
    problems: list[str] = []
    for term in _terms(text):
        compared = None if '"' in term else _COMPARED.fullmatch(term)
        if compared is not None:
            name, sign, value = compared.groups()
            found = _comparison(name, sign, value, known)
            if isinstance(found, str):
                problems.append(found)
            elif found is not None:
                comparisons.append(found)
            continue
        word = term.removeprefix("-").strip('"').casefold()
        if word:
            (absent if term.startswith("-") else words).append(word)
    return Query(tuple(words), tuple(absent), tuple(comparisons), "; ".join(problems[:1]))


def _terms(text: str) -> list[str]:
    quoted = re.split(r'("[^"]*"?)', text)
    tight = "".join(part if part.startswith('"') else _AROUND.sub(r"\1", part) for part in quoted)
    return _TERM.findall(tight)


def _comparison(name: str, sign: str, typed: str, columns: list[Column]) -> Comparison | str | None:
    if name.startswith("-"):
        return f"{name}{sign}{typed}: only words can be excluded, turn the comparison round instead"
    column = _column(name, columns)
    if isinstance(column, str):
        return column
    if not typed:
        return None
    sign = "=" if sign == "==" else sign
    if column.is_text:
        if sign not in {"=", "!="}:
            return f"{column.label} holds words: only = and != compare them, not {sign}"
        return Comparison(column.key, sign, word=typed.casefold())
    if column.kind is Kind.TIME:
        return f"{column.label} holds times, which cannot be compared: sort by it instead"
    if column.kind is Kind.SPAN:
        return _span(column, name, sign, typed)
    number = _NUMBER.fullmatch(typed)
    if number is None:
        unfinished = typed in {"-", "+", ".", "-."}
        return None if unfinished else f"{typed!r} is no number: write {name}{sign}0.5 or {name}{sign}2mm"
    digits, unit, _ = number.groups()
    scale = _UNITS[unit or ""] * (0.01 if column.percent else 1.0)
    decimals = len(digits.partition(".")[2])
    return Comparison(
        column.key, sign, float(digits.replace(",", "")) * scale, 0.5000001 * 10.0**-decimals * scale
    )


def _span(column: Column, name: str, sign: str, typed: str) -> Comparison | str:
    parts = _SPAN.fullmatch(typed.lower())
    if parts is None:
        return f"{typed!r} is no length of time: write {name}{sign}30m or {name}{sign}1h30m"
    seconds = [
        int(part or 0) * unit for part, unit in zip(parts.groups(), (86_400, 3_600, 60, 1), strict=True)
    ]
    return Comparison(column.key, sign, float(sum(seconds)), 0.5)


def _column(name: str, columns: list[Column]) -> Column | str:
    """The column meant by a key, a label, or the beginning of one; else what is wrong."""
    wanted = _plain(name)
    if not wanted:
        return "a comparison needs a column before it, such as spread<5"
    names = [(column, (_plain(column.key), _plain(column.label))) for column in columns]
    for shown in (True, False):
        listed = [entry for entry in names if entry[0].visible is shown]
        for found in (
            [column for column, (key, _) in listed if key == wanted],
            [column for column, (_, label) in listed if label == wanted],
            [column for column, both in listed if any(word.startswith(wanted) for word in both)],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                return f"{name!r} could be {' or '.join(column.key for column in found[:4])}"
    return f"no column {name!r}; C lists them"


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
