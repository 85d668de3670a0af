"""The port to the append-only record of acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Iterator, Sequence

    from hedge_tui.domain.acts import Act


class Journal(Protocol):
    """One writer's append-only record."""

    def append(self, acts: Sequence[Act]) -> asyncio.Future[int]:
        """Queue acts in order; the future gives the last sequence number once they are durable.

        The acts are queued when this is called, not when it is awaited, so that callers which need
        no durability (reports) may drop the future.

        Raises:
            StoreError: (from the future) they are not durable, and nothing later will be before `reopen`.
        """
        ...

    async def reopen(self) -> int:
        """Once the trouble is over: write what was appended and refused, and go on; how many acts that were.

        Nobody is told again: who appended them was told that they are not durable, and has acted on it.

        Raises:
            StoreError: it still cannot be written; nothing changes.
        """
        ...

    def replay(self, from_seq: int = 1) -> Iterator[tuple[int, Act]]:
        """Durable acts with their sequence numbers, oldest first.

        Raises:
            StoreError: the record is damaged; the message says where.
        """
        ...

    def checkpoint(self) -> tuple[int, bytes] | None:
        """The newest saved state and the sequence number it stands for."""
        ...

    def save_checkpoint(self, seq: int, state: bytes) -> Awaitable[None]:
        """Keep `state` as the fold of all acts up to `seq`."""
        ...

    @property
    def last_seq(self) -> int:
        """The newest sequence number given out; durable ones are at most this."""
        ...

    @property
    def dead(self) -> str:
        """Why nothing can be written any more, or ""."""
        ...

    async def close(self) -> None:
        """Write what is queued and release the files."""
        ...
