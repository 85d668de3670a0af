"""The panic button: cancel entries everywhere, keep protective stops; or flatten too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.order import Order, OrderRequest, OrderStatus, OrderType, Side
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop

if TYPE_CHECKING:
    from hedge_tui.domain.account import Position
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.executor import Executor
    from hedge_tui.engine.execution.venues import Clients

LIMIT_S = 5.0
"""All cancels are attempted within this time."""


def protective(order: Order) -> bool:
    """A stop or take-profit that can only shrink a position."""
    request = order.request
    return request.type.triggered and (request.reduce_only or request.close_position)


class PanicButton:
    """Works on all accounts, whatever the scope, and needs no lock, no preview and no journal."""

    def __init__(self, desk: Desk, clients: Clients, executor: Executor) -> None:
        self._desk = desk
        self._clients = clients
        self._executor = executor

    async def press(self, *, flat: bool, origin: str) -> str:
        """Do it; returns a line per account."""
        desk = self._desk
        word = "panic flat" if flat else "panic"
        desk.note("alarm", "panic", f"{word} pressed ({origin})")
        orders = [o for o in desk.state.working_orders() if o.status is not OrderStatus.INTENT]
        wanted = [o for o in orders if not protective(o)]
        kept = len(orders) - len(wanted)
        reports = await self._cancel(wanted)
        lines = self._summary(wanted, reports)
        if kept:
            lines.append(f"{kept} protective stops kept")
        if flat:
            lines += await self._flatten()
        text = "\n".join(lines) or "nothing was resting"
        desk.note("alarm", "panic", text.replace("\n", "; "))
        return text

    async def _cancel(self, orders: list[Order]) -> dict[str, Report]:
        try:
            async with asyncio.timeout(LIMIT_S):
                reports = await self._executor.cancel(o.ref for o in orders)
        except TimeoutError:
            return {}
        return {r.client_order_id: r for r in reports}

    def _summary(self, orders: list[Order], reports: dict[str, Report]) -> list[str]:
        by_account: dict[str, list[ReportKind | None]] = {}
        for order in orders:
            report = reports.get(order.request.client_order_id)
            by_account.setdefault(order.request.account, []).append(report.kind if report else None)
        lines = []
        for account, kinds in by_account.items():
            done = kinds.count(ReportKind.CANCELLED)
            refused = kinds.count(ReportKind.CANCEL_REFUSED)
            silent = len(kinds) - done - refused
            words = [f"{done} of {len(kinds)} cancelled"]
            if refused:
                words.append(f"{refused} already gone or refused")
            if silent:
                words.append(f"{silent} without an answer, being looked up")
            lines.append(f"{account}: {', '.join(words)}")
        return lines

    async def _flatten(self) -> list[str]:
        """Close every position with reduce-only market orders, accounts side by side."""
        results = await asyncio.gather(
            *(self._close(name) for name, account in self._desk.accounts.items() if account.positions)
        )
        return list(results)

    async def _close(self, account: str) -> str:
        desk = self._desk
        positions = list(desk.accounts[account].positions.values())
        client = self._clients.get(account)
        if client is None:
            return f"{account}: {len(positions)} positions left open, the account is not connected"
        requests = [self._closing(p) for p in positions]
        at = desk.clock.now_ns()
        if not desk.journal.dead:
            ids = tuple(r.client_order_id for r in requests)
            drop(desk.record(acts.OrdersIntended(at, tuple(requests)), acts.OrdersSending(at, ids)))
        reports: list[Report] = []
        for start in range(0, len(requests), max(client.max_batch, 1)):
            batch = requests[start : start + max(client.max_batch, 1)]
            reports += await client.place(batch)
        drop(desk.record(*(acts.Reported(desk.clock.now_ns(), report) for report in reports)))
        fine = sum(r.kind not in (ReportKind.REJECTED, ReportKind.NOT_SENT) for r in reports)
        return f"{account}: {fine} of {len(positions)} positions being closed"

    def _closing(self, position: Position) -> OrderRequest:
        return OrderRequest(
            self._desk.new_order_id(),
            position.account,
            position.instrument,
            Side.SELL if position.quantity > 0 else Side.BUY,
            OrderType.MARKET,
            abs(position.quantity),
            reduce_only=True,
            position_side=position.position_side,
            origin="panic",
        )
