"""Reading the fields that new orders of both venues share, with the venue's own refusals."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from adapters.paper.self_trade import SelfTrade
from adapters.sandbox.refusal import VenueRefusal, missing
from hedge_tui.domain.order import ClientOrderId, Side, TimeInForce

if TYPE_CHECKING:
    from adapters.sandbox.call import Call

_CLIENT_ID = re.compile(r"^[.A-Z:/a-z0-9_-]{1,36}$")
SELF_TRADES = [mode.value for mode in SelfTrade]
_TIMES = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}


def side(call: Call) -> Side:
    """BUY or SELL.

    Raises:
        VenueRefusal: -1102 missing, -1117 neither.
    """
    text = call.text("side")
    if text not in ("BUY", "SELL"):
        raise VenueRefusal(-1117, "Invalid side.")
    return Side(text.lower())


def client_order_id(call: Call, name: str, made: int) -> ClientOrderId:
    """The client's id, or one that the venue makes from the running number `made`.

    Raises:
        VenueRefusal: -1100, it holds characters or a length that the venue does not take.
    """
    text = call.params.get(name, "")
    if not text:
        return ClientOrderId(f"venue{made:017d}")
    if not _CLIENT_ID.match(text):
        raise VenueRefusal(
            -1100,
            f"Illegal characters found in parameter '{name}'; "
            "legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
        )
    return ClientOrderId(text)


def time_in_force(call: Call, *, required: bool) -> TimeInForce:
    """GTC, IOC or FOK; GTC when absent and not required.

    Raises:
        VenueRefusal: -1102 missing, -1115 another word.
    """
    text = call.params.get("timeInForce", "")
    if not text:
        if required:
            raise missing("timeInForce")
        return TimeInForce.GTC
    if text not in _TIMES:
        raise VenueRefusal(-1115, "Invalid timeInForce.")
    return _TIMES[text]


def self_trade(call: Call) -> SelfTrade:
    """`selfTradePreventionMode`; EXPIRE_MAKER when absent.

    Raises:
        VenueRefusal: -1130, a mode that is not offered (NONE would let an account trade with itself).
    """
    text = call.params.get("selfTradePreventionMode", "")
    if not text:
        return SelfTrade.EXPIRE_MAKER
    if text not in SELF_TRADES:
        raise VenueRefusal(-1130, "Data sent for parameter 'selfTradePreventionMode' is not valid.")
    return SelfTrade(text)


def required(call: Call, name: str) -> Decimal:
    """A decimal that must be there.

    Raises:
        VenueRefusal: -1102 missing, -1100 malformed.
    """
    value = call.decimal(name)
    if value is None:
        raise missing(name)
    return value


def digits(value: Decimal) -> int:
    """Digits after the point, trailing zeros aside."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def round_down(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` not above `value`."""
    return (value / step).quantize(Decimal(1), ROUND_DOWN) * step
