"""From ccxt's order structure to a `Report`, and to the `OrderRequest` of an order found at the venue.

Pure. A row that cannot be read raises ValueError or KeyError; the caller reports it and goes on.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.numbers import decimal_of, ns_of_ms, positive
from hedge_tui.domain.order import (
    ClientOrderId,
    OrderRequest,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
    TriggerSource,
    VenueOrderId,
)
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from adapters.via_ccxt.speech import Speech

ZERO = Decimal(0)
_ENDS = {
    "canceled": ReportKind.CANCELLED,
    "cancelled": ReportKind.CANCELLED,
    "canceling": ReportKind.CANCELLED,
    "expired": ReportKind.EXPIRED,
    "rejected": ReportKind.REJECTED,
}
_TYPES = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "STOP": OrderType.STOP_LIMIT,
    "STOP_LIMIT": OrderType.STOP_LIMIT,
    "STOP_LOSS": OrderType.STOP_MARKET,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP_MARKET,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT_LIMIT,
    "TAKE_PROFIT_LIMIT": OrderType.TAKE_PROFIT_LIMIT,
    "TAKE_PROFIT_MARKET": OrderType.TAKE_PROFIT_MARKET,
    "TRAILING_STOP_MARKET": OrderType.TRAILING_STOP,
}
_TIMES = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK, "GTD": TimeInForce.GTD}
_SIDES = {"LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
_WAITING = frozenset({"NEW", "TRIGGERING", "TRIGGERED"})


def report_of(
    order: Any, speech: Speech, *, client_id: ClientOrderId | None = None, with_request: bool = False
) -> Report:
    """What ccxt's structure says about one order.

    Args:
        order: ccxt's order structure.
        speech: of the account.
        client_id: ours, if the caller knows it better than the answer does.
        with_request: add all that is known of the order itself.

    Raises:
        ValueError: it names no order, or nothing of it can be read.
    """
    venue_id = order.get("id")
    ours = client_id if client_id is not None else speech.client_id(client_id_of(order))
    if not venue_id and not ours:
        raise ValueError("an order without any id")
    quantity = decimal_of(order.get("amount"))
    filled = decimal_of(order.get("filled"))
    average = positive(order.get("average"))
    kind = kind_of(order, quantity, filled)
    request = request_of(order, speech, ours) if with_request else None
    return Report(
        kind,
        speech.account,
        speech.instrument(order.get("symbol")),
        ours,
        speech.now_ns(),
        venue_order_id=VenueOrderId(str(venue_id)) if venue_id else None,
        filled=filled,
        average_price=average if filled else None,
        # An amendment whose answer was lost is learnt from the order as it is now.
        quantity=request.quantity or None if request else None,
        price=request.price if request else None,
        reason=_reason(order) if kind in (ReportKind.REJECTED, ReportKind.EXPIRED) else "",
        venue_ns=_venue_ns(order),
        request=request,
    )


def kind_of(order: Any, quantity: Decimal | None, filled: Decimal | None) -> ReportKind:
    """Which statement ccxt's status is."""
    algo = algo_status(order)
    if algo:
        return _algo_kind(algo, quantity, filled)
    status = order.get("status")
    if status in _ENDS:
        return _ENDS[status]
    if status == "closed":
        # "Closed" without a whole fill is a cancelled order at venues that tell no more.
        short = quantity is not None and filled is not None and filled < quantity
        return ReportKind.CANCELLED if short else ReportKind.LAST_FILL
    if status == "open":
        return ReportKind.FILL if filled else ReportKind.LIVE
    return ReportKind.FILL if filled else ReportKind.ACKED


def algo_status(order: Any) -> str:
    """The status of a conditional order that lives apart, "" for any other order."""
    info = order.get("info")
    return str(info.get("algoStatus") or "") if isinstance(info, dict) else ""


def client_id_of(order: Any) -> str:
    """The client id in ccxt's structure; of a cancel's answer the order's own, not the cancel's."""
    info = order.get("info")
    if isinstance(info, dict) and info.get("origClientOrderId"):
        return str(info["origClientOrderId"])
    said = order.get("clientOrderId")
    if not said and isinstance(info, dict):
        for key in (
            "client_order_id",
            "clientOrderId",
            "orderLinkId",
            "clOrdId",
            "cliOrdId",
            "label",
            "text",
        ):
            if info.get(key):
                return str(info[key])
    return str(said) if said else ""


def request_of(order: Any, speech: Speech, client_id: ClientOrderId) -> OrderRequest | None:
    """All that is known of an order found at the venue; None if its side or quantity is not said."""
    side, quantity = order.get("side"), decimal_of(order.get("amount"))
    info = order.get("info") if isinstance(order.get("info"), dict) else {}
    closes = _true(info.get("closePosition") or info.get("cp"))
    if quantity is None and closes:
        quantity = ZERO  # all of the position, whatever it will be
    if side not in ("buy", "sell") or quantity is None:
        return None
    trigger = positive(order.get("triggerPrice") or order.get("stopPrice"))
    type_ = _type_of(order, info, trigger)
    if type_ is OrderType.TRAILING_STOP:
        # Where it begins to follow; what the venue calls its trigger moves with the price.
        trigger = positive(info.get("activatePrice") or info.get("activationPrice"))
    return OrderRequest(
        client_order_id=client_id,
        account=speech.account,
        instrument=speech.instrument(order.get("symbol")),
        side=Side(side),
        type=type_,
        quantity=quantity,
        price=positive(order.get("price")) if _has_price(type_) else None,
        trigger_price=trigger,
        trigger_source=_source(info),
        time_in_force=_TIMES.get(str(order.get("timeInForce") or "").upper(), TimeInForce.GTC),
        post_only=bool(order.get("postOnly")),
        reduce_only=bool(order.get("reduceOnly")),
        close_position=closes,
        position_side=_SIDES.get(str(info.get("positionSide") or info.get("ps") or ""), PositionSide.NET),
        expire_ns=ns_of_ms(info.get("goodTillDate")) or None,
        origin="external",
        trail_pct=positive(info.get("callbackRate")) if type_ is OrderType.TRAILING_STOP else None,
    )


def type_named(name: Any, *, spot: bool = False) -> OrderType:
    """An order type by the venue's name for it; spot's TAKE_PROFIT is a market order."""
    upper = str(name or "").upper()
    if spot and upper == "TAKE_PROFIT":
        return OrderType.TAKE_PROFIT_MARKET
    return _TYPES.get(upper, OrderType.LIMIT)


def _algo_kind(algo: str, quantity: Decimal | None, filled: Decimal | None) -> ReportKind:
    if algo in _WAITING:
        return ReportKind.FILL if filled else ReportKind.LIVE
    if algo == "FINISHED":
        whole = bool(filled) and (quantity is None or filled is None or filled >= quantity)
        return ReportKind.LAST_FILL if whole else ReportKind.CANCELLED
    if algo in ("REJECTED", "FAILED"):
        return ReportKind.REJECTED
    return ReportKind.EXPIRED if algo == "EXPIRED" else ReportKind.CANCELLED


def _type_of(order: Any, info: dict[str, Any], trigger: Decimal | None) -> OrderType:
    named = info.get("orderType") or info.get("origType") or info.get("type")
    spot = ":" not in str(order.get("symbol"))
    if isinstance(named, str) and named.upper() in _TYPES:
        return type_named(named, spot=spot)
    limit = order.get("type") == "limit"
    if trigger is None:
        return OrderType.LIMIT if limit else OrderType.MARKET
    if order.get("takeProfitPrice"):
        return OrderType.TAKE_PROFIT_LIMIT if limit else OrderType.TAKE_PROFIT_MARKET
    return OrderType.STOP_LIMIT if limit else OrderType.STOP_MARKET


def _has_price(type_: OrderType) -> bool:
    return type_ in (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT)


def _source(info: dict[str, Any]) -> TriggerSource:
    mark = (
        str(info.get("workingType") or info.get("wt") or info.get("triggerBy") or "")
        .upper()
        .startswith("MARK")
    )
    return TriggerSource.MARK if mark else TriggerSource.LAST


def _true(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


def _reason(order: Any) -> str:
    info = order.get("info")
    if not isinstance(info, dict):
        return ""
    for key in ("rejectReason", "msg", "sMsg", "cancelReason", "reason"):
        if info.get(key):
            return str(info[key])
    return ""


def _venue_ns(order: Any) -> int | None:
    for key in ("lastUpdateTimestamp", "lastTradeTimestamp", "timestamp"):
        if found := ns_of_ms(order.get(key)):
            return found
    return None
