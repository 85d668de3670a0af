"""The price axis: from figures to lines of the screen and back, and round figures to print beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hedge_tui.domain.series import FloatArray

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that cuts `span` into at most `most` parts.

    >>> nice_step(730.0, 8), nice_step(0.0031, 4)
    (100.0, 0.001)
    """
    if not math.isfinite(span) or span <= 0 or most < 1:
        return 1.0
    raw = span / most
    unit = 10.0 ** math.floor(math.log10(raw))
    # Rounding undoes what 10.0 ** -3 * 2.5 adds in the last place.
    return next(float(f"{step * unit:.12g}") for step in _STEPS if step * unit >= raw * (1 - 1e-9))


def decimals_of(step: float) -> int:
    """Digits after the point that tell multiples of `step` apart, at most 12.

    >>> decimals_of(0.25), decimals_of(100.0), decimals_of(0.00001)
    (2, 0, 5)
    """
    for digits in range(13):
        if abs(round(step, digits) - step) <= step * 1e-6:
            return digits
    return 12


@dataclass(frozen=True, slots=True)
class Scale:
    """Figures from `low` (bottom) to `high` (top) on `lines` screen lines.

    Attributes:
        log: equal ratios take equal heights; falls back to linear where a figure is not positive.
    """

    low: float
    high: float
    lines: int
    log: bool = False

    @classmethod
    def around(cls, low: float, high: float, lines: int, *, log: bool = False, margin: float = 0.04) -> Scale:
        """A scale with some air; a flat or unknown range gets one that can be drawn."""
        if not (math.isfinite(low) and math.isfinite(high)):
            low, high = 0.0, 1.0
        log = log and low > 0
        if high <= low:
            pad = abs(low) * 0.001 or 1.0
            return cls(low - pad, high + pad, lines, log and low - pad > 0)
        if log:
            factor = (high / low) ** margin
            return cls(low / factor, high * factor, lines, log=True)
        return cls(low - (high - low) * margin, high + (high - low) * margin, lines)

    def positions(self, figures: FloatArray, parts: int) -> FloatArray:
        """Distance from the top in `parts` per line, from 0 to lines * parts; NaN stays NaN."""
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.log(self.high / figures) / math.log(self.high / self.low)
        else:
            share = (self.high - figures) / (self.high - self.low)
        return share * (self.lines * parts)

    def line(self, figure: float) -> int | None:
        """Screen line of a figure, None if it is off the scale."""
        place = float(self.positions(np.array([figure]), 1)[0])
        return None if math.isnan(place) or not 0 <= place < self.lines else int(place)

    def ticks(self, apart: int = 4, tick: float = 0.0) -> tuple[list[float], int]:
        """Round figures at least about `apart` lines from each other, and the digits to print them with.

        Args:
            apart: screen lines.
            tick: the instrument's price step; no finer figure is printed. 0 if unknown.
        """
        most = max(1, self.lines // apart)
        if self.log and self.high / self.low > 5:
            return self._decades(most), 0 if self.low >= 1 else decimals_of(
                10 ** math.floor(math.log10(self.low))
            )
        step = max(nice_step(self.high - self.low, most), tick)
        first = math.ceil(self.low / step - 1e-9)
        count = math.floor(self.high / step + 1e-9) - first + 1
        places = max(12, 2 - math.floor(math.log10(step)))
        return [round((first + n) * step, places) for n in range(max(0, min(count, 200)))], decimals_of(step)

    def _decades(self, most: int) -> list[float]:
        found: list[float] = []
        for power in range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1):
            found += [step * 10.0**power for step in (1.0, 2.0, 5.0)]
        shown = [figure for figure in found if self.low <= figure <= self.high]
        every = -(-len(shown) // most)
        return shown[::every]


def price_text(price: float, decimals: int) -> str:
    """A price with separators and a fixed number of digits; "" for NaN."""
    return "" if math.isnan(price) else f"{price:z,.{decimals}f}"
