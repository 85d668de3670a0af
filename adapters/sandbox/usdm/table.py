"""Every REST path that USD-M futures answers, with its weight and what it takes to be let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from adapters.sandbox import market_data as market
from adapters.sandbox.endpoint import Endpoint, Security, by_limit, by_symbol
from adapters.sandbox.usdm import (
    account,
    algo,
    batch_orders,
    countdowns,
    forced_orders,
    income,
    isolated,
    orders,
    settings,
)
from adapters.sandbox.usdm.exchange_info import exchange_info

if TYPE_CHECKING:
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue

_V1, _V2, _V3 = "/fapi/v1/", "/fapi/v2/", "/fapi/v3/"


def info(venue: ServedVenue, call: Call) -> Any:
    """GET exchangeInfo (kept ready)."""

    def make() -> bytes:
        return orjson.dumps(exchange_info(venue.instruments.values(), venue.limiter.table, call.now_ms))

    return venue.ready_info(make, call.now_ms)


def _read(handler: Any, weight: Any) -> Endpoint:
    return Endpoint(handler, Security.SIGNED, "read", weight)


def _trade(handler: Any, weight: Any = 1, counted: Any = 0) -> Endpoint:
    return Endpoint(handler, Security.SIGNED, "futures", weight, counted)


def endpoints() -> dict[tuple[str, str], Endpoint]:
    """The table."""
    return {**_public(), **_account(), **_orders(), **_settings()}


def _public() -> dict[tuple[str, str], Endpoint]:
    depth = by_limit(((50, 2), (100, 5), (500, 10), (1000, 20)), 500)
    candles = by_limit(((99, 1), (499, 2), (1000, 5), (1500, 10)), 500)
    return {
        ("GET", _V1 + "ping"): Endpoint(market.ping),
        ("GET", _V1 + "time"): Endpoint(market.time),
        ("GET", _V1 + "exchangeInfo"): Endpoint(info),
        ("GET", _V1 + "depth"): Endpoint(market.depth, weight=depth),
        ("GET", _V1 + "trades"): Endpoint(market.trades, weight=5),
        ("GET", _V1 + "historicalTrades"): Endpoint(market.trades, weight=20),
        ("GET", _V1 + "aggTrades"): Endpoint(market.agg_trades, weight=20),
        ("GET", _V1 + "klines"): Endpoint(market.klines, weight=candles),
        ("GET", _V1 + "markPriceKlines"): Endpoint(market.mark_klines, weight=candles),
        ("GET", _V1 + "indexPriceKlines"): Endpoint(market.index_klines, weight=candles),
        ("GET", _V1 + "ticker/24hr"): Endpoint(market.ticker_24h, weight=by_symbol(1, 40)),
        ("GET", _V1 + "ticker/price"): Endpoint(market.ticker_price, weight=by_symbol(1, 2)),
        ("GET", _V2 + "ticker/price"): Endpoint(market.ticker_price, weight=by_symbol(1, 2)),
        ("GET", _V1 + "ticker/bookTicker"): Endpoint(market.book_ticker, weight=by_symbol(2, 5)),
        ("GET", _V1 + "premiumIndex"): Endpoint(market.premium_index, weight=by_symbol(1, 10)),
        ("GET", _V1 + "fundingRate"): Endpoint(market.funding_rate),
        ("GET", _V1 + "fundingInfo"): Endpoint(market.funding_info),
        ("GET", _V1 + "openInterest"): Endpoint(market.open_interest),
        # Counted by the venue apart from the weights.
        ("GET", "/futures/data/openInterestHist"): Endpoint(market.open_interest_history, weight=0),
    }


def _account() -> dict[tuple[str, str], Endpoint]:
    return {
        ("GET", _V1 + "leverageBracket"): _read(account.leverage_bracket, 1),
        ("GET", _V2 + "positionRisk"): _read(account.position_risk_v2, 5),
        ("GET", _V3 + "positionRisk"): _read(account.position_risk_v3, 5),
        ("GET", _V2 + "account"): _read(account.account_v2, 5),
        ("GET", _V3 + "account"): _read(account.account_v3, 5),
        ("GET", _V2 + "balance"): _read(account.balance_v2, 5),
        ("GET", _V3 + "balance"): _read(account.balance_v2, 5),
        ("GET", _V1 + "income"): _read(income.income, 30),
        ("GET", _V1 + "forceOrders"): _read(forced_orders.forced_orders, by_symbol(20, 50)),
        ("GET", _V1 + "adlQuantile"): _read(isolated.adl_quantile, 5),
        ("GET", _V1 + "positionMargin/history"): _read(isolated.history, 1),
        ("GET", _V1 + "commissionRate"): _read(account.commission_rate, 20),
        ("GET", _V1 + "accountConfig"): _read(settings.account_config, 5),
        ("GET", _V1 + "symbolConfig"): _read(settings.symbol_config, 5),
    }


def _orders() -> dict[tuple[str, str], Endpoint]:
    return {
        ("POST", _V1 + "order"): _trade(orders.place, 0, 1),
        ("POST", _V1 + "order/test"): _trade(orders.test),
        ("PUT", _V1 + "order"): _trade(orders.modify, 1, 1),
        ("DELETE", _V1 + "order"): _trade(orders.cancel),
        ("POST", _V1 + "batchOrders"): _trade(batch_orders.place_all, 5, batch_orders.count_batch),
        ("PUT", _V1 + "batchOrders"): _trade(batch_orders.modify_all, 5, batch_orders.count_batch),
        ("DELETE", _V1 + "batchOrders"): _trade(batch_orders.cancel_many),
        ("POST", _V1 + "countdownCancelAll"): _trade(countdowns.arm, 10),
        ("DELETE", _V1 + "allOpenOrders"): _trade(orders.cancel_all),
        ("GET", _V1 + "order"): _read(orders.query, 1),
        ("GET", _V1 + "openOrder"): _read(orders.open_order, 1),
        ("GET", _V1 + "openOrders"): _read(orders.open_orders, by_symbol(1, 40)),
        ("GET", _V1 + "allOrders"): _read(orders.all_orders, 5),
        ("GET", _V1 + "userTrades"): _read(orders.user_trades, 5),
        ("POST", _V1 + "algoOrder"): _trade(algo.place, 0, 1),
        ("DELETE", _V1 + "algoOrder"): _trade(algo.cancel),
        ("DELETE", _V1 + "algoOpenOrders"): _trade(algo.cancel_all),
        ("GET", _V1 + "algoOrder"): _read(algo.query, 1),
        ("GET", _V1 + "openAlgoOrders"): _read(algo.open_orders, by_symbol(1, 40)),
        ("GET", _V1 + "allAlgoOrders"): _read(algo.all_orders, 5),
    }


def _settings() -> dict[tuple[str, str], Endpoint]:
    return {
        ("POST", _V1 + "leverage"): _trade(settings.leverage),
        ("POST", _V1 + "marginType"): _trade(settings.margin_type),
        ("POST", _V1 + "positionMargin"): _trade(isolated.move),
        ("GET", _V1 + "positionSide/dual"): _read(settings.position_mode, 30),
        ("POST", _V1 + "positionSide/dual"): _trade(settings.set_position_mode),
        ("GET", _V1 + "multiAssetsMargin"): _read(settings.assets_mode, 30),
        ("POST", _V1 + "multiAssetsMargin"): _trade(settings.set_assets_mode),
        ("POST", _V1 + "listenKey"): Endpoint(settings.open_listen_key, Security.KEY, "read"),
        ("PUT", _V1 + "listenKey"): Endpoint(settings.keep_listen_key, Security.KEY, "read"),
        ("DELETE", _V1 + "listenKey"): Endpoint(settings.close_listen_key, Security.KEY, "read"),
    }
