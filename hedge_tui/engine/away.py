"""What happened while nobody looked: fills, refused orders, alarms, lost streams, restarts, money, PnL."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.order import OrderStatus
from hedge_tui.engine import portfolio
from hedge_tui.engine.away_words import AwayWords
from hedge_tui.engine.pnl.booking import MOVED, settle_of

if TYPE_CHECKING:
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.order import Order
    from hedge_tui.domain.ports.history import History
    from hedge_tui.engine.desk import Desk

ZERO = Decimal(0)
CENT = Decimal("0.01")
NS = 1_000_000_000
_UNKNOWN = (OrderStatus.UNKNOWN, OrderStatus.CANCEL_UNKNOWN, OrderStatus.AMEND_UNKNOWN)
_REFUSED = (OrderStatus.REJECTED, OrderStatus.DENIED, OrderStatus.ABSENT)


class AwayReport:
    """Answers `away`, from what the desk keeps in memory."""

    def __init__(self, desk: Desk, history: History | None) -> None:
        self._desk = desk
        self._history = history

    async def answer(self, *, since_ns: int = 0) -> dict[str, Any]:
        """The report; since the last console left, if no time is given.

        `absent_s` is how long no console was there before the one that is there now; 0 when it was never so.
        `lines` say the same in words, in the trader's time zone.
        """
        state = self._desk.state
        left_ns, back_ns = state.absence
        now_ns = self._desk.clock.now_ns()
        start_ns = since_ns or state.left_ns or left_ns
        found = {
            "since_ns": start_ns,
            "until_ns": now_ns,
            "absent_s": (back_ns - left_ns) // NS,
            "back_ns": back_ns,
            "currency": self._desk.reporting,
            "fills": self._fills(start_ns),
            "orders": self._orders(start_ns),
            "alarms": self._notes(start_ns, "alarm"),
            "warnings": self._notes(start_ns, "warning"),
            "outages": self._outages(start_ns, now_ns),
            "restarts": self._restarts(start_ns),
            "moved": self._moved(start_ns),
            "pnl": await self._pnl(start_ns),
        }
        found["lines"] = AwayWords(state.calendar.timezone).lines(found)
        return found

    def _fills(self, since_ns: int) -> dict[str, Any]:
        state = self._desk.state
        fills = [fill for fill in state.fills if fill.venue_ns >= since_ns]
        by_account: dict[str, list[Fill]] = {}
        for fill in fills:
            by_account.setdefault(fill.account, []).append(fill)
        kept_ns = min((fill.venue_ns for fill in state.fills), default=0)
        return {
            "count": len(fills),
            "notional": _money(self._notional(fills)),
            "accounts": [
                {"account": name, "count": len(own), "notional": _money(self._notional(own))}
                for name, own in sorted(by_account.items())
            ],
            # Older ones are in the journal alone.
            "complete": len(state.fills) < (state.fills.maxlen or 0) or kept_ns < since_ns,
        }

    def _notional(self, fills: list[Fill]) -> Decimal:
        markets, total = self._desk.markets, ZERO
        for fill in fills:
            instrument = markets.instruments.get(fill.instrument)
            if instrument is not None:
                total += (
                    markets.value(instrument.quote, instrument.notional(fill.quantity, fill.price)) or ZERO
                )
        return total

    def _orders(self, since_ns: int) -> dict[str, Any]:
        orders = self._desk.state.orders.values()
        late = [order for order in orders if order.updated_ns >= since_ns]
        refused = [order for order in late if order.status in _REFUSED]
        unknown = [order for order in orders if order.status in _UNKNOWN]
        return {
            "refused": [self._order(order) for order in refused],
            "unknown": [self._order(order) for order in unknown],
        }

    def _order(self, order: Order) -> dict[str, Any]:
        request = order.request
        return {
            "row": self._desk.state.rows.get(request.client_order_id),
            "client_order_id": request.client_order_id,
            "account": request.account,
            "symbol": symbol_of(request.instrument),
            "side": request.side.value,
            "quantity": f"{request.quantity:f}",
            "status": order.status.value,
            "reason": order.reason,
            "updated_ns": order.updated_ns,
        }

    def _notes(self, since_ns: int, level: str) -> list[dict[str, Any]]:
        """Lost streams are told on their own."""
        return [
            {"at_ns": note.at_ns, "topic": note.topic, "account": note.account, "text": note.text}
            for _, note in self._desk.state.log
            if note.level == level and note.at_ns >= since_ns and note.topic != "feed"
        ]

    def _outages(self, since_ns: int, now_ns: int) -> list[dict[str, Any]]:
        found = [
            (one.account, one.from_ns, one.to_ns, one.why)
            for one in self._desk.state.outages
            if one.to_ns >= since_ns
        ]
        for account in self._desk.accounts.values():
            health = account.health
            if health is not None and account.snapshot_ns and account.state is not FeedState.LIVE:
                found.append((account.name, health.last_ns or health.at_ns, 0, health.detail))
        return [
            {
                "account": name,
                "from_ns": begun,
                "to_ns": ended,
                "seconds": ((ended or now_ns) - begun) // NS,
                "why": why,
            }
            for name, begun, ended, why in found
        ]

    def _restarts(self, since_ns: int) -> list[dict[str, Any]]:
        return [
            {
                "from_ns": one.from_ns,
                "to_ns": one.to_ns,
                "seconds": (one.to_ns - one.from_ns) // NS,
                "clean": one.clean,
            }
            for one in self._desk.state.restarts
            if one.to_ns >= since_ns
        ]

    def _moved(self, since_ns: int) -> list[dict[str, Any]]:
        return [
            {
                "account": flow.account,
                "kind": flow.kind,
                "asset": flow.asset,
                "quantity": f"{flow.quantity:f}",
                "venue_ns": flow.venue_ns,
            }
            for flow in self._desk.state.cash
            if flow.venue_ns >= since_ns and flow.kind in MOVED
        ]

    async def _pnl(self, since_ns: int) -> dict[str, Any]:
        state, value = self._desk.state, self._desk.markets.value
        realized = fees = funding = other = moved = ZERO
        for fill in state.fills:
            if fill.venue_ns >= since_ns:
                realized += (
                    value(settle_of(state, fill.instrument), state.realized.get(fill.key, ZERO)) or ZERO
                )
                fees += value(fill.commission_asset, fill.commission) or ZERO
        for flow in state.cash:
            if flow.venue_ns >= since_ns:
                worth = value(flow.asset, flow.quantity) or ZERO
                if flow.kind in MOVED:
                    moved += worth
                elif flow.kind == "funding":
                    funding += worth
                else:
                    other += worth
        change = await self._equity_change(since_ns)
        return {
            "net": _money(realized - fees + funding + other),
            "realized": _money(realized),
            "fees": _money(fees),
            "funding": _money(funding),
            "other": _money(other),
            "moved": _money(moved),
            "with_open_positions": _money(change - moved) if change is not None else None,
        }

    async def _equity_change(self, since_ns: int) -> Decimal | None:
        """Of the desk; None where no point near the start is kept or an account is not there."""
        accounts = self._desk.accounts.values()
        if self._history is None or not since_ns or not all(a.snapshot_ns for a in accounts):
            return None
        try:
            points = await self._history.equity("", since_ns)
        except StoreError:
            return None
        if not points or points[0].at_ns > since_ns + 300 * NS or points[0].currency != self._desk.reporting:
            return None
        parts = [portfolio.summarise(a, self._desk.state, self._desk.markets) for a in accounts]
        return sum((part.equity for part in parts), ZERO) - points[0].equity


def _money(value: Decimal) -> str:
    return f"{value.quantize(CENT) + 0:f}"  # never "-0.00"
