"""Panic without the engine: a desk of its own, for as long as it takes, that does nothing but panic.

For an engine that hangs or is gone. It opens connections of its own to every account and works as the
engine's panic does: entries are cancelled, protective stops stay, `flat` closes positions, and it goes on
until everything is proved. The journal is the engine's and is not touched: what happens here goes into a
record beside it, which the next engine takes in.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.traffic.kept_budgets import KeptBudgets
from hedge_tui.bootstrap.connector import VenueConnector
from hedge_tui.bootstrap.logs import keep_libraries_quiet
from hedge_tui.bootstrap.places import budgets_file, panic_folder
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.ports.pacing import Lane, in_lane
from hedge_tui.engine.clock import SystemClock
from hedge_tui.engine.desk import Desk
from hedge_tui.engine.execution.executor import Executor
from hedge_tui.engine.execution.panic import PanicButton
from hedge_tui.engine.execution.reconcile import Reconciler
from hedge_tui.engine.execution.terms import TermChanger
from hedge_tui.engine.execution.venues import Clients
from hedge_tui.engine.instrument_cache import instruments_file, read_instruments
from hedge_tui.engine.private import PrivateIntake
from hedge_tui.engine.supervisor import Supervisor
from store.lock import OwnerLock
from store.panic_record import PanicRecord

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.settings import Settings
    from hedge_tui.credentials.vault import Vault

CLOSE_S = 1.0
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it.

    Attributes:
        accounts: a document per account; see `Progress.document`.
        record: the file that was written; record_problem: why it is not whole, or "".
    """

    accounts: list[dict[str, Any]]
    record: Path
    record_problem: str


def panic_by_ourselves(
    settings: Settings,
    vault: Vault,
    data_dir: Path,
    *,
    flat: bool,
    limit_s: float,
    say: Callable[[str, str], None],
) -> Outcome:
    """Panic on every account, accounts side by side, until everything is proved.

    Args:
        settings: of the desk.
        vault: open.
        data_dir: where the record goes.
        flat: close positions too.
        limit_s: longest time; Ctrl+C ends it as well.
        say: hears (account, words) whenever an account is settled.

    Raises:
        StoreError: `flat`, and another `hedge panic flat` closes positions now (named by its process).
    """
    keep_libraries_quiet()
    folder = panic_folder(data_dir)
    lock = _lock(folder) if flat else None
    try:
        return asyncio.run(_GlassDesk(settings, vault, folder, say).panic(flat=flat, limit_s=limit_s))
    finally:
        if lock is not None:
            lock.release()


def _lock(folder: Path) -> OwnerLock:
    """Two that close positions side by side would each close all of them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return OwnerLock(folder / "flat.lock", "closing positions without an engine")


class _GlassDesk:
    """What of an engine panic needs."""

    def __init__(
        self, settings: Settings, vault: Vault, folder: Path, say: Callable[[str, str], None]
    ) -> None:
        self._settings = settings
        self._vault = vault
        self._folder = folder
        self._say = say

    async def panic(self, *, flat: bool, limit_s: float) -> Outcome:
        clock, rng, redactor = SystemClock(), random.SystemRandom(), Redactor()
        connector = VenueConnector(self._settings, self._vault.path, redactor, clock, rng)
        connector.vault = self._vault
        # A ban that the engine ran into is one of this process too; what it has spent does not hold this up.
        kept = KeptBudgets(budgets_file(self._folder.parent), connector.balancer, clock)
        kept.load(bans_alone=True)
        for name in self._vault.names():
            redactor.register(*self._vault.credential(name).secrets())
        at = datetime.fromtimestamp(clock.now_ns() / 1e9, UTC)
        path = self._folder / f"{at:%Y-%m-%dT%H-%M-%S-%f}.jsonl"
        record = PanicRecord(path)
        desk = Desk(record, clock, rng, self._settings.desk.reporting_currency, redactor.redact)
        desk.set_instruments(read_instruments(instruments_file(self._folder.parent)))
        supervisor = Supervisor(rng)
        clients, intake = Clients(), PrivateIntake(desk)
        reconciler = Reconciler(desk, clients, supervisor.spawn, intake.take_snapshot)
        terms = TermChanger(desk, clients, reconciler, supervisor.spawn, intake.take_snapshot)
        executor = Executor(desk, clients, reconciler, supervisor.spawn, terms)
        button = PanicButton(desk, clients, executor, reconciler, supervisor.spawn)
        intake.on_live = reconciler.repaired
        # Orders of paper accounts are in the engine itself, and no money is in them.
        accounts = [one for one in self._settings.accounts if one.mode is not Mode.PAPER]
        try:
            await asyncio.gather(*(self._connect(one, connector, desk, clients, intake) for one in accounts))
            await self._press(button, flat=flat, limit_s=limit_s)
        finally:
            await supervisor.stop(CLOSE_S, lambda name: name.startswith("run:"))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await asyncio.gather(*(one.stop() for one in clients.all()), return_exceptions=True)
            intake.flush()
            desk.note("alarm", "panic", f"without an engine: {button.text.replace(chr(10), '; ')}")
            await record.close()
        return Outcome(button.documents(), path, record.dead)

    async def _connect(
        self,
        account: AccountSettings,
        connector: VenueConnector,
        desk: Desk,
        clients: Clients,
        intake: PrivateIntake,
    ) -> None:
        spec = account.account()
        state = desk.add_account(spec)
        try:
            client = connector.execution(spec, emergency=True)
            # With all that its tasks ask: before every comparison, and behind every cancel.
            with in_lane(Lane.ORDER):
                await client.start(intake.put)
        except HedgeError as error:
            name, now = spec.name, desk.clock.now_ns()
            state.health = FeedHealth(
                f"{name}:private", name, spec.venue, FeedState.FAILED, now, detail=str(error)
            )
            return
        clients.add(client)

    async def _press(self, button: PanicButton, *, flat: bool, limit_s: float) -> None:
        told: set[str] = set()
        pressing = asyncio.ensure_future(button.press(flat=flat, origin="cli, without an engine"))
        try:
            async with asyncio.timeout(limit_s):
                while not pressing.done() or button.at_work:
                    await asyncio.sleep(LOOK_EVERY_S)
                    for one in button.progress:
                        if one.settled and one.account not in told:
                            told.add(one.account)
                            self._say(one.account, one.words)
        except TimeoutError:
            pass
        finally:
            pressing.cancel()
            await asyncio.gather(pressing, return_exceptions=True)
            button.stop()
        for one in button.progress:
            if one.account not in told:
                self._say(one.account, one.words)
