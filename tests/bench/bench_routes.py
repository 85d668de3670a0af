"""How much faster a crawl is over three egress routes than over one, beside ccxt's own throttle.

Three crawlers ask the sandbox for candles side by side, as fast as each may, for a whole minute: the venue's
own window, at its real limits, counted by the address that the sandbox sees. One has a single route (an own
address), one has three (an own address, an HTTP proxy and a SOCKS5 proxy, real ones on loopback), one is an
unmodified ccxt client with its own throttle on an address of its own. Nothing is scaled: the window is the
venue's minute, so that what a minute brings is what every minute brings.

    python tests/bench/bench_routes.py
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import aiohttp
from ratio import print_ratio

from adapters.sandbox.certificate import client_context
from adapters.sandbox.control import SandboxControl
from adapters.sandbox.loopback import LoopbackResolver
from adapters.traffic.balancer import Balancer
from adapters.traffic.home import Home
from adapters.via_ccxt.attempt import attempting
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.instance import close_instance, open_instance
from adapters.via_ccxt.quirk_tables import limits_of, quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.wiring import Wiring
from hedge_tui.domain.ports.pacing import Lane
from hedge_tui.domain.route import Route, RouteKind
from hedge_tui.engine.clock import SystemClock
from tests.proxies import a_proxy

VENUE = "binanceusdm"
MINUTE_S = 60.0
AT_ONCE = 8
"""Requests on their way at one time, for each route."""
CANDLES = {"symbol": "BTCUSDT", "interval": "1m", "limit": 99}
ALONE, THEIRS = "127.0.0.31", "127.0.0.32"
THREE = ("127.0.0.33", "127.0.0.34", "127.0.0.35")


def own(address: str) -> Route:
    """A route from an own address."""
    return Route(f"own-{address.rpartition('.')[2]}", RouteKind.SOURCE, address)


async def ours(venue: dict[str, Any], routes: tuple[Route, ...], until: float) -> int:
    """Answers until then, over these routes, through our balancer."""
    balancer = Balancer(limits_of, SystemClock())
    balancer.know(VENUE, routes)
    wiring = Wiring(quirks_of(VENUE), balancer.pacer(Home(VENUE)), Redactor())
    egress = Egress(f"127.0.0.1:{venue['port']}", venue["ca_file"], routes)
    instance = open_instance(wiring, egress)

    async def ask() -> None:
        with attempting(Lane.HISTORY):
            await instance.fapiPublicGetKlines(dict(CANDLES))

    try:
        return await crawl(ask, AT_ONCE * len(routes), until)
    finally:
        await close_instance(instance)


async def theirs(venue: dict[str, Any], until: float) -> int:
    """Answers until then by ccxt with its own throttle."""
    import ccxt.pro

    connector = aiohttp.TCPConnector(
        resolver=LoopbackResolver(venue["port"]),
        ssl=client_context(Path(venue["ca_file"])),
        local_addr=(THEIRS, 0),
        limit=0,
    )
    async with aiohttp.ClientSession(connector=connector) as session:
        exchange = ccxt.pro.binanceusdm({"session": session, "enableRateLimit": True})
        exchange.timeout_on_exit = 0
        try:
            return await crawl(lambda: exchange.fapiPublicGetKlines(dict(CANDLES)), AT_ONCE, until)
        finally:
            await exchange.close()


async def crawl(ask: Any, at_once: int, until: float) -> int:
    """How many answers come until then."""
    done = 0

    async def one() -> None:
        nonlocal done
        while time.monotonic() < until:
            await ask()
            done += time.monotonic() < until

    tasks = [asyncio.create_task(one()) for _ in range(at_once)]
    # Who waits for the next window then has nothing more to say.
    await asyncio.wait(tasks, timeout=until - time.monotonic())
    for task in tasks:
        task.cancel()
    for found in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(found, Exception):
            raise found
    return done


async def measure(venue: dict[str, Any]) -> None:
    """Run all three and print."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(a_proxy(RouteKind.HTTP, source=THREE[1]))
        socks = await stack.enter_async_context(a_proxy(RouteKind.SOCKS5, source=THREE[2]))
        routes = (own(THREE[0]), http.route("http-proxy"), socks.route("socks-proxy"))
        until = time.monotonic() + MINUTE_S
        one, three, peer = await asyncio.gather(
            ours(venue, (own(ALONE),), until), ours(venue, routes, until), theirs(venue, until)
        )
        async with SandboxControl(venue["control"]) as control:
            rows = [row for row in await control.requests("/klines") if row["address"] != "127.0.0.1"]
    report(one, three, peer, rows)


def report(one: int, three: int, peer: int, rows: list[dict[str, Any]]) -> None:
    """Print what the minute brought, and whether the venue ever had to say stop."""
    seen = Counter(row["address"] for row in rows)
    refused = Counter(row["address"] for row in rows if row["status"] in (418, 429))
    print("one whole minute at the venue's real limits (2,400 weight a minute and address), nothing scaled")
    for name, count, addresses in (
        ("one route", one, (ALONE,)),
        ("three routes", three, THREE),
        ("ccxt's own throttle", peer, (THEIRS,)),
    ):
        spread = ", ".join(f"{address} {seen[address]}" for address in addresses)
        stops = sum(refused[address] for address in addresses)
        print(f"{name:20} {count:6,} answers   {stops} times 429 or 418   sent: {spread}")
    print(f"three routes over one: {three / one:.2f} times as fast (bar: at least 2.5)")
    for what, count, other in (("over three routes than over one", one, "our one route"),):
        print_ratio(
            f"crawl {what}, ms a request",
            ours=1e3 * MINUTE_S / three,
            peer=1e3 * MINUTE_S / count,
            unit="ms",
            peer_name=other,
            bar="at most 0.4",
        )
    for words, count in (("one route", one), ("three routes", three)):
        print_ratio(
            f"crawl over {words}, ms a request",
            ours=1e3 * MINUTE_S / count,
            peer=1e3 * MINUTE_S / peer,
            unit="ms",
            peer_name="ccxt with its own throttle, one address",
        )


def main() -> None:
    """A sandbox in a process of its own, with the venue's limits enforced."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["sandbox", "--data-dir", folder, "--instruments", "4"]
        process = subprocess.Popen(
            [sys.executable, "-m", "hedge_tui", *words], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        try:
            assert process.stdout is not None
            asyncio.run(measure(json.loads(process.stdout.readline())))
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
