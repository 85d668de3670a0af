"""`exchangeInfo` of spot and the wallet's asset list, made from the instruments that are really matched."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.sandbox.digits import fixed
from adapters.sandbox.limits import MAX_ORDERS, MAX_TRIGGERS, rate_limits
from adapters.sandbox.order_fields import SELF_TRADES
from adapters.sandbox.spot.order_request import ICEBERG_PARTS, TRAIL_BIPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.sandbox.limits import LimitTable
    from hedge_tui.domain.instrument import Instrument

RAW_REQUESTS = {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61_000}


def exchange_info(instruments: Iterable[Instrument], table: LimitTable, now_ms: int) -> dict[str, Any]:
    """The whole document."""
    return {
        "timezone": "UTC",
        "serverTime": now_ms,
        "rateLimits": [*rate_limits(table), RAW_REQUESTS],
        "exchangeFilters": [],
        "symbols": [symbol_row(one) for one in instruments],
        "sors": [],
    }


def symbol_row(instrument: Instrument) -> dict[str, Any]:
    """One symbol."""
    return {
        "symbol": instrument.venue_symbol,
        "status": "TRADING" if instrument.active else "BREAK",
        "baseAsset": instrument.base,
        "baseAssetPrecision": 8,
        "quoteAsset": instrument.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": list(instrument.order_types),
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(instrument),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": SELF_TRADES,
    }


def _filters(instrument: Instrument) -> list[dict[str, Any]]:
    grid = instrument.grid
    largest = grid.max_quantity or Decimal(9000)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": fixed(grid.min_price or grid.tick),
            "maxPrice": fixed(grid.max_price or Decimal(1_000_000)),
            "tickSize": fixed(grid.tick),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": fixed(grid.min_quantity),
            "maxQty": fixed(largest),
            "stepSize": fixed(grid.lot),
        },
        {"filterType": "ICEBERG_PARTS", "limit": ICEBERG_PARTS},
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": fixed(Decimal(0)),
            "maxQty": fixed(grid.max_market_quantity or largest),
            "stepSize": fixed(Decimal(0)),
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": "5",
            "bidMultiplierDown": "0.2",
            "askMultiplierUp": "5",
            "askMultiplierDown": "0.2",
            "avgPriceMins": 5,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": fixed(grid.min_notional),
            "applyMinToMarket": True,
            "maxNotional": "9000000.00000000",
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
        {
            "filterType": "TRAILING_DELTA",
            "minTrailingAboveDelta": TRAIL_BIPS[0],
            "maxTrailingAboveDelta": TRAIL_BIPS[1],
            "minTrailingBelowDelta": TRAIL_BIPS[0],
            "maxTrailingBelowDelta": TRAIL_BIPS[1],
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": MAX_ORDERS["spot"]},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": MAX_TRIGGERS["spot"]},
    ]


def coin_row(asset: str, free: Decimal, locked: Decimal) -> dict[str, Any]:
    """One asset of `capital/config/getall`."""
    return {
        "coin": asset,
        "depositAllEnable": True,
        "withdrawAllEnable": True,
        "name": asset,
        "free": fixed(free),
        "locked": fixed(locked),
        "freeze": "0",
        "withdrawing": "0",
        "ipoing": "0",
        "ipoable": "0",
        "storage": "0",
        "isLegalMoney": False,
        "trading": True,
        "networkList": [_network(asset)],
    }


def _network(asset: str) -> dict[str, Any]:
    return {
        "network": "ETH" if asset in ("USDT", "USDC") else asset,
        "coin": asset,
        "withdrawIntegerMultiple": "0.00000001",
        "isDefault": True,
        "depositEnable": True,
        "withdrawEnable": True,
        "depositDesc": "",
        "withdrawDesc": "",
        "specialTips": "",
        "name": asset,
        "resetAddressStatus": False,
        "addressRegex": "^$",
        "memoRegex": "",
        "withdrawFee": "0",
        "withdrawMin": "0",
        "withdrawMax": "0",
        "minConfirm": 1,
        "unLockConfirm": 1,
        "sameAddress": False,
        "estimatedArrivalTime": 1,
        "busy": False,
    }
