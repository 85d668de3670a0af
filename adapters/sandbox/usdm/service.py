"""Makes a `ServedVenue` speak Binance USD-M futures."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.sandbox.usdm.events import UserFrames
from adapters.sandbox.usdm.order_payload import Digits
from adapters.sandbox.usdm.refusals import refusal_of
from adapters.sandbox.usdm.table import endpoints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.paper.events import Event
    from adapters.sandbox.served_venue import Frames, ServedVenue


def install(venue: ServedVenue) -> None:
    """Give the venue its endpoints, its user stream and its error numbers."""

    def digits_of(instrument: str) -> Digits:
        return Digits.of(venue.by_id[instrument])

    def cross_wallet(account: str, asset: str, wallet: Decimal) -> Decimal:
        isolated = (
            position.isolated_wallet
            for position in venue.paper.positions(account)
            if position.isolated and venue.by_id[str(position.instrument)].settle == asset
        )
        return wallet - sum(isolated, start=Decimal(0))

    formatter = UserFrames(digits_of, cross_wallet)

    def frames_of(events: Iterable[Event], _cancel_id: str, now_ms: int) -> Frames:
        return formatter.frames(events, now_ms)

    venue.endpoints = endpoints()
    venue.frames_of = frames_of
    venue.refusal_of = refusal_of
