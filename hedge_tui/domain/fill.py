"""One execution of ours."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, PositionSide, Side, VenueOrderId


class Liquidity(StrEnum):
    """Whether our order rested (maker) or took (taker)."""

    MAKER = "maker"
    TAKER = "taker"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution, keyed by (account, instrument, trade_id).

    Attributes:
        trade_id: the venue's, unique within the instrument.
        client_order_id: ours if the venue said it, else "" (then `venue_order_id` finds the order).
        quantity: venue units, > 0.
        price: in quote.
        commission: > 0 paid, < 0 rebate, in `commission_asset`.
        realized_pnl: what the venue says this fill realised, in settle; None if it does not say.
        venue_ns: the venue's time; local_ns: ours when it was learnt.
    """

    account: str
    instrument: InstrumentId
    trade_id: str
    client_order_id: ClientOrderId
    venue_order_id: VenueOrderId
    side: Side
    quantity: Decimal
    price: Decimal
    commission: Decimal
    commission_asset: str
    liquidity: Liquidity
    venue_ns: int
    local_ns: int
    realized_pnl: Decimal | None = None
    position_side: PositionSide | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two reports of one execution the same."""
        return (self.account, self.instrument, self.trade_id)
