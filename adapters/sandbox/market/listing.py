"""What is traded: the instruments of one venue kind, with their grids and the traits of their markets.

Read by everything in this folder. Traits depend on names and ranks only, never on the seed: the venue
lists the same instruments in every run, only their prices differ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from adapters.sandbox.market.assets import ASSETS, MULTIPLIED_BELOW
from adapters.sandbox.market.noise import key_of
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentKind, instrument_id

VenueKind = Literal["spot", "usdm"]
VENUE_IDS: dict[VenueKind, str] = {"spot": "binance", "usdm": "binanceusdm"}

FIRST_LISTING_DAY = 17_410
"""2017-09-01 in days since the epoch: the oldest candle there is."""
_LISTING_DAYS = 1500
EARLIEST_START_DAY = FIRST_LISTING_DAY + _LISTING_DAYS + 10
"""From this day on every instrument has a past."""

_FIXED_TICKS = {"spot": {"BTC": 2, "ETH": 2}, "usdm": {"BTC": 1, "ETH": 2}}
_FIXED_LOTS = {"spot": {"BTC": 5, "ETH": 4}, "usdm": {"BTC": 3, "ETH": 3}}
_ASSET_OF = {name: (rank, price, sector) for rank, (name, price, sector) in enumerate(ASSETS)}


@dataclass(frozen=True, slots=True)
class Listing:
    """One instrument and how its market behaves.

    Attributes:
        asset: whose price path it follows. quote_asset: whose path divides it; "" for dollar quotes.
        anchor: price around which it wanders, in quote.
        tick_decimals, lot_decimals: the grid is 10 to the minus these.
        price_digits, quantity_digits: decimals that the venue prints.
        trades_per_hour: mean number of prints. lots_per_trade: mean size of one.
        spread: typical, as a fraction of price.
        quotes_per_second: how often the best bid or ask changes beyond trades.
        first_minute: of the first candle, since the epoch.
    """

    instrument: Instrument
    kind: VenueKind
    rank: int
    asset: str
    quote_asset: str
    sector: str
    anchor: float
    tick_decimals: int
    lot_decimals: int
    price_digits: int
    quantity_digits: int
    trades_per_hour: float
    lots_per_trade: float
    spread: float
    quotes_per_second: float
    first_minute: int

    @property
    def tick(self) -> float:
        """Price step as a float."""
        return float(10.0**-self.tick_decimals)

    @property
    def lot(self) -> float:
        """Quantity step as a float."""
        return float(10.0**-self.lot_decimals)


CHEAPEST_IN_BTC = 0.01
"""Below this price a tick of 0.00000001 BTC would be a sizeable part of the price."""


def list_instruments(kind: VenueKind, count: int) -> list[Listing]:
    """The `count` busiest instruments, busiest first.

    Raises:
        ValueError: `count` is below 1 or above what the table of assets gives.
    """
    pairs = [(name, "USDT", 1.0) for name, _, _ in ASSETS]
    pairs += [(name, "USDC", 0.08) for name, _, _ in ASSETS[:14]]
    if kind == "spot":
        pairs += [(name, "BTC", 0.05) for name, dollars, _ in ASSETS[1:12] if dollars >= CHEAPEST_IN_BTC]
    pairs.sort(key=lambda pair: -_activity(_ASSET_OF[pair[0]][0]) * pair[2])
    if not 1 <= count <= len(pairs):
        raise ValueError(f"{count} instruments asked for; {kind} has between 1 and {len(pairs)}")
    return [_listing(kind, *pair) for pair in pairs[:count]]


def find_listing(kind: VenueKind, symbol: str) -> Listing:
    """The listing of one instrument by its unified symbol, whether or not it is among the busiest.

    Raises:
        KeyError: no such instrument.
    """
    base, _, rest = symbol.partition("/")
    quote = rest.partition(":")[0]
    asset = base.removeprefix("1000") if base not in _ASSET_OF else base
    listing = _listing(kind, asset, quote, 1.0 if quote == "USDT" else 0.1)
    if listing.instrument.symbol != symbol:
        raise KeyError(symbol)
    return listing


def _listed_day(asset: str, rank: int) -> int:
    return FIRST_LISTING_DAY + (0 if rank < 2 else int(trait(asset, "listed") * _LISTING_DAYS))


def _activity(rank: int) -> float:
    """Dollar turnover relative to the busiest asset."""
    return float(1.0 / (1.0 + 0.55 * rank**1.25))


def trait(name: str, what: str) -> float:
    """A fixed number in [0, 1) of an asset's own."""
    return key_of(name, what) / 2**64


def _listing(kind: VenueKind, asset: str, quote: str, share: float) -> Listing:
    rank, dollars, sector = _ASSET_OF[asset]
    thousand = kind == "usdm" and dollars < MULTIPLIED_BELOW
    dollars = dollars * 1000 if thousand else dollars
    base = f"1000{asset}" if thousand else asset
    anchor = dollars / _ASSET_OF["BTC"][1] if quote == "BTC" else dollars
    tick_decimals = _FIXED_TICKS[kind].get(base) if quote != "BTC" else None
    if tick_decimals is None:
        tick_decimals = min(8 if kind == "spot" else 7, 4 - math.floor(math.log10(anchor)))
    lot_decimals = _FIXED_LOTS[kind].get(base)
    if lot_decimals is None:
        lot_decimals = max(0, round(math.log10(dollars / (0.5 if kind == "spot" else 3.0))))
    busy = _activity(rank) * share * (1.0 if kind == "usdm" else 0.6)
    per_second = max(0.18, 10.0 * busy**0.62)
    trade_dollars = max(90.0, 8200.0 * busy**0.55)
    instrument = _instrument(
        kind,
        base,
        quote,
        rank=rank,
        anchor=anchor,
        dollars=dollars,
        tick_decimals=tick_decimals,
        lot_decimals=lot_decimals,
    )
    return Listing(
        instrument=instrument,
        kind=kind,
        rank=rank,
        asset=asset,
        quote_asset="BTC" if quote == "BTC" else "",
        sector=sector,
        anchor=anchor,
        tick_decimals=tick_decimals,
        lot_decimals=lot_decimals,
        price_digits=8 if kind == "spot" else max(2, tick_decimals),
        quantity_digits=8 if kind == "spot" else lot_decimals,
        trades_per_hour=per_second * 3600,
        lots_per_trade=max(6.0, trade_dollars / (dollars * 10.0**-lot_decimals)),
        spread=0.000001 + 0.0009 * (1.0 - (_activity(rank) * share) ** 0.12),
        quotes_per_second=max(0.5, 10.0 * busy**0.5),
        first_minute=1440 * _listed_day(asset, rank),
    )


def _instrument(
    kind: VenueKind,
    base: str,
    quote: str,
    *,
    rank: int,
    anchor: float,
    dollars: float,
    tick_decimals: int,
    lot_decimals: int,
) -> Instrument:
    lot = Decimal(1).scaleb(-lot_decimals)
    ceiling = Decimal(10) ** (math.floor(math.log10(anchor)) + 3)
    largest = Decimal(10) ** max(1, round(math.log10(4_000_000.0 / (1 + rank) ** 0.5 / dollars)))
    grid = Grid(
        tick=Decimal(1).scaleb(-tick_decimals),
        lot=lot,
        min_quantity=lot,
        max_quantity=largest * 9 if kind == "spot" else largest,
        max_market_quantity=largest if kind == "spot" else largest / 4,
        min_notional=_min_notional(kind, base, quote),
        min_price=Decimal(1).scaleb(-tick_decimals),
        max_price=ceiling,
    )
    symbol = f"{base}/{quote}" if kind == "spot" else f"{base}/{quote}:{quote}"
    spot = kind == "spot"
    return Instrument(
        id=instrument_id(VENUE_IDS[kind], symbol),
        venue_symbol=base + quote,
        kind=InstrumentKind.SPOT if spot else InstrumentKind.PERPETUAL,
        base=base,
        quote=quote,
        settle=quote,
        grid=grid,
        maker_fee=Decimal("0.001") if spot else Decimal("0.0002"),
        taker_fee=Decimal("0.001") if spot else Decimal("0.0005"),
        max_leverage=None if spot else _max_leverage(rank),
        funding_interval_h=None if spot else 8,
        order_types=ORDER_TYPES[kind],
    )


ORDER_TYPES: dict[VenueKind, tuple[str, ...]] = {
    "spot": (
        "LIMIT",
        "LIMIT_MAKER",
        "MARKET",
        "STOP_LOSS",
        "STOP_LOSS_LIMIT",
        "TAKE_PROFIT",
        "TAKE_PROFIT_LIMIT",
    ),
    "usdm": (
        "LIMIT",
        "MARKET",
        "STOP",
        "STOP_MARKET",
        "TAKE_PROFIT",
        "TAKE_PROFIT_MARKET",
        "TRAILING_STOP_MARKET",
    ),
}


def _min_notional(kind: VenueKind, base: str, quote: str) -> Decimal:
    if quote == "BTC":
        return Decimal("0.0001")
    if kind == "usdm":
        return Decimal({"BTC": 100, "ETH": 20}.get(base, 5))
    return Decimal(5)


def _max_leverage(rank: int) -> Decimal:
    if rank < 2:
        return Decimal(125)
    return Decimal(75 if rank < 24 else 50 if rank < 80 else 25)
