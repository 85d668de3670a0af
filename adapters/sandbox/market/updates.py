"""What a step of a market gives: frozen updates, in the order in which they happened.

The server feeds them to the matching core (books, trades, marks, funding) and to `StreamHub` (all).
`symbol` is the unified symbol, `instrument` the same with its venue; times are UTC nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.order import Side

Level = tuple[Decimal, Decimal]
"""Price and quantity."""


@dataclass(frozen=True, slots=True)
class BookUpdate:
    """The outside liquidity of one instrument as it now stands, best first.

    Attributes:
        bids, asks: twenty levels and more for active instruments, the best alone for the others.
        top_changed: whether the best bid or ask differs from the update before.
    """

    symbol: str
    instrument: InstrumentId
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    top_changed: bool
    at_ns: int


@dataclass(frozen=True, slots=True)
class TradePrint:
    """One public trade.

    Attributes:
        trade_id: rising by one within an instrument.
        own: an account of the sandbox took part (it came in by `own_trade`).
    """

    symbol: str
    instrument: InstrumentId
    trade_id: int
    price: Decimal
    quantity: Decimal
    taker_side: Side
    at_ns: int
    own: bool = False


@dataclass(frozen=True, slots=True)
class MarkUpdate:
    """A perpetual's valuation, once a second.

    Attributes:
        settle: estimated settle price (the index's mean; only of use at a delivery).
        funding_rate: of the running interval as it would be paid now; fraction of notional.
    """

    symbol: str
    instrument: InstrumentId
    mark: Decimal
    index: Decimal
    settle: Decimal
    funding_rate: Decimal
    next_funding_ns: int
    at_ns: int


@dataclass(frozen=True, slots=True)
class CandleUpdate:
    """A one-minute candle formed further or closed.

    Attributes:
        row: open, high, low, close in ticks, volume in lots, trades, volume bought by takers in lots,
            turnover in quarters of tick times lot.
    """

    symbol: str
    instrument: InstrumentId
    open_ns: int
    row: tuple[int, ...]
    closed: bool
    at_ns: int


@dataclass(frozen=True, slots=True)
class FundingDue:
    """Funding is to be paid now: longs pay `rate` times their notional at `mark` to shorts."""

    symbol: str
    instrument: InstrumentId
    rate: Decimal
    mark: Decimal
    at_ns: int


MarketUpdate = BookUpdate | TradePrint | MarkUpdate | CandleUpdate | FundingDue
