"""The thinned line of equity, out of sealed files and hot rows together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.candle import MINUTE_NS
from hedge_tui.domain.ports.history import EquityPoint
from store.history.history_store import HistoryStore

if TYPE_CHECKING:
    from pathlib import Path

START_NS = 1_763_600_040_000_000_000
ZERO = Decimal(0)


def point(minute: int, equity: int, account: str = "desk-1") -> EquityPoint:
    at_ns = START_NS + minute * MINUTE_NS
    return EquityPoint(account, at_ns, "USD", Decimal(equity), Decimal(1000), ZERO, ZERO, ZERO, ZERO)


def test_the_line_of_an_account_keeps_the_lows_and_highs_of_each_step(tmp_path: Path) -> None:
    history = HistoryStore(tmp_path / "history")
    worth = [1_000, 1_005, 900, 1_010, 1_200, 1_100, 1_100, 1_090]
    history.equity.put(history.writer, [point(n, equity) for n, equity in enumerate(worth[:5])])
    history.seal_all()
    history.equity.put(history.writer, [point(n + 5, equity) for n, equity in enumerate(worth[5:])])
    history.equity.put(history.writer, [point(2, 1, "other")])

    def line(step: int, since_ns: int = 0, currency: str = "USD") -> list[tuple[int, int]]:
        found = history.equity.line(history.reader, "desk-1", currency, since_ns, step * MINUTE_NS)
        return [((at - START_NS) // MINUTE_NS, int(equity)) for at, equity in found]

    assert line(1) == list(enumerate(worth))
    assert line(1, point(6, 0).at_ns) == [(6, 1_100), (7, 1_090)]
    assert line(1, currency="EUR") == []
    found = line(600)
    assert (2, 900) in found
    assert (4, 1_200) in found
    assert found[-1] == (7, 1_090)
    assert len(found) < len(worth)
    history.close()
