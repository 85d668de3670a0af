"""Answers questions with exact digits: what `--json` prints, in the product's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.instrument import InstrumentId, symbol_of, venue_of
from hedge_tui.domain.order import PositionSide
from hedge_tui.engine import portfolio
from hedge_tui.engine.board.documents import document
from hedge_tui.engine.board.orders import flags_of
from hedge_tui.engine.board.traffic import TRAFFIC, place_of
from hedge_tui.engine.counted import left_out
from hedge_tui.engine.exact import digits, money
from hedge_tui.engine.position_document import position_document
from hedge_tui.engine.risk_document import risk_document
from indicators.registry import parse as parse_indicator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.board.board import Board
    from hedge_tui.engine.candles import CandleDesk
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.portfolio import AccountSummary


class QueryError(HedgeError):
    """There is no such query, or its arguments are wrong."""


class Queries:
    """One function per query; numbers are strings with exact digits, times UTC nanoseconds."""

    def __init__(
        self, desk: Desk, board: Board, candles: CandleDesk, status: Callable[[], dict[str, Any]]
    ) -> None:
        self._desk = desk
        self._board = board
        self._candles = candles
        self._known: dict[str, Callable[..., Any]] = {
            "status": status,
            "accounts": self._accounts,
            "balances": self._balances,
            "positions": self._positions,
            "orders": self._orders,
            "fills": self._fills,
            "pnl": self._pnl,
            "instruments": lambda: self._table("instruments"),
            "markets": self._markets,
            "feeds": lambda: self._table("feeds"),
            "runs": lambda: self._table("runs"),
            "exposure": lambda: self._table("exposure"),
            "portfolio": lambda: self._table("portfolio"),
            "risk": lambda moves="": risk_document(desk, board.risk, moves),
            "summary": lambda: self._table("summary"),
            "traffic": lambda: {topic: sorted(self._table(topic), key=place_of) for topic in TRAFFIC},
            "settings": self._settings,
            "chart_before": self._chart_before,
        }

    def add(self, name: str, answer: Callable[..., Any]) -> None:
        """Answer another query."""
        self._known[name] = answer

    async def answer(self, name: str, args: dict[str, Any]) -> Any:
        """The data of one query.

        Raises:
            QueryError: unknown name or arguments.
        """
        function = self._known.get(name)
        if function is None:
            raise QueryError(f"there is no query {name!r}; there are: {', '.join(sorted(self._known))}")
        try:
            result = function(**args)
        except TypeError as error:
            raise QueryError(f"query {name!r}: {error}") from error
        if hasattr(result, "__await__"):
            waiting: Awaitable[Any] = result
            return await waiting
        return result

    def _table(self, topic: str) -> list[dict[str, Any]]:
        columns = self._board.tables[topic].columns
        return [dict(zip(columns, _plain(row), strict=True)) for row in self._board.rows(topic)]

    def _accounts(self) -> list[dict[str, Any]]:
        rows = []
        for account in self._desk.accounts.values():
            spec = account.account
            rows.append(
                {
                    "account": spec.name,
                    "venue": spec.venue,
                    "mode": spec.mode.value,
                    "groups": list(spec.groups),
                    "tags": list(spec.tags),
                    "read_only": account.read_only,
                    "remark": account.remark,
                    "state": account.state.value,
                    "connected": bool(account.snapshot_ns),
                    "reconciled_ns": account.reconciled_ns or None,
                    "differences": self._desk.state.differences.get(spec.name, 0),
                    "in_doubt": account.in_doubt,
                    "orders": sum(1 for _ in self._desk.state.working_orders(spec.name)),
                    **self._sums(account),
                }
            )
        return rows

    def _pnl(self) -> dict[str, Any]:
        parts = [
            (a, portfolio.summarise(a, self._desk.state, self._desk.markets))
            for a in self._desk.accounts.values()
            if a.snapshot_ns
        ]
        rows = [{"account": a.name, "venue": a.account.venue, **self._summary(s)} for a, s in parts]
        names = (
            "equity",
            "balance",
            "unrealized",
            "realized_today",
            "fees_today",
            "funding_today",
            "exposure",
        )
        apart = left_out(a.account for a in self._desk.accounts.values())
        counted = [s for a, s in parts if a.name not in apart]
        total = {n: money(sum((getattr(s, n) for s in counted), portfolio.ZERO)) for n in names}
        days = [s.pnl_today for s in counted if s.pnl_today is not None]
        total["pnl_today"] = money(sum(days, portfolio.ZERO)) if days else None
        return {
            "currency": self._desk.reporting,
            "day_start_ns": self._desk.state.day_ns,
            "total": total,
            "left_out": sorted(apart),
            "accounts": rows,
        }

    def _sums(self, account: AccountState) -> dict[str, Any]:
        """Its figures; null for an account that its venue has not told of yet."""
        found = self._summary(portfolio.summarise(account, self._desk.state, self._desk.markets))
        return found if account.snapshot_ns else dict.fromkeys(found)

    def _summary(self, s: AccountSummary) -> dict[str, Any]:
        ratio = s.margin_ratio
        return {
            "equity": money(s.equity),
            "balance": money(s.balance),
            "free": money(s.free),
            "margin_used": money(s.margin_used),
            "margin_ratio": f"{ratio:.6f}" if ratio is not None else None,
            "unrealized": money(s.unrealized),
            "pnl_today": money(s.pnl_today),
            "realized_today": money(s.realized_today),
            "fees_today": money(s.fees_today),
            "funding_today": money(s.funding_today),
            "exposure": money(s.exposure),
            "positions": s.positions,
            "unpriced": list(s.unpriced),
        }

    def _balances(self) -> list[dict[str, Any]]:
        return [
            {
                "account": b.account,
                "venue": a.account.venue,
                "asset": b.asset,
                "total": f"{b.total:f}",
                "free": f"{b.free:f}",
                "locked": f"{b.locked:f}",
                "value": money(self._desk.markets.value(b.asset, b.total)),
            }
            for a in self._desk.accounts.values()
            for b in a.balances.values()
            if b.total or b.locked
        ]

    def _positions(self) -> list[dict[str, Any]]:
        accounts = self._desk.accounts
        return [
            position_document(p, f, str(accounts[p.account].dispute_of(p.instrument, p.position_side) or ""))
            for p, f in self._board.positions.all()
        ]

    def _orders(self, *, working: bool = True, count: int = 500) -> list[dict[str, Any]]:
        state = self._desk.state
        if working:
            return [self._order(order) for order in state.working_orders()]
        return [self._order(order) for order in list(state.orders.values())[-count:]]

    def _order(self, order: Order) -> dict[str, Any]:
        r = order.request
        return {
            "row": self._desk.state.rows.get(r.client_order_id),
            "client_order_id": r.client_order_id,
            "venue_order_id": order.venue_order_id,
            "account": r.account,
            "venue": venue_of(r.instrument),
            "instrument": r.instrument,
            "symbol": symbol_of(r.instrument),
            "side": r.side.value,
            "position_side": r.position_side.value,
            "type": r.type.value,
            "price": digits(r.price),
            "trigger_price": digits(r.trigger_price),
            "trigger_source": r.trigger_source.value if r.type.triggered else None,
            "trail_pct": digits(r.trail_pct),
            "close_position": r.close_position,
            "quantity": f"{r.quantity:f}",
            "filled": f"{order.filled:f}",
            "average_price": digits(order.average_price),
            "status": order.status.value,
            "flags": flags_of(order),
            "time_in_force": r.time_in_force.value,
            "created_ns": order.created_ns,
            "updated_ns": order.updated_ns,
            "run": r.run,
            "origin": r.origin,
            "external": order.external,
            "reason": order.reason,
        }

    def _fills(self, *, count: int = 500) -> list[dict[str, Any]]:
        return [self._fill(fill) for fill in list(self._desk.state.fills)[-count:]]

    def _fill(self, f: Fill) -> dict[str, Any]:
        return {
            "account": f.account,
            "venue": venue_of(f.instrument),
            "instrument": f.instrument,
            "symbol": symbol_of(f.instrument),
            "trade_id": f.trade_id,
            "client_order_id": f.client_order_id,
            "venue_order_id": f.venue_order_id,
            "side": f.side.value,
            "position_side": (f.position_side or PositionSide.NET).value,
            "quantity": f"{f.quantity:f}",
            "price": f"{f.price:f}",
            "commission": f"{f.commission:f}",
            "commission_asset": f.commission_asset,
            "liquidity": f.liquidity.value,
            "realized": digits(self._desk.state.realized.get(f.key)),
            "venue_ns": f.venue_ns,
        }

    def _markets(self) -> list[dict[str, Any]]:
        """Quotes and the slower figures in one row; figures are missing where nothing was quoted yet."""
        unknown = dict.fromkeys(self._board.tables["markets"].columns)
        slow = {row["instrument"]: row for row in self._table("markets")}
        return [
            unknown | slow.get(row["instrument"], {}) | row | {"funding_in_s": self._funding_in_s(row)}
            for row in self._table("instruments")
        ]

    def _funding_in_s(self, row: dict[str, Any]) -> int | None:
        left = (row["next_funding_ns"] or 0) - self._desk.clock.now_ns()
        return left // 1_000_000_000 if left > 0 else None

    def _settings(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for (scope, name), value in self._desk.state.settings.items():
            found.setdefault(scope, {})[name] = value
        return found

    async def _chart_before(
        self, instrument: str, timeframe: str, before_ns: int, count: int = 500, indicators: str = ""
    ) -> dict[str, Any]:
        """Older candles for a chart that is scrolled back, with the warm-up of its indicators cut off."""
        calls = tuple(parse_indicator(text) for text in indicators.split(";") if text)
        warm_up = max((call.length * 4 for call in calls), default=0)
        key = (InstrumentId(instrument), Timeframe(timeframe))
        series = await self._candles.before(key, before_ns, count + warm_up)
        return document(series, calls, tail=min(count, len(series)), loaded=True)


def _plain(row: list[Any]) -> list[Any]:
    """NaN has no place in JSON."""
    return [None if isinstance(v, float) and v != v else v for v in row]  # noqa: PLR0124 - NaN
