"""Open positions, valued at live marks."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.instrument import InstrumentId, symbol_of, venue_of
from hedge_tui.engine.board.table import NAN, LiveRows, number, rounded
from hedge_tui.engine.risk.position import PositionFigures, figures_of
from hedge_tui.engine.state import leg_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes, DeskState

ZERO = Decimal(0)
CENT = 2
PERCENT = 100
MINUTE_NS = 60_000_000_000


def orders_by_market(state: DeskState) -> dict[tuple[str, str], list[Order]]:
    """Working orders by (account, instrument)."""
    found: dict[tuple[str, str], list[Order]] = {}
    for order in state.working_orders():
        found.setdefault((order.request.account, order.request.instrument), []).append(order)
    return found


class PositionBook:
    """Figures of positions, with the working orders sorted once for all of them.

    Args:
        desk: state, markets and accounts. atr: average true range of an instrument's hourly candles, or NaN.
    """

    def __init__(self, desk: Desk, atr: Callable[[InstrumentId], float]) -> None:
        self._desk = desk
        self._atr = atr
        self._orders: dict[tuple[str, str], list[Order]] | None = None
        desk.on_changes.append(self._changed)

    def _changed(self, changes: Changes) -> None:
        if changes.orders:
            self._orders = None

    def of(self, position: Position) -> PositionFigures:
        """All figures of one open position."""
        desk = self._desk
        if self._orders is None:
            self._orders = orders_by_market(desk.state)
        return figures_of(
            position,
            desk.state,
            desk.markets,
            stops=self._orders.get((position.account, position.instrument), ()),
            atr=self._atr(position.instrument),
            tags=desk.accounts[position.account].account.tags,
        )

    def all(self) -> list[tuple[Position, PositionFigures]]:
        """Every open position of the desk."""
        return [(p, self.of(p)) for a in self._desk.accounts.values() for p in a.positions.values()]


class PositionRows(LiveRows):
    """`positions`."""

    topic = "positions"
    every_s = 0.1

    def __init__(self, desk: Desk, book: PositionBook) -> None:
        super().__init__(desk)
        self._book = book

    def touch(self, changes: Changes) -> None:
        for name, instrument in changes.positions:
            self.dirty.update(f"{name}|{instrument}|{side}" for side in ("net", "long", "short"))

    def keys(self) -> Iterable[str]:
        return ["|".join(p.key) for a in self.desk.accounts.values() for p in a.positions.values()]

    def row(self, key: str) -> list[Any] | None:
        name, instrument, side = key.split("|")
        account = self.desk.accounts.get(name)
        position = account.positions.get((InstrumentId(instrument), side)) if account is not None else None
        return None if position is None else self._values(key, position)

    def _values(self, key: str, p: Position) -> list[Any]:
        f, now = self._book.of(p), self.desk.clock.now_ns()
        today = self.desk.state.today.get((p.account, leg_name(p.instrument, p.position_side)))
        cost = abs(p.quantity * p.entry_price) or None
        return [
            key,
            p.account,
            venue_of(p.instrument),
            symbol_of(p.instrument),
            "long" if p.quantity > 0 else "short",
            number(abs(p.quantity)),
            number(f.base_quantity),
            number(p.entry_price),
            number(f.mark),
            rounded(f.notional, CENT),
            rounded(f.unrealized, CENT),
            rounded(f.unrealized / cost * PERCENT if cost else None, 3),
            rounded(self._sum(today.realized if today else {}), CENT),
            rounded(self._sum(today.fees if today else {}), CENT),
            rounded(self._sum(today.funding if today else {}), CENT),
            number(p.liquidation_price or None),
            rounded(_percent(f.liquidation_distance), 2),
            number(p.leverage),
            number(p.initial_margin),
            "isolated" if p.isolated else "cross",
            p.instrument,
            number(f.break_even),
            rounded(f.atr_distance, 1),
            f.settle,
            rounded(f.funding_next, 4),
            f.funding_next_ns,
            number(f.adl),
            rounded(ZERO if f.unprotected else f.protected * PERCENT, 1),
            f.opened_ns,
            " ".join(f.tags),
            minutes(f.funding_next_ns - now) if f.funding_next_ns > now else NAN,
            minutes(now - f.opened_ns) if f.opened_ns else NAN,
            str(self.desk.accounts[p.account].dispute_of(p.instrument, p.position_side) or ""),
        ]

    def _sum(self, parts: dict[str, Decimal]) -> Decimal:
        return sum((self.desk.markets.value(asset, q) or ZERO for asset, q in parts.items()), ZERO)


def minutes(span_ns: int) -> float:
    """Whole minutes, so that a row does not change each second."""
    return float(span_ns // MINUTE_NS)


def _percent(fraction: Decimal | None) -> Decimal | None:
    return None if fraction is None else fraction * PERCENT
