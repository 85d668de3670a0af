"""What `MarketRows` and `StreamHub` need of a market: a simulation and a replay both are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from adapters.sandbox.market.listing import Listing, VenueKind
    from adapters.sandbox.market.noise import FloatArray, IntArray
    from adapters.sandbox.market.texts import Texts
    from adapters.sandbox.market.updates import BookUpdate, MarketUpdate, TradePrint
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import Side


@dataclass(frozen=True, slots=True)
class Print:
    """A past public trade in ticks and lots."""

    trade_id: int
    time_ms: int
    ticks: int
    lots: int
    buy: bool


@dataclass(frozen=True, slots=True)
class Valuation:
    """A perpetual's mark and funding now; rates are fractions of notional."""

    mark: Decimal
    index: Decimal
    funding_rate: Decimal
    next_funding_ns: int


class CandleSource(Protocol):
    """Candles as rows of `columns`."""

    def series(self, index: int, timeframe: str, first_ns: int, last_ns: int) -> tuple[list[int], IntArray]:
        """Opens and rows of the candles that open in a span, the forming one included."""
        ...

    def minutes(self, index: int, first: int, end: int) -> IntArray:
        """Rows of minutes [first, end), counted from the epoch."""
        ...


class Market(Protocol):
    """A market that can be stepped, read and moved; inside, instruments are named by their index."""

    @property
    def kind(self) -> VenueKind:
        """Spot or USD-M."""
        ...

    @property
    def listings(self) -> list[Listing]:
        """What is traded, with what the simulation knows of it."""
        ...

    @property
    def instruments(self) -> list[Instrument]:
        """The same for the matching core."""
        ...

    @property
    def texts(self) -> list[Texts]:
        """How each instrument's numbers are written."""
        ...

    @property
    def candles(self) -> CandleSource:
        """Candles of the past."""
        ...

    @property
    def now_ns(self) -> int:
        """Where the market stands, UTC nanoseconds."""
        ...

    def place(self, symbol: str) -> int:
        """Index of an instrument by unified symbol, id or the venue's own symbol; KeyError if unknown."""
        ...

    def step(self, now_ns: int) -> list[MarketUpdate]:
        """Advance and tell what happened."""
        ...

    def book(self, symbol: str) -> BookUpdate:
        """Outside liquidity in full depth."""
        ...

    def quote(self, index: int) -> BookUpdate:
        """Outside liquidity as it is kept, perhaps the best levels alone."""
        ...

    def activate(self, symbols: Sequence[str]) -> None:
        """Keep full books of these."""
        ...

    def deactivate(self, symbols: Sequence[str]) -> None:
        """Stop keeping them."""
        ...

    def override_price(self, symbol: str, price: Decimal) -> list[MarketUpdate]:
        """Move a price at once."""
        ...

    def own_trade(
        self,
        symbol: str,
        price: Decimal,
        quantity: Decimal,
        taker_side: Side,
        now_ns: int,
        *,
        outside: bool = True,
    ) -> TradePrint:
        """Take in an account's execution as taker."""
        ...

    def day(self, index: int) -> list[int]:
        """The last 24 hours as one row of `columns`."""
        ...

    def last_ticks(self, index: int) -> int:
        """Price of the newest trade."""
        ...

    def last_lots(self, index: int) -> int:
        """Quantity of the newest trade."""
        ...

    def last_trade_id(self, index: int) -> int:
        """Id of the newest trade; 0 before the first."""
        ...

    def prints(self, index: int, first_minute: int, last_minute: int) -> Iterable[Print]:
        """Public trades of whole minutes up to now, oldest first."""
        ...

    def find_print(self, index: int, trade_id: int) -> int | None:
        """The minute that holds a trade id; None when it is not known."""
        ...

    def premium(self, index: int, hours: IntArray) -> FloatArray:
        """Log premium of price over index at the start of each hour."""
        ...

    def valuation(self, index: int) -> Valuation:
        """Mark, index and running funding."""
        ...

    def funding_paid(self, index: int, due_hours: IntArray) -> FloatArray:
        """Rates paid at hours since the epoch that are multiples of eight."""
        ...

    def open_interest_lots(self, index: int, minutes: IntArray) -> IntArray:
        """Lots open at minutes since the epoch."""
        ...
