"""The panic button: cancel entries everywhere, keep protective stops; or flatten too; until it is proved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.health import FeedState
from hedge_tui.domain.panic import PanicMoved
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.panic_account import AccountPanic, PanicTools
from hedge_tui.engine.execution.panic_progress import Phase
from hedge_tui.engine.execution.stops import protective

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.order import ClientOrderId
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.executor import Executor
    from hedge_tui.engine.execution.panic_progress import Progress
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients
    from hedge_tui.engine.state import Changes

ANSWER_S = 5.0
"""The first answer comes within this time; what is not proved by then goes on behind it."""
CONNECT_S = 20.0
"""Longest time that accounts which connect are waited for before whole accounts are compared."""
CALM_S = 1.0
"""When all entries are gone by then, nobody is kept waiting for the last comparisons."""


class PanicButton:
    """Works on all accounts, whatever the scope, and needs no lock, no preview and no journal."""

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        executor: Executor,
        reconciler: Reconciler,
        spawn: Callable[..., asyncio.Task[object]],
    ) -> None:
        self._desk = desk
        self._tools = PanicTools(desk, clients, executor, reconciler, spawn, self._may_check)
        self._pressed_s = 0.0
        self._accounts: dict[str, AccountPanic] = {}
        self._tasks: dict[str, asyncio.Task[object]] = {}
        self._asking = 0
        desk.on_changes.append(self._changed)

    @property
    def progress(self) -> list[Progress]:
        """Of every account since the last press, in the desk's order; [] when it was never pressed."""
        return [one.progress for one in self._accounts.values()]

    def documents(self) -> list[dict[str, Any]]:
        """The same for a query; see `Progress.document`."""
        now = self._desk.clock.monotonic()
        return [one.document(now) for one in self.progress]

    @property
    def at_work(self) -> bool:
        """Whether something is not proved yet."""
        return any(not one.progress.settled for one in self._accounts.values())

    def describe(self, *, flat: bool) -> str:
        """What pressing it now would do; nothing is done."""
        working = list(self._desk.state.working_orders())
        kept = sum(protective(order) for order in working)
        lines = [f"would cancel {len(working) - kept} orders and keep {kept} protective stops"]
        if flat:
            count = sum(len(account.positions) for account in self._desk.accounts.values())
            lines.append(f"would close {count} positions at the market, and drop the stops of what is flat")
        return "\n".join(lines)

    async def press(self, *, flat: bool, origin: str) -> str:
        """Do it, or do it again; returns a line per account after 5 s at most, and goes on."""
        desk = self._desk
        word = "panic flat" if flat else "panic"
        self._moved("pressed", flat=flat, origin=origin)
        desk.note("alarm", "panic", f"{word} pressed ({origin})")
        unsent = self._tools.executor.stop_runs(f"{word} was pressed")
        self._asking += 1
        self._pressed_s = desk.clock.monotonic()
        try:
            self._begin(flat=flat)
            await self._first_answer()
        finally:
            self._asking -= 1
        text = self.text
        if unsent:
            text = f"{unsent} orders that had not left yet will not be sent\n{text}"
        desk.note("alarm", "panic", text.replace("\n", "; "))
        return text

    def stop(self) -> str:
        """Ask for nothing more; what is on its way stays on its way. Says what was left."""
        left = [one for one in self._accounts.values() if not one.progress.settled]
        for one in left:
            one.stop()
        if not left:
            return "panic is not at work"
        self._moved("stopped")
        text = "panic stopped\n" + "\n".join(f"{one.name}: {one.progress.words}" for one in left)
        self._desk.note("alarm", "panic", text.replace("\n", "; "))
        return text

    @property
    def text(self) -> str:
        """A line per account."""
        return "\n".join(f"{one.account}: {one.words}" for one in self.progress)

    def _begin(self, *, flat: bool) -> None:
        fresh: list[AccountPanic] = []
        for name in self._desk.accounts:
            one = self._accounts.get(name)
            if one is not None and not one.progress.settled:
                one.press_again(flat=flat)
                continue
            self._accounts[name] = AccountPanic(name, self._tools, flat=flat)
            fresh.append(self._accounts[name])
        for order in self._desk.state.working_orders():
            self._accounts[order.request.account].see(order.request.client_order_id)
        for one in fresh:
            self._start(one)

    def _may_check(self) -> bool:
        """Not before every account that is just connecting is there, or has had its time."""
        if self._desk.clock.monotonic() - self._pressed_s >= CONNECT_S:
            return True
        accounts = self._desk.accounts
        return not any(
            accounts[name].state is FeedState.STARTING and not one.progress.settled
            for name, one in self._accounts.items()
        )

    def _start(self, one: AccountPanic) -> None:
        self._tasks[one.name] = self._tools.spawn(self._work(one), name=f"panic:{one.name}")

    async def _work(self, one: AccountPanic) -> None:
        await one.run()
        if not self.at_work and self._desk.state.panic is not None:
            self._moved("done")
        if not self._asking and one.progress.phase is Phase.DONE:
            # The first answer did not have it yet.
            self._desk.note("warning", "panic", one.progress.words, one.name)

    def _moved(self, step: str, *, flat: bool = False, origin: str = "") -> None:
        desk = self._desk
        if not desk.journal.dead:
            drop(desk.record(PanicMoved(desk.clock.now_ns(), step, flat, origin)))

    async def _first_answer(self) -> None:
        """Wait until everything is proved; not for the last comparisons once all entries are gone."""
        clock = self._desk.clock
        begun = clock.monotonic()
        while self.at_work and (waited := clock.monotonic() - begun) < ANSWER_S:
            if waited >= CALM_S and all(p.heard and not p.resting and not p.flat for p in self.progress):
                return
            await asyncio.wait(self._tasks.values(), timeout=0.1)

    def _changed(self, changes: Changes) -> None:
        if not self._accounts:
            return
        orders = self._desk.state.orders
        ids: dict[str, list[ClientOrderId]] = {name: [] for name in changes.accounts}
        for id_ in changes.orders:
            if (order := orders.get(id_)) is not None:  # type: ignore[call-overload]
                ids.setdefault(order.request.account, []).append(id_)  # type: ignore[arg-type]
        for account, own in ids.items():
            one = self._accounts.get(account)
            if one is not None and one.changed(own):
                self._start(one)
