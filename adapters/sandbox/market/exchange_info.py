"""`exchangeInfo` of both venue kinds: the documents from which clients learn instruments, grids and limits.

Made from the same instruments that are matched; called through `MarketRows.exchange_info`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.sandbox.market.listing import Listing, VenueKind
    from adapters.sandbox.market.texts import Texts

_MINUTE_MS = 60_000
_NEVER_MS = 4_133_404_800_000
"""The delivery date that perpetuals carry: Christmas 2100."""
_STP_MODES = ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"]

RATE_LIMITS: dict[VenueKind, list[dict[str, Any]]] = {
    "spot": [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
        {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": 200_000},
        {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61_000},
    ],
    "usdm": [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
    ],
}


def exchange_info(
    kind: VenueKind, listings: list[Listing], texts: list[Texts], now_ms: int
) -> dict[str, Any]:
    """The whole document of one venue kind."""
    head: dict[str, Any] = {"timezone": "UTC", "serverTime": now_ms}
    if kind == "usdm":
        head["futuresType"] = "U_MARGINED"
    head |= {"rateLimits": RATE_LIMITS[kind], "exchangeFilters": []}
    row = _spot_row if kind == "spot" else _usdm_row
    symbols = [row(listing, text) for listing, text in zip(listings, texts, strict=True)]
    if kind == "spot":
        names = [listing.instrument.venue_symbol for listing in listings]
        return {**head, "symbols": symbols, "sors": _smart_routes(names)}
    settled = dict.fromkeys(listing.instrument.settle for listing in listings)
    assets = [{"asset": asset, "marginAvailable": True, "autoAssetExchange": "-10000"} for asset in settled]
    return {**head, "assets": assets, "symbols": symbols}


def _smart_routes(names: list[str]) -> list[dict[str, Any]]:
    routes = [name for name in ("BTCUSDT", "BTCUSDC") if name in names]
    return [{"baseAsset": "BTC", "symbols": routes}] if len(routes) > 1 else []


def _spot_row(listing: Listing, texts: Texts) -> dict[str, Any]:
    one = listing.instrument
    return {
        "symbol": one.venue_symbol,
        "status": "TRADING",
        "baseAsset": one.base,
        "baseAssetPrecision": 8,
        "quoteAsset": one.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": list(one.order_types),
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            _price_filter(listing, texts),
            _size_filter("LOT_SIZE", listing, texts, one.grid.max_quantity),
            {"filterType": "ICEBERG_PARTS", "limit": 10},
            _size_filter("MARKET_LOT_SIZE", listing, texts, one.grid.max_market_quantity),
            {
                "filterType": "TRAILING_DELTA",
                "minTrailingAboveDelta": 10,
                "maxTrailingAboveDelta": 2000,
                "minTrailingBelowDelta": 10,
                "maxTrailingBelowDelta": 2000,
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
                "minNotional": f"{one.grid.min_notional:.8f}",
                "applyMinToMarket": True,
                "maxNotional": "9000000.00000000",
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
        ],
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": _STP_MODES,
    }


def _usdm_row(listing: Listing, texts: Texts) -> dict[str, Any]:
    one = listing.instrument
    return {
        "symbol": one.venue_symbol,
        "pair": one.venue_symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": _NEVER_MS,
        "onboardDate": listing.first_minute * _MINUTE_MS,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": one.base,
        "quoteAsset": one.quote,
        "marginAsset": one.settle,
        "pricePrecision": texts.price_digits,
        "quantityPrecision": texts.quantity_digits,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [listing.sector.upper()],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10_000,
        "filters": [
            _price_filter(listing, texts),
            _size_filter("LOT_SIZE", listing, texts, one.grid.max_quantity),
            _size_filter("MARKET_LOT_SIZE", listing, texts, one.grid.max_market_quantity),
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
            {"filterType": "MIN_NOTIONAL", "notional": format(one.grid.min_notional, "f")},
            {
                "filterType": "PERCENT_PRICE",
                "multiplierUp": "1.0500",
                "multiplierDown": "0.9500",
                "multiplierDecimal": "4",
            },
        ],
        "orderTypes": list(one.order_types),
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }


def _price_filter(listing: Listing, texts: Texts) -> dict[str, Any]:
    grid = listing.instrument.grid
    assert grid.max_price is not None
    return {
        "filterType": "PRICE_FILTER",
        "minPrice": texts.price(grid.min_price),
        "maxPrice": texts.price(grid.max_price),
        "tickSize": texts.price(grid.tick),
    }


def _size_filter(name: str, listing: Listing, texts: Texts, largest: Decimal | None) -> dict[str, Any]:
    grid = listing.instrument.grid
    assert largest is not None
    return {
        "filterType": name,
        "minQty": texts.quantity(grid.min_quantity),
        "maxQty": texts.quantity(largest),
        "stepSize": texts.quantity(grid.lot),
    }
