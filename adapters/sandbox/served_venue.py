"""One of the two venues as the server holds it: matching core, market, limits, listeners, endpoints."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from adapters.paper.venue import PaperVenue
from adapters.sandbox.ledger_rows import record
from adapters.sandbox.limits import MAX_ORDERS, MAX_TRIGGERS
from adapters.sandbox.refusal import INVALID_SYMBOL, VenueRefusal, again, missing
from adapters.sandbox.user_streams import ListenKeys, UserStreams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from adapters.paper.events import Event
    from adapters.paper.records import IncomeKind
    from adapters.paper.refusal import PaperRefusal
    from adapters.sandbox.accounts import AccountSpec
    from adapters.sandbox.call import Call
    from adapters.sandbox.clock import SandboxClock
    from adapters.sandbox.connection import Connection
    from adapters.sandbox.endpoint import Endpoint
    from adapters.sandbox.ledger import Ledger
    from adapters.sandbox.limits import RateLimiter
    from adapters.sandbox.market_feed import MarketFeed
    from adapters.sandbox.treasury import Treasury
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import PositionSide

FIRST_ORDER_IDS = {"spot": 5_000_001, "usdm": 80_000_001}
"""Far apart, so that an id of one venue is never an id of the other."""

Frames = list[tuple[str, dict[str, Any]]]


class ServedVenue:
    """A venue being served.

    Args:
        kind: spot or usdm. name: the ccxt id, as the truth ledger calls it.
        feed: the market behind it, already knowing its instruments.

    Attributes:
        paper: the matching and accounting core; its time is `clock.market_ns`.
        endpoints: by (method, path). connections: open WebSockets of this venue.
        made: running number for client ids that the venue makes.
        treasury: shared with the other venue.
        quote_quantities: spot market orders sized in quote, by order id.
        countdowns: when an account's orders in a symbol are to be cancelled, in milliseconds.
    """

    def __init__(
        self,
        kind: Literal["spot", "usdm"],
        name: str,
        feed: MarketFeed,
        *,
        accounts: Sequence[AccountSpec],
        limiter: RateLimiter,
        clock: SandboxClock,
        ledger: Ledger,
        treasury: Treasury,
    ) -> None:
        self.kind = kind
        self.name = name
        self.feed = feed
        self.accounts = accounts
        self.limiter = limiter
        self.clock = clock
        self.ledger = ledger
        self.treasury = treasury
        treasury.venues[kind] = self
        self.instruments: dict[str, Instrument] = {one.venue_symbol: one for one in feed.instruments}
        self.by_id: dict[str, Instrument] = {str(one.id): one for one in feed.instruments}
        self.user_streams = UserStreams()
        self.listen_keys = ListenKeys()
        self.connections: set[Connection] = set()
        self.endpoints: dict[tuple[str, str], Endpoint] = {}
        self.made = 0
        self._info: tuple[int, bytes] | None = None
        self.quote_quantities: dict[int, Decimal] = {}
        self.countdowns: dict[tuple[str, str], int] = {}
        self.frames_of: Callable[[Iterable[Event], str, int], Frames] = _no_frames
        self.refusal_of: Callable[[PaperRefusal], VenueRefusal] = _plain_refusal
        self.paper = self._fresh_paper()
        feed.attach(self)

    def instrument(self, call: Call, name: str = "symbol") -> Instrument:
        """The instrument that a call names.

        Raises:
            VenueRefusal: -1102 no symbol, -1121 unknown.
        """
        text = call.params.get(name)
        if not text:
            raise missing(name)
        found = self.instruments.get(text)
        if found is None:
            raise again(INVALID_SYMBOL)
        return found

    def chosen(self, call: Call) -> list[Instrument]:
        """The instrument a call names, or all when it names none.

        Raises:
            VenueRefusal: -1121 unknown symbol.
        """
        return [self.instrument(call)] if call.params.get("symbol") else list(self.instruments.values())

    def now_ns(self) -> int:
        """The time that orders and fills are stamped with."""
        return self.clock.market_ns()

    def next_made(self) -> int:
        """A running number for ids that the venue makes."""
        self.made += 1
        return self.made

    def tell(self, events: Sequence[Event], cancel_id: str = "") -> None:
        """Write what happened into the truth ledger, to the accounts' listeners, and on the public tape."""
        if not events:
            return
        record(self.ledger, self.name, events, self.by_id)
        for account, body in self.frames_of(events, cancel_id, self.clock.now_ms()):
            self.user_streams.publish(account, body)
        self.feed.after(events)

    def end_listen_key(self, account: str, key: str, now_ms: int) -> None:
        """Tell an account's listeners that their key died, and send them nothing more."""
        self.user_streams.publish(account, {"e": "listenKeyExpired", "E": now_ms, "listenKey": key})
        self.user_streams.drop_key(account, key)

    def move_price(self, symbol: str, price: Decimal) -> None:
        """Put a market at `price` at once, for the control port.

        Raises:
            KeyError: unknown symbol.
        """
        self.feed.move(self.instruments[symbol], price)

    def transfer(self, account: str, asset: str, quantity: Decimal, reason: str) -> None:
        """Move money into or out of an account, for the control port.

        Raises:
            PaperRefusal: unknown account, or more than is free.
        """
        self.tell(self.paper.transfer(account, asset, quantity, self.now_ns(), reason))

    def change_instrument(self, symbol: str, changes: Mapping[str, Any]) -> Instrument:
        """Change an instrument's rules, as a venue may at any time.

        Args:
            symbol: such as BTCUSDT.
            changes: `active`, or decimals of the grid by their names: `tick`, `lot`, `min_quantity` …

        Raises:
            KeyError: unknown symbol. TypeError: there is no such rule.
        """
        old = self.instruments[symbol]
        rules = {name: Decimal(str(value)) for name, value in changes.items() if name != "active"}
        active = bool(changes.get("active", old.active))
        new = replace(old, active=active, grid=replace(old.grid, **rules))
        self.instruments[symbol] = self.by_id[str(old.id)] = new
        self.paper.set_instrument(new)
        self._info = None
        return new

    def adjust(self, account: str, asset: str, quantity: Decimal, kind: IncomeKind) -> None:
        """Book income of another kind than trading causes (USD-M only).

        Raises:
            PaperRefusal: unknown account.
        """
        self.tell(self.paper.adjust(account, asset, quantity, kind, self.now_ns()))

    def deleverage(self, account: str, symbol: str, side: PositionSide, quantity: Decimal) -> None:
        """Close part of a position as auto-deleveraging would (USD-M only).

        Raises:
            KeyError: unknown symbol. PaperRefusal: unknown account, or nothing is held.
        """
        instrument = self.instruments[symbol]
        self.feed.refresh(instrument)
        self.tell(self.paper.deleverage(account, instrument.id, side, quantity, self.now_ns()))

    def pay_funding(self, symbol: str, rate: Decimal) -> None:
        """Pay funding on one instrument now.

        Raises:
            KeyError: unknown symbol.
        """
        instrument = self.instruments[symbol]
        self.feed.refresh(instrument)
        self.tell(self.paper.pay_funding(instrument.id, rate, self.now_ns()))

    def ready_info(self, make: Callable[[], bytes], now_ms: int) -> bytes:
        """The exchangeInfo document, made once a minute: it is large, and clients ask for it together."""
        if self._info is None or now_ms // 60_000 != self._info[0]:
            self._info = (now_ms // 60_000, make())
        return self._info[1]

    def holdings(self) -> list[dict[str, Any]]:
        """All balances and positions now, as rows for the control port."""
        rows: list[dict[str, Any]] = []
        for account in self.accounts:
            self.feed.refresh_account(account.name)
            for asset, balance in self.paper.balances(account.name).items():
                rows.append(
                    {
                        "what": "balance",
                        "venue": self.name,
                        "account": account.name,
                        "asset": asset,
                        "total": str(balance.total),
                        "free": str(balance.free),
                        "locked": str(balance.locked),
                    }
                )
            if self.kind == "usdm":
                rows.extend(self._position_rows(account.name))
        return rows

    def reset(self) -> None:
        """Back to the configured balances and rules without orders; listeners stay."""
        self.user_streams.set_right()
        self.instruments.update({one.venue_symbol: one for one in self.feed.instruments})
        self.by_id.update({str(one.id): one for one in self.feed.instruments})
        self._info = None
        self.quote_quantities.clear()
        self.countdowns.clear()
        self.limiter.clear()
        self.paper = self._fresh_paper()
        self.feed.attach(self)

    def _position_rows(self, account: str) -> list[dict[str, Any]]:
        return [
            {
                "what": "position",
                "venue": self.name,
                "account": account,
                "symbol": self.by_id[str(position.instrument)].venue_symbol,
                "instrument": str(position.instrument),
                "side": position.side.value,
                "quantity": str(position.quantity),
                "entry_price": str(position.entry_price),
                "realized": str(position.realized),
                "unrealized": str(position.unrealized),
            }
            for position in self.paper.positions(account)
        ]

    def _fresh_paper(self) -> PaperVenue:
        paper = PaperVenue(
            self.kind,
            self.feed.instruments,
            first_order_id=FIRST_ORDER_IDS[self.kind] + self.made,
            max_orders=MAX_ORDERS[self.kind],
            max_triggers=MAX_TRIGGERS[self.kind],
        )
        for account in self.accounts:
            paper.add_account(account.name, account.spot if self.kind == "spot" else account.usdm)
            if account.dual_side and self.kind != "spot":
                paper.set_hedge_mode(account.name, enabled=True)
        return paper


def _no_frames(_events: Iterable[Event], _cancel_id: str, _now_ms: int) -> Frames:
    return []


def _plain_refusal(error: PaperRefusal) -> VenueRefusal:
    return VenueRefusal(-1000, str(error))
