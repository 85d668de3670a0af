"""`exchangeInfo` and `leverageBracket` of USD-M futures, made from the instruments really matched."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.paper.margin_brackets import default_brackets
from adapters.sandbox.digits import decimals_of, plain
from adapters.sandbox.limits import MAX_ORDERS, MAX_TRIGGERS, rate_limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.sandbox.limits import LimitTable
    from hedge_tui.domain.instrument import Instrument

_PERPETUAL_END_MS = 4_133_404_800_000
_ONBOARD_MS = 1_569_398_400_000
TIMES_IN_FORCE = ["GTC", "IOC", "FOK", "GTX", "GTD"]


def exchange_info(instruments: Iterable[Instrument], table: LimitTable, now_ms: int) -> dict[str, Any]:
    """The whole document."""
    listed = list(instruments)
    assets = sorted({one.settle for one in listed})
    return {
        "timezone": "UTC",
        "serverTime": now_ms,
        "futuresType": "U_MARGINED",
        "rateLimits": rate_limits(table),
        "exchangeFilters": [],
        "assets": [
            {"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"} for asset in assets
        ],
        "symbols": [symbol_row(one) for one in listed],
    }


def symbol_row(instrument: Instrument) -> dict[str, Any]:
    """One symbol."""
    first = default_brackets(instrument.max_leverage)[0]
    return {
        "symbol": instrument.venue_symbol,
        "pair": instrument.venue_symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": _PERPETUAL_END_MS,
        "onboardDate": _ONBOARD_MS,
        "status": "TRADING" if instrument.active else "SETTLING",
        "maintMarginPercent": f"{first.rate * 100:.4f}",
        "requiredMarginPercent": f"{Decimal(100) / first.max_leverage:.4f}",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "marginAsset": instrument.settle,
        "pricePrecision": max(2, decimals_of(instrument.grid.tick)),
        "quantityPrecision": decimals_of(instrument.grid.lot),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": _filters(instrument),
        "orderTypes": list(instrument.order_types),
        "timeInForce": TIMES_IN_FORCE,
        "permissionSets": [],
    }


def _filters(instrument: Instrument) -> list[dict[str, Any]]:
    grid = instrument.grid
    largest = grid.max_quantity or Decimal(1000)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": plain(grid.min_price or grid.tick),
            "maxPrice": plain(grid.max_price or Decimal(1_000_000)),
            "tickSize": plain(grid.tick),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": plain(grid.min_quantity),
            "maxQty": plain(largest),
            "stepSize": plain(grid.lot),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": plain(grid.min_quantity),
            "maxQty": plain(grid.max_market_quantity or largest),
            "stepSize": plain(grid.lot),
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": MAX_ORDERS["usdm"]},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": MAX_TRIGGERS["usdm"]},
        {"filterType": "MIN_NOTIONAL", "notional": plain(grid.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": "1.1500",
            "multiplierDown": "0.8500",
            "multiplierDecimal": "4",
        },
    ]


def bracket_row(instrument: Instrument) -> dict[str, Any]:
    """One symbol of `leverageBracket`."""
    return {
        "symbol": instrument.venue_symbol,
        "notionalCoef": 1.0,
        "brackets": [
            {
                "bracket": one.number,
                "initialLeverage": int(one.max_leverage),
                "notionalCap": int(one.cap),
                "notionalFloor": int(one.floor),
                "maintMarginRatio": float(one.rate),
                "cum": float(one.offset),
            }
            for one in default_brackets(instrument.max_leverage)
        ],
    }
