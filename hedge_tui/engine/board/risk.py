"""Accounts at risk, net delta by asset, and what moves of the market would do."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.engine.board.table import NAN, LiveRows, number, rounded
from hedge_tui.engine.counted import left_out
from hedge_tui.engine.execution.trading_state import trading_state
from hedge_tui.engine.risk.account_risk import AccountRisk, assess
from hedge_tui.engine.risk.delta import Delta, deltas
from hedge_tui.engine.risk.margin_book import Holder, MarginBook, gather
from hedge_tui.engine.risk.moves import Moves
from hedge_tui.engine.risk.stress import StressResult, stress
from hedge_tui.engine.risk.worst_case import Filled, doubtful, fill_orders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.engine.board.money import Summaries
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes

ZERO = Decimal(0)
CENT = 2
GOOD_FOR_S = 1.0
"""How long a gathered book serves: it holds every position of every account."""
MOVES = tuple(Decimal(percent) for percent in (-30, -20, -10, -5, 5, 10, 20, 30))
"""Moves of the stress table, percent."""


class RiskBooks:
    """The desk as it is, and as it would be if all buys or all sells filled; gathered once for all rows."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._since = -math.inf
        self._now: MarginBook | None = None
        self._filled: dict[Filled, MarginBook] = {}

    def clear(self) -> None:
        """Gather anew at the next question."""
        self._now = None

    def expire(self, now_s: float) -> None:
        """Gather anew if it is time."""
        if now_s - self._since >= GOOD_FOR_S:
            self._since = now_s
            self.clear()

    @property
    def now(self) -> MarginBook:
        """As it is."""
        if self._now is None:
            self._now = gather(self._desk.accounts.values(), self._desk.markets)
            self._filled = {}
        return self._now

    @property
    def counted(self) -> MarginBook:
        """As it is, without the accounts that no total of the desk counts."""
        book = self.now
        apart = left_out(account.account for account in self._desk.accounts.values())
        if not apart:
            return book
        return replace(book, holders=tuple(one for one in book.holders if one.name not in apart))

    def filled(self, which: Filled) -> MarginBook:
        """As it would be."""
        now, desk = self.now, self._desk
        if which not in self._filled:
            self._filled[which] = fill_orders(now, desk.state.working_orders(), which, desk.markets)
        return self._filled[which]

    def doubtful(self, account: str) -> int:
        """Orders of an account that nobody has an answer about."""
        return doubtful(self._desk.state.working_orders(account))

    def assessed(self, account: str) -> tuple[AccountRisk, AccountRisk, AccountRisk] | None:
        """One account: now, if all buys fill, if all sells fill; None before its venue has told."""
        found = [holder_of(book, account) for book in (self.now, *map(self.filled, Filled))]
        if any(holder is None for holder, _ in found):
            return None
        now, buys, sells = (assess(holder, book) for holder, book in found if holder is not None)
        return now, buys, sells


def holder_of(book: MarginBook, account: str) -> tuple[Holder | None, MarginBook]:
    """An account in a book."""
    return next((holder for holder in book.holders if holder.name == account), None), book


class RiskRows(LiveRows):
    """`risk`: one row per account."""

    topic = "risk"
    every_s = 1.0

    def __init__(self, desk: Desk, books: RiskBooks, summaries: Summaries) -> None:
        super().__init__(desk)
        self._books = books
        self._summaries = summaries

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        self._books.expire(now_s)
        return super().refresh(now_s)

    def touch(self, changes: Changes) -> None:
        self.dirty |= changes.accounts & self.desk.accounts.keys()

    def keys(self) -> Iterable[str]:
        return [name for name, account in self.desk.accounts.items() if account.snapshot_ns]

    def row(self, key: str) -> list[Any] | None:
        found = self._books.assessed(key)
        if found is None:
            return None
        now, buys, sells = found
        free = self._summaries.of(key).free
        orders = sum(1 for _ in self.desk.state.working_orders(key))
        near = now.nearest
        lost = min(buys.equity - now.equity, sells.equity - now.equity, ZERO)
        moves = [a.move for a in found if a.move is not None]
        return [
            key,
            self.desk.accounts[key].account.venue,
            rounded(now.equity, CENT),
            rounded(now.exposure, CENT),
            rounded(now.gross_exposure, CENT),
            rounded(now.leverage, 3),
            rounded(now.margin_ratio, 5),
            rounded(free, CENT),
            rounded(_percent(now.nearest_distance), 2),
            near.instrument.symbol if near is not None else "",
            ("long" if near.quantity > 0 else "short") if near is not None else "",
            number(near.liquidation_price if near is not None else None),
            rounded(_percent(now.move), 2),
            orders,
            self._books.doubtful(key),
            rounded(buys.exposure, CENT),
            rounded(sells.exposure, CENT),
            rounded(_worst(a.leverage for a in found), 3),
            rounded(_worst(a.margin_ratio for a in found), 5),
            rounded(free + lost, CENT),
            rounded(_percent(min(moves, key=abs, default=None)), 2),
            trading_state(self.desk.state.restraints.holds, self.desk.accounts[key].account).value,
        ]


class DeltaRows(LiveRows):
    """`deltas`: net delta by account and asset."""

    topic = "deltas"
    every_s = 1.0

    def __init__(self, desk: Desk, books: RiskBooks) -> None:
        super().__init__(desk)
        self._books = books
        self._made: MarginBook | None = None
        self._found: dict[str, Delta] = {}

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        self._books.expire(now_s)
        return super().refresh(now_s)

    def keys(self) -> Iterable[str]:
        return [*self._look(), *self.rows]

    def row(self, key: str) -> list[Any] | None:
        found = self._look().get(key)
        if found is None:
            return None
        account, _, asset = key.partition("|")
        venue = self.desk.accounts[account].account.venue
        return [key, account, venue, asset, number(found.quantity), rounded(found.value, CENT)]

    def _look(self) -> dict[str, Delta]:
        book = self._books.now
        if book is not self._made:
            self._made = book
            self._found = {
                f"{holder.name}|{asset}": delta
                for holder in book.holders
                for asset, delta in deltas(holder, book).items()
            }
        return self._found


class StressRows(LiveRows):
    """`stress`: the desk after moves of all assets together."""

    topic = "stress"
    every_s = 2.0

    def __init__(self, desk: Desk, books: RiskBooks) -> None:
        super().__init__(desk)
        self._books = books

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        self._books.expire(now_s)
        return super().refresh(now_s)

    def keys(self) -> Iterable[str]:
        return [f"{percent:+f}" for percent in MOVES]

    def row(self, key: str) -> list[Any] | None:
        percent = Decimal(key)
        return [
            key,
            float(percent),
            *stress_values(stress(self._books.counted, Moves(percent / 100), locate=False)),
        ]


def stress_values(result: StressResult) -> list[Any]:
    """Columns of `stress` after the move itself."""
    before, worst = result.equity - result.change, result.worst
    held = None if worst is None else worst.equity - worst.change
    ratios = [(a.margin_ratio, a.account) for a in result.accounts if a.margin_ratio is not None]
    ratio, tightest = max(ratios, default=(None, ""))
    return [
        rounded(result.equity, CENT) if result.accounts else NAN,
        rounded(result.change, CENT) if result.accounts else NAN,
        rounded(result.change / before * 100 if before > 0 else None, 2),
        worst.account if worst is not None else "",
        rounded(worst.change if worst is not None else None, CENT),
        rounded(worst.change / held * 100 if worst is not None and held else None, 2),
        rounded(ratio, 5),
        tightest,
        len(result.liquidated),
        " ".join(result.liquidated),
    ]


def _percent(fraction: Decimal | None) -> Decimal | None:
    return None if fraction is None else fraction * 100


def _worst(values: Iterable[Decimal | None]) -> Decimal | None:
    return max((value for value in values if value is not None), default=None)
