"""The paper venue's refusals in the numbers and words of Binance USD-M futures."""

from __future__ import annotations

from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.sandbox.refusal import VenueRefusal

_POST_ONLY = (
    "Due to the order could not be executed as maker, the Post Only order will be rejected. "
    "The order will not be recorded in the order history"
)
_TABLE: dict[RefusalCode, tuple[int, str]] = {
    RefusalCode.TICK: (-4014, "Price not increased by tick size."),
    RefusalCode.LOT: (-4023, "Qty not increased by step size."),
    RefusalCode.MIN_QUANTITY: (-4003, "Quantity less than or equal to zero."),
    RefusalCode.MAX_QUANTITY: (-4005, "Quantity greater than max quantity."),
    RefusalCode.MIN_NOTIONAL: (
        -4164,
        "Order's notional must be no smaller than 5 (unless you choose reduce only).",
    ),
    RefusalCode.PRICE_BAND: (
        -4131,
        "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    ),
    RefusalCode.INSUFFICIENT_MARGIN: (-2019, "Margin is insufficient."),
    RefusalCode.INSUFFICIENT_BALANCE: (-2019, "Margin is insufficient."),
    RefusalCode.MAX_POSITION: (-2027, "Exceeded the maximum allowable position at current leverage."),
    RefusalCode.WOULD_TAKE: (-5022, _POST_ONLY),
    RefusalCode.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    RefusalCode.DUPLICATE_CLIENT_ID: (-4116, "ClientOrderId is duplicated."),
    RefusalCode.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
    RefusalCode.UNKNOWN_INSTRUMENT: (-1121, "Invalid symbol."),
    RefusalCode.WOULD_TRIGGER: (-2021, "Order would immediately trigger."),
    RefusalCode.INSTRUMENT_CLOSED: (-4140, "Invalid symbol status for opening position."),
    RefusalCode.MAX_ORDERS: (-2025, "Reach max open order limit."),
    RefusalCode.POSITION_SIDE: (-4061, "Order's position side does not match user's setting."),
    RefusalCode.ORDER_TYPE: (-1116, "Invalid orderType."),
    RefusalCode.NO_LIQUIDITY: (
        -4131,
        "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    ),
    RefusalCode.NOT_AMENDABLE: (-5025, "Limit order only"),
    RefusalCode.UNCHANGED: (-5027, "No need to modify the order."),
    RefusalCode.LEVERAGE: (-4028, "Leverage is not valid"),
    RefusalCode.NOT_ISOLATED: (-4049, "Add margin only support for isolated position."),
    RefusalCode.TRAIL: (-2007, "Invalid callBack rate."),
    RefusalCode.OPEN_EXPOSURE: (-4068, "Position side cannot be changed if there exists position."),
    RefusalCode.EXPIRE_TIME: (-1130, "Data sent for parameter 'goodTillDate' is not valid."),
}


def refusal_of(error: PaperRefusal) -> VenueRefusal:
    """The venue's answer to what the core refused; an unmapped rule is -1000 with the core's words."""
    code, message = _TABLE.get(error.code, (-1000, str(error)))
    return VenueRefusal(code, message)
