"""The engine as a process: locks, logs, signals, and its parts from the configuration."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import random
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.traffic.kept_budgets import KeptBudgets
from hedge_tui.bootstrap import places
from hedge_tui.bootstrap.connector import VenueConnector
from hedge_tui.bootstrap.explainer import Explainer
from hedge_tui.bootstrap.idle import IdleWatch, wait_idle
from hedge_tui.bootstrap.key_keeper import KeyKeeper
from hedge_tui.bootstrap.logs import start_logging
from hedge_tui.bootstrap.panic_records import watch_records
from hedge_tui.bootstrap.vault_watch import VaultWatch
from hedge_tui.bootstrap.venues import check_venues
from hedge_tui.bootstrap.watchdog import Watchdog
from hedge_tui.config.paths import make_private_folder
from hedge_tui.credentials.process import harden
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.domain.errors import CredentialError
from hedge_tui.domain.instrument import venue_of
from hedge_tui.engine.clock import SystemClock
from hedge_tui.engine.engine import Engine
from hedge_tui.wire.address import prepare_runtime_directory
from store.client import HistoryClient
from store.journal.sqlite_journal import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hedge_tui.config.paths import Paths
    from hedge_tui.config.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What `run_engine` made before the loop runs."""

    paths: Paths
    settings: Settings
    socket: Path
    journal: SqliteJournal
    redactor: Redactor


def run_engine(
    paths: Paths,
    settings: Settings,
    socket: Path,
    passphrase: str | None,
    say: Callable[[str], None] = lambda _: None,
) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code.

    Args:
        paths: of the desk.
        settings: of the desk.
        socket: where it will listen.
        passphrase: opens the vault; None starts it locked, unless keyring or command open it.
        say: hears one line when the engine serves, and one when it ends.

    Raises:
        ConfigError: a venue that is not known, or folders open to others.
        StoreError: another engine owns this data directory (named), or the journal is damaged.
    """
    harden()
    make_private_folder(paths.data_dir)
    make_private_folder(paths.log_dir)
    prepare_runtime_directory(socket.parent)
    check_venues(settings, paths.config_file)
    # The lock comes first: a second engine must not touch the log of the first.
    journal = SqliteJournal.open(places.journal_folder(paths.data_dir))
    redactor = Redactor()
    start_logging(places.engine_log(paths.data_dir), settings.engine, redactor)
    # Workers are started by module name: what lies in the folder somebody stands in must not be found first.
    os.chdir("/")
    try:
        import uvloop

        factory = uvloop.new_event_loop
    except ImportError:
        factory = None
    parts = _Parts(paths, settings, socket, journal, redactor)
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_run(parts, passphrase, say))


async def _run(parts: _Parts, passphrase: str | None, say: Callable[[str], None]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with contextlib.suppress(AttributeError):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # an ssh session that drops must not end the engine
    engine, connector = await _build(parts)
    budgets = KeptBudgets(places.budgets_file(parts.paths.data_dir), connector.balancer, SystemClock())
    budgets.load()
    await _unlock(connector, parts.settings, passphrase)
    watches: list[asyncio.Task[None]] = []
    watchdog = Watchdog(
        places.stuck_file(parts.paths.data_dir),
        os.getpid(),
        lambda words: engine.desk.note("alarm", "engine", words),
    )
    try:
        await engine.start()
        watchdog.start()
        watches = [
            asyncio.create_task(_watch_vault(engine, connector, parts).run(), name="vault"),
            asyncio.create_task(_end_when_idle(engine, parts.settings, stop), name="idle"),
            asyncio.create_task(
                watch_records(engine, places.panic_folder(parts.paths.data_dir)), name="panic records"
            ),
            asyncio.create_task(budgets.run(), name="budgets"),
        ]
        for notice in parts.journal.notices:
            engine.desk.note("alarm", "journal", notice)
        for notice in budgets.notices:
            engine.desk.note("warning", "traffic", notice)
        _calm_the_collector()
        count = len(parts.settings.accounts)
        log.info("the engine runs: %d accounts, socket %s", count, parts.socket)
        say(f"the engine runs: process {os.getpid()}, {count} accounts{_waiting(connector)}")
        await stop.wait()
    finally:
        log.info("the engine stops")
        watchdog.stop()
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
        await engine.stop()
        await budgets.save()
    say("the engine has ended; resting orders stay at their venues")
    return 0


async def _build(parts: _Parts) -> tuple[Engine, VenueConnector]:
    settings, paths = parts.settings, parts.paths
    clock, rng = SystemClock(), random.SystemRandom()
    connector = VenueConnector(settings, places.vault_file(paths.data_dir), parts.redactor, clock, rng)
    history, made = None, list[Engine]()

    def tell(notice: str) -> None:
        """What became of the history: for the trader, once there is a desk to say it on."""
        log.warning("history: %s", notice)
        for engine in made:
            engine.desk.note("warning", "history", notice)

    if settings.history.record:
        history = HistoryClient(paths.data_dir, on_notice=tell)
        await history.start()
    engine = Engine(
        settings=settings,
        accounts=[a.account() for a in settings.accounts],
        journal=parts.journal,
        history=history,
        connector=connector,
        clock=clock,
        rng=rng,
        data_dir=paths.data_dir,
        socket=parts.socket,
        keys=KeyKeeper(connector, clock),
        redact=parts.redactor.redact,
        traffic=connector.balancer.snapshot,
    )
    made.append(engine)
    engine.queries.add("explain", Explainer(paths).explain)
    return engine, connector


def _waiting(connector: VenueConnector) -> str:
    return ", waiting for `hedge unlock`" if connector.locked else ""


def _watch_vault(engine: Engine, connector: VenueConnector, parts: _Parts) -> VaultWatch:
    async def reconnect(names: list[str]) -> None:
        """Drop the connections that were made with other keys, then connect what has keys now."""
        for name in names:
            client = engine.clients.drop(name)
            if client is not None:
                await client.stop()
        engine.keys.review()
        # Also without a changed key: one that was refused may have been accepted.
        for venue in engine.feeds.venues:
            # Instruments come first; a venue that has none yet connects its accounts by itself.
            if any(venue_of(id_) == venue for id_ in engine.desk.markets.instruments):
                await engine.connections.connect_accounts(venue)

    return VaultWatch(
        connector,
        places.vault_file(parts.paths.data_dir),
        reconnect,
        lambda level, text: engine.desk.note(level, "vault", text),
    )


async def _end_when_idle(engine: Engine, settings: Settings, stop: asyncio.Event) -> None:
    def look() -> tuple[int, int]:
        return engine.server.clients if engine.server is not None else 0, len(engine.desk.state.working)

    if settings.engine.idle_exit_min:
        await wait_idle(IdleWatch(settings.engine.idle_exit_min), look)
        log.info("nobody has looked for %d minutes and no order works", settings.engine.idle_exit_min)
        stop.set()


async def _unlock(connector: VenueConnector, settings: Settings, passphrase: str | None) -> None:
    try:
        if passphrase is not None:
            await connector.unlock(passphrase)
        elif settings.vault.unlock != "passphrase" and connector.locked:
            await connector.unlock_unasked()
    except CredentialError as error:
        # A locked engine still shows markets and charts; accounts wait for `hedge unlock`.
        log.warning("the vault stays locked: %s", error)


def _calm_the_collector() -> None:
    """What is loaded stays; a full collection over it would stall the loop."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def read_passphrase_from_stdin() -> str:
    """One line from standard input, as `hedge engine run --passphrase-stdin` reads it."""
    return sys.stdin.readline().rstrip("\n")
