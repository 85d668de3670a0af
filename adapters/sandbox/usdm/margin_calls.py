"""Warns an account by `MARGIN_CALL` before it is liquidated. Checked once a second by the market loop."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.sandbox.digits import fixed, plain
from adapters.sandbox.usdm.order_payload import SIDES, Digits

if TYPE_CHECKING:
    from adapters.paper.records import PaperPosition
    from adapters.sandbox.served_venue import ServedVenue

CALL_AT = Decimal("0.8")
"""Share of the margin balance that the maintenance margin must reach."""
CALM_AT = Decimal("0.7")
"""Share below which an account may be warned anew."""


class MarginCalls:
    """Which accounts have been warned."""

    def __init__(self, venue: ServedVenue) -> None:
        self._venue = venue
        self._warned: set[tuple[str, str]] = set()

    def check(self) -> None:
        """Warn every account whose margin has become thin since it was last warned."""
        for account in self._venue.feed.holding():
            positions = [one for one in self._venue.paper.positions(account) if one.quantity]
            for asset in {self._venue.by_id[str(one.instrument)].settle for one in positions}:
                self._check(account, asset, positions)

    def _check(self, account: str, asset: str, positions: list[PaperPosition]) -> None:
        margin = self._venue.paper.margin(account, asset)
        held = max(margin.margin_balance, Decimal("1e-8"))
        share = margin.maintenance / held
        if share < CALM_AT:
            self._warned.discard((account, asset))
        if share < CALL_AT or (account, asset) in self._warned:
            return
        self._warned.add((account, asset))
        rows = [self._row(one) for one in positions if self._venue.by_id[str(one.instrument)].settle == asset]
        event = {"e": "MARGIN_CALL", "E": self._venue.clock.now_ms(), "cw": fixed(margin.wallet), "p": rows}
        self._venue.user_streams.publish(account, event)

    def _row(self, position: PaperPosition) -> dict[str, Any]:
        digits = Digits.of(self._venue.by_id[str(position.instrument)])
        return {
            "s": digits.symbol,
            "ps": SIDES[position.side],
            "pa": fixed(position.quantity, digits.quantity),
            "mt": "ISOLATED" if position.isolated else "CROSSED",
            "iw": plain(position.isolated_wallet),
            "mp": fixed(position.mark, digits.price),
            "up": fixed(position.unrealized),
            "mm": fixed(position.maintenance_margin),
        }
