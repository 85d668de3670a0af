"""The state as bytes and back, so that a start replays only the newest acts; kept by the journal.

A checkpoint is a saving of time, never the truth: one that cannot be read is passed over, and the whole
journal is replayed instead. (Annotations are evaluated here: the decoder reads them.)
"""

import hashlib
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from hedge_tui.domain.account import CashFlow
from hedge_tui.domain.acts import Armed, LineConfirmed, Noted, TermSending
from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.instrument import Instrument, InstrumentId
from hedge_tui.domain.order import ClientOrderId, Order, PositionSide, VenueOrderId
from hedge_tui.domain.panic import PanicMoved
from hedge_tui.domain.trading import Hold
from hedge_tui.engine.cost import Holding
from hedge_tui.engine.open_part import OpenPart
from hedge_tui.engine.pnl.saved import SavedPnl, check_pnl, load_pnl, save_pnl
from hedge_tui.engine.state import KEEP_CASH, KEEP_FILLS, KEEP_LOG, KEEP_MOVED, DeskState, FillSum, Today

FORM = 3
"""Bumped when the fields below change their meaning; other forms are passed over."""

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Saved:
    """`DeskState` with pairs in place of mappings whose keys are no texts."""

    form: int
    orders: list[Order]
    intents: list[str]
    working: list[str]
    finished: list[str]
    rows: dict[str, int]
    next_row: int
    fills: list[Fill]
    seen_fills: list[Key]
    strays: list[tuple[tuple[str, str], list[Fill]]]
    fill_sums: dict[str, tuple[Decimal, Decimal]]
    realized: list[tuple[Key, Decimal]]
    holdings: list[tuple[tuple[str, str, PositionSide], tuple[Decimal, Decimal]]]
    today: list[tuple[tuple[str, str], Today]]
    day_ns: int
    day_currency: str
    day_equity: dict[str, Decimal]
    day_equity_ns: dict[str, int]
    flows: dict[str, dict[str, Decimal]]
    cash: list[CashFlow]
    seen_flows: list[Key]
    day_notional: dict[str, Decimal]
    day_orders: int
    runs: list[LineConfirmed]
    run_orders: dict[str, list[str]]
    settings: list[tuple[tuple[str, str], str]]
    log: list[tuple[int, Noted]]
    log_seq: int
    last_stop_ns: int
    clean_stop: bool
    pnl: SavedPnl
    by_venue_id: list[tuple[tuple[str, str], str]] = field(default_factory=list)
    open_parts: list[tuple[tuple[str, str, PositionSide], OpenPart]] = field(default_factory=list)
    moved: list[CashFlow] = field(default_factory=list)
    armed: Armed | None = None
    armed_spent: Decimal = Decimal(0)
    armed_lines: int = 0
    terms: list[TermSending] = field(default_factory=list)
    panic: PanicMoved | None = None
    told: list[Instrument] = field(default_factory=list)
    differences: dict[str, int] = field(default_factory=dict)
    day_counts: dict[str, int] = field(default_factory=dict)
    day_quantity: list[tuple[tuple[str, str], Decimal]] = field(default_factory=list)
    amends: dict[str, Decimal] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    rejects: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    sent: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


_ENCODER = msgspec.msgpack.Encoder(decimal_format="string")
_DECODER = msgspec.msgpack.Decoder(_Saved)


def dump(state: DeskState) -> bytes:
    """The whole state but for the instruments, which the venues tell anew."""
    return _ENCODER.encode(
        _Saved(
            form=FORM,
            orders=list(state.orders.values()),
            intents=list(state.intents),
            working=list(state.working),
            finished=list(state.finished),
            rows={str(id_): row for id_, row in state.rows.items()},
            next_row=state.next_row,
            fills=list(state.fills),
            seen_fills=list(state.seen_fills),
            strays=list(state.strays.items()),
            fill_sums={str(id_): (total.quantity, total.cost) for id_, total in state.fill_sums.items()},
            realized=list(state.realized.items()),
            holdings=[(key, (h.quantity, h.entry_price)) for key, h in state.holdings.items()],
            today=list(state.today.items()),
            day_ns=state.day_ns,
            day_currency=state.day_currency,
            day_equity=state.day_equity,
            day_equity_ns=state.day_equity_ns,
            flows=state.flows,
            cash=list(state.cash),
            moved=list(state.moved),
            seen_flows=list(state.seen_flows),
            day_notional=state.day_notional,
            day_orders=state.day_orders,
            runs=list(state.runs.values()),
            run_orders={run: [str(id_) for id_ in ids] for run, ids in state.run_orders.items()},
            settings=list(state.settings.items()),
            log=list(state.log),
            log_seq=state.log_seq,
            last_stop_ns=state.last_stop_ns,
            clean_stop=state.clean_stop,
            pnl=save_pnl(state),
            by_venue_id=list(state.by_venue_id.items()),
            open_parts=list(state.open_parts.items()),
            armed=state.armed,
            armed_spent=state.armed_spent,
            armed_lines=state.armed_lines,
            terms=list(state.terms.values()),
            panic=state.panic,
            told=list(state.told.values()),
            differences=state.differences,
            day_counts=state.restraints.day_counts,
            day_quantity=list(state.restraints.day_quantity.items()),
            amends={str(id_): quantity for id_, quantity in state.restraints.amends.items()},
            holds=state.restraints.holds,
            rejects=state.restraints.rejects,
            sent=state.restraints.sent,
        )
    )


def state_hash(state: DeskState) -> str:
    """64 hex characters that two states share exactly when a checkpoint of them is the same, digit by digit.

    >>> state_hash(DeskState()) == state_hash(DeskState())
    True
    """
    return hash_of(dump(state))


def hash_of(saved: bytes) -> str:
    """The state hash that a saved state stands for, without reading it."""
    return hashlib.blake2b(saved, digest_size=32).hexdigest()


def load(state: DeskState, saved: bytes) -> None:
    """Fill an empty state from a checkpoint.

    Raises:
        StoreError: it cannot be read, or is of another form; the state is unchanged.
    """
    try:
        form = msgspec.msgpack.decode(saved, type=dict[str, msgspec.Raw]).get("form")
        if form is None or msgspec.msgpack.decode(form) != FORM:
            raise StoreError("the checkpoint is of another version")
        s = _DECODER.decode(saved)
    except msgspec.MsgspecError as error:
        raise StoreError(f"the checkpoint cannot be read: {error}") from error
    check_pnl(state, s.pnl)
    _load_orders(state, s)
    _load_money(state, s)
    load_pnl(state, s.pnl)
    state.runs = {run.run: run for run in s.runs}
    state.run_orders = {run: [_id(id_) for id_ in ids] for run, ids in s.run_orders.items()}
    state.settings = dict(s.settings)
    state.armed, state.armed_spent, state.armed_lines = s.armed, s.armed_spent, s.armed_lines
    state.differences = dict(s.differences)
    state.panic = s.panic
    state.terms = {term.change.key: term for term in s.terms}
    state.told = {one.id: one for one in s.told}
    state.restraints.amends = {_id(id_): quantity for id_, quantity in s.amends.items()}
    state.restraints.holds, state.restraints.rejects, state.restraints.sent = s.holds, s.rejects, s.sent
    state.log, state.log_seq = deque(s.log, maxlen=KEEP_LOG), s.log_seq
    state.last_stop_ns, state.clean_stop = s.last_stop_ns, s.clean_stop


def _load_orders(state: DeskState, s: _Saved) -> None:
    state.orders = {order.request.client_order_id: order for order in s.orders}
    state.intents = {_id(id_): None for id_ in s.intents}
    state.working = {_id(id_): None for id_ in s.working}
    state.finished = {_id(id_): None for id_ in s.finished}
    state.rows = {_id(id_): row for id_, row in s.rows.items()}
    state.by_row = {row: id_ for id_, row in state.rows.items()}
    state.next_row = s.next_row
    state.by_venue_id = {(name, VenueOrderId(v)): _id(id_) for (name, v), id_ in s.by_venue_id}
    state.fill_sums = {_id(id_): FillSum(*total) for id_, total in s.fill_sums.items()}


def _load_money(state: DeskState, s: _Saved) -> None:
    state.fills = deque(s.fills, maxlen=KEEP_FILLS)
    state.seen_fills = dict.fromkeys(s.seen_fills)
    state.strays = dict(s.strays)
    state.realized = dict(s.realized)
    state.holdings = {
        (account, _instrument(i), side): Holding(*held) for (account, i, side), held in s.holdings
    }
    state.moved = deque(s.moved, maxlen=KEEP_MOVED)
    state.open_parts = {(account, _instrument(i), side): part for (account, i, side), part in s.open_parts}
    state.today = dict(s.today)
    state.day_ns, state.day_currency = s.day_ns, s.day_currency
    state.day_equity, state.day_equity_ns = s.day_equity, s.day_equity_ns
    state.flows, state.cash = s.flows, deque(s.cash, maxlen=KEEP_CASH)
    state.seen_flows = dict.fromkeys(s.seen_flows)
    state.day_notional, state.day_orders = s.day_notional, s.day_orders
    state.restraints.day_counts = s.day_counts
    state.restraints.day_quantity = {
        (name, _instrument(i)): quantity for (name, i), quantity in s.day_quantity
    }


def _id(text: str) -> ClientOrderId:
    return ClientOrderId(text)


def _instrument(text: str) -> InstrumentId:
    return InstrumentId(text)
