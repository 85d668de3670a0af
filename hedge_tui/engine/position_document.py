"""One position with exact digits, as `hedge positions --json` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.instrument import symbol_of, venue_of
from hedge_tui.engine.exact import digits, money

if TYPE_CHECKING:
    from hedge_tui.domain.account import Position
    from hedge_tui.engine.risk.position import PositionFigures


def position_document(p: Position, f: PositionFigures) -> dict[str, Any]:
    """Stable names in the product's words; numbers as text, null where something is not known."""
    return {
        "account": p.account,
        "venue": venue_of(p.instrument),
        "instrument": p.instrument,
        "symbol": symbol_of(p.instrument),
        "side": "long" if p.quantity > 0 else "short",
        "position_side": p.position_side.value,
        "quantity": digits(abs(p.quantity)),
        "base_quantity": digits(f.base_quantity),
        "entry_price": digits(p.entry_price),
        "break_even": digits(f.break_even),
        "mark_price": digits(f.mark),
        "notional": money(f.notional),
        "unrealized": money(f.unrealized),
        "settle": f.settle,
        "liquidation_price": digits(p.liquidation_price),
        "liquidation_distance": digits(f.liquidation_distance),
        "liquidation_atr": digits(f.atr_distance),
        "funding_next": digits(f.funding_next),
        "funding_next_ns": f.funding_next_ns or None,
        "adl": f.adl,
        "protected": digits(f.protected),
        "opened_ns": f.opened_ns or None,
        "tags": list(f.tags),
        "leverage": digits(p.leverage),
        "margin_mode": "isolated" if p.isolated else "cross",
    }
