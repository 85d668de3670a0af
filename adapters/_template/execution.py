"""The private side of one account, as the engine needs it; see `hedge_tui.domain.ports.venue`.

What an adapter must hold, in the order in which the cards ask for it:

1.  `start` returns at once. Health says STARTING, and LIVE only after a snapshot, the open orders and
    recent fills were handed over. The same after every reconnect.
2.  One request is one order at the venue, under our client id, or a definite no.
3.  No answer is not a no. Time-out, reset, 5xx, HTML, a cut or empty body, a success without an id:
    NO_ANSWER. Nothing is ever sent twice.
4.  NOT_SENT means that no byte left. REJECTED means that the venue itself said no.
5.  Batches are matched by client id, never by position.
6.  Executions are told once each, with the venue's digits; filled quantities are cumulative.
7.  A frame that cannot be read is skipped, said in health, and repaired by asking.
8.  A stream that is silent for 12 s (neither frame nor pong) is STALE and replaced, with back-off.
9.  Before each request the pacer is asked; during a ban nothing leaves.
10. Keys are in no text: not in errors, reports, health or logs.
11. `stop` leaves no task, socket or session behind, and can be called twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.errors import Refused, Unavailable
from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from hedge_tui.domain.account import AccountSnapshot
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.margin import LeverageBracket, MarginTerms
    from hedge_tui.domain.order import OrderRef, OrderRequest, PositionSide
    from hedge_tui.domain.past import PastPage
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.venue import PrivateEvent

_WHY = "this venue's adapter has no connection"


class UnconnectedExecution:
    """An `ExecutionClient` that sends nothing and says so.

    Args:
        account: name of the account in the config.
        venue: the venue's id.
        clock: of the engine.
    """

    max_batch = 1
    amends_by_replacing = False

    def __init__(self, account: str, venue: str, clock: Clock) -> None:
        self.account = account
        self.venue = venue
        self._clock = clock
        self._sink: Callable[[PrivateEvent], None] | None = None

    async def start(self, sink: Callable[[PrivateEvent], None]) -> None:
        """Say that there is no connection. A real one: open the stream in a task, ask, then say LIVE."""
        self._sink = sink
        sink(self._health(FeedState.FAILED, _WHY))

    async def place(self, requests: Sequence[OrderRequest]) -> list[Report]:
        """NOT_SENT for each. A real one: one call, then one report per request, in their order."""
        return [self._report(request, ReportKind.NOT_SENT) for request in requests]

    def recall(self) -> None:
        """Nothing waits here. A real one: what waits for the pacer or a connection never leaves."""

    async def cancel(self, refs: Sequence[OrderRef]) -> list[Report]:
        """CANCEL_REFUSED for each: it is certain that nothing was cancelled."""
        return [self._report(ref, ReportKind.CANCEL_REFUSED) for ref in refs]

    async def cancel_all(self, instrument: InstrumentId) -> bool:
        """False: whether anything rests in `instrument` is not known here."""
        del instrument
        return False

    async def dead_man(self, instrument: InstrumentId, seconds: int) -> None:
        """Refused: there is no such switch here."""
        del instrument, seconds
        raise Refused("this venue has no dead-man switch")

    async def amend(self, ref: OrderRef, request: OrderRequest) -> Report:
        """AMEND_REFUSED: the order rests as before."""
        del request
        return self._report(ref, ReportKind.AMEND_REFUSED)

    async def find_order(self, ref: OrderRef) -> Report | None:
        """Raise: "no such order" (None) may only be said when the venue said it."""
        raise self._unavailable(ref.client_order_id)

    async def open_orders(self, instruments: Sequence[InstrumentId] = ()) -> list[Report]:
        """Raise: an empty list would mean that nothing rests."""
        del instruments
        raise self._unavailable("open orders")

    async def fills(self, since_ns: int, instruments: Sequence[InstrumentId]) -> list[Fill]:
        """Raise: an empty list would mean that nothing was executed."""
        del since_ns, instruments
        raise self._unavailable("fills")

    async def snapshot(self) -> AccountSnapshot:
        """Raise: an empty snapshot would mean an empty account."""
        raise self._unavailable("snapshot")

    def past_sources(self, traded: Sequence[InstrumentId], *, whole: bool) -> tuple[str, ...]:
        """Nothing of the past is served."""
        del traded, whole
        return ()

    async def read_past(
        self, source: str, mark: str, known: Callable[[tuple[str, str, str]], bool]
    ) -> PastPage:
        """Nothing is served."""
        del source, mark, known
        raise Unavailable(_WHY)

    async def set_leverage(self, instrument: InstrumentId, leverage: Decimal) -> None:
        """Raise: the leverage is as it was."""
        del leverage
        raise self._unavailable(f"leverage of {instrument}")

    async def set_margin_mode(self, instrument: InstrumentId, *, isolated: bool) -> None:
        """Raise: the margin mode is as it was."""
        del isolated
        raise self._unavailable(f"margin mode of {instrument}")

    async def change_isolated_margin(
        self, instrument: InstrumentId, side: PositionSide, change: Decimal
    ) -> None:
        """Raise: no money was moved."""
        del side, change
        raise self._unavailable(f"margin of {instrument}")

    async def set_hedge_mode(self, *, enabled: bool) -> None:
        """Raise: the position mode is as it was."""
        del enabled
        raise self._unavailable("position mode")

    async def hedge_mode(self) -> bool | None:
        """Raise: None would mean that the venue has no such thing."""
        raise self._unavailable("position mode")

    async def margin_terms(self) -> list[MarginTerms]:
        """Raise: an empty list would mean that nothing can be set."""
        raise self._unavailable("margin terms")

    async def leverage_brackets(self) -> dict[InstrumentId, tuple[LeverageBracket, ...]]:
        """Raise: none would mean no limits."""
        raise self._unavailable("leverage brackets")

    async def renew_rules(self) -> None:
        """Load the venue's instruments anew, where orders are rounded by them here."""

    async def stop(self) -> None:
        """Close everything; here there is nothing."""
        if self._sink is not None:
            self._sink(self._health(FeedState.STOPPED, ""))
            self._sink = None

    def _report(self, what: OrderRequest | OrderRef, kind: ReportKind) -> Report:
        return Report(
            kind,
            what.account,
            what.instrument,
            what.client_order_id,
            self._clock.now_ns(),
            reason=_WHY,
            code="local",
        )

    def _unavailable(self, what: str) -> Unavailable:
        return Unavailable(f"{what}: {_WHY}")

    def _health(self, state: FeedState, detail: str) -> FeedHealth:
        feed = f"{self.account}:private"
        return FeedHealth(feed, self.account, self.venue, state, self._clock.now_ns(), detail=detail)
