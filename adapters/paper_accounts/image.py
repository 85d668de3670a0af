"""What a file remembers of a paper venue: accounts, orders, positions, ledger; as one JSON document.

Quantities are decimal texts, times UTC nanoseconds. Finished orders, trades and income are kept as far as
a restarted engine may ask for them; the engine's own journal remembers them all.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from adapters.paper.records import IncomeKind, PaperStatus
from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, OrderType, PositionSide, Side, TimeInForce, TriggerSource

VERSION = 1
KEPT = 500
"""Finished orders, trades and income records that the file keeps, each, of every account."""


class OrderImage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One order.

    Attributes:
        trail_ns: since when it follows; 0 before. start_price: what its source said when it came.
        margin_price: USD-M: where it counts into the open-order margin; None: it does not.
        ahead: outside quantity that was in front of it; None when it was not known.
        extreme: the best price that a trailing stop has followed; None before it is activated.
    """

    order_id: int
    client_order_id: ClientOrderId
    instrument: InstrumentId
    side: Side
    type: OrderType
    original_type: OrderType
    status: PaperStatus
    quantity: Decimal
    created_ns: int
    updated_ns: int
    time_in_force: TimeInForce = TimeInForce.GTC
    price: Decimal | None = None
    executed: Decimal = Decimal(0)
    cumulative_quote: Decimal = Decimal(0)
    trigger_price: Decimal | None = None
    trigger_source: TriggerSource = TriggerSource.LAST
    triggered: bool = False
    post_only: bool = False
    reduce_only: bool = False
    close_position: bool = False
    position_side: PositionSide = PositionSide.NET
    expire_ns: int | None = None
    waiting: bool = False
    working_ns: int = 0
    triggered_ns: int = 0
    reason: str = ""
    last_trade_id: int = 0
    trail_pct: Decimal | None = None
    extreme: Decimal | None = None
    trail_ns: int = 0
    start_price: Decimal | None = None
    ahead: Decimal | None = None
    margin_price: Decimal | None = None


class TradeImage(msgspec.Struct, frozen=True):
    """One execution; the fields are those of `PaperTrade`."""

    instrument: InstrumentId
    trade_id: int
    order_id: int
    client_order_id: str
    side: Side
    position_side: PositionSide
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    commission: Decimal
    commission_asset: str
    maker: bool
    realized_pnl: Decimal
    at_ns: int


class IncomeImage(msgspec.Struct, frozen=True):
    """One movement of money; the fields are those of `PaperIncome`."""

    income_id: int
    kind: IncomeKind
    asset: str
    quantity: Decimal
    instrument: InstrumentId | None
    trade_id: int
    at_ns: int
    info: str = ""


class LegImage(msgspec.Struct, frozen=True):
    """One leg of a position; the fields are those of `Leg`."""

    instrument: InstrumentId
    side: PositionSide
    quantity: Decimal
    cost: Decimal
    fees: Decimal
    realized: Decimal
    residue: Decimal
    isolated_wallet: Decimal
    update_ns: int


class AccountImage(msgspec.Struct, frozen=True):
    """One account; its money is in the ledger."""

    name: str
    hedge_mode: bool = False
    leverages: dict[str, Decimal] = {}
    isolated: tuple[str, ...] = ()
    legs: tuple[LegImage, ...] = ()
    orders: tuple[OrderImage, ...] = ()
    finished: tuple[OrderImage, ...] = ()
    trades: tuple[TradeImage, ...] = ()
    income: tuple[IncomeImage, ...] = ()


class BookImage(msgspec.Struct, frozen=True):
    """One instrument that an account has traded.

    Attributes:
        last, mark, index: quote; None where none was said.
        settle: what positions are paid in. contract_size: base units in one contract.
        funding_ns: when the running funding interval ends; 0 when not known. funding_rate: of it.
    """

    instrument: InstrumentId
    trade_id: int
    settle: str
    contract_size: Decimal = Decimal(1)
    last: Decimal | None = None
    mark: Decimal | None = None
    index: Decimal | None = None
    outside_position: Decimal = Decimal(0)
    funding_ns: int = 0
    funding_rate: Decimal = Decimal(0)


class VenueImage(msgspec.Struct, frozen=True):
    """All paper accounts of one venue."""

    venue: str
    kind: str
    at_ns: int
    coming_order_id: int
    last_income_id: int
    ledger: dict[str, dict[str, Decimal]]
    accounts: tuple[AccountImage, ...] = ()
    books: tuple[BookImage, ...] = ()
    version: int = VERSION


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(VenueImage)


def encode_image(image: VenueImage) -> bytes:
    """The image as JSON, with a line feed at its end."""
    return _encoder.encode(image) + b"\n"


def decode_image(data: bytes, where: str) -> VenueImage:
    """The image of a file's content.

    Raises:
        StoreError: it cannot be read; names `where` and what to do.
    """
    way_out = "move it away to begin anew, or put a copy of yours back"
    try:
        image = _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise StoreError(f"the paper accounts in {where} cannot be read ({error}); {way_out}") from None
    if image.version != VERSION:
        raise StoreError(f"{where} is of version {image.version}, this program reads {VERSION}; {way_out}")
    return image
