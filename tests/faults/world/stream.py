"""A private stream that freezes, breaks, repeats itself and heals, the way the real client's does.

It is believed only after a repair: snapshot, open orders and fills over REST, then LIVE.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from faults.world.venues import WatchedHub
from faults.world.weather import Fault, Weather

from hedge_tui.domain.account import AccountDelta, AccountSnapshot
from hedge_tui.domain.errors import VenueError
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.report import Report

if TYPE_CHECKING:
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.venue import PrivateEvent

NOTICED_S = 12.0
"""How long a half-open connection goes unnoticed."""
TRAVEL_S = 0.15
REFRESH_AFTER_S, REFRESH_EVERY_S, REFRESH_AGAIN_S = 1.0, 10.0, 5.0
SNAPSHOT_TRIES = 3
BREAKS = (Fault.STREAM_CUT, Fault.STREAM_SILENT)


class Stream:
    """One account's stream; `broken` is set by whatever ends the connection from outside."""

    def __init__(
        self,
        hub: WatchedHub,
        account: str,
        venue: str,
        *,
        weather: Weather,
        rng: random.Random,
        clock: Clock,
        repair: Callable[[], Awaitable[list[PrivateEvent]]],
        snapshot: Callable[[], Awaitable[AccountSnapshot]],
    ) -> None:
        self._hub = hub
        self._account = account
        self._venue = venue
        self._weather = weather
        self._rng = rng
        self._clock = clock
        self._repair = repair
        self._snapshot = snapshot
        self._outer: Callable[[PrivateEvent], None] = lambda _: None
        self._due = 0.0
        self._frozen: list[PrivateEvent] = []
        self._deaf = False
        self._broken = asyncio.Event()
        self._live = False
        self._refresh: asyncio.TimerHandle | None = None
        self._refreshed_s = 0.0
        self._changes = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.others: list[Stream] = []

    def open(self, sink: Callable[[PrivateEvent], None]) -> None:
        """Connect, and stay connected until `die`."""
        self._outer = sink
        self._tasks.append(asyncio.get_running_loop().create_task(self._run()))

    def die(self) -> None:
        """The process that listened is gone."""
        self._hub.listen(self._account, None)
        self._outer = lambda _: None
        for task in self._tasks:
            task.cancel()
        if self._refresh is not None:
            self._refresh.cancel()

    def lose(self) -> None:
        """The connection is gone, and it is noticed."""
        self._broken.set()

    async def _run(self) -> None:
        self._say(FeedState.STARTING)
        while True:
            await self._connect()
            self._say(FeedState.LIVE)
            self._live, self._refreshed_s = True, self._now()
            self._broken.clear()
            why = await self._lost()
            self._live = False
            self._hub.listen(self._account, None)
            self._frozen.clear()
            self._weather.felt(self._now())
            self._say(FeedState.RECONNECTING, why)

    async def _connect(self) -> None:
        pause, tries = 0.5, 0
        while True:
            self._deaf = False
            until = max(self._weather.until(fault, self._account) for fault in BREAKS)
            if until <= self._now():
                self._hub.listen(self._account, self._hear)
                try:
                    for event in await self._repair():
                        self._outer(event)
                except VenueError:
                    self._hub.listen(self._account, None)
                else:
                    if tries:
                        self._weather.felt(self._now())
                    return
            tries += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 4.0)

    async def _lost(self) -> str:
        """Until the connection is known to be gone."""
        while True:
            start = self._weather.next_start(BREAKS, self._account)
            wait = None if start == float("inf") else max(start - self._now(), 0.0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._broken.wait(), wait)
            if self._broken.is_set():
                return "connection reset"
            await asyncio.sleep(0.001)  # into the spell
            if self._weather.runs(Fault.STREAM_CUT, self._account):
                return "connection closed"
            if self._weather.runs(Fault.STREAM_SILENT, self._account):
                self._deaf = True
                self._weather.felt(self._now() + NOTICED_S)
                await asyncio.sleep(NOTICED_S)
                self._say(FeedState.STALE, "neither frame nor pong")
                return "neither frame nor pong"

    def _hear(self, event: PrivateEvent) -> None:
        """What the venue says; what of it arrives, when, and how often."""
        weather, me = self._weather, self._account
        if self._deaf or weather.strikes(Fault.STREAM_GAP, me):
            return
        if self.others and weather.strikes(Fault.STREAM_STRANGER, me):
            self._rng.choice(self.others)._later(event, TRAVEL_S)
        if weather.runs(Fault.STREAM_FROZEN, me):
            frozen_until = weather.until(Fault.STREAM_FROZEN, me)
            if not self._frozen:
                weather.felt(frozen_until)
                asyncio.get_running_loop().call_at(frozen_until, self._thaw)
            self._frozen.append(event)
            return
        lag = TRAVEL_S + (3.0 if weather.strikes(Fault.STREAM_LATE, me) else 0.0)
        if weather.strikes(Fault.STREAM_MIXED, me):
            self._deliver(event, self._now() + self._rng.random() * 2.0)
        else:
            self._later(event, lag)
        if weather.strikes(Fault.STREAM_TWICE, me):
            self._deliver(event, self._due + self._rng.random() * 4.0)

    def _thaw(self) -> None:
        events, self._frozen = self._frozen, []
        for event in events:
            self._later(event, 0.01)

    def _later(self, event: PrivateEvent, lag: float) -> None:
        """Events of one connection keep their order."""
        # Never at the same instant: a loop keeps no order among timers of one instant.
        self._due = max(self._due + 1e-6, self._now() + self._rng.random() * lag)
        self._deliver(event, self._due)

    def _deliver(self, event: PrivateEvent, at_s: float) -> None:
        if at_s > self._now() + TRAVEL_S:
            self._weather.felt(at_s)
        asyncio.get_running_loop().call_at(at_s, self._arrive, event, self._outer)

    def _arrive(self, event: PrivateEvent, outer: Callable[[PrivateEvent], None]) -> None:
        if outer is self._outer:
            outer(stamped(event, self._clock.now_ns()))
            if isinstance(event, Fill | AccountDelta):
                self._changes += 1
                self._refresh_soon()

    def _refresh_soon(self) -> None:
        """After a change the client asks for the whole account, but not too often."""
        if self._refresh is None:
            pause = max(REFRESH_AFTER_S, REFRESH_EVERY_S - (self._now() - self._refreshed_s))
            self._refresh = asyncio.get_running_loop().call_later(pause, self._begin_refresh)

    def _begin_refresh(self) -> None:
        self._refresh, self._refreshed_s = None, self._now()
        if self._live:
            self._tasks.append(asyncio.get_running_loop().create_task(self._hand_snapshot()))

    async def _hand_snapshot(self) -> None:
        """Hand over a snapshot that no change has overtaken while it was asked."""
        try:
            for _ in range(SNAPSHOT_TRIES):
                seen = self._changes
                snapshot = await self._snapshot()
                if seen == self._changes:
                    break
        except VenueError:
            if self._refresh is None:
                self._refresh = asyncio.get_running_loop().call_later(REFRESH_AGAIN_S, self._begin_refresh)
            return
        self._outer(snapshot)

    def _say(self, state: FeedState, why: str = "") -> None:
        now = self._clock.now_ns()
        self._outer(
            FeedHealth(f"{self._account}:private", self._account, self._venue, state, now, now, detail=why)
        )

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def stamped(event: Any, now_ns: int) -> Any:
    """The event with the desk's own time of hearing it."""
    if isinstance(event, Report | Fill):
        return replace(event, local_ns=now_ns)
    if isinstance(event, AccountDelta | AccountSnapshot):
        return replace(event, at_ns=now_ns)
    return event
