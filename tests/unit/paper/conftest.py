"""A small trading floor: one paper venue, one instrument, accounts `ana`, `bo` and `cy`."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from adapters.paper.venue import PaperVenue
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentKind, instrument_id
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, Side

if TYPE_CHECKING:
    from adapters.paper.events import Event
    from adapters.paper.records import PaperOrder, PaperPosition

D = Decimal
GRID = Grid(
    D("0.1"),
    D("0.001"),
    D("0.002"),
    max_quantity=D(100),
    max_market_quantity=D(20),
    min_notional=D(5),
    min_price=D(1),
    max_price=D(1_000),
)
SPOT = Instrument(
    instrument_id("binance", "ABC/USDT"),
    "ABCUSDT",
    InstrumentKind.SPOT,
    "ABC",
    "USDT",
    "USDT",
    GRID,
    maker_fee=D("0.001"),
    taker_fee=D("0.002"),
)
PERP = Instrument(
    instrument_id("binanceusdm", "ABC/USDT:USDT"),
    "ABCUSDT",
    InstrumentKind.PERPETUAL,
    "ABC",
    "USDT",
    "USDT",
    GRID,
    maker_fee=D("0.0002"),
    taker_fee=D("0.0005"),
    max_leverage=D(50),
)


class Floor:
    """One venue with terse orders; numbers are given as text and become Decimals.

    Attributes:
        now_ns: the time of the next call; set it to let time pass.
    """

    def __init__(self, instrument: Instrument, **options: Any) -> None:
        self.instrument = instrument
        self.id = instrument.id
        self.now_ns = 1_000
        self.venue = PaperVenue(
            "spot" if instrument.kind is InstrumentKind.SPOT else "usdm", [instrument], **options
        )

    def request(self, side: Side, quantity: str, price: str | None = None, **fields: Any) -> OrderRequest:
        fields.setdefault("type", OrderType.LIMIT if price else OrderType.MARKET)
        if isinstance(fields.get("trigger_price"), str):
            fields["trigger_price"] = D(fields["trigger_price"])
        return OrderRequest(
            ClientOrderId(fields.pop("client_order_id", "")),
            fields.pop("account", "ana"),
            self.id,
            side,
            quantity=D(quantity),
            price=D(price) if price else None,
            **fields,
        )

    def buy(self, quantity: str, price: str | None = None, **fields: Any) -> list[Event]:
        return self.venue.place(self.request(Side.BUY, quantity, price, **fields), self.now_ns)

    def sell(self, quantity: str, price: str | None = None, **fields: Any) -> list[Event]:
        return self.venue.place(self.request(Side.SELL, quantity, price, **fields), self.now_ns)

    def book(self, bids: str, asks: str) -> list[Event]:
        """Outside liquidity written as `99.9x5 99.8x7`, best first."""
        return self.venue.set_book(self.id, _levels(bids), _levels(asks), self.now_ns)

    def print(self, quantity: str, price: str, taker: Side) -> list[Event]:
        return self.venue.print_trade(self.id, D(price), D(quantity), taker, self.now_ns)

    def mark(self, price: str) -> list[Event]:
        return self.venue.set_mark(self.id, D(price), D(price), self.now_ns)

    def order(self, events: list[Event]) -> PaperOrder:
        """The order that these events accepted, as it stands now."""
        first = events[0].order  # type: ignore[union-attr]
        found = self.venue.order(first.account, self.id, first.order_id)
        assert found is not None
        return found

    def position(self, account: str = "ana") -> PaperPosition:
        (only,) = self.venue.positions(account)
        return only

    def usdt(self, account: str = "ana") -> Decimal:
        return self.venue.balances(account)["USDT"].total


def _levels(text: str) -> list[tuple[Decimal, Decimal]]:
    return [
        (D(price), D(quantity)) for price, _, quantity in (level.partition("x") for level in text.split())
    ]


@pytest.fixture
def spot() -> Floor:
    floor = Floor(SPOT)
    for account in ("ana", "bo", "cy"):
        floor.venue.add_account(account, {"ABC": D(100), "USDT": D(10_000)})
    floor.book("99.9x5 99.8x7", "100.1x5 100.2x7")
    return floor


@pytest.fixture
def perp() -> Floor:
    floor = Floor(PERP)
    for account in ("ana", "bo", "cy"):
        floor.venue.add_account(account, {"USDT": D(1_000)})
    floor.book("99.9x50 99.8x70", "100.1x50 100.2x70")
    floor.mark("100")
    return floor


@pytest.fixture
def free_perp() -> Floor:
    """Without commission, where the arithmetic of the test is easier to read so."""
    floor = Floor(replace(PERP, maker_fee=D(0), taker_fee=D(0)))
    for account in ("ana", "bo", "cy"):
        floor.venue.add_account(account, {"USDT": D(1_000)})
    floor.book("99.9x50 99.8x70", "100.1x50 100.2x70")
    floor.mark("100")
    return floor
