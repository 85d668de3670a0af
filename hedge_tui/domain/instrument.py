"""One market at one venue, with the grid its orders must lie on."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NewType

InstrumentId = NewType("InstrumentId", str)
"""`venue:SYMBOL` with the unified symbol, such as `binanceusdm:BTC/USDT:USDT`."""


def instrument_id(venue: str, symbol: str) -> InstrumentId:
    """Join a venue id and a unified symbol."""
    return InstrumentId(f"{venue}:{symbol}")


def venue_of(instrument: InstrumentId) -> str:
    """The venue part of an id."""
    return instrument.partition(":")[0]


def symbol_of(instrument: InstrumentId) -> str:
    """The unified symbol of an id."""
    return instrument.partition(":")[2]


class InstrumentKind(StrEnum):
    """What is traded."""

    SPOT = "spot"
    PERPETUAL = "perpetual"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Grid:
    """What a venue accepts as price and quantity.

    Attributes:
        tick: smallest price step, in quote.
        lot: smallest quantity step, in the venue's units (base, or contracts).
        min_quantity: smallest quantity of an order, same units as `lot`.
        max_quantity: largest quantity of a limit order; None if the venue states none.
        max_market_quantity: largest quantity of a market order; None if the venue states none.
        min_notional: smallest price times quantity, in quote; 0 if the venue states none.
        min_price: lowest price accepted; 0 if none.
        max_price: highest price accepted; None if none.
    """

    tick: Decimal
    lot: Decimal
    min_quantity: Decimal = Decimal(0)
    max_quantity: Decimal | None = None
    max_market_quantity: Decimal | None = None
    min_notional: Decimal = Decimal(0)
    min_price: Decimal = Decimal(0)
    max_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A market and its rules, as the venue states them now.

    Attributes:
        id: `venue:SYMBOL`.
        venue_symbol: the venue's own name, such as `BTCUSDT`.
        base, quote, settle: assets; settle equals quote for spot.
        contract_size: base units in one contract (linear), or quote units (inverse); 1 for spot.
        inverse: margin and PnL are in the base asset.
        maker_fee, taker_fee: fractions of notional, such as 0.0002; a rebate is negative.
        max_leverage: highest leverage of the first bracket; None for spot or when unknown.
        funding_interval_h: hours between funding payments; None where there are none.
        expiry_ns: when a future is settled, UTC; None for what never ends.
        active: False when the venue does not take orders in it now.
    """

    id: InstrumentId
    venue_symbol: str
    kind: InstrumentKind
    base: str
    quote: str
    settle: str
    grid: Grid
    contract_size: Decimal = Decimal(1)
    inverse: bool = False
    maker_fee: Decimal = Decimal("0.001")
    taker_fee: Decimal = Decimal("0.001")
    max_leverage: Decimal | None = None
    funding_interval_h: int | None = None
    active: bool = True
    order_types: tuple[str, ...] = field(default=())
    expiry_ns: int | None = None

    @property
    def venue(self) -> str:
        """The venue's id."""
        return venue_of(self.id)

    @property
    def symbol(self) -> str:
        """The unified symbol."""
        return symbol_of(self.id)

    def notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Value of `quantity` (venue units) at `price`, in quote (in base units x price for inverse).

        For inverse contracts the notional is quantity times contract size, which is already quote.
        """
        if self.inverse:
            return quantity * self.contract_size
        return quantity * self.contract_size * price
