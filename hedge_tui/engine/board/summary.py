"""The desk in one row, for the top of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.instrument import symbol_of
from hedge_tui.engine.board.table import LiveRows, rounded
from hedge_tui.engine.counted import left_out
from hedge_tui.engine.risk.headline import Headline, headline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.engine.board.money import Summaries
    from hedge_tui.engine.board.positions import PositionBook
    from hedge_tui.engine.desk import Desk

CENT = 2
KEY = "desk"


class SummaryRows(LiveRows):
    """`summary`: one row."""

    topic = "summary"
    every_s = 0.5

    def __init__(self, desk: Desk, summaries: Summaries, book: PositionBook) -> None:
        super().__init__(desk)
        self._summaries = summaries
        self._book = book

    def keys(self) -> Iterable[str]:
        return [KEY]

    def headline(self) -> Headline:
        """The same with exact digits; beside real money, simulated accounts are left out of it."""
        desk = self.desk
        apart = left_out(account.account for account in desk.accounts.values())
        known = [name for name, a in desk.accounts.items() if a.snapshot_ns and name not in apart]
        return headline(
            [self._summaries.of(name) for name in known],
            [(p, figures) for p, figures in self._book.all() if p.account not in apart],
            desk.markets.value,
            desk.clock.now_ns(),
        )

    def row(self, key: str) -> list[Any] | None:
        h = self.headline()
        near, distance, ratio = h.nearest, h.nearest_distance, h.margin_ratio
        return [
            key,
            self.desk.reporting,
            h.accounts,
            rounded(h.equity if h.accounts else None, CENT),
            rounded(h.pnl_today, CENT),
            rounded(h.exposure if h.accounts else None, CENT),
            rounded(h.gross_exposure if h.accounts else None, CENT),
            rounded(h.leverage, 3),
            rounded(ratio, 5),
            h.tightest,
            rounded(distance * 100 if distance is not None else None, 2),
            near.account if near is not None else "",
            symbol_of(near.instrument) if near is not None else "",
            ("long" if near.quantity > 0 else "short") if near is not None else "",
            rounded(h.funding_next, CENT),
            h.funding_next_ns,
            h.positions,
            h.unprotected,
            self.desk.journal.dead,
        ]
