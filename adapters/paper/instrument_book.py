"""Everything the venue knows of one instrument: both book sides, prices, waiting stops, who holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.paper.book_side import BookSide
from adapters.paper.ledger import ZERO
from adapters.paper.trigger_queue import TriggerQueue
from hedge_tui.domain.order import Side, TriggerSource

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.paper.margin_brackets import MarginBracket
    from adapters.paper.margin_purse import MarginPurse
    from hedge_tui.domain.instrument import Instrument


class InstrumentBook:
    """One instrument's market.

    Attributes:
        last, mark, index: None until one was said or traded.
        low, high: of the prices traded since stops were last looked at; None when none were.
        outside_position: what everybody outside holds by trading with our accounts, signed.
        holders: purses with a position or open-order margin here, in the order they came.
    """

    __slots__ = (
        "asks",
        "bids",
        "brackets",
        "high",
        "holders",
        "index",
        "instrument",
        "last",
        "low",
        "mark",
        "mark_changed",
        "outside_position",
        "trade_id",
        "triggers",
    )

    def __init__(self, instrument: Instrument, brackets: tuple[MarginBracket, ...]) -> None:
        self.instrument = instrument
        self.brackets = brackets
        self.bids = BookSide(-1)
        self.asks = BookSide(1)
        self.triggers = TriggerQueue()
        self.last: Decimal | None = None
        self.mark: Decimal | None = None
        self.index: Decimal | None = None
        self.low: Decimal | None = None
        self.high: Decimal | None = None
        self.mark_changed = False
        self.trade_id = 0
        self.outside_position = ZERO
        self.holders: dict[str, MarginPurse] = {}

    def against(self, side: Side) -> BookSide:
        """The side that a taker of `side` trades with."""
        return self.asks if side is Side.BUY else self.bids

    def along(self, side: Side) -> BookSide:
        """The side where an order of `side` rests."""
        return self.bids if side is Side.BUY else self.asks

    def traded(self, price: Decimal, now_ns: int) -> None:
        """Note the price of an execution."""
        self.last = price
        self.triggers.trailing.see(TriggerSource.LAST, price, now_ns)
        if self.low is None or price < self.low:
            self.low = price
        if self.high is None or price > self.high:
            self.high = price

    def reference(self, source: TriggerSource) -> Decimal | None:
        """The price that stops of `source` look at.

        Before the first trade the mark stands in for the last price, and before that the best bid.
        """
        if source is TriggerSource.MARK:
            return self.mark
        if self.last is not None:
            return self.last
        return self.mark if self.mark is not None else self.bids.best_price()
