"""The paper venue's refusals in the numbers and words of Binance spot."""

from __future__ import annotations

from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.sandbox.refusal import VenueRefusal

_FILTER = "Filter failure: "
_TABLE: dict[RefusalCode, tuple[int, str]] = {
    RefusalCode.TICK: (-1013, _FILTER + "PRICE_FILTER"),
    RefusalCode.LOT: (-1013, _FILTER + "LOT_SIZE"),
    RefusalCode.MIN_QUANTITY: (-1013, _FILTER + "LOT_SIZE"),
    RefusalCode.MAX_QUANTITY: (-1013, _FILTER + "LOT_SIZE"),
    RefusalCode.MIN_NOTIONAL: (-1013, _FILTER + "NOTIONAL"),
    RefusalCode.PRICE_BAND: (-1013, _FILTER + "PERCENT_PRICE_BY_SIDE"),
    RefusalCode.MAX_ORDERS: (-1013, _FILTER + "MAX_NUM_ORDERS"),
    RefusalCode.INSTRUMENT_CLOSED: (-1013, "Market is closed."),
    RefusalCode.NO_LIQUIDITY: (-1013, "Market is closed."),
    RefusalCode.INSUFFICIENT_BALANCE: (-2010, "Account has insufficient balance for requested action."),
    RefusalCode.WOULD_TAKE: (-2010, "Order would immediately match and take."),
    RefusalCode.WOULD_TRIGGER: (-2010, "Stop price would trigger immediately."),
    RefusalCode.DUPLICATE_CLIENT_ID: (-2010, "Duplicate order sent."),
    RefusalCode.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
    RefusalCode.UNKNOWN_INSTRUMENT: (-1121, "Invalid symbol."),
    RefusalCode.ORDER_TYPE: (-1116, "Invalid orderType."),
    RefusalCode.REDUCE_ONLY: (-1106, "Parameter 'reduceOnly' sent when not required."),
    RefusalCode.POSITION_SIDE: (-1106, "Parameter 'positionSide' sent when not required."),
    RefusalCode.NOT_ISOLATED: (-1116, "Invalid orderType."),
    RefusalCode.TRAIL: (-1106, "Parameter 'callbackRate' sent when not required."),
    RefusalCode.EXPIRE_TIME: (-1115, "Invalid timeInForce."),
}


def refusal_of(error: PaperRefusal) -> VenueRefusal:
    """The venue's answer to what the core refused; an unmapped rule is -2010 with the core's words."""
    code, message = _TABLE.get(error.code, (-2010, str(error)))
    return VenueRefusal(code, message)
