"""Candles and indicators of one chart topic, put together from documents, tails and older pages. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.domain.series import FloatArray, IntArray

MOST = 20_000
"""Candles kept when scrolling back."""


@dataclass(slots=True)
class Curve:
    """One indicator.

    Attributes:
        pane: "price" or the name of a pane. guides: levels. bounds: fixed scale or None.
        values: one per candle.
    """

    pane: str
    guides: tuple[float, ...]
    bounds: tuple[float, float] | None
    values: FloatArray


@dataclass(slots=True)
class ChartSeries:
    """Everything a chart topic has told.

    Attributes:
        open_ns: shape (n,). columns: open, high, low, close, volume, shape (5, n).
        curves: indicator text -> curve. loaded: the engine's first fill is complete.
        exhausted: there is nothing older.
    """

    open_ns: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    columns: FloatArray = field(default_factory=lambda: np.zeros((5, 0)))
    curves: dict[str, Curve] = field(default_factory=dict)
    loaded: bool = False
    exhausted: bool = False

    def __len__(self) -> int:
        return len(self.open_ns)

    def take(self, document: Mapping[str, Any]) -> bool:
        """Put a document in; gives True when only the last candle changed or one was appended."""
        opens, columns, curves = _read(document)
        self.loaded = bool(document.get("loaded", True))
        if not document.get("tail") or not len(self) or not len(opens):
            older = int(np.searchsorted(self.open_ns, opens[0])) if len(opens) and len(self) else 0
            same = older and self.curves.keys() == curves.keys() and self.open_ns[older - 1] < opens[0]
            if same and older < len(self):  # a whole document on top of older pages keeps these
                self._put(older, opens, columns, curves)
            else:
                self.open_ns, self.columns, self.curves = opens, columns, curves
            return False
        at = int(np.searchsorted(self.open_ns, opens[0]))
        size = len(self)
        self._put(at, opens, columns, curves)
        return len(self) - size in {0, 1} and len(opens) > 0

    def put_older(self, document: Mapping[str, Any]) -> int:
        """Put an older page before what is there; gives how many candles it added."""
        opens, columns, curves = _read(document)
        keep = len(opens) if not len(self) else int(np.searchsorted(opens, self.open_ns[0]))
        if keep <= 0:
            self.exhausted = True
            return 0
        self.open_ns = np.concatenate([opens[:keep], self.open_ns])
        self.columns = np.hstack([columns[:, :keep], self.columns])
        for name, curve in self.curves.items():
            page = curves.get(name)
            before = page.values[:keep] if page is not None else np.full(keep, np.nan)
            curve.values = np.concatenate([before, curve.values])
        self.exhausted = len(self) >= MOST
        return keep

    def _put(self, at: int, opens: IntArray, columns: FloatArray, curves: dict[str, Curve]) -> None:
        self.open_ns = np.concatenate([self.open_ns[:at], opens])
        self.columns = np.hstack([self.columns[:, :at], columns])
        for name, curve in curves.items():
            old = self.curves.get(name)
            before = old.values[:at] if old is not None else np.full(at, np.nan)
            curve.values = np.concatenate([before, curve.values])
        self.curves = curves


def _read(document: Mapping[str, Any]) -> tuple[IntArray, FloatArray, dict[str, Curve]]:
    opens = np.frombuffer(document["open_ns"], "<i8").astype(np.int64)
    columns = np.array([np.frombuffer(column, "<f8") for column in document["columns"]], np.float64)
    curves = {}
    for one in document["indicators"]:
        bounds = tuple(one["bounds"]) if one["bounds"] is not None else None
        values = np.frombuffer(one["values"], "<f8").astype(np.float64)
        curves[str(one["name"])] = Curve(str(one["pane"]), tuple(one["guides"]), bounds, values)
    return opens, columns.reshape(5, len(opens)), curves
