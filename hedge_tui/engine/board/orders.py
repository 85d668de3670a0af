"""Orders, fills and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.instrument import symbol_of, venue_of
from hedge_tui.domain.order import Order, OrderStatus, PositionSide, TimeInForce
from hedge_tui.engine.board.table import NAN, LiveRows, number, rounded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.fill import Fill
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes

KEEP_FINISHED = 500
"""Finished orders that a console sees; the rest is asked by query."""
KEEP_RUNS = 200


class OrderRows(LiveRows):
    """`orders`: everything working, and the newest finished ones."""

    topic = "orders"
    every_s = 0.5

    def touch(self, changes: Changes) -> None:
        self.dirty |= changes.orders

    def keys(self) -> Iterable[str]:
        state = self.desk.state
        finished = list(state.finished)[-KEEP_FINISHED:]
        return [*state.intents, *state.working, *finished]

    def moving(self) -> Iterable[str]:
        return self.desk.state.working

    def row(self, key: str) -> list[Any] | None:
        order = self.desk.state.orders.get(key)  # type: ignore[call-overload]
        return None if order is None else self._values(order)

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        changed, gone = super().refresh(now_s)
        surplus = len(self.rows) - len(self.desk.state.working) - 2 * KEEP_FINISHED
        if surplus > 0:
            keep = set(self.keys())
            for key in [key for key in self.rows if key not in keep]:
                del self.rows[key]
                gone.add(key)
                changed.discard(key)
        return changed, gone

    def _values(self, order: Order) -> list[Any]:
        request = order.request
        at = request.price or request.trigger_price
        instrument = self.desk.markets.instruments.get(request.instrument)
        price = at or order.average_price
        notional = instrument.notional(request.quantity, price) if instrument and price else None
        return [
            request.client_order_id,
            self.desk.state.rows.get(request.client_order_id, 0),
            request.account,
            venue_of(request.instrument),
            symbol_of(request.instrument),
            request.side.value,
            request.type.value,
            number(request.price),
            number(request.trigger_price),
            number(request.quantity),
            number(order.filled),
            number(order.average_price),
            number(notional),
            self._distance(order),
            order.status.value,
            flags_of(order),
            order.created_ns,
            order.updated_ns,
            request.run,
            request.origin,
            order.venue_order_id or "",
            order.reason,
            request.instrument,
        ]

    def _distance(self, order: Order) -> float:
        """How far the market is from the order's price, percent; NaN for finished orders."""
        at = order.request.price or order.request.trigger_price
        if at is None or not order.status.working:
            return NAN
        last = self.desk.markets.last(order.request.instrument)
        return round((float(at) / last - 1) * 100, 3) if last > 0 else NAN


def flags_of(order: Order) -> str:
    """Conditions of an order in the words of the command language."""
    request = order.request
    words = []
    if request.position_side is not PositionSide.NET:
        words.append(request.position_side.value)
    if request.post_only:
        words.append("post")
    if request.time_in_force is not TimeInForce.GTC:
        words.append(request.time_in_force.value)
    if request.close_position:
        words.append("close-position")
    elif request.reduce_only:
        words.append("reduce")
    if request.trail_pct is not None:
        words.append(f"trail {request.trail_pct.normalize():f}%")
    if request.type.triggered:
        words.append(f"@{request.trigger_source.value}")
    if order.external:
        words.append("external")
    if order.cancel_asked and order.status.working:
        words.append("cancelling")
    return " ".join(words)


class FillRows(LiveRows):
    """`fills`: the newest executions."""

    topic = "fills"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._fills: dict[str, Fill] = {}

    def touch(self, changes: Changes) -> None:
        for fill in changes.fills:
            key = "|".join(fill.key)
            self._fills[key] = fill
            self.dirty.add(key)
        while len(self._fills) > KEEP_FINISHED:
            old = next(iter(self._fills))
            del self._fills[old]
            self.dirty.add(old)

    def keys(self) -> Iterable[str]:
        for fill in list(self.desk.state.fills)[-KEEP_FINISHED:]:
            self._fills.setdefault("|".join(fill.key), fill)
        return list(self._fills)

    def row(self, key: str) -> list[Any] | None:
        fill = self._fills.get(key)
        if fill is None:
            return None
        state = self.desk.state
        order = state.order_of(fill.account, fill.client_order_id, fill.venue_order_id)
        id_ = order.request.client_order_id if order is not None else fill.client_order_id
        instrument = self.desk.markets.instruments.get(fill.instrument)
        notional = instrument.notional(fill.quantity, fill.price) if instrument is not None else None
        return [
            key,
            fill.venue_ns,
            fill.account,
            venue_of(fill.instrument),
            symbol_of(fill.instrument),
            fill.side.value,
            number(fill.quantity),
            number(fill.price),
            number(notional),
            number(fill.commission),
            fill.commission_asset,
            fill.liquidity.value,
            rounded(state.realized.get(fill.key), 8),
            state.rows.get(id_, 0),
            id_,
            fill.instrument,
        ]


class RunRows(LiveRows):
    """`runs`: confirmed lines and what became of their orders."""

    topic = "runs"

    def touch(self, changes: Changes) -> None:
        self.dirty |= changes.runs

    def keys(self) -> Iterable[str]:
        return list(self.desk.state.runs)[-KEEP_RUNS:]

    def row(self, key: str) -> list[Any] | None:
        run = self.desk.state.runs.get(key)
        if run is None:
            return None
        orders = [
            order
            for id_ in self.desk.state.run_orders.get(key, ())
            if (order := self.desk.state.orders.get(id_)) is not None
        ]
        live = sum(order.status.working for order in orders)
        filled = sum(order.status is OrderStatus.FILLED for order in orders)
        unknown = sum(order.status.value.endswith("unknown") for order in orders)
        failed = sum(
            order.status in (OrderStatus.REJECTED, OrderStatus.DENIED, OrderStatus.ABSENT) for order in orders
        )
        wanted = sum(float(order.request.quantity) for order in orders)
        done = sum(float(order.filled) for order in orders)
        share = round(100 * done / wanted, 1) if wanted else NAN
        return [key, run.at_ns, run.text, run.origin, len(orders), live, filled, failed, unknown, share]
