"""Makes ccxt.pro instances that obey us: our session, our pacing, our witness of what left.

The venue's class is subclassed on the fly. `fetch2` asks the pacer before signing (a signature
ages), `fetch` does the request itself and writes down how far it came, frames are guarded so that a
malformed one cannot kill the receive loop, and timers can be taken back. Used by the clients.
"""

from __future__ import annotations

import asyncio
import functools
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters.via_ccxt import attempt as attempts
from adapters.via_ccxt.egress import Egress, tls_context
from adapters.via_ccxt.loader import venue_class
from adapters.via_ccxt.request import request
from adapters.via_ccxt.route_sessions import RouteSessions
from adapters.via_ccxt.stream_client import take_over
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.via_ccxt.wiring import Wiring

_CLOSE_S = 2.0
_BUILDER = ThreadPoolExecutor(1, thread_name_prefix="ccxt")


class _Wired:
    """The overrides; mixed in front of a ccxt.pro class. `desk` and `sessions` are attributes of ours."""

    desk: Wiring
    sessions: RouteSessions
    number = str

    async def fetch2(
        self: Any,
        path: str,
        api: Any = "public",
        method: str = "GET",
        params: Any = None,
        config: Any = None,
    ) -> Any:
        # A None would be sent as the text "None" (an order's id, when only the client's is known).
        if isinstance(params, dict):
            params = {name: value for name, value in params.items() if value is not None}
        params = params if params is not None else {}
        config = config if config is not None else {}
        cost = float(self.calculate_rate_limiter_cost(api, method, path, params, config) or 0)
        name = ".".join(api) if isinstance(api, list | tuple) else str(api)
        with attempts.watched() as attempt:
            spend = self.desk.spend(attempt, name, (method, path), cost)
            left = len(self.sessions.names)
            while True:
                attempt.route = await self.desk.pacer.acquire(spend)
                signed = self.sign(path, api, method, params)
                left -= 1
                try:
                    return await self.fetch(
                        signed["url"], signed["method"], signed["headers"], signed["body"]
                    )
                except Exception:
                    # Public data may come another way; a key never changes its address by itself.
                    if self.sessions.keyed or left <= 0 or attempt.stage is not attempts.Stage.OPENING:
                        raise

    async def fetch(self: Any, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        attempt = attempts.current()
        attempt.begin(method)
        text = await request(self, attempt, url, headers, body)
        attempt.json = self.parse_json(text)
        if isinstance(attempt.json, dict) and "rateLimits" in attempt.json:
            self.desk.stated(attempt)
        bare = url.partition("?")[0]  # the query holds the signature, and errors quote the URL
        status, reason = attempt.status, ""
        self.last_response_headers = attempt.headers
        self.handle_errors(status, reason, bare, method, attempt.headers, text, attempt.json, {}, body)
        self.handle_http_status_code(status, reason, bare, method, text)
        return attempt.json if attempt.json is not None else text

    async def throttle(self, cost: float | None = None) -> None:
        """Return at once: `fetch2` asks our pacer instead."""

    @staticmethod
    def on_json_response(text: str) -> Any:
        """Numbers with a point stay the venue's own digits."""
        return json.loads(text, parse_float=str)

    def client(self: Any, url: str) -> Any:
        """The WebSocket client for `url`, with its dial and its frame handler taken over."""
        client = super().client(url)  # type: ignore[misc]
        if getattr(client, "desk", None) is None:
            take_over(client, self.desk, self.sessions)
        return client

    def handle_message(self: Any, client: Any, message: Any) -> None:
        if self.desk.tap is not None and self.desk.tap(client.url, message):
            return
        super().handle_message(client, message)  # type: ignore[misc]

    def delay(self: Any, timeout: float, method: Any, *args: Any) -> Any:
        timer = super().delay(timeout, method, *args)  # type: ignore[misc]
        now = self.asyncio_loop.time()
        self.desk.timers = [t for t in self.desk.timers if not t.cancelled() and t.when() > now]
        self.desk.timers.append(timer)
        return timer

    def ws_dial_delay(self, url: str) -> float:
        """The supervisors of ours do the backing off, with jitter and for every kind of loss."""
        del url
        return 0.0

    def __repr__(self: Any) -> str:
        return f"<ccxt {self.id}>"


def open_instance(
    wiring: Wiring,
    egress: Egress,
    mode: Mode = Mode.LIVE,
    *,
    keys: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    ping_s: float = 15.0,
) -> Any:
    """A ccxt.pro instance with a session of its own, on the running loop; close it with `close_instance`.

    Args:
        wiring: the venue's quirks, the pacer, the redactor.
        egress: where connections go.
        mode: DEMO switches to the venue's own test system.
        keys: ccxt's credential names -> plain values (`apiKey`, `secret`, `password`).
        options: ccxt options over the venue's quirks.
        ping_s: seconds between WebSocket pings; a peer that misses two is given up.

    Raises:
        LookupError: ccxt.pro knows no such venue.
        ConfigError: the venue has no demo system, or the egress is unusable.
    """
    return connect(bare_instance(wiring, mode, keys=keys, options=options, ping_s=ping_s), egress)


def connect(instance: Any, egress: Egress) -> Any:
    """Give a bare instance its sessions on the running loop; close it with `close_instance`.

    One that holds keys takes trusted routes alone.
    """
    instance.asyncio_loop = asyncio.get_running_loop()
    desk: Wiring = instance.desk
    keyed = any(getattr(instance, name, None) for name in instance.requiredCredentials)
    sessions = RouteSessions(egress, declared_hosts(instance), keyed=keyed, told=desk.dialled)
    desk.over = sessions.names
    instance.sessions = sessions
    # ccxt wants one to be there; requests and streams take that of their route.
    instance.session = sessions.over("") if sessions.names else None
    # ccxt would load the usual authorities for each instance, 20 ms each, though it never uses them.
    instance.ssl_context = tls_context(egress.ca_file)
    return instance


async def build_instance(
    wiring: Wiring, egress: Egress, mode: Mode, *, keys: Mapping[str, str] | None = None, ping_s: float
) -> Any:
    """The same as `open_instance`, with the 10 ms of its making off the loop; one is made at a time."""

    def make() -> Any:
        tls_context(egress.ca_file)  # read here, kept for the session
        return bare_instance(wiring, mode, keys=keys, ping_s=ping_s)

    made = await asyncio.get_running_loop().run_in_executor(_BUILDER, make)
    return connect(made, egress)


def bare_instance(
    wiring: Wiring,
    mode: Mode = Mode.LIVE,
    *,
    keys: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    ping_s: float = 15.0,
) -> Any:
    """The same without a session: can sign and parse, cannot reach anything."""
    quirks = wiring.quirks
    wired = _wired_class(quirks.venue)
    instance = wired(
        {
            **(keys or {}),
            # Named here, so that ccxt neither makes a session nor closes ours.
            "session": None,
            "enableRateLimit": False,
            "timeout_on_exit": 0,
            "streaming": {"keepAlive": int(ping_s * 1000), "maxPingPongMisses": 2},
            "options": {
                "warnOnFetchOpenOrdersWithoutSymbol": False,
                "maxRetriesOnFailure": 0,
                # Positions are asked by the desk itself; ccxt's own background load cannot count in strings.
                "watchPositions": {"fetchPositionsSnapshot": False, "awaitPositionsSnapshot": False},
                **{key: _plain(value) for key, value in quirks.options.items()},
                **(options or {}),
            },
        }
    )
    instance.desk = wiring
    if mode is Mode.DEMO:
        _to_demo(instance, quirks.venue)
    return instance


async def close_instance(instance: Any) -> None:
    """Close streams, timers and the session of an instance; safe to call twice."""
    instance.desk.drop_timers()
    await drop_streams(instance)
    instance.session = None
    instance.closed_by_user = True
    await instance.sessions.close()


async def drop_streams(instance: Any) -> None:
    """Give up every WebSocket of an instance; a peer that does not answer is not waited for long."""
    clients = list((instance.clients or {}).values())
    instance.clients = {}
    for client in clients:
        if client.error is None:
            client.error = ConnectionError("closed by us")  # keeps ccxt from calling it a server's close
    if clients:
        closing = [asyncio.ensure_future(client.close()) for client in clients]
        _, late = await asyncio.wait(closing, timeout=_CLOSE_S)
        for task in late:
            task.cancel()
        # Their errors were about a connection that is gone anyway.
        await asyncio.gather(*closing, return_exceptions=True)


def connections(instance: Any) -> list[Any]:
    """The WebSockets of an instance that are open or being opened (ccxt keeps mock ones beside them)."""
    return [client for client in (instance.clients or {}).values() if "://" in str(client.url)]


def declared_hosts(instance: Any) -> frozenset[str]:
    """The host names that the venue's API description holds: REST and WebSocket."""
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)
        elif isinstance(node, str):
            host = urlsplit(instance.implode_hostname(node)).hostname
            if host:
                found.add(host.lower())

    walk((instance.urls or {}).get("api"))
    return frozenset(found)


@functools.cache
def _wired_class(venue: str) -> Any:
    base = venue_class(venue)
    return type(base.__name__, (_Wired, base), {"__module__": __name__})


def _to_demo(instance: Any, venue: str) -> None:
    urls = instance.urls or {}
    try:
        if "demo" in urls or venue in ("bybit", "okx", "bitget", "gate"):
            instance.enable_demo_trading(True)
        else:
            instance.set_sandbox_mode(True)
    except Exception as error:
        raise ConfigError(f"{venue} has no demo system that ccxt knows: {error}") from error


def _plain(value: Any) -> Any:
    """A copy that ccxt may change."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, list | tuple) else value
