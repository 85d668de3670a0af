"""What names of public streams mean, such as `btcusdt@depth20@100ms` or `!ticker@arr`. For `StreamHub`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.sandbox.market.candles import TIMEFRAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.sandbox.market.listing import VenueKind

ALL = -1
"""Stands for all instruments in `StreamName.index`."""
_DEPTH = re.compile(r"depth(5|10|20)?(?:@(\d+)ms)?")
_DEPTH_SPEEDS = {
    "spot": {"": 1000, "100": 100, "1000": 1000},
    "usdm": {"": 250, "0": 0, "100": 100, "250": 250, "500": 500},
}
_KLINE = re.compile(r"(?:kline|continuousKline)_(\w+)")


@dataclass(frozen=True, slots=True)
class StreamName:
    """One public stream.

    Attributes:
        text: the name as the client wrote it; frames of combined streams carry it.
        what: bookTicker, trade, aggTrade, depth, partial, kline, ticker, miniTicker, markPrice, forceOrder,
            or "" for a stream that never says anything, which the venue accepts too.
        index: of the instrument, or ALL.
        timeframe: of kline streams. depth: of partial books. every_ms: pace of books and marks.
        pair: a continuous kline, which names its pair.
    """

    text: str
    what: str = ""
    index: int = ALL
    timeframe: str = ""
    depth: int = 0
    every_ms: int = 0
    pair: bool = False


def parse(text: str, kind: VenueKind, places: Mapping[str, int]) -> StreamName:
    """Read a stream's name; `places` has the index of each instrument by its lower-case venue symbol."""
    head, _, rest = text.partition("@")
    if head.startswith("!"):
        return _of_all(text, head[1:], rest, kind)
    name = head.removesuffix("_perpetual")
    index = places.get(name)
    if index is None or not rest:
        return StreamName(text)
    if rest in ("bookTicker", "trade", "aggTrade", "ticker", "miniTicker"):
        return StreamName(text, rest, index)
    if (found := _DEPTH.fullmatch(rest)) is not None:
        every_ms = _DEPTH_SPEEDS[kind].get(found[2] or "")
        if every_ms is None:
            return StreamName(text)
        if found[1]:
            return StreamName(text, "partial", index, depth=int(found[1]), every_ms=every_ms)
        return StreamName(text, "depth", index, every_ms=every_ms)
    if (found := _KLINE.fullmatch(rest)) is not None and found[1] in TIMEFRAMES:
        return StreamName(text, "kline", index, timeframe=found[1], pair=rest.startswith("continuous"))
    if kind == "usdm" and rest in ("markPrice", "markPrice@1s"):
        return StreamName(text, "markPrice", index, every_ms=1000 if rest.endswith("1s") else 3000)
    if kind == "usdm" and rest == "forceOrder":
        return StreamName(text, "forceOrder", index)
    return StreamName(text)


def _of_all(text: str, what: str, rest: str, kind: VenueKind) -> StreamName:
    if what == "bookTicker" and not rest:
        return StreamName(text, "bookTicker")
    if what in ("ticker", "miniTicker") and rest == "arr":
        return StreamName(text, what)
    if kind == "usdm" and what == "markPrice" and rest in ("arr", "arr@1s"):
        return StreamName(text, "markPrice", every_ms=1000 if rest.endswith("1s") else 3000)
    if kind == "usdm" and what == "forceOrder" and rest == "arr":
        return StreamName(text, "forceOrder")
    return StreamName(text)
