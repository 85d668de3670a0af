"""When each account is compared with its venue: whole at times, its money more often, its orders always.

A stream that loses one frame, or goes silent behind an open socket, says nothing about it. So whoever has
orders resting is asked for them every few seconds, by symbol, which is cheap, and within a budget of weight.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import InstrumentKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.config.settings import ReconcileSettings
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.state import Changes

TICK_S = 1.0
JITTER = 0.2
SYMBOL_WEIGHT = 2.0
"""Of one symbol's open orders, conditional ones too, as Binance USD-M counts."""
SPOT_MONEY_S = 5.0
"""After an execution on spot: its balances come by an event of their own, which may be lost unnoticed. Margin
accounts are asked for whenever a position changes."""
BURST_S = 15.0
"""Of the budget that may be saved up."""


@dataclass(slots=True)
class _Due:
    """When an account is asked next, monotonic seconds."""

    whole: float
    money: float
    orders: float


class Schedule:
    """One for the desk."""

    def __init__(
        self,
        desk: Desk,
        reconciler: Reconciler,
        settings: ReconcileSettings,
        spawn: Callable[..., object],
    ) -> None:
        self._desk = desk
        self._reconciler = reconciler
        self._settings = settings
        self._spawn = spawn
        self._due: dict[str, _Due] = {}
        self._budget: dict[str, float] = {}
        self._looking: set[str] = set()
        desk.on_changes.append(self._traded)

    async def run(self) -> None:
        """Ask what is due, again and again."""
        while True:
            await asyncio.sleep(TICK_S)
            now = self._desk.clock.monotonic()
            for venue in {account.account.venue for account in self._desk.accounts.values()}:
                most = self._settings.look_weight * BURST_S / 60
                saved = self._budget.get(venue, most) + self._settings.look_weight * TICK_S / 60
                self._budget[venue] = min(saved, most)
            # Whoever waited longest is first: a budget that does not reach for all goes round.
            for name in sorted(self._desk.accounts, key=lambda one: self._of(one, now).orders):
                self._tick(name, now)

    def _traded(self, changes: Changes) -> None:
        now = self._desk.clock.monotonic()
        for fill in changes.fills:
            instrument = self._desk.markets.instruments.get(fill.instrument)
            if instrument is not None and instrument.kind is InstrumentKind.SPOT:
                due = self._of(fill.account, now)
                due.money = min(due.money, now + SPOT_MONEY_S)

    def _tick(self, name: str, now: float) -> None:
        due, account = self._of(name, now), self._desk.accounts[name]
        live = account.state is FeedState.LIVE
        if live and now >= due.whole:
            due.whole = now + self._jittered(self._settings.whole_s)
            due.money = now + self._jittered(self._settings.money_s)
            self._reconciler.refresh(name)
        elif live and now >= due.money:
            due.money = now + self._jittered(self._settings.money_s)
            self._reconciler.snapshot_soon(name)
        if self._settings.look_s and now >= due.orders and name not in self._looking:
            self._look(name, due, now, live=live)

    def _look(self, name: str, due: _Due, now: float, *, live: bool) -> None:
        account = self._desk.accounts[name]
        if not account.snapshot_ns or account.state is FeedState.LOCKED:
            return
        symbols = {o.request.instrument for o in self._desk.state.working_orders(name) if o.status.resting}
        if not symbols and (live or not account.positions):
            return
        weight = SYMBOL_WEIGHT * max(len(symbols), 1)
        if self._budget[account.account.venue] < min(weight, self._settings.look_weight * BURST_S / 60):
            return
        self._budget[account.account.venue] -= weight
        due.orders = now + self._settings.look_s
        self._looking.add(name)
        self._spawn(self._ask(name, live=live), name=f"look:{name}")

    async def _ask(self, name: str, *, live: bool) -> None:
        try:
            await self._reconciler.look(name, live=live)
        finally:
            self._looking.discard(name)

    def _of(self, name: str, now: float) -> _Due:
        if name not in self._due:
            settings, rng = self._settings, self._desk.rng
            self._due[name] = _Due(
                now + settings.whole_s * (1 - JITTER * rng.random()),
                now + settings.money_s * rng.random(),
                now + settings.look_s * rng.random(),
            )
        return self._due[name]

    def _jittered(self, seconds: float) -> float:
        return seconds * (1 + JITTER * (self._desk.rng.random() - 0.5))
