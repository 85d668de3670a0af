"""One question to the engine, from a command: attach, ask, leave."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from hedge_tui.cli.desk import Desk
    from hedge_tui.wire.client import EngineClient

    T = TypeVar("T")


def with_engine(desk: Desk, act: Callable[[EngineClient], Awaitable[T]]) -> T:
    """Run `act` with a connection to the desk's engine.

    Raises:
        EngineUnreachable: there is none.
    """
    from hedge_tui.bootstrap.launch import attach

    async def run() -> T:
        client = await attach(desk.socket)
        try:
            return await act(client)
        finally:
            await client.close()

    return asyncio.run(run())


def ask(desk: Desk, query: str, **args: Any) -> Any:
    """The answer of one query."""
    return with_engine(desk, lambda client: client.query(query, **args))
