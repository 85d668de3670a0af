"""Reads the past of a Binance spot account: executions by symbol, deposits, withdrawals, transfers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.parse_fill import fill_of
from adapters.via_ccxt.past_rows import (
    DAY_MS,
    REACH_MS,
    deposit_flow,
    own_trades,
    raw,
    readable,
    transfer_flow,
    withdrawal_flow,
)
from hedge_tui.domain.errors import OutcomeUnknown, Refused
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.past import PastPage
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.via_ccxt.caller import VenueCaller
    from adapters.via_ccxt.speech import Speech
    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.instrument import InstrumentId

    Known = Callable[[tuple[str, str, str]], bool]

_log = logging.getLogger(__name__)
TRADES = "trades:"
PAGE = 1000
WINDOW_MS = 89 * DAY_MS
OVERLAP_MS = 3 * DAY_MS
"""Deposits and withdrawals are entered when they begin and count when they are done, hours later."""
_DEPOSITED, _WITHDRAWN = (1, 6), (6,)
_WALLETS = ("UMFUTURE", "CMFUTURE", "MARGIN", "FUNDING")
"""Wallets of the same account that the spot wallet gives to and takes from."""


class SpotPast:
    """One account.

    Args:
        caller, speech: of the account. symbols: all that the venue lists. skipped: told in words about
            each row that cannot be read.
    """

    def __init__(
        self,
        caller: VenueCaller,
        speech: Speech,
        symbols: Callable[[], Sequence[str]],
        skipped: Callable[[str], None],
    ) -> None:
        self._caller = caller
        self._speech = speech
        self._symbols = symbols
        self._skipped = skipped
        self._refused: set[str] = set()

    def sources(self, traded: Sequence[InstrumentId], *, whole: bool) -> tuple[str, ...]:
        """Money first, then executions, those of known instruments before all others."""
        symbols = dict.fromkeys(symbol_of(instrument) for instrument in traded)
        if whole:
            symbols |= dict.fromkeys(self._symbols())
        return ("deposits", "withdrawals", "transfers", *(TRADES + symbol for symbol in symbols))

    async def read(self, source: str, mark: str, known: Known) -> PastPage:
        """A page of executions from the mark on, a trade id; or a window of movements, a time in ms."""
        if source.startswith(TRADES):
            return await self._trades(source.removeprefix(TRADES), int(mark or 0), known)
        now_ms = self._speech.now_ns() // 1_000_000
        oldest_ms = now_ms - REACH_MS
        start_ms = int(mark) if mark else oldest_ms
        end_ms = min(start_ms + WINDOW_MS, now_ms)
        flows = await getattr(self, f"_{source}")(start_ms, end_ms)
        done = end_ms == now_ms
        after = max(start_ms, end_ms - OVERLAP_MS) if done else end_ms
        ns = 1_000_000
        return PastPage((), tuple(flows), str(after), end_ms * ns, done, oldest_ns=oldest_ms * ns)

    async def _trades(self, symbol: str, first_id: int, known: Known) -> PastPage:
        asked_ns = self._speech.now_ns()
        page = await self._caller.ask(Lane.HISTORY, own_trades(symbol, None, PAGE, {"fromId": first_id}))
        told = readable(page, fill_of, self._speech, "an execution", self._skipped)
        fills = [fill for fill in told if not known(fill.key)]
        after = max((int(trade["id"]) + 1 for trade in page), default=first_id)
        fills.sort(key=lambda fill: (fill.venue_ns, int(fill.trade_id)))
        done = len(page) < PAGE
        until_ns = asked_ns if done else int(page[-1]["timestamp"]) * 1_000_000
        return PastPage(tuple(fills), (), str(after), until_ns, done)

    async def _deposits(self, start_ms: int, end_ms: int) -> list[CashFlow]:
        rows = await self._paged("sapiGetCapitalDepositHisrec", start_ms, end_ms)
        return self._flows([r for r in rows if _done(r, _DEPOSITED)], deposit_flow)

    async def _withdrawals(self, start_ms: int, end_ms: int) -> list[CashFlow]:
        rows = await self._paged("sapiGetCapitalWithdrawHistory", start_ms, end_ms)
        return self._flows([r for r in rows if _done(r, _WITHDRAWN)], withdrawal_flow)

    async def _transfers(self, start_ms: int, end_ms: int) -> list[CashFlow]:
        flows: list[CashFlow] = []
        for other in _WALLETS:
            for word, sign in ((f"MAIN_{other}", -1), (f"{other}_MAIN", 1)):
                rows = await self._wallet_moves(word, start_ms, end_ms)
                flows += self._flows(rows, _moved(sign))
        span = {"startTime": start_ms, "endTime": end_ms, "limit": 500}
        rows = await self._offered("sapiGetSubAccountTransferSubUserHistory", span, "accounts")
        for row in rows if isinstance(rows, list) else ():
            sign = 1 if str(row.get("type")) == "1" else -1
            mine = row.get("toAccountType" if sign > 0 else "fromAccountType")
            if mine == "SPOT" and row.get("status") == "SUCCESS":
                flows += self._flows([row], _moved(sign))
        return flows

    async def _wallet_moves(self, word: str, start_ms: int, end_ms: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            current = len(found) // 100 + 1
            query = {"type": word, "startTime": start_ms, "endTime": end_ms, "size": 100, "current": current}
            answer = await self._offered("sapiGetAssetTransfer", query, word)
            rows = answer.get("rows") if isinstance(answer, dict) else None
            found += rows or []
            if not rows or len(rows) < 100:
                return [row for row in found if row.get("status") == "CONFIRMED"]

    async def _offered(self, method: str, query: dict[str, Any], name: str) -> Any:
        """An answer; None from an account or a venue that does not offer this."""
        if name in self._refused:
            return None
        try:
            return await self._caller.ask(Lane.HISTORY, raw(method, query))
        except Refused as refusal:
            _log.info("%s: transfers %s are not served: %s", self._speech.account, name, refusal)
            self._refused.add(name)
            return None

    async def _paged(self, method: str, start_ms: int, end_ms: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            query = {"startTime": start_ms, "endTime": end_ms, "limit": PAGE, "offset": len(found)}
            rows = await self._caller.ask(Lane.HISTORY, raw(method, query))
            if not isinstance(rows, list):
                raise OutcomeUnknown(f"{method}: the history is not a list")
            found += rows
            if len(rows) < PAGE:
                return found

    def _flows(
        self, rows: list[dict[str, Any]], read: Callable[[dict[str, Any], Speech], CashFlow]
    ) -> list[CashFlow]:
        return list(readable(rows, read, self._speech, "a movement of money", self._skipped))


def _done(row: dict[str, Any], states: tuple[int, ...]) -> bool:
    """Whether it is over, and of the spot wallet."""
    return int(row.get("status", -1)) in states and str(row.get("walletType") or "0") == "0"


def _moved(sign: int) -> Callable[[dict[str, Any], Speech], CashFlow]:
    return lambda row, speech: transfer_flow(row, speech, sign)
