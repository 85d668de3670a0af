"""`priceMatch`: a limit price that the venue takes from the book itself when the order arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.sandbox.digits import plain
from adapters.sandbox.refusal import VenueRefusal
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue
    from hedge_tui.domain.instrument import Instrument

_LEVELS = {"": 1, "_5": 5, "_10": 10, "_20": 20}
WORDS = {
    f"{name}{suffix}": (name, depth) for name in ("OPPONENT", "QUEUE") for suffix, depth in _LEVELS.items()
}
_PRICED = frozenset({"LIMIT", "STOP", "TAKE_PROFIT"})


def fill_in(venue: ServedVenue, call: Call, instrument: Instrument) -> str:
    """Write the matched price into the call's parameters; returns the word that was sent, "" for none.

    Raises:
        VenueRefusal: -1130 another word or a type without a price, -1106 a price came too, -4131 the book
            has no such level.
    """
    word = call.params.get("priceMatch", "")
    if word in ("", "NONE"):
        return ""
    if word not in WORDS or call.params.get("type") not in _PRICED:
        raise VenueRefusal(-1130, "Data sent for parameter 'priceMatch' is not valid.")
    if call.params.get("price"):
        raise VenueRefusal(-1106, "Parameter 'price' sent when not required.")
    name, depth = WORDS[word]
    venue.feed.refresh(instrument)
    bids, asks = venue.paper.book(instrument.id, depth)
    buying = call.params.get("side") == Side.BUY.value.upper()
    levels = asks if buying is (name == "OPPONENT") else bids
    if len(levels) < depth:
        raise VenueRefusal(
            -4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."
        )
    call.params["price"] = plain(levels[depth - 1][0])
    return word
