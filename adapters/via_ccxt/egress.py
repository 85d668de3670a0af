"""How connections leave: by which routes, and whether all go to one address with a CA of our own.

A sandbox account is reached at the venue's real host names (ccxt derives behaviour and error codes
from URLs), so the names stay and only their resolution changes. Used by `session` and `factory`.
"""

from __future__ import annotations

import functools
import socket
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver, ResolveResult

from hedge_tui.domain.errors import ConfigError
from hedge_tui.domain.route import DIRECT, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class Egress:
    """Where connections go, whom they trust, and by which ways they get out.

    Attributes:
        connect: `host:port` that stands for every host (an IP address); None resolves as usual.
        ca_file: PEM file of the only authority trusted; None trusts the usual ones.
        routes: the ways out, the preferred first; at least one. keys_over: names of those that an API key
            may take, None for every trusted one. passwords: route name -> password at its proxy; filled
            when the vault opens. None of these makes a difference between two of these, so that all accounts
            of a venue are one group whatever route each may take.
    """

    connect: str | None = None
    ca_file: str | None = None
    routes: tuple[Route, ...] = field(default=(DIRECT,), compare=False)
    keys_over: tuple[str, ...] | None = field(default=None, compare=False)
    passwords: Mapping[str, Secret] = field(default_factory=dict, compare=False, repr=False)

    def names(self, *, keyed: bool) -> tuple[str, ...]:
        """Names of the routes that may be taken, with an API key or without."""
        if not keyed:
            return tuple(one.name for one in self.routes)
        allowed = self.keys_over
        return tuple(
            one.name for one in self.routes if one.trusted and (allowed is None or one.name in allowed)
        )

    @property
    def endpoint(self) -> tuple[str, int] | None:
        """`connect` as host and port.

        Raises:
            ConfigError: it is not `host:port`.
        """
        if self.connect is None:
            return None
        host, _, port = self.connect.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ConfigError(f"connect is {self.connect!r}; it must look like 127.0.0.1:18443")
        return host.strip("[]"), int(port)


class FixedResolver(AbstractResolver):
    """Answers every name with one address and port."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The fixed address, under the name that was asked for (TLS verifies that name)."""
        del port, family  # the address decides both
        fixed = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        return [
            ResolveResult(
                hostname=host,
                host=self._host,
                port=self._port,
                family=fixed,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing is held."""


@functools.cache
def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """A verifying client context; one per CA file, because loading the usual authorities takes 20 ms.

    Raises:
        ConfigError: the CA file cannot be read.
    """
    try:
        if ca_file is not None:
            return ssl.create_default_context(cafile=ca_file)
        import certifi

        return ssl.create_default_context(cafile=certifi.where())
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"the CA file {ca_file} cannot be used: {error}") from error
