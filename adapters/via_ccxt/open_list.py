"""Asks an account's open orders after a (re)connect as cheaply as the venue allows. Used by `execution`.

One list of everything weighs as much as forty lists of one symbol at USD-M futures, and its answer about
positions names every symbol that has an order: so the symbols it names, and those known of, are asked first.
What only a list of everything can show, another program's conditional order in a symbol without position and
order, is asked behind it, when nothing else needs the budget.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.ports.pacing import behind_all

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from adapters.via_ccxt.account_desk import AccountDesk
    from hedge_tui.domain.report import Report

_log = logging.getLogger(__name__)
MOST_SYMBOLS = 20
"""Above that the list of everything costs less."""
_AGAIN_S = 60.0


class OpenList:
    """The open orders of one account.

    Args:
        name: of the account.
        desk: asks.
        say: told each order that the list of everything shows.
    """

    def __init__(self, name: str, desk: AccountDesk, say: Callable[[Report], None]) -> None:
        self._name = name
        self._desk = desk
        self._say = say
        self._rest: asyncio.Task[None] | None = None

    async def first(self, known: Collection[str]) -> list[Report]:
        """What the venue shows of the symbols it names and of `known`, or of all of them."""
        symbols = {*self._desk.shown, *known} if self._desk.shown is not None else None
        if symbols is None or len(symbols) > MOST_SYMBOLS:
            return await self._desk.open_orders()
        reports = await self._desk.open_orders(sorted(symbols))
        if self._rest is None or self._rest.done():
            self._rest = asyncio.create_task(self._ask_rest(), name=f"{self._name}:open orders")
        return reports

    async def stop(self) -> None:
        """Ask for nothing more."""
        if self._rest is not None:
            self._rest.cancel()
            await asyncio.gather(self._rest, return_exceptions=True)

    async def _ask_rest(self) -> None:
        while True:
            try:
                with behind_all():
                    reports = await self._desk.conditional_orders()
                for report in reports:
                    self._say(report)
            except HedgeError as error:
                _log.info("%s: the list of all conditional orders: %s", self._name, error)
                await asyncio.sleep(_AGAIN_S)
            else:
                return
