"""The panic button: cancel entries everywhere, keep protective stops; or flatten too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hedge_tui.domain.order import Order, OrderRequest, OrderStatus, OrderType, PositionSide, Side
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.execution.closing import in_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.domain.account import Position
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.executor import Executor
    from hedge_tui.engine.execution.venues import Clients

LIMIT_S = 5.0
"""All cancels are attempted within this time; what is answered later is still taken in."""


def protective(order: Order) -> bool:
    """A stop or take-profit that can only shrink a position."""
    request = order.request
    return request.type.triggered and request.only_reduces


class PanicButton:
    """Works on all accounts, whatever the scope, and needs no lock, no preview and no journal."""

    def __init__(
        self, desk: Desk, clients: Clients, executor: Executor, spawn: Callable[..., asyncio.Task[object]]
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._executor = executor
        self._spawn = spawn

    def describe(self, *, flat: bool) -> str:
        """What pressing it now would do; nothing is done."""
        wanted, kept = self._orders()
        lines = [f"would cancel {len(wanted)} orders and keep {len(kept)} protective stops"]
        if flat:
            count = sum(len(account.positions) for account in self._desk.accounts.values())
            lines.append(f"would close {count} positions at the market, and drop the stops of what is flat")
        return "\n".join(lines)

    async def press(self, *, flat: bool, origin: str) -> str:
        """Do it; returns a line per account."""
        desk = self._desk
        word = "panic flat" if flat else "panic"
        desk.note("alarm", "panic", f"{word} pressed ({origin})")
        unsent = self._executor.stop_runs(f"{word} was pressed")
        wanted, kept = self._orders()
        words: dict[str, list[str]] = {name: [] for name in desk.accounts}
        await self._cancel(wanted, words)
        for order in kept:
            words[order.request.account].append(f"#{desk.state.rows[order.request.client_order_id]} kept")
        if flat:
            await asyncio.gather(*(self._flatten(name, said) for name, said in words.items()))
        lines = [f"{name}: {', '.join(said) or 'nothing was resting'}" for name, said in words.items()]
        if unsent:
            lines.insert(0, f"{unsent} orders that had not left yet will not be sent")
        text = "\n".join(lines)
        desk.note("alarm", "panic", text.replace("\n", "; "))
        return text

    def _orders(self) -> tuple[list[Order], list[Order]]:
        """(entries, protective stops) of the whole desk."""
        working = list(self._desk.state.working_orders())
        return [o for o in working if not protective(o)], [o for o in working if protective(o)]

    async def _cancel(self, orders: Iterable[Order], words: dict[str, list[str]]) -> None:
        """Cancel accounts side by side, and say what came of it."""
        by_account: dict[str, list[Order]] = {}
        for order in orders:
            by_account.setdefault(order.request.account, []).append(order)
        tasks = {
            name: self._spawn(self._executor.cancel([o.ref for o in own]), name=f"run:panic:{name}")
            for name, own in by_account.items()
        }
        if tasks:
            await asyncio.wait(tasks.values(), timeout=LIMIT_S)
        for name, own in by_account.items():
            kinds = _kinds(tasks[name])
            words[name] += _summary(own, kinds)
            # Whatever was said: none of them may turn out to rest after all.
            self._executor.pursue(o.request.client_order_id for o in own)

    async def _flatten(self, account: str, said: list[str]) -> None:
        """Close every position with reduce-only market orders; drop the stops of what is flat then."""
        desk = self._desk
        state = desk.accounts[account]
        positions = list(state.positions.values())
        if positions and self._clients.get(account) is None:
            said.append(f"{len(positions)} positions left open: not connected")
            return
        requests = [request for position in positions for request in self._closing(position)]
        if requests:
            try:
                async with asyncio.timeout(LIMIT_S):
                    reports = await self._executor.rush(account, requests)
            except TimeoutError:
                reports = []
            bad = sum(r.kind in (ReportKind.REJECTED, ReportKind.NOT_SENT) for r in reports)
            said.append(
                f"{len(positions)} positions being closed" + (f", {bad} orders refused" if bad else "")
            )
        stops = [o for o in desk.state.working_orders(account) if protective(o)]
        if stops:
            await self._drop_stops(account, stops, said)

    async def _drop_stops(self, account: str, stops: list[Order], said: list[str]) -> None:
        state, changed = self._desk.accounts[account], asyncio.Event()

        def wake(_changes: object) -> None:
            changed.set()

        self._desk.on_changes.append(wake)
        try:
            async with asyncio.timeout(LIMIT_S):
                while any(_guards(o, state) for o in stops):
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            pass
        finally:
            self._desk.on_changes.remove(wake)
        loose = [o for o in stops if not _guards(o, state)]
        if loose:
            await self._executor.cancel(o.ref for o in loose)
            said.append(f"{len(loose)} stops dropped")
        if len(loose) < len(stops):
            said.append(f"{len(stops) - len(loose)} stops kept, their positions are not flat yet")

    def _closing(self, position: Position) -> list[OrderRequest]:
        instrument = self._desk.markets.instruments.get(position.instrument)
        parts = in_parts(abs(position.quantity), instrument) if instrument else [abs(position.quantity)]
        return [
            OrderRequest(
                self._desk.new_order_id(),
                position.account,
                position.instrument,
                Side.SELL if position.quantity > 0 else Side.BUY,
                OrderType.MARKET,
                part,
                reduce_only=True,
                position_side=position.position_side,
                origin="panic",
            )
            for part in parts
        ]


def _guards(stop: Order, state: AccountState) -> bool:
    """Whether the position that a stop protects is still there."""
    request = stop.request
    if request.position_side is PositionSide.NET:
        return bool(state.position_quantity(request.instrument))
    return (request.instrument, request.position_side.value) in state.positions


def _kinds(task: asyncio.Task[object]) -> list[ReportKind]:
    """What has been answered so far."""
    if not task.done() or task.cancelled() or task.exception() is not None:
        return []
    result = task.result()
    return [r.kind for r in result if isinstance(r, Report)] if isinstance(result, list) else []


def _summary(orders: list[Order], kinds: list[ReportKind]) -> list[str]:
    done, refused = kinds.count(ReportKind.CANCELLED), kinds.count(ReportKind.CANCEL_REFUSED)
    words = [f"{done} of {len(orders)} cancelled"]
    if refused:
        words.append(f"{refused} already gone or refused")
    if silent := len(orders) - done - refused:
        words.append(f"{silent} without an answer, being looked up")
    if unknown := sum(o.status is OrderStatus.UNKNOWN for o in orders):
        words.append(f"{unknown} of them unknown")
    return words
