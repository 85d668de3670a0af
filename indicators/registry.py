"""Which indicators there are, and how a chart asks for one: `sma(20)`."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indicators.averages import FloatArray, ema, sma
from indicators.oscillators import rsi

if TYPE_CHECKING:
    from collections.abc import Callable

_CALL = re.compile(r"\s*([a-z_]\w*)\s*(?:\(\s*(\d+)?\s*\))?\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class IndicatorSpec:
    """One indicator of closing prices.

    Attributes:
        name: as typed, lower case. title: one line for lists.
        length: default window; shortest: smallest one that makes sense.
        pane: "price" draws over the candles, anything else names a pane of its own.
        guides: levels drawn as lines in its pane. bounds: fixed scale of the pane, or None.
        compute: (close, length) -> values of the same shape, NaN during warm-up.
    """

    name: str
    title: str
    length: int
    shortest: int
    pane: str
    compute: Callable[[FloatArray, int], FloatArray]
    guides: tuple[float, ...] = ()
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class IndicatorCall:
    """An indicator with its parameter; `text` is its canonical form, such as "sma(20)"."""

    spec: IndicatorSpec
    length: int

    @property
    def text(self) -> str:
        """Canonical form."""
        return f"{self.spec.name}({self.length})"

    def __call__(self, close: FloatArray) -> FloatArray:
        """The values over `close`, same shape."""
        return self.spec.compute(close, self.length)


SPECS = {
    spec.name: spec
    for spec in (
        IndicatorSpec("sma", "Simple moving average", 20, 1, "price", sma),
        IndicatorSpec("ema", "Exponential moving average", 50, 1, "price", ema),
        IndicatorSpec("rsi", "Relative strength index", 14, 2, "rsi", rsi, (30.0, 70.0), (0.0, 100.0)),
    )
}
"""By name."""


def parse(text: str) -> IndicatorCall:
    """Read `name(length)`; the length may be left out.

    Raises:
        ValueError: an unknown name (with the nearest one) or a length that makes no sense.
    """
    match = _CALL.fullmatch(text)
    name = match[1].lower() if match else text
    spec = SPECS.get(name)
    if match is None or spec is None:
        near = difflib.get_close_matches(name, SPECS, 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(SPECS)}"
        raise ValueError(f"{text!r} is no indicator: {hint}")
    length = int(match[2]) if match[2] else spec.length
    if not spec.shortest <= length <= 5_000:
        raise ValueError(f"{name}: length {length} is outside {spec.shortest} to 5000")
    return IndicatorCall(spec, length)
