"""The console's tie to the engine: attaches, notices the loss, attaches again with back-off.

Owned by the app. Widgets never talk to a client of their own; they read the replica through the frame pump
and send through `DeskLink`, which says in words when there is nobody to send to.
"""

from __future__ import annotations

import asyncio
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from hedge_tui.domain.errors import EngineUnreachable, HedgeError
from hedge_tui.wire.client import EngineClient
from hedge_tui.wire.replica import Replica

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from hedge_tui.wire import messages as m

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
PING_S = 2.0
"""An engine that has said nothing for this long is asked whether it is there."""
NOBODY = "the engine is not connected; nothing was sent"


class DeskClient(Protocol):
    """What the console needs of a connection; `EngineClient` is the real one."""

    welcome: m.Welcome
    replica: Replica
    on_frame: Callable[[list[str]], None]
    on_notice: Callable[[m.Notice], None]
    on_closed: Callable[[str], None]

    @property
    def connected(self) -> bool:
        """Whether the engine is still there."""
        ...

    def follow(self, *topics: str) -> None:
        """Follow exactly these topics."""
        ...

    async def submit(
        self,
        text: str,
        *,
        scope: str = "",
        symbol: str = "",
        selection: tuple[str, ...] = (),
        origin: str = "keyboard",
    ) -> m.Preview | m.Done | m.Result:
        """Hand a typed line over."""
        ...

    async def confirm(self, plan_hash: str, *, wait: bool = False, typed: str = "") -> m.Result:
        """Confirm a preview by its hash; `typed`: what it asked to be typed again."""
        ...

    async def query(self, name: str, **args: Any) -> Any:
        """Ask for data once."""
        ...

    async def take_lock(self, *, force: bool = False) -> m.Done:
        """Take the trading lock."""
        ...

    async def unlock(self, passphrase: str, *, only_check: bool = False) -> m.Done:
        """Open the engine's vault, or only ask whether this is its passphrase."""
        ...

    async def close(self) -> None:
        """Leave; the engine goes on."""
        ...


if TYPE_CHECKING:
    Attach = Callable[[], Awaitable[DeskClient]]
    """Gives a connected client, or raises EngineUnreachable."""


def attach_to(socket: Path) -> Attach:
    """Connections to the engine that listens at `socket`."""

    async def attach() -> DeskClient:
        client = EngineClient("console")
        await client.connect(socket)
        return client

    return attach


class LinkState(StrEnum):
    """Where the connection stands."""

    STARTING = "connecting"
    ATTACHED = "connected"
    LOST = "disconnected"


class DeskLink:
    """One connection at a time, kept up for as long as the app runs.

    Args:
        attach: makes connections.
        now_s: monotonic seconds.

    Attributes:
        state: where it stands. reason: why it is not attached. since_s: when that began, monotonic.
        on_state: called after each change of state; on_frame, on_notice: as on the client.
    """

    def __init__(self, attach: Attach, now_s: Callable[[], float] = time.monotonic) -> None:
        self._attach = attach
        self._now_s = now_s
        self._client: DeskClient | None = None
        self._closed = asyncio.Event()
        self._nothing = Replica()
        self._topics: tuple[str, ...] = ()
        self.state = LinkState.STARTING
        self.reason = ""
        self.since_s = now_s()
        self._heard_s = now_s()
        self.on_state: Callable[[], None] = lambda: None
        self.on_frame: Callable[[list[str]], None] = lambda _: None
        self.on_notice: Callable[[m.Notice], None] = lambda _: None

    @property
    def attached(self) -> bool:
        """Whether the engine is there."""
        return self.state is LinkState.ATTACHED

    @property
    def silent_s(self) -> float:
        """Seconds since the attached engine last said anything; it is asked every few seconds."""
        return self._now_s() - self._heard_s

    @property
    def client(self) -> DeskClient:
        """The connection.

        Raises:
            EngineUnreachable: there is none.
        """
        if self._client is None or not self._client.connected:
            raise EngineUnreachable(NOBODY)
        return self._client

    @property
    def replica(self) -> Replica:
        """The tables as last heard; they stay readable after a loss."""
        return self._client.replica if self._client is not None else self._nothing

    @property
    def welcome(self) -> m.Welcome | None:
        """What the engine said of itself, None before the first connection."""
        return self._client.welcome if self._client is not None else None

    def follow(self, *topics: str) -> None:
        """Follow exactly these topics, now and after each new connection."""
        if topics != self._topics:
            self._topics = topics
            if self._client is not None and self._client.connected:
                self._client.follow(*topics)

    async def keep(self) -> None:
        """Attach for ever; ends only by cancellation."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                await self._hold()
                pause = FIRST_PAUSE_S
            except EngineUnreachable as error:
                self._change(LinkState.LOST, str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 1.7, LONGEST_PAUSE_S)

    async def _hold(self) -> None:
        client = await self._attach()
        self._closed = asyncio.Event()
        client.on_frame = self._frame
        client.on_notice = self._notice
        client.on_closed = lambda _: self._closed.set()
        self._client = client
        self._heard_s = self._now_s()
        self._change(LinkState.ATTACHED, "")
        if self._topics:
            client.follow(*self._topics)
        pinging = asyncio.ensure_future(self._ping(client))
        try:
            if client.connected:
                await self._closed.wait()
        finally:
            pinging.cancel()
            await client.close()
        self._change(LinkState.LOST, getattr(client, "closed_reason", "") or "the engine has gone")

    async def _ping(self, client: DeskClient) -> None:
        """A quiet desk says nothing for long: only an answer tells it from an engine that hangs."""
        while True:
            await asyncio.sleep(PING_S)
            if self.silent_s < PING_S:
                continue
            try:
                await client.query("status")
            except EngineUnreachable:
                continue
            except HedgeError:
                pass  # a refusal is an answer
            self._heard_s = self._now_s()

    def _frame(self, topics: list[str]) -> None:
        self._heard_s = self._now_s()
        self.on_frame(topics)

    def _notice(self, notice: m.Notice) -> None:
        self.on_notice(notice)

    def _change(self, state: LinkState, reason: str) -> None:
        changed = (state, reason) != (self.state, self.reason)
        if state is not self.state:
            self.since_s = self._now_s()
        self.state, self.reason = state, reason
        if changed:
            self.on_state()
