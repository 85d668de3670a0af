"""What others do at the venues of a simulated world: markets, manual trades, changed rules and settings."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

from faults.world.venues import Venues

from adapters.paper.refusal import PaperRefusal
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, PositionSide, Side

D = Decimal


class Outside:
    """Everybody but the desk.

    Attributes:
        mode_moved: a position mode was changed; no stream tells of that.
    """

    def __init__(self, venues: Venues, rng: random.Random) -> None:
        self._venues = venues
        self._rng = rng
        self._numbers = 0
        self.mode_moved = False

    def act(self, what: str, words: list[str]) -> None:
        """Do what a step says; what the venue refuses is left."""
        acts = {
            "move": self._move,
            "thin": self._thin,
            "by hand": self._by_hand,
            "leverage": self._leverage,
            "mode": self._mode,
            "grid": self._grid,
            "transfer": self._transfer,
        }
        try:
            acts[what](*words)
        except PaperRefusal:
            return

    def _move(self, coin: str, by_pct: str) -> None:
        self._venues.move(coin, D(by_pct))

    def _thin(self, coin: str) -> None:
        self._venues.move(coin, D(0), depth="0.02")

    def _leverage(self, account: str, leverage: str) -> None:
        venue = self._venues.home[account].venue
        for instrument in venue.instruments:
            venue.set_leverage(account, instrument, D(leverage))

    def _mode(self, account: str) -> None:
        self.mode_moved = True
        venue = self._venues.home[account].venue
        venue.set_hedge_mode(account, enabled=not venue.hedge_mode(account))

    def _grid(self, coin: str) -> None:
        for hub in self._venues.hubs.values():
            for listed in hub.venue.instruments.values():
                if listed.base == coin:
                    grid = replace(listed.grid, lot=D("0.002"))
                    hub.venue.set_instrument(replace(listed, grid=grid))

    def _transfer(self, account: str, quantity: str) -> None:
        hub, now = self._venues.home[account], self._venues.clock.now_ns()
        hub.publish(hub.venue.transfer(account, "USDT", D(quantity), now))

    def _by_hand(self, account: str, what: str) -> None:
        """Something another program or the web page does with the account."""
        hub, rng = self._venues.home[account], self._rng
        venue, now = hub.venue, self._venues.clock.now_ns()
        instrument = rng.choice(list(venue.instruments.values()))
        if what == "cancel":
            resting = venue.open_orders(account)
            if not resting:
                return
            order = rng.choice(resting)
            hub.publish(venue.cancel(account, order.instrument, order_id=order.order_id, now_ns=now))
            return
        side = rng.choice((Side.BUY, Side.SELL))
        price = self._venues.prices[instrument.base]
        away = price * rng.randrange(5, 60) / 1000
        resting_at = (price - side.sign * away).quantize(D("0.1"))
        self._numbers += 1
        hub.publish(
            venue.place(
                OrderRequest(
                    ClientOrderId(f"web_{self._numbers}"),
                    account,
                    instrument.id,
                    side,
                    OrderType.MARKET if what == "trade" else OrderType.LIMIT,
                    D(rng.randrange(2, 50)) / 1000 * (1 if instrument.base == "BTC" else 10),
                    price=None if what == "trade" else resting_at,
                    position_side=self._leg(account, side),
                ),
                now,
            )
        )

    def _leg(self, account: str, side: Side) -> PositionSide:
        hub = self._venues.home[account]
        if hub.spot or not hub.venue.hedge_mode(account):
            return PositionSide.NET
        return PositionSide.LONG if side is Side.BUY else PositionSide.SHORT
