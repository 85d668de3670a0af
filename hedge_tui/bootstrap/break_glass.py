"""Panic without the engine: opens the vault itself and cancels over connections of its own.

For an engine that hangs or is gone. Entries are cancelled on every account at once, protective stops stay.
The journal is the engine's and is not touched: it learns of the cancels when it reconciles.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.connector import VenueConnector
from hedge_tui.bootstrap.logs import keep_libraries_quiet
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.order import OrderRef
from hedge_tui.domain.report import ReportKind
from hedge_tui.engine.clock import SystemClock

if TYPE_CHECKING:
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.settings import Settings
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.ports.venue import ExecutionClient, PrivateEvent
    from hedge_tui.domain.report import Report

LIMIT_S = 20.0
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class AccountPanic:
    """What became of one account.

    Attributes:
        cancelled: entries the venue took off. refused: already gone, or not cancelled.
        silent: entries whose cancel got no answer.
        kept: protective stops left alone.
        problem: why the account could not be reached, or "".
    """

    account: str
    cancelled: int = 0
    refused: int = 0
    silent: int = 0
    kept: int = 0
    problem: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing of it is in doubt."""
        return not self.problem and not self.silent


def cancel_everything(settings: Settings, vault: Vault) -> list[AccountPanic]:
    """Cancel the entries of every account, accounts side by side; one result per account."""
    keep_libraries_quiet()
    return asyncio.run(_all(settings, vault))


async def _all(settings: Settings, vault: Vault) -> list[AccountPanic]:
    connector = VenueConnector(settings, vault.path, Redactor(), SystemClock(), random.Random(0))
    connector.vault = vault
    # Orders of paper accounts are in the engine itself, and no money is in them.
    reached = [account for account in settings.accounts if account.mode is not Mode.PAPER]
    return list(await asyncio.gather(*(_one(connector, account) for account in reached)))


async def _one(connector: VenueConnector, account: AccountSettings) -> AccountPanic:
    try:
        client = connector.execution(account.account(), emergency=True)
    except HedgeError as error:
        return AccountPanic(account.name, problem=str(error))
    trouble: list[str] = []

    def sink(event: PrivateEvent) -> None:
        if detail := getattr(event, "detail", ""):
            trouble.append(str(detail))

    try:
        async with asyncio.timeout(LIMIT_S):
            await client.start(sink)
            return await _cancel(client, account.name, await _resting(client))
    except TimeoutError:
        return AccountPanic(account.name, problem=trouble[-1] if trouble else "the venue did not answer")
    except HedgeError as error:
        return AccountPanic(account.name, problem=str(error))
    finally:
        await client.stop()


async def _resting(client: ExecutionClient) -> list[Report]:
    """What rests at the venue; asked again until the client is connected and the venue answers."""
    while True:
        try:
            return await client.open_orders()
        except HedgeError:
            await asyncio.sleep(POLL_S)


async def _cancel(client: ExecutionClient, name: str, resting: list[Report]) -> AccountPanic:
    entries = [one for one in resting if not _protective(one)]
    refs = [
        OrderRef(
            one.account,
            one.instrument,
            one.client_order_id,
            one.venue_order_id,
            one.request is not None and one.request.type.triggered,
        )
        for one in entries
    ]
    kinds = [report.kind for report in await client.cancel(refs)] if refs else []
    cancelled = kinds.count(ReportKind.CANCELLED)
    refused = kinds.count(ReportKind.CANCEL_REFUSED)
    return AccountPanic(
        name, cancelled, refused, len(refs) - cancelled - refused, len(resting) - len(entries)
    )


def _protective(report: Report) -> bool:
    """A stop or take-profit that can only shrink a position."""
    request = report.request
    return request is not None and request.type.triggered and (request.reduce_only or request.close_position)
