"""All that the journal remembers, in memory. Only `reduce.apply` changes it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import OrderStatus
from hedge_tui.engine.pnl.book import PnlBook
from hedge_tui.engine.pnl.calendar import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.acts import Armed, LineConfirmed, Noted, TermSending
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.order import ClientOrderId, Order, PositionSide, VenueOrderId
    from hedge_tui.domain.panic import PanicMoved
    from hedge_tui.domain.trading import Hold
    from hedge_tui.engine.cost import Holding
    from hedge_tui.engine.open_part import OpenPart
    from hedge_tui.engine.pnl.coins import Coins
    from hedge_tui.engine.pnl.marks import Unsettled

KEEP_FILLS = 5_000
KEEP_LOG = 2_000
KEEP_FINISHED = 20_000
KEEP_CASH = 2_000
KEEP_MOVED = 20_000
"""Deposits, withdrawals and transfers: equity of years is told without them."""
KEEP_RUNS = 5_000
KEEP_STRAYS = 1_000
KEEP_OUTAGES = 1_000
KEEP_SEEN = 200_000
"""Fills and flows whose keys are remembered: far more than a venue files again in the day we ask back."""

ZERO = Decimal(0)


@dataclass(slots=True)
class FillSum:
    """Executed so far of one order: venue units, and the sum of price times quantity."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO


@dataclass(slots=True)
class Today:
    """Sums of one (account, instrument) since the day began, by asset.

    Attributes:
        realized: in settle (quote for spot). fees: paid, > 0. funding: received, signed.
    """

    realized: dict[str, Decimal] = field(default_factory=dict)
    fees: dict[str, Decimal] = field(default_factory=dict)
    funding: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastMark:
    """How far one source of an account's past is read; see `acts.PastRead`."""

    mark: str
    until_ns: int
    done: bool


@dataclass(frozen=True, slots=True)
class Outage:
    """A private stream was away."""

    account: str
    from_ns: int
    to_ns: int
    why: str


@dataclass(frozen=True, slots=True)
class Restart:
    """The engine was down; `clean`: it had been stopped on purpose, else it had died."""

    from_ns: int
    to_ns: int
    clean: bool


@dataclass(slots=True)
class Restraints:
    """What restrains trading; folded by `engine.restraints`.

    Attributes:
        holds: scopes that are not ACTIVE.
        rejects: newest (time, kind) by origin. sent: newest (time, orders) by origin, for the order rate.
        amends: quantity that an amendment on its way wants, by client order id.
        day_counts: orders sent since the day began, by account. day_quantity: venue units by (account,
            instrument), without what only reduces.
    """

    holds: dict[str, Hold] = field(default_factory=dict)
    rejects: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    sent: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    amends: dict[ClientOrderId, Decimal] = field(default_factory=dict)
    day_counts: dict[str, int] = field(default_factory=dict)
    day_quantity: dict[tuple[str, InstrumentId], Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """What an act touched, so that the engine tells its clients only that."""

    orders: set[str] = field(default_factory=set)
    fills: list[Fill] = field(default_factory=list)
    positions: set[tuple[str, str]] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)
    notes: list[Noted] = field(default_factory=list)
    settings: bool = False
    armed: bool = False
    holds: set[str] = field(default_factory=set)
    pnl: bool = False


def leg_name(instrument: str, leg: str) -> str:
    """What a position is called among the day's sums: the instrument, and its leg in hedge mode."""
    return instrument if leg == "net" else f"{instrument}|{leg}"


class DeskState:
    """The fold of the journal.

    Attributes:
        instruments: what the venues list now. told: what they said of those that acts are about, from the
            journal itself; see `listed`.
        orders: by client order id, oldest first.
        intents: client ids of orders that have not left yet.
        working: client ids of orders that may still trade. finished: of those that are over, oldest first;
            beyond `KEEP_FINISHED` they are forgotten here and kept by the journal alone.
        rows: the number after `#` of each order; given once, never given again.
        by_venue_id: (account, venue order id) -> client order id.
        fills: newest at the right. seen_fills: keys of the last `KEEP_SEEN` fills, oldest first.
        strays: fills that came before their order's venue id was known, by (account, venue order id).
        cash: newest money flows, at the right. moved: of them only what is no profit, for much longer.
        holdings: average-cost accounting by (account, instrument, position side).
        open_parts: fees, funding and age of open positions, by (account, instrument, position side).
        today: sums of the running day. day_ns: when it began (0: not yet).
        day_equity: (account -> equity) when it began, in `day_currency`; day_equity_ns: taken when.
        flows: money moved in or out since then, account -> asset -> signed units.
        day_notional: sent since the day began by account, reporting currency.
        restraints: what restrains trading.
        settings: (scope, name) -> value.
        armed: the envelope in force, None when every line is previewed. armed_spent: notional meant to be
            sent in it so far, its currency. armed_lines: how many lines that were.
        panic: the press that is still at work, None when none is.
        terms: changes of leverage, margin or position mode whose outcome is not known yet, by their key.
        calendar: the trader's days; like the instruments not of the journal. book: PnL by day and more.
        unsettled: by account, money that stream and ledger have not both told yet.
        past: how far each (account, source) of the venue's past is read. coins: average cost by execution,
            by (account, instrument).
        differences: by account, how often these books and the venue disagreed.
        outages, restarts: newest at the right. left_ns: when the last console left, or 0 while one is here;
            absence: the last time without any console, (from, to).
        last_ns: time of the newest act.
    """

    def __init__(self) -> None:
        self.instruments: Mapping[InstrumentId, Instrument] = {}
        self.told: dict[InstrumentId, Instrument] = {}
        self.orders: dict[ClientOrderId, Order] = {}
        self.working: dict[ClientOrderId, None] = {}
        self.rows: dict[ClientOrderId, int] = {}
        self.by_row: dict[int, ClientOrderId] = {}
        self.next_row = 1
        self.by_venue_id: dict[tuple[str, VenueOrderId], ClientOrderId] = {}
        self.finished: dict[ClientOrderId, None] = {}
        self.intents: dict[ClientOrderId, None] = {}
        self.fills: deque[Fill] = deque(maxlen=KEEP_FILLS)
        self.seen_fills: dict[tuple[str, str, str], None] = {}
        self.strays: dict[tuple[str, str], list[Fill]] = {}
        self.fill_sums: dict[ClientOrderId, FillSum] = {}
        self.realized: dict[tuple[str, str, str], Decimal] = {}
        self.holdings: dict[tuple[str, InstrumentId, PositionSide], Holding] = {}
        self.open_parts: dict[tuple[str, InstrumentId, PositionSide], OpenPart] = {}
        self.today: dict[tuple[str, str], Today] = {}
        self.day_ns = 0
        self.day_currency = ""
        self.day_equity: dict[str, Decimal] = {}
        self.day_equity_ns: dict[str, int] = {}
        self.flows: dict[str, dict[str, Decimal]] = {}
        self.cash: deque[CashFlow] = deque(maxlen=KEEP_CASH)
        self.moved: deque[CashFlow] = deque(maxlen=KEEP_MOVED)
        self.seen_flows: dict[tuple[str, str, str], None] = {}
        self.day_notional: dict[str, Decimal] = {}
        self.day_orders = 0
        self.restraints = Restraints()
        self.runs: dict[str, LineConfirmed] = {}
        self.run_orders: dict[str, list[ClientOrderId]] = {}
        self.settings: dict[tuple[str, str], str] = {}
        self.armed: Armed | None = None
        self.armed_spent, self.armed_lines = ZERO, 0
        self.panic: PanicMoved | None = None
        self.terms: dict[tuple[str, str, str, str], TermSending] = {}
        self.log: deque[tuple[int, Noted]] = deque(maxlen=KEEP_LOG)
        self.log_seq = 0
        self.calendar = Calendar()
        self.book = PnlBook()
        self.unsettled: dict[str, Unsettled] = {}
        self.past: dict[tuple[str, str], PastMark] = {}
        self.coins: dict[tuple[str, InstrumentId], Coins] = {}
        self.differences: dict[str, int] = {}
        self.outages: deque[Outage] = deque(maxlen=KEEP_OUTAGES)
        self.restarts: deque[Restart] = deque(maxlen=KEEP_OUTAGES)
        self.console_here, self.left_ns = False, 0
        self.absence: tuple[int, int] = (0, 0)
        self.last_ns = self.last_stop_ns = 0
        self.clean_stop = True

    def listed(self, instrument: InstrumentId) -> Instrument | None:
        """An instrument as the journal has it, so that a replay counts as was counted; else as listed."""
        return self.told.get(instrument) or self.instruments.get(instrument)

    def working_orders(self, account: str | None = None) -> Iterator[Order]:
        """Orders that may still trade, oldest first, of one account or of all."""
        for id_ in tuple(self.working):
            order = self.orders[id_]
            if account is None or order.request.account == account:
                yield order

    def today_of(self, account: str, instrument: str, leg: str = "net") -> Today:
        """The day's sums of one (account, instrument), or of one leg in hedge mode, made on first use.

        Funding stays with the instrument: venues do not say which leg paid it.
        """
        return self.today.setdefault((account, leg_name(instrument, leg)), Today())

    def order_of(self, account: str, client_order_id: str, venue_order_id: str | None) -> Order | None:
        """An order by our id, or else by the venue's.

        A venue lets a client id be used again once its order is over: then the venue's id tells them apart.
        """
        order = self.orders.get(client_order_id)  # type: ignore[call-overload]
        fits = order is not None and order.request.account == account and not _another(order, venue_order_id)
        if not fits and venue_order_id is not None:
            ours = self.by_venue_id.get((account, venue_order_id))  # type: ignore[arg-type]
            order = self.orders.get(ours) if ours is not None else None
            fits = order is not None and order.request.account == account
        return order if fits else None


def _another(order: Order, venue_order_id: str | None) -> bool:
    """Whether the venue speaks of another order with the client id of this one.

    What waits for a trigger becomes another order of the venue's, and what is amended may; both still work.
    """
    if not venue_order_id or order.venue_order_id is None or order.request.type.triggered:
        return False
    over = order.status.terminal and order.status is not OrderStatus.ABSENT
    return over and order.venue_order_id != venue_order_id
