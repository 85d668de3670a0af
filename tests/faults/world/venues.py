"""The simulated venues of one world: true books, and a memory of how every order was at any time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from simulated_desk import EPOCH_NS, perpetual
from trading_month import spot

from adapters.paper.client import PaperHub
from adapters.paper.records import PaperOrder
from adapters.paper.venue import PaperVenue
from hedge_tui.domain.instrument import Instrument, InstrumentId

if TYPE_CHECKING:
    from adapters.paper.events import Event

D = Decimal
START = {"BTC": D(60_000), "ETH": D(3_000)}
DEPTH = 4


class VenueClock:
    """The venue's own clock: it never jumps, and goes on while the desk's machine sleeps."""

    def __init__(self, loop_time: Callable[[], float]) -> None:
        self._loop_time = loop_time
        self.slept_s = 0.0

    def now_ns(self) -> int:
        return EPOCH_NS + round((self._loop_time() + self.slept_s) * 1e9)

    def monotonic(self) -> float:
        return self._loop_time()


class WatchedHub(PaperHub):
    """Remembers each order's states, so that a lagging read can be answered; tells the oracle.

    Attributes:
        past: (account, client id) -> states with the venue's time, oldest first.
        watch: called with each event.
    """

    def __init__(self, venue: PaperVenue, clock: VenueClock, *, spot: bool) -> None:
        super().__init__(venue, clock, spot=spot)
        self.past: dict[tuple[str, str], list[tuple[int, PaperOrder]]] = {}
        self.watch: Callable[[Event], None] = lambda _event: None

    def publish(self, events: Sequence[Event]) -> None:
        now = self.clock.now_ns()
        for event in events:
            order = getattr(event, "order", None)
            if order is not None:
                self.past.setdefault((order.account, order.client_order_id), []).append((now, order))
            self.watch(event)
        super().publish(events)

    def as_of(self, account: str, client_order_id: str, at_ns: int) -> PaperOrder | None:
        """The order as it was then; None when it was not there yet."""
        found = None
        for when, order in self.past.get((account, client_order_id), ()):
            if when > at_ns:
                break
            found = order
        return found


class Venues:
    """Both venues, moved together."""

    def __init__(self, loop_time: Callable[[], float], *, with_spot: bool) -> None:
        self.clock = VenueClock(loop_time)
        self.instruments: dict[str, list[Instrument]] = {
            "binanceusdm": [perpetual(), perpetual("ETH", "0.01", "0.001")]
        }
        if with_spot:
            self.instruments["binance"] = [spot("BTC"), spot("ETH")]
        self.hubs = {
            name: WatchedHub(
                PaperVenue("spot" if name == "binance" else "usdm", listed),
                self.clock,
                spot=name == "binance",
            )
            for name, listed in self.instruments.items()
        }
        self.home: dict[str, WatchedHub] = {}
        self.prices = dict(START)
        self.move("BTC", D(0))
        self.move("ETH", D(0))

    def open(self, account: str, venue: str, funds: Decimal) -> None:
        """Open an account; on spot with some coins, too."""
        hub = self.hubs[venue]
        money = {"USDT": funds}
        if venue == "binance":
            money |= {"BTC": D(5), "ETH": D(50)}
        hub.venue.add_account(account, money)
        self.home[account] = hub

    def move(self, coin: str, by_pct: Decimal, depth: str = "30") -> None:
        """Move a coin's price everywhere."""
        self.prices[coin] = (self.prices[coin] * (1 + by_pct / 100)).quantize(D("0.1"))
        now = self.clock.now_ns()
        for hub in self.hubs.values():
            for instrument in hub.venue.instruments.values():
                if instrument.base != coin:
                    continue
                at, step = self.prices[coin], D("0.1")
                size = D(depth)
                bids = [(at - step * i, size) for i in range(DEPTH)]
                asks = [(at + step * (i + 1), size) for i in range(DEPTH)]
                hub.publish(hub.venue.set_book(instrument.id, bids, asks, now))
                if not hub.spot:
                    hub.publish(hub.venue.set_mark(instrument.id, at, at, now))

    def seconds(self) -> float:
        """The venues' time, in seconds since the world began."""
        return (self.clock.now_ns() - EPOCH_NS) / 1e9

    def newest(self, account: str, client_order_id: str) -> PaperOrder | None:
        """An order as its venue has it now: the newest of those that bear the id."""
        past = self.home[account].past.get((account, client_order_id))
        return past[-1][1] if past else None

    def advance(self) -> None:
        """Let the venues see what time it is."""
        for hub in self.hubs.values():
            hub.publish(hub.venue.advance(self.clock.now_ns()))

    def listed(self, instrument: InstrumentId) -> Instrument:
        """An instrument by id."""
        return self.hubs[instrument.partition(":")[0]].venue.instruments[instrument]
