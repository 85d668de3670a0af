"""Keeps what each account's leverage and margin modes are, and the venue's leverage brackets."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import VenueError
from hedge_tui.domain.health import FeedState
from hedge_tui.engine.rule_changes import setting_changes
from hedge_tui.engine.state import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.margin import LeverageBracket
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.terms import TermChanger
    from hedge_tui.engine.execution.venues import Clients

log = logging.getLogger(__name__)

EVERY_S = 600.0
"""Settings changed elsewhere are told by the stream where the venue does; this is for the others."""
AGAIN_S = 5.0
TRIES = 20


class MarginBook:
    """Asks when an account goes live, and now and then."""

    def __init__(
        self, desk: Desk, clients: Clients, changer: TermChanger, spawn: Callable[..., object]
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._changer = changer
        self._spawn = spawn
        self._asking: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = {}

    def live(self, account: str) -> None:
        """An account is connected, or connected again."""
        self._changer.resume(account)
        self._begin(account)

    async def run(self) -> None:
        """Ask every account again, spread over time."""
        while True:
            names = list(self._desk.accounts)
            for name in names:
                await asyncio.sleep(EVERY_S / len(names))
                if self._desk.accounts[name].state is FeedState.LIVE:
                    self._begin(name)
            if not names:
                await asyncio.sleep(EVERY_S)

    def _begin(self, account: str) -> None:
        if account not in self._asking:
            self._asking.add(account)
            self._spawn(self._ask(account), name=f"margin:{account}")

    async def _ask(self, account: str) -> None:
        try:
            for _ in range(TRIES):
                client, state = self._clients.get(account), self._desk.accounts[account]
                if client is None:
                    return
                try:
                    terms = await client.margin_terms()
                    for words in setting_changes(state, terms, self._desk.state.terms.keys()):
                        self._desk.note("warning", "settings", f"{words}, changed outside this desk", account)
                    state.take_terms(terms)
                    async with self._locks.setdefault(state.account.venue, asyncio.Lock()):
                        if not state.brackets:
                            shared = self._shared(state.account.venue)
                            state.brackets = shared or await client.leverage_brackets()
                except VenueError as error:
                    log.info("the margin terms of %s: %s", account, error)
                    await asyncio.sleep(AGAIN_S)
                    continue
                self._desk.tell(Changes(accounts={account}))
                return
        finally:
            self._asking.discard(account)

    def _shared(self, venue: str) -> Mapping[InstrumentId, tuple[LeverageBracket, ...]]:
        """Brackets that another account of the venue has learnt: they are the same for all."""
        states = (a for a in self._desk.accounts.values() if a.account.venue == venue)
        return next((a.brackets for a in states if a.brackets), {})
