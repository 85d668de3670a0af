"""Dials for one egress route: straight, from an own address, or through a proxy's tunnel.

Everything here happens before a request's first byte, TLS with the venue included: whatever goes wrong in
it, the request did not leave. Through a proxy the venue's certificate is verified under the venue's name,
so that the proxy sees where a connection goes and nothing else. Used by `session`.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import ssl
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from hedge_tui.domain.route import RouteKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hedge_tui.domain.route import Route
    from hedge_tui.domain.secret import Secret

    Told = Callable[[str, float, str], None]
    """Route name, seconds that the dial took, problem or "": hears of every dial."""

DIAL_S = 4.0
"""After so long a dial over a route other than the direct one is given up, TLS included."""
_LONGEST_HEAD = 16 * 1024


class TunnelFailed(aiohttp.ClientConnectionError):
    """The route could not be used; no byte of the request left."""


class NameKeeper(AbstractResolver):
    """Resolves nothing: the proxy is asked for the name itself."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The name as its own address."""
        del family  # the proxy decides
        return [ResolveResult(hostname=host, host=host, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


class RouteConnector(aiohttp.TCPConnector):
    """A connector that takes one route.

    Args:
        route: the way out.
        told: hears of every dial.
        passwords: route name -> password at its proxy; looked up at each dial.
        options: of `aiohttp.TCPConnector`.
    """

    def __init__(self, route: Route, told: Told, passwords: Mapping[str, Secret], **options: Any) -> None:
        if route.kind is RouteKind.SOURCE:
            options["local_addr"] = (route.host, 0)
        super().__init__(**options)
        self._route = route
        self._told = told
        self._passwords = passwords

    async def _wrap_create_connection(self, *args: Any, **options: Any) -> Any:
        """The last step of a dial as aiohttp does it: gives transport and protocol.

        It is the one step that also knows under which name TLS must verify, which is why proxies come in
        here; libraries of SOCKS connectors do the same.
        """
        route, loop = self._route, asyncio.get_running_loop()
        began = loop.time()
        try:
            if route.kind is RouteKind.DIRECT:
                made = await super()._wrap_create_connection(*args, **options)
            else:
                async with asyncio.timeout(DIAL_S):
                    made = await self._dial(*args, **options)
        except TimeoutError as error:
            took = loop.time() - began
            failure = TunnelFailed(f"route {route.name} ({route.address}): no connection in {took:.1f} s")
            self._told(route.name, took, str(failure))
            raise failure from error
        except (aiohttp.ClientError, OSError) as error:
            self._told(route.name, loop.time() - began, _words(error))
            raise
        self._told(route.name, loop.time() - began, "")
        return made

    async def _dial(self, *args: Any, **options: Any) -> Any:
        if not self._route.proxied:
            return await super()._wrap_create_connection(*args, **options)
        infos, request = options.pop("addr_infos"), options.pop("req")
        refused = options.pop("client_error", aiohttp.ClientConnectorError)
        options.pop("timeout")
        host, port = infos[0][4][:2]
        tunnel = await open_tunnel(self._route, self._passwords.get(self._route.name), host, port)
        try:
            # The transport owns the tunnel from here on, also when this fails: closed behind its back, the
            # number of the socket would be given to another while the loop still knows it as this one's.
            return await asyncio.get_running_loop().create_connection(*args, **options, sock=tunnel)
        except ssl.CertificateError as error:
            raise aiohttp.ClientConnectorCertificateError(request.connection_key, error) from error
        except ssl.SSLError as error:
            raise aiohttp.ClientConnectorSSLError(request.connection_key, error) from error
        except TimeoutError:
            raise
        except OSError as error:
            raise refused(request.connection_key, error) from error


async def open_tunnel(route: Route, password: Secret | None, host: str, port: int) -> socket.socket:
    """A connected socket through the route's proxy to `host:port`.

    Raises:
        TunnelFailed: there is none; the message names the route and has no password.
    """
    if route.user and password is None:
        raise TunnelFailed(
            f"route {route.name}: its password is not there; `hedge unlock`, or give it to the vault:"
            f" hedge traffic password {route.name}"
        )
    open_one = _open_http if route.kind is RouteKind.HTTP else _open_socks
    try:
        return await open_one(route, password, host, port)
    except (OSError, UnicodeError) as error:
        if isinstance(error, TimeoutError):
            raise
        raise TunnelFailed(f"route {route.name}: proxy {route.address}: {_words(error)}") from None


async def _open_socks(route: Route, password: Secret | None, host: str, port: int) -> socket.socket:
    from python_socks import ProxyError, ProxyType
    from python_socks.async_.asyncio import Proxy

    word = password.reveal() if route.user and password is not None else None
    proxy = Proxy(ProxyType.SOCKS5, route.host, route.port, route.user or None, word, rdns=True)
    try:
        return await proxy.connect(host, port, timeout=DIAL_S)
    except ProxyError as error:
        raise TunnelFailed(f"route {route.name}: proxy {route.address} refused: {error}") from None


async def _open_http(route: Route, password: Secret | None, host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    ask = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    if route.user and password is not None:
        pair = base64.b64encode(f"{route.user}:{password.reveal()}".encode()).decode()
        ask += f"Proxy-Authorization: Basic {pair}\r\n"
    found = await loop.getaddrinfo(route.host, route.port, type=socket.SOCK_STREAM)
    family, kind, proto, _, address = found[0]
    tunnel = socket.socket(family, kind, proto)
    try:
        tunnel.setblocking(False)
        await loop.sock_connect(tunnel, address)
        await loop.sock_sendall(tunnel, f"{ask}\r\n".encode())
        _check_answer(await _head_of_answer(tunnel), route)
    except BaseException:
        tunnel.close()
        raise
    return tunnel


async def _head_of_answer(tunnel: socket.socket) -> bytes:
    """The answer's head; a proxy has nothing to say behind it before we do."""
    loop = asyncio.get_running_loop()
    head = b""
    while b"\r\n\r\n" not in head and len(head) <= _LONGEST_HEAD:
        piece = await loop.sock_recv(tunnel, 4096)
        if not piece:
            break
        head += piece
    return head


def _check_answer(answer: bytes, route: Route) -> None:
    """Raise TunnelFailed unless the proxy says that the tunnel stands."""
    who = f"route {route.name}: proxy {route.address}"
    if not answer:
        raise TunnelFailed(f"{who} closed without an answer")
    head, end, rest = answer.partition(b"\r\n\r\n")
    first = head.split(b"\r\n", 1)[0].decode("latin-1")
    version, _, status = first.partition(" ")
    if not end or not version.startswith("HTTP/1.") or not status[:3].isdigit():
        raise TunnelFailed(f"{who} does not speak HTTP: {first[:60]!r}")
    if not status.startswith("2"):
        raise TunnelFailed(f"{who} refused: {status[:80]}")
    if rest:
        raise TunnelFailed(f"{who} sent {len(rest)} bytes into the tunnel")


def _words(error: BaseException) -> str:
    if isinstance(error, TunnelFailed):
        return str(error)
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return f"{type(error).__name__} {error}".strip()
