"""Rows of USD-M positions in the four forms that the venue answers; used by `account` and `settings`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.paper.margin_brackets import default_brackets, largest_notional
from adapters.sandbox.digits import fixed, millis, plain
from adapters.sandbox.usdm.order_payload import SIDES, Digits

if TYPE_CHECKING:
    from adapters.paper.records import PaperPosition
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue
    from hedge_tui.domain.instrument import Instrument

ZERO = Decimal(0)


def position_v2(
    venue: ServedVenue, call: Call, instrument: Instrument, p: PaperPosition | None
) -> dict[str, Any]:
    """One row of `positions` in v2 account; `p` is None where the account never traded."""
    digits = Digits.of(instrument)
    leverage = p.leverage if p else venue.paper.leverage(call.owner.name, instrument.id)
    return {
        "symbol": instrument.venue_symbol,
        "initialMargin": plain(p.initial_margin + p.order_margin) if p else "0",
        "maintMargin": plain(p.maintenance_margin) if p else "0",
        "unrealizedProfit": fixed(p.unrealized if p else ZERO),
        "positionInitialMargin": plain(p.initial_margin) if p else "0",
        "openOrderInitialMargin": plain(p.order_margin) if p else "0",
        "leverage": plain(leverage),
        "isolated": venue.paper.is_isolated(call.owner.name, instrument.id),
        "entryPrice": _entry(p.entry_price if p else ZERO),
        "breakEvenPrice": _entry(p.break_even if p else ZERO),
        "maxNotional": plain(largest_position(instrument, leverage)),
        "bidNotional": plain(p.bid_notional) if p else "0",
        "askNotional": plain(p.ask_notional) if p else "0",
        "positionSide": SIDES[p.side] if p else "BOTH",
        "positionAmt": fixed(p.quantity, digits.quantity) if p else "0",
        "notional": plain(p.notional) if p else "0",
        "isolatedWallet": plain(p.isolated_wallet) if p else "0",
        "updateTime": millis(p.update_ns) if p else 0,
    }


def position_v3(venue: ServedVenue, p: PaperPosition) -> dict[str, Any]:
    """One row of `positions` in v3 account."""
    instrument = venue.by_id[str(p.instrument)]
    return {
        "symbol": instrument.venue_symbol,
        "positionSide": SIDES[p.side],
        "positionAmt": fixed(p.quantity, Digits.of(instrument).quantity),
        "unrealizedProfit": fixed(p.unrealized),
        "isolatedMargin": fixed(p.isolated_wallet + p.unrealized if p.isolated else ZERO),
        "notional": plain(p.notional),
        "isolatedWallet": plain(p.isolated_wallet),
        "initialMargin": plain(p.initial_margin + p.order_margin),
        "maintMargin": plain(p.maintenance_margin),
        "updateTime": millis(p.update_ns),
    }


def risk_v2(instrument: Instrument, p: PaperPosition) -> dict[str, Any]:
    """One row of v2 positionRisk."""
    digits = Digits.of(instrument)
    return {
        "symbol": instrument.venue_symbol,
        "positionAmt": fixed(p.quantity, digits.quantity),
        "entryPrice": _entry(p.entry_price),
        "breakEvenPrice": _entry(p.break_even),
        "markPrice": fixed(p.mark),
        "unRealizedProfit": fixed(p.unrealized),
        "liquidationPrice": _entry(p.liquidation_price),
        "leverage": plain(p.leverage),
        "maxNotionalValue": plain(largest_position(instrument, p.leverage)),
        "marginType": "isolated" if p.isolated else "cross",
        "isolatedMargin": fixed(p.isolated_wallet + p.unrealized if p.isolated else ZERO),
        "isAutoAddMargin": "false",
        "positionSide": SIDES[p.side],
        "notional": plain(p.notional),
        "isolatedWallet": plain(p.isolated_wallet),
        "updateTime": millis(p.update_ns),
    }


def flat_risk(venue: ServedVenue, call: Call, instrument: Instrument) -> dict[str, Any]:
    """One row of v2 positionRisk for an instrument that the account never traded."""
    leverage = venue.paper.leverage(call.owner.name, instrument.id)
    return {
        "symbol": instrument.venue_symbol,
        "positionAmt": fixed(ZERO, Digits.of(instrument).quantity),
        "entryPrice": "0.0",
        "breakEvenPrice": "0.0",
        "markPrice": venue.feed.mark_text(instrument),
        "unRealizedProfit": fixed(ZERO),
        "liquidationPrice": "0",
        "leverage": plain(leverage),
        "maxNotionalValue": plain(largest_position(instrument, leverage)),
        "marginType": "isolated" if venue.paper.is_isolated(call.owner.name, instrument.id) else "cross",
        "isolatedMargin": fixed(ZERO),
        "isAutoAddMargin": "false",
        "positionSide": "BOTH",
        "notional": "0",
        "isolatedWallet": "0",
        "updateTime": 0,
    }


def risk_v3(venue: ServedVenue, p: PaperPosition) -> dict[str, Any]:
    """One row of v3 positionRisk."""
    instrument = venue.by_id[str(p.instrument)]
    return {
        "symbol": instrument.venue_symbol,
        "positionSide": SIDES[p.side],
        "positionAmt": fixed(p.quantity, Digits.of(instrument).quantity),
        "entryPrice": _entry(p.entry_price),
        "breakEvenPrice": _entry(p.break_even),
        "markPrice": fixed(p.mark),
        "unRealizedProfit": fixed(p.unrealized),
        "liquidationPrice": _entry(p.liquidation_price),
        "isolatedMargin": plain(p.isolated_wallet + p.unrealized if p.isolated else ZERO),
        "notional": fixed(p.notional),
        "marginAsset": instrument.settle,
        "isolatedWallet": plain(p.isolated_wallet),
        "initialMargin": fixed(p.initial_margin + p.order_margin),
        "maintMargin": fixed(p.maintenance_margin),
        "positionInitialMargin": fixed(p.initial_margin),
        "openOrderInitialMargin": plain(p.order_margin),
        "adl": venue.paper.adl_quantile(p.account, p.instrument, p.side),
        "bidNotional": plain(p.bid_notional),
        "askNotional": plain(p.ask_notional),
        "updateTime": millis(p.update_ns),
    }


def _entry(price: Decimal) -> str:
    """A cost price: up to ten decimals, at least one."""
    text = plain(price.quantize(Decimal("1e-10")))
    return text if "." in text else f"{text}.0"


def largest_position(instrument: Instrument, leverage: Decimal) -> Decimal:
    """Largest notional that may be held at a leverage, in quote."""
    return largest_notional(default_brackets(instrument.max_leverage), leverage)
