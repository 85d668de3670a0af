"""The HTTP and WebSocket session that a ccxt instance is given: closed by who opened it.

Only hosts that the venue declares are ever contacted, redirects are refused (ccxt would follow them
with the key in the header), and no request is repeated behind our back. Used by `instance`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp

from adapters.via_ccxt.attempt import Attempt
from adapters.via_ccxt.egress import Egress, FixedResolver, tls_context
from adapters.via_ccxt.tunnel import NameKeeper, RouteConnector
from hedge_tui.domain.route import DIRECT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from types import SimpleNamespace

    from aiohttp.abc import AbstractResolver

    from adapters.via_ccxt.tunnel import Told
    from hedge_tui.domain.route import Route

    Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_IDLE_S = 20.0


class HostRefused(aiohttp.ClientError):
    """A request was about to go to a host that the venue does not declare; no byte left."""


class RedirectRefused(aiohttp.ClientError):
    """The venue answered with a redirect; it was not followed."""


def open_session(
    egress: Egress, hosts: Iterable[str], route: Route = DIRECT, told: Told = lambda *_: None
) -> aiohttp.ClientSession:
    """Open a session over one route; whoever calls this closes it with `close_session`.

    Args:
        egress: where connections go and whom they trust.
        hosts: the only host names that may be contacted.
        route: the way out.
        told: hears of every dial: route name, seconds, problem or "".

    Raises:
        ConfigError: the CA file or the address of `egress` is unusable.
    """
    allowed = frozenset(host.lower() for host in hosts)
    endpoint = egress.endpoint
    resolver: AbstractResolver | None = None
    if endpoint:
        resolver = FixedResolver(*endpoint)
    elif route.proxied:
        resolver = NameKeeper()
    connector = RouteConnector(
        route,
        told,
        egress.passwords,
        ssl=tls_context(egress.ca_file),
        resolver=resolver,
        use_dns_cache=resolver is None,
        keepalive_timeout=_KEEP_IDLE_S,
        limit=0,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        middlewares=(_guard(allowed),),
        trace_configs=[_tracing()],
        cookie_jar=aiohttp.DummyCookieJar(),
        # A proxy named in the environment is not an egress that the trader approved.
        trust_env=False,
    )
    # aiohttp sends PUT and DELETE again when a kept connection turns out to be closed: an amendment
    # sent twice is refused the second time, and the first would be taken for refused.
    session._retry_connection = False  # noqa: SLF001 - it has no public switch
    return session


async def close_session(session: aiohttp.ClientSession) -> None:
    """Close a session and let its transports finish closing, so that nothing is reported as left open."""
    if session.closed:
        return
    await session.close()
    # TLS transports close in the loop's next turns.
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def _guard(allowed: frozenset[str]) -> Any:
    """Middleware that holds requests to the declared hosts and stops at redirects."""

    async def guard(request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
        host = (request.url.host or "").lower()
        if host not in allowed:
            raise HostRefused(f"{host} is not a host that the venue declares")
        if request.url.scheme not in ("https", "wss"):
            raise HostRefused(f"{host} would be contacted without TLS")
        response = await handler(request)
        if response.status in _REDIRECTS:
            response.close()
            raise RedirectRefused(f"{host} answered with a redirect ({response.status}); it is not followed")
        return response

    return guard


def _tracing() -> aiohttp.TraceConfig:
    """Tells the attempt when its request's first byte leaves."""
    config = aiohttp.TraceConfig()

    async def headers_sent(
        _session: aiohttp.ClientSession, context: SimpleNamespace, _params: object
    ) -> None:
        attempt = context.trace_request_ctx
        if isinstance(attempt, Attempt):
            attempt.left()

    config.on_request_headers_sent.append(headers_sent)
    return config
