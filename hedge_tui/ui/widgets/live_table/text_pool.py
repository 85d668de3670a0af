"""Texts of a table by small whole numbers, so that text cells are compared and moved like figures.

Ids are stored in the table's float block. Each text is made inert, measured and folded once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len, set_cell_size

from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from hedge_tui.domain.series import FloatArray, IntArray
    from hedge_tui.ui.widgets.glyphs import Glyphs

_DIGITS = re.compile(r"(\d{1,18})", re.ASCII)


def fit_text(text: str, width: int, align: str, cut: str) -> str:
    """`text` in exactly `width` cells; what does not fit ends in `cut`, a wide character is never halved.

    >>> fit_text("BTC/USDT", 6, "left", "~"), fit_text("BTC", 6, "right", "~")
    ('BTC/U~', '   BTC')
    """
    used = cell_len(text)
    if used > width:
        return set_cell_size(text, width - 1) + cut if width > 0 else ""
    space = width - used
    if align == "right":
        return " " * space + text
    left = space // 2 if align == "center" else 0
    return " " * left + text + " " * (space - left)


def natural(text: str) -> list[tuple[int, int, str]]:
    """Sort key that takes runs of digits as numbers.

    >>> sorted(["desk-10", "desk-9"], key=natural)
    ['desk-9', 'desk-10']
    """
    parts = _DIGITS.split(text)
    return [(1, int(part), "") if at % 2 else (0, 0, part) for at, part in enumerate(parts)]


class TextPool:
    """Interned texts; id 0 is the empty one.

    Args:
        glyphs: whether anything above ASCII may be shown, and the mark of a cut.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._ids: dict[str, int] = {"": 0}
        self._texts: list[str] = [""]
        self._folded: list[str] = [""]
        self._fitted: dict[tuple[int, int, str], str] = {}
        self._ranks: IntArray = np.zeros(1, np.int64)
        self._hits: dict[str, NDArray[np.bool_]] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def ids(self, texts: Iterable[object]) -> FloatArray:
        """Ids of `texts`, new ones made as needed; None counts as the empty text."""
        known = self._ids
        found = []
        for value in texts:
            text = value if isinstance(value, str) else "" if value is None else str(value)
            number = known.get(text)
            found.append(self._add(text) if number is None else number)
        return np.array(found, np.float64)

    def _add(self, text: str) -> int:
        number = self._ids[text] = len(self._texts)
        self._texts.append(text)
        self._folded.append(text.casefold())
        return number

    def text(self, number: int) -> str:
        """As it came from the feed: not to be painted."""
        return self._texts[number]

    def word(self, number: int) -> str:
        """Case-folded."""
        return self._folded[number]

    def fitted(self, number: int, width: int, align: str) -> str:
        """Inert text in exactly `width` cells."""
        key = (number, width, align)
        text = self._fitted.get(key)
        if text is None:
            if len(self._fitted) > 50_000:
                self._fitted.clear()
            shown = inert(self._texts[number], ascii_only=self._glyphs.ascii_only)
            text = self._fitted[key] = fit_text(shown, width, align, self._glyphs.cut)
        return text

    def ranks(self) -> IntArray:
        """Position of each id in alphabetical order, shape (len(self),).

        Case does not count, and numbers inside texts count as numbers: desk-9 comes before desk-10.
        """
        if len(self._ranks) != len(self._texts):
            folded = self._folded
            order = sorted(range(len(folded)), key=lambda n: (natural(folded[n]), self._texts[n]))
            self._ranks = np.empty(len(order), np.int64)
            self._ranks[order] = np.arange(len(order))
        return self._ranks

    def containing(self, word: str) -> NDArray[np.bool_]:
        """Which ids hold `word` (already folded), shape (len(self),)."""
        known = self._hits.get(word)
        if known is None or len(known) < len(self._folded):
            if len(self._hits) > 32:
                self._hits.clear()
            known = np.zeros(0, np.bool_) if known is None else known
            new = np.array([word in text for text in self._folded[len(known) :]], np.bool_)
            known = self._hits[word] = np.concatenate([known, new])
        return known

    def equal(self, word: str) -> NDArray[np.bool_]:
        """Which ids are `word` (already folded), in any case; shape (len(self),)."""
        hits = self.containing(word).copy()
        hits[hits] = [self._folded[number] == word for number in np.flatnonzero(hits).tolist()]
        return hits

    def keep_only(self, used: IntArray) -> IntArray:
        """Forget all texts but those with ids in `used` (sorted, unique, with 0); gives old id -> new id."""
        moved = np.zeros(len(self._texts), np.int64)
        moved[used] = np.arange(len(used))
        self._texts = [self._texts[number] for number in used.tolist()]
        self._folded = [self._folded[number] for number in used.tolist()]
        self._ids = {text: number for number, text in enumerate(self._texts)}
        self._fitted.clear()
        self._hits.clear()
        self._ranks = np.zeros(0, np.int64)
        return moved
