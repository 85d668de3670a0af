"""One account: its money (a purse) and its orders."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from adapters.paper.records import PaperBalance, PaperIncome, PaperTrade
    from adapters.paper.sweep import Sweep
    from adapters.paper.working_order import WorkingOrder
    from hedge_tui.domain.instrument import InstrumentId

KEPT = 20_000
"""Finished orders, and trades, remembered per account and instrument; the oldest are forgotten."""
NEWEST = 500
"""Finished orders, and trades, that are also kept in the order in which they came."""


class Purse(Protocol):
    """An account's money as the matcher sees it; spot and margin accounts differ only here."""

    account: str
    income: deque[PaperIncome]
    """Movements of money, oldest first."""

    def reserve(self, order: WorkingOrder, reach: Sweep | None, *, forced: bool = False) -> None:
        """Set aside what `order` needs.

        `reach` is what it would get at once, needed for market orders. `forced`: without asking whether
        it is there, to put back what was just released.

        Raises:
            PaperRefusal: it is not there; nothing has changed.
        """
        ...

    def release(self, order: WorkingOrder) -> None:
        """Give back what is still set aside for `order`."""
        ...

    def executable(self, order: WorkingOrder) -> Decimal:
        """The most that a reducing order may trade now; 0 when there is nothing to reduce."""
        ...

    def settle(
        self, order: WorkingOrder, price: Decimal, quantity: Decimal, fee_rate: Decimal, trade_id: int
    ) -> tuple[Decimal, str, Decimal]:
        """Book one execution; returns commission, its asset, realized PnL."""
        ...

    def reducers(self, order: WorkingOrder) -> Sequence[WorkingOrder]:
        """Orders that may only shrink the leg that `order` works on."""
        ...

    def withdrawable(self, asset: str) -> Decimal:
        """What may leave the account."""
        ...

    def transfer(self, source: str, asset: str, quantity: Decimal, info: str) -> None:
        """Move money in (> 0) from an internal account, or out to it (< 0)."""
        ...

    def flush(self, reason: str) -> None:
        """Tell on the tape what has changed since the last flush."""
        ...

    def balances(self) -> dict[str, PaperBalance]:
        """All assets that it ever had."""
        ...


class PaperAccount:
    """One account of the venue.

    Attributes:
        open: open orders by instrument, in the order of their ids.
        trades: executions by instrument, oldest first.
        finished, executed: the newest finished orders, and trades, of all instruments, oldest first.
    """

    __slots__ = (
        "_by_client_id",
        "_by_id",
        "_closed",
        "executed",
        "finished",
        "name",
        "open",
        "purse",
        "trades",
    )

    def __init__(self, name: str, purse: Purse) -> None:
        self.name = name
        self.purse = purse
        self.open: dict[InstrumentId, dict[int, WorkingOrder]] = {}
        self.trades: dict[InstrumentId, deque[PaperTrade]] = {}
        self.finished: deque[WorkingOrder] = deque(maxlen=NEWEST)
        self.executed: deque[PaperTrade] = deque(maxlen=NEWEST)
        self._closed: dict[InstrumentId, deque[WorkingOrder]] = {}
        self._by_id: dict[int, WorkingOrder] = {}
        self._by_client_id: dict[tuple[InstrumentId, str], WorkingOrder] = {}

    def opened(self, order: WorkingOrder) -> None:
        """Index a new order."""
        instrument = order.instrument.id
        self.open.setdefault(instrument, {})[order.order_id] = order
        self._by_id[order.order_id] = order
        self._by_client_id[instrument, order.client_order_id] = order

    def closed(self, order: WorkingOrder) -> None:
        """Move a finished order out of the open ones."""
        instrument = order.instrument.id
        self.open.get(instrument, {}).pop(order.order_id, None)
        done = self._closed.setdefault(instrument, deque())
        done.append(order)
        self.finished.append(order)
        if len(done) > KEPT:
            oldest = done.popleft()
            del self._by_id[oldest.order_id]
            key = (instrument, oldest.client_order_id)
            if self._by_client_id.get(key) is oldest:
                del self._by_client_id[key]

    def traded(self, trade: PaperTrade) -> None:
        """Remember an execution."""
        trades = self.trades.get(trade.instrument)
        if trades is None:
            trades = self.trades[trade.instrument] = deque(maxlen=KEPT)
        trades.append(trade)
        self.executed.append(trade)

    def find(
        self, instrument: InstrumentId, order_id: int | None, client_order_id: str | None
    ) -> WorkingOrder | None:
        """An order by the venue's id or, if that is None, the newest one with this client id."""
        if order_id is not None:
            order = self._by_id.get(order_id)
            return order if order is not None and order.instrument.id == instrument else None
        return self._by_client_id.get((instrument, client_order_id or ""))

    def every(self, instrument: InstrumentId) -> list[WorkingOrder]:
        """Remembered orders of one instrument, open and finished, by order id."""
        both = [*self._closed.get(instrument, ()), *self.open.get(instrument, {}).values()]
        return sorted(both, key=lambda order: order.order_id)
