"""Makes a `ServedVenue` speak Binance spot."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.sandbox.spot.events import frames
from adapters.sandbox.spot.refusals import refusal_of
from adapters.sandbox.spot.table import endpoints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.paper.events import Event, PaperOrder, PaperOrderList
    from adapters.sandbox.served_venue import Frames, ServedVenue


def install(venue: ServedVenue) -> None:
    """Give the venue its endpoints, its user stream and its error numbers."""

    def symbol_of(order: PaperOrder | PaperOrderList) -> str:
        return venue.by_id[str(order.instrument)].venue_symbol

    def quote_of(order: PaperOrder) -> Decimal:
        return venue.quote_quantities.get(order.order_id, Decimal(0))

    def frames_of(events: Iterable[Event], cancel_id: str, now_ms: int) -> Frames:
        return frames(events, symbol_of, quote_of, cancel_id, now_ms)

    venue.endpoints = endpoints()
    venue.frames_of = frames_of
    venue.refusal_of = refusal_of
