"""Every REST path that spot answers, with its weight and what it takes to be let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from adapters.sandbox import market_data as market
from adapters.sandbox.endpoint import Endpoint, Security, by_limit, by_symbol
from adapters.sandbox.refusal import INVALID_SYMBOL, again
from adapters.sandbox.spot import account, chain, order_lists, orders, wallet
from adapters.sandbox.spot.exchange_info import exchange_info, symbol_row

if TYPE_CHECKING:
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue

_API = "/api/v3/"
_SAPI = "/sapi/v1/"
_DAPI_INFO = {
    "timezone": "UTC",
    "rateLimits": [],
    "exchangeFilters": [],
    "symbols": [],
}


def info(venue: ServedVenue, call: Call) -> Any:
    """GET exchangeInfo, of all symbols (kept ready) or of some."""
    one, some = call.params.get("symbol"), call.params.get("symbols")
    if one is None and some is None:
        return venue.ready_info(lambda: orjson.dumps(_document(venue, call.now_ms)), call.now_ms)
    names = [one] if one is not None else [name.strip('"') for name in (some or "").strip("[]").split(",")]
    if any(name not in venue.instruments for name in names):
        raise again(INVALID_SYMBOL)
    return {
        **_document(venue, call.now_ms),
        "symbols": [symbol_row(venue.instruments[name]) for name in names if name],
    }


def coin_m_info(_venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET dapi exchangeInfo: COIN-M futures exist, without markets."""
    return {**_DAPI_INFO, "serverTime": call.now_ms}


def _document(venue: ServedVenue, now_ms: int) -> dict[str, Any]:
    return exchange_info(venue.instruments.values(), venue.limiter.table, now_ms)


def _read(handler: Any, weight: Any) -> Endpoint:
    return Endpoint(handler, Security.SIGNED, "read", weight)


def _trade(handler: Any, orders_counted: int) -> Endpoint:
    return Endpoint(handler, Security.SIGNED, "spot", 1, orders_counted)


def endpoints() -> dict[tuple[str, str], Endpoint]:
    """The table."""
    depth = by_limit(((100, 5), (500, 25), (1000, 50), (5000, 250)), 100)
    return {
        **_lists(),
        **_wallet(),
        ("GET", _API + "ping"): Endpoint(market.ping),
        ("GET", _API + "time"): Endpoint(market.time),
        ("GET", _API + "exchangeInfo"): Endpoint(info, weight=20),
        ("GET", _API + "depth"): Endpoint(market.depth, weight=depth),
        ("GET", _API + "trades"): Endpoint(market.trades, weight=25),
        ("GET", _API + "historicalTrades"): Endpoint(market.trades, weight=25),
        ("GET", _API + "aggTrades"): Endpoint(market.agg_trades, weight=4),
        ("GET", _API + "klines"): Endpoint(market.klines, weight=2),
        ("GET", _API + "uiKlines"): Endpoint(market.klines, weight=2),
        ("GET", _API + "avgPrice"): Endpoint(market.average_price, weight=2),
        ("GET", _API + "ticker/24hr"): Endpoint(market.ticker_24h, weight=by_symbol(2, 80)),
        ("GET", _API + "ticker/price"): Endpoint(market.ticker_price, weight=by_symbol(2, 4)),
        ("GET", _API + "ticker/bookTicker"): Endpoint(market.book_ticker, weight=by_symbol(2, 4)),
        ("GET", _API + "account"): _read(account.account, 20),
        ("GET", _API + "account/commission"): _read(account.commission, 20),
        ("GET", _API + "rateLimit/order"): _read(account.order_limits, 40),
        ("GET", _API + "order"): _read(orders.query, 4),
        ("GET", _API + "openOrders"): _read(orders.open_orders, by_symbol(6, 80)),
        ("GET", _API + "allOrders"): _read(orders.all_orders, 20),
        ("GET", _API + "myTrades"): _read(orders.my_trades, 20),
        ("POST", _API + "order"): _trade(orders.place, 1),
        ("POST", _API + "order/test"): _trade(orders.test, 0),
        ("POST", _API + "order/cancelReplace"): _trade(orders.cancel_replace, 1),
        ("DELETE", _API + "order"): _trade(orders.cancel, 0),
        ("DELETE", _API + "openOrders"): _trade(orders.cancel_all, 0),
        ("GET", _SAPI + "capital/config/getall"): _read(account.coins, 10),
        ("GET", _SAPI + "account/apiRestrictions"): _read(account.api_restrictions, 1),
        ("GET", _SAPI + "system/status"): Endpoint(account.system_status),
        ("GET", _SAPI + "asset/tradeFee"): _read(account.trade_fee, 1),
        ("GET", _SAPI + "margin/allPairs"): Endpoint(market.empty_list, Security.KEY, None, 1),
        ("GET", _SAPI + "margin/allAssets"): Endpoint(market.empty_list, Security.KEY, None, 1),
        ("GET", _SAPI + "margin/isolated/allPairs"): Endpoint(market.empty_list, Security.KEY, None, 10),
        ("GET", "/dapi/v1/exchangeInfo"): Endpoint(coin_m_info),
        ("GET", "/dapi/v1/time"): Endpoint(market.time),
        ("GET", "/dapi/v1/ping"): Endpoint(market.ping),
    }


def _lists() -> dict[tuple[str, str], Endpoint]:
    return {
        ("POST", _API + "order/oco"): _trade(order_lists.old_oco, 2),
        ("POST", _API + "orderList/oco"): _trade(order_lists.oco, 2),
        ("POST", _API + "orderList/oto"): _trade(order_lists.oto, 2),
        ("POST", _API + "orderList/otoco"): _trade(order_lists.otoco, 3),
        ("DELETE", _API + "orderList"): _trade(order_lists.cancel, 0),
        ("GET", _API + "orderList"): _read(order_lists.query, 4),
        ("GET", _API + "allOrderList"): _read(order_lists.every, 20),
        ("GET", _API + "openOrderList"): _read(order_lists.open_lists, 6),
    }


def _wallet() -> dict[tuple[str, str], Endpoint]:
    moving = Endpoint(wallet.transfer, Security.SIGNED, "transfer", 1)
    between = Endpoint(wallet.universal_transfer, Security.SIGNED, "transfer", 1)
    return {
        ("POST", _SAPI + "asset/transfer"): moving,
        ("GET", _SAPI + "asset/transfer"): _read(wallet.transfers, 1),
        ("POST", _SAPI + "sub-account/universalTransfer"): between,
        ("GET", _SAPI + "sub-account/universalTransfer"): _read(wallet.universal_transfers, 1),
        ("GET", _SAPI + "sub-account/transfer/subUserHistory"): _read(wallet.own_transfers, 1),
        ("GET", _SAPI + "sub-account/list"): _read(wallet.sub_accounts, 1),
        ("POST", _SAPI + "capital/withdraw/apply"): Endpoint(
            chain.withdraw, Security.SIGNED, "withdraw", 600
        ),
        ("GET", _SAPI + "capital/withdraw/history"): _read(chain.withdrawals, 10),
        ("GET", _SAPI + "capital/deposit/hisrec"): _read(chain.deposits, 1),
        ("GET", _SAPI + "capital/deposit/address"): _read(chain.deposit_address, 10),
    }
