"""What can be followed of a venue's public data, as the text of `DataClient.watch` says it."""

from __future__ import annotations

from dataclasses import dataclass

from hedge_tui.domain.candle import Timeframe

_PLAIN = frozenset({"quotes", "stats"})
_PER_SYMBOL = frozenset({"book", "trades"})


@dataclass(frozen=True, slots=True)
class Topic:
    """One subscription.

    Attributes:
        kind: quotes, stats, book, trades or candles.
        symbol: unified; "" for quotes and stats.
        timeframe: of candles, else None.
    """

    kind: str
    symbol: str = ""
    timeframe: Timeframe | None = None

    def __str__(self) -> str:
        parts = [self.kind, self.symbol, str(self.timeframe) if self.timeframe else ""]
        return ":".join(part for part in parts if part)


def parse_topic(text: str) -> Topic:
    """A topic from its text; a perpetual's symbol has a colon of its own.

    Raises:
        ValueError: it is no topic.

    >>> str(parse_topic("candles:BTC/USDT:USDT:1m"))
    'candles:BTC/USDT:USDT:1m'
    """
    kind, _, rest = text.partition(":")
    if kind in _PLAIN and not rest:
        return Topic(kind)
    if kind in _PER_SYMBOL and rest:
        return Topic(kind, rest)
    symbol, _, frame = rest.rpartition(":")
    if kind == "candles" and symbol and frame in Timeframe.__members__.values():
        return Topic(kind, symbol, Timeframe(frame))
    raise ValueError(f"{text!r} is no topic of market data")
