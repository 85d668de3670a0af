"""Puts the parts together and runs them, for the length of a block."""

from __future__ import annotations

import asyncio
import logging
import os
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import hedge_tui
from hedge_tui.domain import acts
from hedge_tui.domain.errors import CredentialError, HedgeError, StoreError
from hedge_tui.engine.armed_mode import ArmedMode
from hedge_tui.engine.atr import AtrBook
from hedge_tui.engine.away import AwayReport
from hedge_tui.engine.board.board import Board
from hedge_tui.engine.board.documents import BookDocuments, ChartDocuments
from hedge_tui.engine.board.restraints import LimitRows, restraints_document
from hedge_tui.engine.board.traffic import no_traffic
from hedge_tui.engine.candles import CandleDesk
from hedge_tui.engine.connections import Connections
from hedge_tui.engine.days import DayBook
from hedge_tui.engine.desk import Desk, drop
from hedge_tui.engine.desk_commands import DeskCommands
from hedge_tui.engine.desk_status import desk_status
from hedge_tui.engine.equity_query import EquityQuery
from hedge_tui.engine.execution.dead_man import DeadMan
from hedge_tui.engine.execution.executor import Executor
from hedge_tui.engine.execution.limits import RiskLimits, limits_now
from hedge_tui.engine.execution.panic import PanicButton
from hedge_tui.engine.execution.reconcile import Reconciler
from hedge_tui.engine.execution.recovery import settle_after_crash
from hedge_tui.engine.execution.risk import RiskGate
from hedge_tui.engine.execution.schedule import Schedule
from hedge_tui.engine.execution.strangers import Strangers
from hedge_tui.engine.execution.terms import TermChanger
from hedge_tui.engine.execution.venues import Clients
from hedge_tui.engine.feeds import Feeds
from hedge_tui.engine.journal_care import JournalCare
from hedge_tui.engine.key_watch import KeyWatch
from hedge_tui.engine.lines import Lines
from hedge_tui.engine.margin_book import MarginBook
from hedge_tui.engine.market_survey import MarketSurvey
from hedge_tui.engine.notices import Notices
from hedge_tui.engine.past import PastReader
from hedge_tui.engine.pnl.calendar import Calendar
from hedge_tui.engine.pnl.queries import PnlQueries
from hedge_tui.engine.private import PrivateIntake
from hedge_tui.engine.queries import Queries, QueryError
from hedge_tui.engine.sending import Sending
from hedge_tui.engine.server import Server, Session
from hedge_tui.engine.supervisor import Supervisor
from hedge_tui.engine.traffic_watch import TrafficWatch
from hedge_tui.engine.venue_rules import VenueRules
from hedge_tui.wire import messages as m

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from hedge_tui.config.settings import Settings
    from hedge_tui.domain.account import Account
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.history import History
    from hedge_tui.domain.ports.journal import Journal
    from hedge_tui.domain.traffic import TrafficState
    from hedge_tui.engine.connector import Connector
    from hedge_tui.engine.key_watch import KeyChecker

log = logging.getLogger(__name__)

CHECKPOINT_EVERY = 5_000
"""Acts after which the state is saved; a start replays at most about as many."""
CHECKPOINT_LOOK_S = 5.0
STOP_GRACE_S = 1.5
"""For the answers of orders on their way; what has none by then is UNKNOWN at the next start."""
CLOSE_GRACE_S = 1.0
"""For connections to close."""


class Engine:
    """One desk: built from ports, so that tests run it whole under simulated time.

    Attributes:
        desk: state, markets, accounts. server: None when it runs without a socket.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        accounts: Sequence[Account],
        journal: Journal,
        history: History | None,
        connector: Connector,
        clock: Clock,
        rng: random.Random,
        data_dir: Path | None = None,
        socket: Path | None = None,
        keys: KeyChecker | None = None,
        redact: Callable[[str], str] = str,
        traffic: Callable[[], TrafficState] = no_traffic,
    ) -> None:
        self._settings = settings
        self._specs = list(accounts)
        self._history = history
        self._connector = connector
        self._data_dir = data_dir
        self._supervisor = Supervisor(rng)
        self._started_ns = 0
        spawn = self._supervisor.spawn
        desk = self.desk = Desk(journal, clock, rng, settings.desk.reporting_currency, redact)
        self.keys = KeyWatch(desk, keys)
        self._traffic_watch = TrafficWatch(traffic, desk.note)
        desk.state.calendar = Calendar(settings.desk.timezone, settings.desk.day_start)
        self.intake = PrivateIntake(desk)
        self.clients = Clients()
        self.reconciler = Reconciler(desk, self.clients, spawn, self.intake.take_snapshot)
        believe = self.intake.believe
        self.intake.strangers = Strangers(desk, self.clients, spawn, believe, self.reconciler)
        terms = TermChanger(desk, self.clients, self.reconciler, spawn, self.intake.take_snapshot)
        self.executor = Executor(desk, self.clients, self.reconciler, spawn, terms)
        self.margin_book = MarginBook(desk, self.clients, terms, spawn)
        self.past = PastReader(desk, self.clients, spawn)
        self.feeds = Feeds(desk)
        self.connections = Connections(
            desk,
            self._specs,
            connector,
            feeds=self.feeds,
            clients=self.clients,
            intake=self.intake,
            reconciler=self.reconciler,
            keys=self.keys,
            spawn=spawn,
            data_dir=data_dir,
        )
        self.candles = CandleDesk(desk, self.feeds, history, spawn, settings.history.backfill_days)
        self.survey = MarketSurvey(desk, self.feeds, lambda venue: settings.venue(venue).survey_per_min)
        self._charts = ChartDocuments(self.candles)
        self.atr = AtrBook(desk, self.candles, history)
        self.dead_man = DeadMan(desk, self.clients, spawn)
        self.panic = PanicButton(desk, self.clients, self.executor, self.reconciler, spawn)
        self.board = Board(
            desk,
            [BookDocuments(desk, self.feeds), self._charts],
            self.feeds.health,
            self.intake.health,
            atr=self.atr.of,
            panic=self.panic.documents,
            traffic=traffic,
        )
        self.days = DayBook(desk, history, settings.desk.timezone, settings.desk.day_start)
        self.limits = RiskLimits(settings.risk)
        self.armed = ArmedMode(desk)
        self.journal_care = JournalCare(desk)
        self.lines = Lines(
            desk,
            RiskGate(),
            Sending(desk, self.executor, self.armed),
            DeskCommands(desk),
            self.panic,
            journal=self.journal_care,
            limits=lambda: limits_now(self.limits, desk.state, self._specs),
            locked=lambda: connector.locked,
            zone=ZoneInfo(settings.desk.timezone),
        )
        self.queries = Queries(desk, self.board, self.candles, self._status)
        self._add_queries()
        self.server = None
        if socket is not None:
            self.server = Server(socket, self.board, self, clock, settings.engine.frame_rate, redact=redact)
        self._supervisor.on_failure = lambda name, error: desk.note("warning", "engine", f"{name}: {error}")
        self.intake.on_live = self._account_is_live
        self.intake.on_flow = self.past.told
        self.intake.on_position = self.reconciler.snapshot_soon
        if self.server is not None:
            self.server.on_lock_lost = self.armed.lost
        self._notices = Notices(self.server.notify, clock) if self.server is not None else None
        if self._notices is not None:
            desk.on_changes.append(self._notices.changed)
        for account in self._specs:
            desk.add_account(account)

    # -- life

    async def start(self) -> None:
        """Replay, settle what a crash left open, listen, connect."""
        desk = self.desk
        self._started_ns = desk.clock.now_ns()
        self.connections.recall_instruments()
        count = desk.replay()
        settle_after_crash(desk)
        names = tuple(a.name for a in self._specs)
        drop(desk.record(acts.EngineStarted(self._started_ns, hedge_tui.__version__, names)))
        log.info("replayed %d acts, %d working orders", count, len(desk.state.working))
        if self.server is not None:
            await self.server.start()
            self._supervisor.keep(self.server.run_frames, name="frames")
        self._supervisor.keep(self.feeds.run, name="feeds")
        self._supervisor.keep(self.days.run, name="days")
        self._supervisor.keep(self.atr.run, name="atr")
        self._supervisor.keep(self.survey.sample, name="minutes")
        every_s = self._settings.reconcile.instruments_min * 60.0
        self.rules = VenueRules(desk, self.feeds, self.clients, every_s, self._supervisor.spawn)
        schedule = Schedule(desk, self.reconciler, self._settings.reconcile, self._supervisor.spawn)
        self._supervisor.keep(schedule.run, name="reconcile")
        self._supervisor.keep(self.rules.run, name="rules")
        self._supervisor.keep(self.margin_book.run, name="margin")
        self._supervisor.keep(self.dead_man.run, name="dead man")
        self._supervisor.keep(self.past.run, name="past")
        self._supervisor.keep(self._checkpoints, name="checkpoints")
        self._supervisor.keep(self.journal_care.run, name="journal")
        self._supervisor.keep(self.keys.run, name="keys")
        self._supervisor.keep(self._traffic_watch.run, name="traffic")
        self.connections.begin()
        for venue in self.feeds.venues:
            self._supervisor.keep(partial(self.survey.run, venue), name=f"survey:{venue}")

    async def stop(self, reason: str = "the engine stops") -> None:
        """Close intake, let answers on their way arrive, write everything, release everything."""
        desk = self.desk
        if self._notices is not None:
            self._notices.close()
        if self.server is not None:
            await self.server.stop(reason)
        self.armed.end(reason)
        self.executor.stop_runs(reason)
        await self._supervisor.stop(STOP_GRACE_S, lambda name: name.startswith("run:"))
        await asyncio.wait([asyncio.ensure_future(self.dead_man.stop())], timeout=CLOSE_GRACE_S)
        await self.connections.close(CLOSE_GRACE_S)
        self.intake.flush()
        self.connections.keep_instruments()
        if not desk.journal.dead:
            try:
                await desk.record(acts.EngineStopped(desk.clock.now_ns()))
            except StoreError as error:
                log.warning("the end was not journalled: %s", error)
        if self._history is not None:
            await self._history.close()
        await desk.journal.close()

    # -- requests of clients (the server's `Requests`)

    def welcome(self, client_name: str, lock_holder: str) -> m.Welcome:
        """The greeting."""
        return m.Welcome(
            m.PROTOCOL,
            hedge_tui.__version__,
            os.getpid(),
            client_name,
            str(self._data_dir or ""),
            self.desk.reporting,
            self._connector.locked,
            lock_holder,
            tuple(sorted({a.mode.value for a in self._specs})),
        )

    def console_came(self, *, here: bool) -> None:
        """Remember since when nobody looks, for the report on return."""
        if not self.desk.journal.dead:
            drop(self.desk.record(acts.ConsoleCame(self.desk.clock.now_ns(), here)))

    async def submit(self, session: Session, message: m.Submit) -> m.ServerMessage:
        """A typed line."""
        may_trade = self.server is None or self.server.may_trade(session)
        holds_lock = self.server is None or self.server.lock_holder is session
        return await self.lines.submit(message, session.name, may_trade=may_trade, holds_lock=holds_lock)

    async def confirm(self, session: Session, message: m.Confirm) -> m.ServerMessage:
        """A confirmed preview."""
        return await self.lines.confirm(message, session.name)

    async def query(self, message: m.Query) -> m.ServerMessage:
        """A question."""
        try:
            return m.Reply(message.id, await self.queries.answer(message.name, message.args))
        except QueryError as error:
            return m.Failure(message.id, "command", str(error))
        except (HedgeError, ValueError) as error:
            return m.Failure(message.id, "unavailable", str(error))

    async def unlock(self, message: m.Unlock) -> m.ServerMessage:
        """Open the vault and connect what waited for it."""
        try:
            text = await self._connector.unlock(message.passphrase, only_check=message.only_check)
        except CredentialError as error:
            return m.Failure(message.id, "locked", str(error))
        if message.only_check:
            return m.Done(message.id, text)
        self.connections.unlocked()
        return m.Done(message.id, text)

    # -- inside

    def _add_queries(self) -> None:
        desk, history = self.desk, self._history
        self.queries.add("pnl_book", PnlQueries(desk).book)
        self.queries.add("panic", self.panic.documents)
        self.queries.add("restraints", lambda: restraints_document(desk, self.lines.view()))
        self.board.serve(LimitRows(desk, self.lines.view))
        self.queries.add("away", AwayReport(desk, history).answer)
        if history is not None:
            self.queries.add("spans", history.spans)
            self.queries.add("equity", history.equity)
        self.queries.add("equity_curve", EquityQuery(desk, history).curve)

    def _account_is_live(self, account: str, heard: Collection[str]) -> None:
        self.reconciler.repaired(account, heard)
        self.margin_book.live(account)
        self.past.live(account)

    async def _checkpoints(self) -> None:
        """Save the state when much has happened and nothing is on its way: it takes some milliseconds."""
        while True:
            await asyncio.sleep(CHECKPOINT_LOOK_S)
            busy = bool(self.desk.state.intents) or bool(self.reconciler.in_flight)
            if self.desk.since_checkpoint >= CHECKPOINT_EVERY and not busy and not self.desk.journal.dead:
                await self.desk.save_checkpoint()

    def _status(self) -> dict[str, Any]:
        return {
            "pid": os.getpid(),
            "data_dir": str(self._data_dir or ""),
            "started_ns": self._started_ns,
            "locked": self._connector.locked,
            "vault": self._connector.has_vault,
            "unsettled": self.reconciler.unsettled,
            "clients": self.server.clients if self.server is not None else 0,
            **desk_status(self.desk),
        }
