"""Starts a sandbox venue: in a test's own process by `serve`, as a program of its own by `run`."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from adapters.sandbox.accounts import AccountSpec, demo_accounts, load_accounts
from adapters.sandbox.certificate import server_context
from adapters.sandbox.clock import SandboxClock
from adapters.sandbox.connection import LIFE_MS
from adapters.sandbox.faults import FaultBoard
from adapters.sandbox.ledger import Ledger
from adapters.sandbox.limits import SPOT_LIMITS, USDM_LIMITS, RateLimiter
from adapters.sandbox.market_feed import MarketFeed, open_feed
from adapters.sandbox.options import LimitMode, SandboxOptions
from adapters.sandbox.served_venue import ServedVenue
from adapters.sandbox.server import Listener
from adapters.sandbox.signing import Keyring
from adapters.sandbox.spot import service as spot_service
from adapters.sandbox.treasury import Treasury
from adapters.sandbox.usdm import countdowns
from adapters.sandbox.usdm import service as usdm_service
from adapters.sandbox.usdm.margin_calls import MarginCalls
from adapters.sandbox.world import World

if TYPE_CHECKING:
    from pathlib import Path

CHECK_S = 1.0


@dataclass(slots=True)
class RunningSandbox:
    """A sandbox that listens.

    Attributes:
        port: TLS port for REST and streams of every host name in `certificate.HOSTS`.
        control_port: plain HTTP port for `SandboxControl`.
        ca_file: PEM file with the CA that clients must trust.
        accounts: as served, with keys and secrets.
    """

    host: str
    port: int
    control_port: int
    ca_file: Path
    accounts: tuple[AccountSpec, ...]
    world: World
    _listener: Listener
    _market: asyncio.Task[None]

    def account(self, name: str) -> AccountSpec:
        """One account by name.

        Raises:
            KeyError: there is none.
        """
        for one in self.accounts:
            if one.name == name:
                return one
        raise KeyError(name)

    async def failed(self) -> None:
        """Wait until the market stops moving, which only a bug does; raises what stopped it."""
        await asyncio.shield(self._market)

    async def stop(self) -> None:
        """Close everything; raises what stopped the market, if a bug did."""
        self._market.cancel()
        await self._listener.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await self._market


async def serve(options: SandboxOptions) -> RunningSandbox:
    """Start a sandbox in this event loop; the caller stops it.

    Raises:
        ConfigError: the accounts file is wrong. OSError: a port is taken.
    """
    accounts = options.accounts
    if not accounts:
        accounts = load_accounts(options.accounts_file) if options.accounts_file else demo_accounts()
    context, ca_file = server_context(options.directory)
    world = build_world(options, accounts)
    listener = Listener(world, context)
    await listener.start()
    market = asyncio.create_task(_move_market(world), name="sandbox:market")
    return RunningSandbox(
        host=options.host,
        port=listener.port,
        control_port=listener.control_port,
        ca_file=ca_file,
        accounts=tuple(accounts),
        world=world,
        _listener=listener,
        _market=market,
    )


def build_world(options: SandboxOptions, accounts: tuple[AccountSpec, ...]) -> World:
    """Everything behind the sockets, without opening one."""
    clock, ledger, treasury = SandboxClock(), Ledger(), Treasury()
    enforce, report = options.limits is LimitMode.REAL, options.limits is not LimitMode.SILENT

    def venue(kind: Literal["spot", "usdm"], name: str) -> ServedVenue:
        table = SPOT_LIMITS if kind == "spot" else USDM_LIMITS
        feed = open_feed(kind, options, clock.market_ns())
        limiter = RateLimiter(table, enforce=enforce, report=report)
        return ServedVenue(
            kind,
            name,
            feed,
            accounts=accounts,
            limiter=limiter,
            clock=clock,
            ledger=ledger,
            treasury=treasury,
        )

    spot, usdm = venue("spot", "binance"), venue("usdm", "binanceusdm")
    spot_service.install(spot)
    usdm_service.install(usdm)
    for one in (spot, usdm):
        one.feed.step(clock.market_ns())
    return World(options, clock, ledger, FaultBoard(), Keyring(accounts), spot, usdm)


async def run(options: SandboxOptions) -> None:
    """Serve until SIGINT or SIGTERM; prints one JSON line with port, control, ca_file and pid when ready."""
    running = await serve(options)
    # A page of candles makes a thousand lists: collections over all that stays would stall every answer.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    ready = {
        "port": running.port,
        "control": running.control_port,
        "ca_file": str(running.ca_file),
        "host": running.host,
        "accounts": [account.name for account in running.accounts],
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    stopping = asyncio.create_task(stop.wait())
    failing = asyncio.create_task(running.failed())
    try:
        done, _ = await asyncio.wait({stopping, failing}, return_when=asyncio.FIRST_COMPLETED)
        if failing in done:
            failing.result()
    finally:
        stopping.cancel()
        failing.cancel()
        await running.stop()


async def _move_market(world: World) -> None:
    """Step both markets at the chosen pace; once a second end what is too old and warn thin accounts."""
    pause = 1.0 / world.options.steps_per_second
    loop = asyncio.get_running_loop()
    due, checked_at = loop.time(), 0.0
    margin_calls = MarginCalls(world.usdm)
    feeds: tuple[MarketFeed, ...] = (world.spot.feed, world.usdm.feed)
    while True:
        due = max(due + pause, loop.time())
        await asyncio.sleep(due - loop.time())
        for feed in feeds if world.moving else ():
            feed.step(world.clock.market_ns())
            await asyncio.sleep(0)
        countdowns.fire(world.usdm, world.clock.now_ms())
        _expire(world)
        if loop.time() >= checked_at:
            checked_at = loop.time() + CHECK_S
            now_ms = world.clock.now_ms()
            margin_calls.check()
            for account, key in world.usdm.listen_keys.expired(world.clock.life_ms()):
                world.usdm.end_listen_key(account, key, now_ms)
            _cut_old_connections(world)


def _cut_old_connections(world: World) -> None:
    oldest = world.clock.life_ms() - LIFE_MS
    for venue in world.venues():
        for connection in list(venue.connections):
            if connection.opened_ms <= oldest and not connection.closed:
                connection.close(1001)


def _expire(world: World) -> None:
    """Take off the orders that were good till now, by the time that clients are told."""
    venue, until_ns = world.usdm, world.clock.life_ms() * 1_000_000
    due = venue.paper.next_expiry_ns
    if due is not None and due <= until_ns:
        venue.tell(venue.paper.advance(venue.now_ns(), until_ns=until_ns))
