"""Changes leverage, margin and position mode at a venue, and reads back what became of it.

A change is journalled before it leaves, and never sent twice: one without an answer is settled by reading
the setting, in the run that asked for it or after the next start.
"""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import OutcomeUnknown, Refused, StoreError, VenueError
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.margin import MarginTerms, Term
from hedge_tui.engine.desk import drop
from hedge_tui.engine.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.account import AccountSnapshot
    from hedge_tui.domain.margin import TermChange
    from hedge_tui.domain.ports.venue import ExecutionClient
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.reconcile import Reconciler
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

READ_AFTER_S = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0)
"""Pauses before each reading of a change whose outcome nobody told."""
NEGATIVE_S = 10.0
"""Age at which a change that is not seen counts as not made: a late request may still arrive before."""
NEGATIVE_READS = 3
PURSUE_S = 5.0
WORDS = {
    Term.LEVERAGE: "leverage",
    Term.MARGIN_MODE: "margin mode",
    Term.MARGIN: "isolated margin",
    Term.POSITION_MODE: "position mode",
}


class TermChanger:
    """Carries out one change at a time per setting."""

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        reconciler: Reconciler,
        spawn: Callable[..., object],
        on_snapshot: Callable[[AccountSnapshot], None],
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._reconciler = reconciler
        self._spawn = spawn
        self._on_snapshot = on_snapshot
        self._pursued: set[tuple[str, str, str, str]] = set()

    async def change(self, run: str, change: TermChange) -> tuple[bool, str]:
        """Carry one change out.

        Returns:
            Whether it is so now, and the outcome in a word or two.
        """
        desk, client = self._desk, self._clients.get(change.account)
        if client is None:
            return False, "not sent: the account is not connected"
        if change.key in desk.state.terms:
            return False, "not sent: an earlier change of it is not settled yet"
        try:
            before = await self._own_margin(client, change) if change.term is Term.MARGIN else None
        except VenueError as error:
            return False, f"not sent: {error}"
        sending = acts.TermSending(desk.clock.now_ns(), run, change, before)
        try:
            await desk.record(sending)
        except StoreError as error:
            self._settle(sending, "not done", "the journal cannot be written")
            return False, f"not sent: {error}"
        try:
            await _ask(client, change)
        except OutcomeUnknown as error:
            log.info("%s: no answer: %s", describe(change), error)
        except VenueError as error:
            outcome = "refused" if isinstance(error, Refused) else "not done"
            self._settle(sending, outcome, str(error))
            return False, f"failed: {plain(str(error))}"
        except Exception:
            log.exception("%s raised", describe(change))
        else:
            return await self._confirm(client, sending)
        done = await self._find_out(client, sending)
        if done is None:
            self._record(sending, "unknown", "no answer, and it cannot be read back yet")
            self.pursue(sending)
            return False, "unknown"
        return done, "done" if done else "failed: no answer came, and it is not so"

    def resume(self, account: str) -> None:
        """Settle what the engine's end left open; called when the account is connected."""
        for sending in list(self._desk.state.terms.values()):
            if sending.change.account == account:
                self.pursue(sending)

    def pursue(self, sending: acts.TermSending) -> None:
        """Read back until it is known."""
        if sending.change.key not in self._pursued:
            self._pursued.add(sending.change.key)
            self._spawn(self._pursue(sending), name=f"term:{sending.change.account}")

    async def _pursue(self, sending: acts.TermSending) -> None:
        key = sending.change.key
        try:
            while key in self._desk.state.terms:
                client = self._clients.get(key[0])
                if client is not None and await self._find_out(client, sending) is not None:
                    return
                await asyncio.sleep(PURSUE_S)
        finally:
            self._pursued.discard(key)

    async def _confirm(self, client: ExecutionClient, sending: acts.TermSending) -> tuple[bool, str]:
        """The venue said yes: look whether it shows it."""
        shown = ""
        for pause in READ_AFTER_S[:3]:
            await asyncio.sleep(pause)
            try:
                done, shown = await self._read(client, sending)
            except VenueError as error:
                log.info("%s was not read back: %s", describe(sending.change), error)
                self._believe(sending.change)
                self._settle(sending, "done", "by the venue's answer; it could not be read back")
                return True, "done"
            if done:
                self._settle(sending, "done", "")
                return True, "done"
        self._settle(sending, "not done", f"the venue took it and shows {shown}")
        return False, f"failed: the venue took it and shows {shown}"

    def _believe(self, change: TermChange) -> None:
        """Take a change in that the venue said yes to and nobody could look at since."""
        account = self._desk.accounts[change.account]
        if change.term is Term.LEVERAGE:
            account.take_terms([MarginTerms(change.account, change.instrument, leverage=change.value)])
        elif change.term is Term.MARGIN_MODE:
            isolated = change.new == "isolated"
            account.take_terms([MarginTerms(change.account, change.instrument, isolated=isolated)])
        elif change.term is Term.POSITION_MODE:
            account.hedge_mode = change.new == "hedge"

    async def _find_out(self, client: ExecutionClient, sending: acts.TermSending) -> bool | None:
        """Whether a change without an answer was made; None while nobody can tell."""
        clock, negative = self._desk.clock, 0
        for pause in READ_AFTER_S:
            await asyncio.sleep(pause)
            try:
                done, shown = await self._read(client, sending)
            except VenueError as error:
                log.info("%s cannot be read back: %s", describe(sending.change), error)
                continue
            if done:
                self._settle(sending, "done", "no answer came; it was read back")
                return True
            negative += 1
            old = clock.now_ns() - sending.at_ns >= NEGATIVE_S * 1e9
            if old and negative >= NEGATIVE_READS:
                self._settle(sending, "not done", f"no answer came; the venue shows {shown}")
                return False
        return None

    async def _read(self, client: ExecutionClient, sending: acts.TermSending) -> tuple[bool, str]:
        """(whether the venue shows what was asked, what it shows)."""
        change = sending.change
        account = self._desk.accounts[change.account]
        if change.term is Term.POSITION_MODE:
            account.hedge_mode = await client.hedge_mode()
            shown = "hedge" if account.hedge_mode else "one-way"
            return shown == change.new, shown
        if change.term is Term.MARGIN:
            now, before = await self._own_margin(client, change), sending.before or Decimal(0)
            # Trades and funding move it too: nearer to the one or to the other.
            moved = now - before
            return abs(moved - change.value) < abs(moved), f"{now.normalize():f}"
        account.take_terms(await client.margin_terms())
        leverage, isolated = account.leverage.get(change.instrument), account.isolated.get(change.instrument)
        if change.term is Term.LEVERAGE:
            return leverage == change.value, f"{leverage:f}x" if leverage is not None else "nothing"
        shown = "nothing" if isolated is None else "isolated" if isolated else "cross"
        return shown == change.new, shown

    async def _own_margin(self, client: ExecutionClient, change: TermChange) -> Decimal:
        """Money set apart for one position, asked now."""
        snapshot = await client.snapshot()
        self._on_snapshot(snapshot)
        wanted = (change.instrument, change.position_side)
        found = (p for p in snapshot.positions if (p.instrument, p.position_side) == wanted)
        return next((p.isolated_wallet or Decimal(0) for p in found), Decimal(0))

    def _settle(self, sending: acts.TermSending, outcome: str, reason: str) -> None:
        self._record(sending, outcome, reason)
        text = f"{describe(sending.change)}: {outcome}" + (f" ({reason})" if reason else "")
        level = "info" if outcome == "done" else "warning"
        self._desk.note(level, sending.change.term.value, text, sending.change.account)
        if outcome == "done":
            self._reconciler.snapshot_soon(sending.change.account)

    def _record(self, sending: acts.TermSending, outcome: str, reason: str) -> None:
        at = self._desk.clock.now_ns()
        drop(self._desk.record(acts.TermSettled(at, sending.change, outcome, reason)))


async def _ask(client: ExecutionClient, change: TermChange) -> None:
    match change.term:
        case Term.LEVERAGE:
            await client.set_leverage(change.instrument, change.value)
        case Term.MARGIN_MODE:
            await client.set_margin_mode(change.instrument, isolated=change.new == "isolated")
        case Term.MARGIN:
            await client.change_isolated_margin(change.instrument, change.position_side, change.value)
        case Term.POSITION_MODE:
            await client.set_hedge_mode(enabled=change.new == "hedge")


def describe(change: TermChange) -> str:
    """A change in words: "BTC/USDT:USDT leverage 5 -> 20"."""
    if change.term is Term.POSITION_MODE:
        return f"position mode {change.old or '?'} -> {change.new}"
    side = f" {change.position_side}" if change.position_side != "net" else ""
    arrow = "" if change.term is Term.MARGIN else f"{change.old or '?'} -> "
    return f"{symbol_of(change.instrument)}{side} {WORDS[change.term]} {arrow}{change.new}"
