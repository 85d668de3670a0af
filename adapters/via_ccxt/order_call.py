"""From an `OrderRequest` to the arguments of ccxt's create call. Pure.

What a venue cannot do as asked is refused here, in words, before anything is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.numbers import digits
from adapters.via_ccxt.order_ids import to_venue
from adapters.via_ccxt.quirks import Hedge
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import OrderRequest, OrderType, PositionSide, TimeInForce, TriggerSource

if TYPE_CHECKING:
    from adapters.via_ccxt.quirks import Quirks

_LIMITS = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT})
_TAKE_PROFITS = frozenset({OrderType.TAKE_PROFIT_LIMIT, OrderType.TAKE_PROFIT_MARKET})


class CannotSay(ValueError):
    """The venue has no words for this order; nothing was sent."""


@dataclass(frozen=True, slots=True)
class OrderCall:
    """Arguments of `create_order`; all numbers as plain digits."""

    symbol: str
    type: str
    side: str
    amount: str
    price: str | None
    params: dict[str, Any] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        """The same as one element of `create_orders`."""
        return {
            "symbol": self.symbol,
            "type": self.type,
            "side": self.side,
            "amount": self.amount,
            "price": self.price,
            "params": dict(self.params),
        }


def order_call(request: OrderRequest, quirks: Quirks) -> OrderCall:
    """How ccxt is told to place `request`.

    Raises:
        CannotSay: the venue has no words for it.
    """
    limit = request.type in _LIMITS
    if limit and request.price is None:
        raise CannotSay(f"a {request.type} order needs a price")
    params: dict[str, Any] = {quirks.create_id_param: to_venue(request.client_order_id, quirks.id_form)}
    params |= _trigger(request, quirks)
    params |= _life(request, quirks, limit=limit)
    params |= _position(request, quirks)
    return OrderCall(
        symbol_of(request.instrument),
        "limit" if limit else "market",
        str(request.side),
        digits(request.quantity),
        digits(request.price) if limit and request.price is not None else None,
        params,
    )


def _trigger(request: OrderRequest, quirks: Quirks) -> dict[str, Any]:
    if not request.type.triggered:
        return {}
    params: dict[str, Any] = {}
    if request.type is OrderType.TRAILING_STOP:
        if not quirks.trailing:
            raise CannotSay(f"{quirks.venue} does not work trailing stops as far as is known here")
        if request.trail_pct is None:
            raise CannotSay("a trailing stop needs the distance at which it follows")
        params["trailingPercent"] = digits(request.trail_pct)
        if request.trigger_price is not None:
            params["trailingTriggerPrice"] = digits(request.trigger_price)
    elif request.trigger_price is None:
        raise CannotSay(f"a {request.type} order needs a trigger price")
    else:
        name = "takeProfitPrice" if request.type in _TAKE_PROFITS else "stopLossPrice"
        params[name] = digits(request.trigger_price)
    source = quirks.trigger_sources.get(str(request.trigger_source))
    if source:
        params |= source
    elif request.trigger_source is TriggerSource.MARK:
        raise CannotSay(f"{quirks.venue} cannot trigger on the mark price")
    return params


def _life(request: OrderRequest, quirks: Quirks, *, limit: bool) -> dict[str, Any]:
    if not limit:
        return {}
    if request.post_only and request.time_in_force is TimeInForce.GTD:
        raise CannotSay("an order cannot be post-only and end at a time")
    if request.post_only:
        # A time in force beside it would take post-only's place in ccxt's request.
        return {"postOnly": True}
    params: dict[str, Any] = {"timeInForce": str(request.time_in_force).upper()}
    if request.time_in_force is TimeInForce.GTD:
        if not quirks.gtd:
            raise CannotSay(f"{quirks.venue} keeps no order until a time; leave out gtd")
        if request.expire_ns is None:
            raise CannotSay("a GTD order needs the time at which it ends")
        params["goodTillDate"] = request.expire_ns // 1_000_000
    return params


def _position(request: OrderRequest, quirks: Quirks) -> dict[str, Any]:
    if request.close_position:
        params: dict[str, Any] = {"closePosition": True}
    else:
        params = {"reduceOnly": True} if request.reduce_only else {}
    if request.position_side is PositionSide.NET:
        return params
    if quirks.hedge is Hedge.NONE:
        raise CannotSay(f"{quirks.venue} does not hold long and short apart")
    if quirks.hedge is Hedge.CCXT:
        return params | {"hedged": True}
    # With a position side named, Binance refuses a reduce-only flag: the side says it already.
    params.pop("reduceOnly", None)
    return params | {"positionSide": str(request.position_side).upper()}
