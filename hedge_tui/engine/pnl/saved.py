"""The PnL book and what belongs to it as part of a checkpoint, and back.

(Annotations are evaluated here: the decoder reads them.)
"""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from hedge_tui.domain.account import CashFlow
from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.engine.cost import Holding
from hedge_tui.engine.pnl.book import COLUMNS, CellKey, PnlBook, Sums
from hedge_tui.engine.pnl.coins import Coins
from hedge_tui.engine.pnl.marks import Unsettled
from hedge_tui.engine.state import KEEP_OUTAGES, DeskState, Outage, PastMark, Restart

_Coins = tuple[Holding, Holding | None, bool, Holding | None, list[tuple[Fill, Decimal]]]
"""The fields of `Coins`."""


@dataclass(frozen=True, slots=True)
class SavedPnl:
    """Pairs in place of mappings whose keys are no texts; `calendar`: (timezone, day_start) of the cells."""

    calendar: tuple[str, str]
    cells: list[tuple[CellKey, tuple[Decimal, ...], int]]
    sessions: list[tuple[int, str]]
    newest_ns: int
    unsettled: dict[str, tuple[list[CashFlow], list[CashFlow]]]
    past: list[tuple[tuple[str, str], PastMark]]
    coins: list[tuple[tuple[str, str], _Coins]]
    outages: list[Outage]
    restarts: list[Restart]
    console_here: bool
    left_ns: int
    absence: tuple[int, int]
    last_ns: int


def save_pnl(state: DeskState) -> SavedPnl:
    """All of it."""
    book = state.book
    return SavedPnl(
        calendar=(state.calendar.timezone, state.calendar.day_start),
        cells=[(key, tuple(getattr(s, name) for name in COLUMNS), s.fills) for key, s in book.cells.items()],
        sessions=book.sessions,
        newest_ns=book.newest_ns,
        unsettled={name: (waiting.told, waiting.read) for name, waiting in state.unsettled.items()},
        past=list(state.past.items()),
        coins=[(key, (c.past, c.seed, c.settled, c.base, c.tail)) for key, c in state.coins.items()],
        outages=list(state.outages),
        restarts=list(state.restarts),
        console_here=state.console_here,
        left_ns=state.left_ns,
        absence=state.absence,
        last_ns=state.last_ns,
    )


def check_pnl(state: DeskState, saved: SavedPnl) -> None:
    """Refuse sums over days that are no longer the trader's.

    Raises:
        StoreError: the time zone or the start of the day was changed since.
    """
    if saved.calendar != (state.calendar.timezone, state.calendar.day_start):
        raise StoreError(f"the checkpoint counts days by {' '.join(saved.calendar)}")


def load_pnl(state: DeskState, saved: SavedPnl) -> None:
    """Fill an empty state."""
    state.book = PnlBook(
        {key: _sums(sums, fills) for key, sums, fills in saved.cells}, saved.sessions, saved.newest_ns
    )
    state.unsettled = {name: Unsettled(told, read) for name, (told, read) in saved.unsettled.items()}
    state.past = dict(saved.past)
    state.coins = {(account, InstrumentId(name)): Coins(*coins) for (account, name), coins in saved.coins}
    state.outages = deque(saved.outages, maxlen=KEEP_OUTAGES)
    state.restarts = deque(saved.restarts, maxlen=KEEP_OUTAGES)
    state.console_here, state.left_ns, state.absence = saved.console_here, saved.left_ns, saved.absence
    state.last_ns = saved.last_ns


def _sums(values: tuple[Decimal, ...], fills: int) -> Sums:
    sums = Sums(fills=fills)
    for name, value in zip(COLUMNS, values, strict=True):
        setattr(sums, name, value)
    return sums
