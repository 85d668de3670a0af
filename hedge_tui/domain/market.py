"""Public market data, for display and pricing: floats on purpose (DESIGN section 5)."""

from __future__ import annotations

from dataclasses import dataclass

from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import Side


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask at one instant; NaN where one side is empty.

    Attributes:
        bid_text, ask_text: the venue's own digits, from which order prices are made; "" if unknown.
    """

    instrument: InstrumentId
    bid: float
    bid_quantity: float
    ask: float
    ask_quantity: float
    venue_ns: int
    local_ns: int
    bid_text: str = ""
    ask_text: str = ""

    @property
    def mid(self) -> float:
        """Mean of bid and ask."""
        return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class MarketStats:
    """Slow facts of one instrument; a field is NaN (or 0 for times) where the venue does not say.

    Attributes:
        last: last traded price; mark, index: the venue's valuation and its basket.
        change_24h: fraction; volume_24h: quote units; high_24h, low_24h: quote.
        funding_rate: fraction of notional of the running interval, as the venue predicts it; it is paid at
            next_funding_ns.
        open_interest: venue units.
    """

    instrument: InstrumentId
    local_ns: int
    last: float = float("nan")
    mark: float = float("nan")
    index: float = float("nan")
    change_24h: float = float("nan")
    volume_24h: float = float("nan")
    high_24h: float = float("nan")
    low_24h: float = float("nan")
    funding_rate: float = float("nan")
    next_funding_ns: int = 0
    open_interest: float = float("nan")


@dataclass(frozen=True, slots=True)
class OpenInterest:
    """How much of a derivative was open at some moments, oldest first.

    Attributes:
        at_ns: of the samples, venue time. quantities: venue units, one for each.
    """

    instrument: InstrumentId
    at_ns: tuple[int, ...]
    quantities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Funding:
    """What is known of a perpetual's funding beside the running rate.

    Attributes:
        interval_h: hours between payments; None where the venue does not say.
        last_rate: fraction of notional paid last; NaN if not known. last_ns: when; 0 if not known.
    """

    instrument: InstrumentId
    interval_h: int | None = None
    last_rate: float = float("nan")
    last_ns: int = 0


@dataclass(frozen=True, slots=True)
class Trade:
    """A public print; never ours.

    Attributes:
        side: of the taker.
    """

    instrument: InstrumentId
    trade_id: str
    price: float
    quantity: float
    side: Side
    venue_ns: int


@dataclass(frozen=True, slots=True)
class Book:
    """Depth by price level, best first.

    Attributes:
        bids, asks: (price, quantity) pairs, best first.
    """

    instrument: InstrumentId
    bids: tuple[tuple[float, float], ...]
    asks: tuple[tuple[float, float], ...]
    venue_ns: int
    local_ns: int
