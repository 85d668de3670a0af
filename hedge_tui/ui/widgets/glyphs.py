"""Which characters the terminal can show: box drawing and arrows, or plain ASCII.

Every painter of this package asks here, so that `HEDGE_ASCII=1` changes all of them at once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One character for each thing painters draw besides text and numbers.

    Attributes:
        ascii_only: True when nothing above U+007E may reach the terminal.
        blank: stands for a value that is not known.
        cut: ends a text that did not fit.
        up, down: sort direction, own fills.
        left, right: more columns or candles on that side; last price.
        cursor, selected, partly: gutter marks of a table row; partly is of a group.
        open, shut: before the name of a group whose rows are shown, or are folded away.
        thumb, track: the scroll bar.
        rule: a horizontal hair line; dots: a dotted one; bar: a vertical hair line.
    """

    ascii_only: bool
    blank: str
    cut: str
    up: str
    down: str
    left: str
    right: str
    cursor: str
    selected: str
    partly: str
    open: str
    shut: str
    thumb: str
    track: str
    rule: str
    dots: str
    bar: str


UNICODE = Glyphs(
    ascii_only=False,
    blank="—",
    cut="…",
    up="▲",
    down="▼",
    left="◂",
    right="▸",
    cursor="▌",
    selected="▪",
    partly="▫",
    open="▾",
    shut="▸",
    thumb="▐",
    track=" ",
    rule="─",
    dots="┄",
    bar="│",
)
ASCII = Glyphs(
    ascii_only=True,
    blank="-",
    cut="~",
    up="^",
    down="v",
    left="<",
    right=">",
    cursor=">",
    selected="*",
    partly=":",
    open="-",
    shut="+",
    thumb="#",
    track="|",
    rule="=",
    dots="-",
    bar="|",
)


def ascii_wanted(environ: Mapping[str, str]) -> bool:
    """True if `environ` asks for ASCII, or names a locale whose encoding is not UTF-8.

    An environment without any locale counts as UTF-8: that is what Python itself assumes there.

    >>> ascii_wanted({"LC_ALL": "de_DE.ISO-8859-1"}), ascii_wanted({"LANG": "C.UTF-8"})
    (True, False)
    """
    if environ.get("HEDGE_ASCII", "") not in {"", "0"}:
        return True
    name = next((environ[key] for key in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(key)), "utf-8")
    return "utf8" not in name.lower().replace("-", "")


@cache
def terminal_glyphs() -> Glyphs:
    """The set for this process's environment, decided once."""
    return ASCII if ascii_wanted(os.environ) else UNICODE
