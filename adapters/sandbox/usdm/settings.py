"""USD-M settings handlers: leverage, margin type, position mode, multi-assets mode; and the listen key."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.sandbox.digits import plain
from adapters.sandbox.refusal import VenueRefusal, missing
from adapters.sandbox.usdm.account import FEE_TIER
from adapters.sandbox.usdm.position_payload import largest_position
from adapters.sandbox.usdm.refusals import refusal_of

if TYPE_CHECKING:
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue

DONE = {"code": 200, "msg": "success"}


def leverage(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST leverage."""
    instrument = venue.instrument(call)
    value = call.integer("leverage")
    if value is None:
        raise missing("leverage")
    before = venue.paper.leverage(call.owner.name, instrument.id)
    try:
        venue.paper.set_leverage(call.owner.name, instrument.id, Decimal(value))
    except PaperRefusal as error:
        if error.code is RefusalCode.LEVERAGE and 1 <= value < before:
            words = "Leverage reduction is not supported in Isolated Margin Mode with open positions."
            raise VenueRefusal(-4161, words) from error
        if error.code is RefusalCode.LEVERAGE:
            raise VenueRefusal(-4028, f"Leverage {value} is not valid") from error
        raise refusal_of(error) from error
    now = venue.paper.leverage(call.owner.name, instrument.id)
    if now != before:
        config = {"s": instrument.venue_symbol, "l": int(now)}
        event = {"e": "ACCOUNT_CONFIG_UPDATE", "E": call.now_ms, "T": call.now_ms, "ac": config}
        venue.user_streams.publish(call.owner.name, event)
    return {
        "symbol": instrument.venue_symbol,
        "leverage": int(now),
        "maxNotionalValue": plain(largest_position(instrument, now)),
    }


def margin_type(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST marginType."""
    instrument = venue.instrument(call)
    word = call.text("marginType")
    if word not in ("ISOLATED", "CROSSED"):
        raise VenueRefusal(-4043, "Invalid margin type.")
    try:
        venue.paper.set_margin_mode(call.owner.name, instrument.id, isolated=word == "ISOLATED")
    except PaperRefusal as error:
        if error.code is RefusalCode.UNCHANGED:
            raise VenueRefusal(-4046, "No need to change margin type.") from error
        if error.code is RefusalCode.OPEN_EXPOSURE:
            if venue.paper.open_orders(call.owner.name, instrument.id):
                words = "Margin type cannot be changed if there exists open orders."
                raise VenueRefusal(-4047, words) from error
            raise VenueRefusal(-4048, "Margin type cannot be changed if there exists position.") from error
        raise refusal_of(error) from error
    return DONE


def position_mode(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET positionSide/dual."""
    return {"dualSidePosition": venue.paper.hedge_mode(call.owner.name)}


def set_position_mode(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST positionSide/dual."""
    call.text("dualSidePosition")
    try:
        venue.paper.set_hedge_mode(call.owner.name, enabled=call.flag("dualSidePosition"))
    except PaperRefusal as error:
        if error.code is RefusalCode.UNCHANGED:
            raise VenueRefusal(-4059, "No need to change position side.") from error
        if venue.paper.open_orders(call.owner.name):
            words = "Position side cannot be changed if there exists open orders."
            raise VenueRefusal(-4067, words) from error
        raise refusal_of(error) from error
    return DONE


def assets_mode(_venue: ServedVenue, _call: Call) -> dict[str, Any]:
    """GET multiAssetsMargin: the sandbox keeps each settle asset for itself."""
    return {"multiAssetsMargin": False}


def set_assets_mode(_venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST multiAssetsMargin: only what already is can be asked for."""
    call.text("multiAssetsMargin")
    if call.flag("multiAssetsMargin"):
        raise VenueRefusal(-4167, "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures.")
    raise VenueRefusal(-4171, "No need to change asset mode.")


def account_config(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET accountConfig."""
    return {
        "feeTier": FEE_TIER,
        "canTrade": "futures" in call.owner.permissions,
        "canDeposit": True,
        "canWithdraw": "withdraw" in call.owner.permissions,
        "dualSidePosition": venue.paper.hedge_mode(call.owner.name),
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
    }


def symbol_config(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET symbolConfig, of one symbol or all."""
    rows = []
    for instrument in venue.chosen(call):
        held = venue.paper.leverage(call.owner.name, instrument.id)
        rows.append(
            {
                "symbol": instrument.venue_symbol,
                "marginType": "ISOLATED"
                if venue.paper.is_isolated(call.owner.name, instrument.id)
                else "CROSSED",
                "isAutoAddMargin": False,
                "leverage": int(held),
                "maxNotionalValue": plain(largest_position(instrument, held)),
            }
        )
    return rows


def open_listen_key(venue: ServedVenue, call: Call) -> dict[str, str]:
    """POST listenKey."""
    return {"listenKey": venue.listen_keys.open(call.owner.name, venue.clock.life_ms())}


def keep_listen_key(venue: ServedVenue, call: Call) -> dict[str, str]:
    """PUT listenKey."""
    return {"listenKey": venue.listen_keys.keep_alive(call.owner.name, venue.clock.life_ms())}


def close_listen_key(venue: ServedVenue, call: Call) -> dict[str, str]:
    """DELETE listenKey."""
    venue.listen_keys.close(call.owner.name)
    return {}
