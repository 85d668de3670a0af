"""A client of the engine: used by the console, by every CLI command and by tests."""

from __future__ import annotations

import asyncio
import itertools
import os
from typing import TYPE_CHECKING, Any

import hedge_tui
from hedge_tui.domain.errors import EngineUnreachable, HedgeError
from hedge_tui.wire import messages as m
from hedge_tui.wire.codec import WireError, decode_server, encode, read_frame
from hedge_tui.wire.replica import Replica

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REQUEST_TIMEOUT_S = 30.0


class RequestRefused(HedgeError):
    """The engine answered a request with a Failure."""

    def __init__(self, failure: m.Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class EngineClient:
    """One connection to an engine.

    Attributes:
        welcome: what the engine said of itself.
        replica: the tables that are followed.
        on_frame: called after each frame with the topics it touched.
        on_notice: called for each notice.
        on_closed: called once with the reason when the connection ends.
    """

    def __init__(self, client: str = "cli") -> None:
        self._client = client
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reader_task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.welcome: m.Welcome
        self.replica = Replica()
        self.on_frame: Callable[[list[str]], None] = lambda _: None
        self.on_notice: Callable[[m.Notice], None] = lambda _: None
        self.on_closed: Callable[[str], None] = lambda _: None
        self.closed_reason = ""

    async def connect(self, path: Path, timeout_s: float = 5.0) -> m.Welcome:
        """Connect and shake hands.

        Raises:
            EngineUnreachable: nobody listens, or the engine speaks another protocol.
        """
        try:
            async with asyncio.timeout(timeout_s):
                reader, self._writer = await asyncio.open_unix_connection(str(path))
                self._send(m.Hello(m.PROTOCOL, hedge_tui.__version__, self._client, os.getpid()))
                answer = decode_server(await read_frame(reader))
        except (OSError, asyncio.IncompleteReadError, TimeoutError, WireError) as error:
            await self.close()
            raise EngineUnreachable(
                f"no engine answers at {path}: {error or type(error).__name__}"
            ) from error
        if not isinstance(answer, m.Welcome):
            await self.close()
            reason = answer.reason if isinstance(answer, m.Goodbye) else f"unexpected {type(answer).__name__}"
            raise EngineUnreachable(reason)
        self.welcome = answer
        self._reader_task = asyncio.create_task(self._read(reader), name="wire:read")
        return answer

    @property
    def connected(self) -> bool:
        """Whether the engine is still there."""
        return self._reader_task is not None and not self._reader_task.done()

    def follow(self, *topics: str) -> None:
        """Follow exactly these topics."""
        self.replica.forget(set(topics))
        self._send(m.Subscribe(topics))

    async def submit(
        self,
        text: str,
        *,
        scope: str = "",
        symbol: str = "",
        selection: tuple[str, ...] = (),
        origin: str = "keyboard",
    ) -> m.Preview | m.Done | m.Result:
        """Hand a typed line over.

        Raises:
            RequestRefused: with the engine's Failure.
        """
        answer = await self._ask(lambda id_: m.Submit(id_, text, scope, symbol, selection, origin))
        assert isinstance(answer, m.Preview | m.Done | m.Result)
        return answer

    async def confirm(self, plan_hash: str, *, wait: bool = False, typed: str = "") -> m.Result:
        """Confirm a preview by its hash; `typed`: what it asked to be typed again."""
        answer = await self._ask(lambda id_: m.Confirm(id_, plan_hash, wait, typed))
        assert isinstance(answer, m.Result)
        return answer

    async def query(self, name: str, **args: Any) -> Any:
        """Ask for data once."""
        answer = await self._ask(lambda id_: m.Query(id_, name, args))
        return answer.data if isinstance(answer, m.Reply) else None

    async def take_lock(self, *, force: bool = False) -> m.Done:
        """Take the trading lock."""
        answer = await self._ask(lambda id_: m.TakeLock(id_, force))
        assert isinstance(answer, m.Done)
        return answer

    async def unlock(self, passphrase: str, *, only_check: bool = False) -> m.Done:
        """Open the engine's vault, or only ask whether this is its passphrase."""
        answer = await self._ask(lambda id_: m.Unlock(id_, passphrase, only_check))
        assert isinstance(answer, m.Done)
        return answer

    async def close(self) -> None:
        """Leave; the engine goes on."""
        if self._reader_task is not None:
            self._reader_task.cancel()
        if self._writer is not None:
            self._writer.close()

    async def _ask(self, make: Callable[[int], m.ClientMessage]) -> m.ServerMessage:
        if not self.connected:
            raise EngineUnreachable(self.closed_reason or "the engine has gone; run `hedge` again to attach")
        id_ = next(self._ids)
        future: asyncio.Future[m.ServerMessage] = asyncio.get_running_loop().create_future()
        self._waiting[id_] = future
        try:
            self._send(make(id_))
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                answer = await future
        except TimeoutError:
            raise EngineUnreachable(f"the engine did not answer within {REQUEST_TIMEOUT_S:.0f} s") from None
        finally:
            self._waiting.pop(id_, None)
        if isinstance(answer, m.Failure):
            raise RequestRefused(answer)
        return answer

    def _send(self, message: m.ClientMessage) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(message))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        reason = "the engine closed the connection"
        try:
            while True:
                self._take(decode_server(await read_frame(reader)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except WireError as error:
            reason = str(error)
        finally:
            self.closed_reason = self.closed_reason or reason
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(EngineUnreachable(self.closed_reason))
            self.on_closed(self.closed_reason)

    def _take(self, message: m.ServerMessage) -> None:
        if isinstance(message, m.Frame):
            self.on_frame(self.replica.apply(message))
        elif isinstance(message, m.Notice):
            self.on_notice(message)
        elif isinstance(message, m.Goodbye):
            self.closed_reason = message.reason
        elif not isinstance(message, m.Welcome):
            future = self._waiting.get(message.id)
            if future is not None and not future.done():
                future.set_result(message)
