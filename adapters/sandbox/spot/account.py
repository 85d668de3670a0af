"""Spot account and wallet handlers: balances, commissions, key permissions, and the asset list."""

from __future__ import annotations

import zlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.sandbox.digits import fixed, millis, plain
from adapters.sandbox.limits import INTERVALS
from adapters.sandbox.spot.exchange_info import coin_row

if TYPE_CHECKING:
    from adapters.paper.records import PaperBalance
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue

ZERO = Decimal(0)
_CREATED_MS = 1_700_000_000_000


def account(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET account."""
    owner = call.owner
    balances = venue.paper.balances(owner.name)
    rows = [_balance(asset, balance) for asset, balance in sorted(balances.items())]
    if call.flag("omitZeroBalances"):
        rows = [row for row in rows if Decimal(row["free"]) or Decimal(row["locked"])]
    any_instrument = next(iter(venue.instruments.values()))
    maker, taker = any_instrument.maker_fee, any_instrument.taker_fee
    return {
        "makerCommission": int(maker * 10_000),
        "takerCommission": int(taker * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {
            "maker": fixed(maker),
            "taker": fixed(taker),
            "buyer": fixed(ZERO),
            "seller": fixed(ZERO),
        },
        "canTrade": "spot" in owner.permissions,
        "canWithdraw": "withdraw" in owner.permissions,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": millis(venue.now_ns()),
        "accountType": "SPOT",
        "balances": rows,
        "permissions": ["SPOT"],
        "uid": zlib.crc32(owner.name.encode()),
    }


def commission(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET account/commission of one symbol."""
    instrument = venue.instrument(call)
    none = {"maker": fixed(ZERO), "taker": fixed(ZERO), "buyer": fixed(ZERO), "seller": fixed(ZERO)}
    standard = {**none, "maker": fixed(instrument.maker_fee), "taker": fixed(instrument.taker_fee)}
    return {
        "symbol": instrument.venue_symbol,
        "standardCommission": standard,
        "specialCommission": none,
        "taxCommission": none,
        "discount": {
            "enabledForAccount": False,
            "enabledForSymbol": False,
            "discountAsset": "BNB",
            "discount": fixed(ZERO),
        },
    }


def trade_fee(venue: ServedVenue, call: Call) -> list[dict[str, str]]:
    """GET sapi asset/tradeFee."""
    return [
        {
            "symbol": one.venue_symbol,
            "makerCommission": plain(one.maker_fee),
            "takerCommission": plain(one.taker_fee),
        }
        for one in venue.chosen(call)
    ]


def order_limits(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET rateLimit/order."""
    return [
        {
            "rateLimitType": "ORDERS",
            "interval": INTERVALS[window.header][0],
            "intervalNum": INTERVALS[window.header][1],
            "limit": window.limit,
            "count": used,
        }
        for window, used in venue.limiter.used_orders(call.owner.name, call.now_ms)
    ]


def coins(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET sapi capital/config/getall."""
    held = venue.paper.balances(call.owner.name)
    assets = {asset for one in venue.instruments.values() for asset in (one.base, one.quote)} | set(held)
    rows = []
    for asset in sorted(assets):
        balance = held.get(asset)
        rows.append(coin_row(asset, balance.free if balance else ZERO, balance.locked if balance else ZERO))
    return rows


def api_restrictions(_venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET sapi account/apiRestrictions: what the key may do."""
    allowed = call.owner.permissions
    return {
        "ipRestrict": call.owner.ip_restricted,
        "createTime": _CREATED_MS,
        "enableReading": "read" in allowed,
        "enableSpotAndMarginTrading": "spot" in allowed,
        "enableWithdrawals": "withdraw" in allowed,
        "enableInternalTransfer": "transfer" in allowed,
        "permitsUniversalTransfer": "transfer" in allowed,
        "enableMargin": "margin" in allowed,
        "enableFutures": "futures" in allowed,
        "enableVanillaOptions": False,
        "enablePortfolioMarginTrading": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
    }


def system_status(_venue: ServedVenue, _call: Call) -> dict[str, Any]:
    """GET sapi system/status."""
    return {"status": 0, "msg": "normal"}


def _balance(asset: str, balance: PaperBalance) -> dict[str, str]:
    return {"asset": asset, "free": fixed(balance.free), "locked": fixed(balance.locked)}
