"""One position with exact digits, as `hedge positions --json` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.instrument import symbol_of, venue_of
from hedge_tui.engine.exact import digits, money, worked_out

if TYPE_CHECKING:
    from hedge_tui.domain.account import Position
    from hedge_tui.engine.risk.position import PositionFigures


def position_document(p: Position, f: PositionFigures, in_doubt: str = "") -> dict[str, Any]:
    """Stable names in the product's words; numbers as text, null where something is not known."""
    return {
        "account": p.account,
        "venue": venue_of(p.instrument),
        "instrument": p.instrument,
        "symbol": symbol_of(p.instrument),
        "side": "long" if p.quantity > 0 else "short",
        "position_side": p.position_side.value,
        "quantity": digits(abs(p.quantity)),
        "base_quantity": worked_out(f.base_quantity, 12),
        "entry_price": digits(p.entry_price),
        "break_even": worked_out(f.break_even),
        "mark_price": digits(f.mark),
        "notional": money(f.notional),
        "unrealized": money(f.unrealized),
        "settle": f.settle,
        "liquidation_price": digits(p.liquidation_price),
        "liquidation_distance": worked_out(f.liquidation_distance, 6),
        "liquidation_atr": worked_out(f.atr_distance, 3),
        "funding_next": worked_out(f.funding_next, 8),
        "funding_next_ns": f.funding_next_ns or None,
        "adl": f.adl,
        "protected": worked_out(f.protected, 6),
        "unprotected": f.unprotected,
        "in_doubt": in_doubt or None,
        "stops_in_doubt": list(f.stops_in_doubt),
        "opened_ns": f.opened_ns or None,
        "tags": list(f.tags),
        "leverage": digits(p.leverage),
        "margin_mode": "isolated" if p.isolated else "cross",
    }
