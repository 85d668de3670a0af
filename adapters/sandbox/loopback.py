"""Reaches a sandbox at the venue's own host names: every name resolves to it, and only its CA is trusted.

Tests and small tools use this; the desk has its own session in `adapters.via_ccxt`, made the same way.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters.sandbox.certificate import client_context

if TYPE_CHECKING:
    from pathlib import Path


class LoopbackResolver(AbstractResolver):
    """Answers one address and port for every host name."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self._port = port
        self._address = address

    async def resolve(
        self,
        host: str,
        port: int = 0,  # noqa: ARG002  # part of the resolver's protocol; ours answers its own port
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        """The sandbox's address; the port that was asked for is ignored."""
        return [
            ResolveResult(hostname=host, host=self._address, port=self._port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """Nothing is held."""


def loopback_session(port: int, ca_file: Path) -> aiohttp.ClientSession:
    """A session that reaches the sandbox whatever https or wss URL is asked; the caller closes it."""
    connector = aiohttp.TCPConnector(resolver=LoopbackResolver(port), ssl=client_context(ca_file), limit=0)
    return aiohttp.ClientSession(connector=connector, trust_env=False)
