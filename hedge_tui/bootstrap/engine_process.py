"""The engine as a process: logs, locks, signals, and its parts from the configuration."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import logging.handlers
import random
import signal
import sys
from typing import TYPE_CHECKING

from hedge_tui.bootstrap import places
from hedge_tui.bootstrap.connector import VenueConnector, check_venues
from hedge_tui.config.paths import make_private_folder
from hedge_tui.credentials.process import harden
from hedge_tui.credentials.redaction import RedactingFilter, Redactor, install_excepthooks
from hedge_tui.domain.errors import CredentialError
from hedge_tui.engine.clock import SystemClock
from hedge_tui.engine.engine import Engine
from hedge_tui.wire.address import prepare_runtime_directory
from store.client import HistoryClient
from store.journal.sqlite_journal import SqliteJournal

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.config.paths import Paths
    from hedge_tui.config.settings import Settings

log = logging.getLogger(__name__)

LOG_FILES = 5
FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s"


def run_engine(paths: Paths, settings: Settings, socket: Path, passphrase: str | None) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code.

    Raises:
        ConfigError: a venue that is not known, or folders open to others.
        StoreError: another engine owns this data directory (named), or the journal is damaged.
    """
    harden()
    make_private_folder(paths.data_dir)
    make_private_folder(paths.log_dir)
    prepare_runtime_directory(socket.parent)
    check_venues(settings)
    redactor = Redactor()
    _start_logging(paths.data_dir, settings, redactor)
    journal = SqliteJournal.open(places.journal_folder(paths.data_dir))
    try:
        import uvloop

        factory = uvloop.new_event_loop
    except ImportError:
        factory = None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(
            _run(paths, settings, socket, journal=journal, redactor=redactor, passphrase=passphrase)
        )


async def _run(
    paths: Paths,
    settings: Settings,
    socket: Path,
    *,
    journal: SqliteJournal,
    redactor: Redactor,
    passphrase: str | None,
) -> int:
    clock, rng = SystemClock(), random.SystemRandom()
    connector = VenueConnector(settings, places.vault_file(paths.data_dir), redactor, clock, rng)
    history = None
    if settings.history.record:
        history = HistoryClient(
            places.history_folder(paths.data_dir), on_notice=lambda text: log.warning("history: %s", text)
        )
        await history.start()
    engine = Engine(
        settings=settings,
        accounts=[a.account() for a in settings.accounts],
        journal=journal,
        history=history,
        connector=connector,
        clock=clock,
        rng=rng,
        data_dir=paths.data_dir,
        socket=socket,
    )
    await _unlock(connector, settings, passphrase)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with contextlib.suppress(AttributeError):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # an ssh session that drops must not end the engine
    await engine.start()
    for notice in journal.notices:
        engine.desk.note("alarm", "journal", notice)
    _calm_the_collector()
    log.info("the engine runs: %d accounts, socket %s", len(settings.accounts), socket)
    await stop.wait()
    log.info("the engine stops")
    await engine.stop()
    return 0


async def _unlock(connector: VenueConnector, settings: Settings, passphrase: str | None) -> None:
    try:
        if passphrase is not None:
            await connector.unlock(passphrase)
        elif settings.vault.unlock == "keyring":
            await connector.unlock_by_keyring()
    except CredentialError as error:
        # A locked engine still shows markets and charts; accounts wait for `hedge unlock`.
        log.warning("the vault stays locked: %s", error)


def _start_logging(data_dir: Path, settings: Settings, redactor: Redactor) -> None:
    install_excepthooks(redactor)
    handler = logging.handlers.RotatingFileHandler(
        places.engine_log(data_dir),
        maxBytes=settings.engine.log_megabytes * 1_000_000,
        backupCount=LOG_FILES,
        encoding="utf-8",
    )
    handler.setFormatter(logging.Formatter(FORMAT, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(RedactingFilter(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.engine.log_level.upper())
    for noisy in ("asyncio", "aiohttp.access", "ccxt"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _calm_the_collector() -> None:
    """What is loaded stays; a full collection over it would stall the loop."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def read_passphrase_from_stdin() -> str:
    """One line from standard input, as `hedge engine run --passphrase-stdin` reads it."""
    return sys.stdin.readline().rstrip("\n")
