"""From ccxt's own-trade structure to a `Fill`. Pure; an unreadable row raises ValueError."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.numbers import decimal_of, ns_of_ms, positive
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.order import PositionSide, Side, VenueOrderId

if TYPE_CHECKING:
    from adapters.via_ccxt.speech import Speech

_CLIENT_KEYS = (
    "clientOrderId",
    "orderLinkId",
    "clOrdId",
    "cliOrdId",
    "client_order_id",
    "cloid",
    "label",
    "text",
    "c",
)
_PNL_KEYS = ("realizedPnl", "rp", "closedPnl", "execPnl", "fillPnl", "pnl", "profit_loss")
_SIDES = {"LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}


def fill_of(trade: Any, speech: Speech) -> Fill:
    """One execution of ours.

    Raises:
        ValueError: no id, side, price or quantity in it.
    """
    trade_id, side = trade.get("id"), trade.get("side")
    quantity, price = positive(trade.get("amount")), positive(trade.get("price"))
    if not trade_id or side not in ("buy", "sell") or quantity is None or price is None:
        raise ValueError(f"an execution without id, side, price or quantity: {trade_id!r}")
    info = trade.get("info") if isinstance(trade.get("info"), dict) else {}
    commission, asset = commission_of(trade)
    maker = trade.get("takerOrMaker")
    return Fill(
        account=speech.account,
        instrument=speech.instrument(trade.get("symbol")),
        trade_id=str(trade_id),
        client_order_id=speech.client_id(_first(info, _CLIENT_KEYS) or trade.get("clientOrderId")),
        venue_order_id=VenueOrderId(str(trade.get("order") or "")),
        side=Side(side),
        quantity=quantity,
        price=price,
        commission=commission,
        commission_asset=asset,
        liquidity=Liquidity(maker) if maker in ("maker", "taker") else Liquidity.UNKNOWN,
        venue_ns=ns_of_ms(trade.get("timestamp")) or speech.now_ns(),
        local_ns=speech.now_ns(),
        realized_pnl=decimal_of(_first(info, _PNL_KEYS)),
        position_side=_SIDES.get(str(info.get("positionSide") or info.get("ps") or "")),
    )


def commission_of(trade: Any) -> tuple[Decimal, str]:
    """(commission, its asset); 0 and "" where the venue says none."""
    fees = [trade.get("fee")] if trade.get("fee") else list(trade.get("fees") or ())
    for fee in fees:
        if isinstance(fee, dict):
            cost = decimal_of(fee.get("cost"))
            if cost is not None:
                return cost, str(fee.get("currency") or "")
    return Decimal(0), ""


def _first(info: dict[str, Any], keys: tuple[str, ...]) -> Any:
    for key in keys:
        if info.get(key) not in (None, ""):
            return info[key]
    return None
