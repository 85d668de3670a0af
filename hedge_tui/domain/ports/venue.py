"""The ports to a venue: public data and private execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from hedge_tui.domain.account import AccountDelta, AccountSnapshot, CashFlow
    from hedge_tui.domain.candle import Candle, Timeframe
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.health import FeedHealth
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.margin import LeverageBracket, MarginTerms
    from hedge_tui.domain.market import Book, Funding, MarketStats, OpenInterest, Quote, Trade
    from hedge_tui.domain.order import OrderRef, OrderRequest, PositionSide
    from hedge_tui.domain.past import PastPage
    from hedge_tui.domain.report import Report
    from hedge_tui.domain.series import CandleSeries

    MarketEvent = Quote | MarketStats | Trade | Book | Candle | FeedHealth
    """What a public feed says. Quotes, stats, books and forming candles are conflated (newest wins)."""
    PrivateEvent = Report | Fill | AccountDelta | AccountSnapshot | CashFlow | MarginTerms | FeedHealth
    """What a private feed says; none is ever dropped, except that a newer FeedHealth replaces an older."""


class DataClient(Protocol):
    """Public market data of one venue."""

    venue: str

    async def start(self, sink: Callable[[Sequence[MarketEvent]], None]) -> None:
        """Connect; from now on hand batches of events to `sink` on the running loop."""
        ...

    async def instruments(self, *, anew: bool = False) -> list[Instrument]:
        """All instruments the venue offers.

        Args:
            anew: asked of the venue now, not as they were when it was first asked.

        Raises:
            Unavailable: the venue cannot be reached.
        """
        ...

    async def watch(self, topics: Sequence[str]) -> None:
        """Set what is followed, replacing what was: the client opens and closes streams to match.

        Topics: `quotes` and `stats` (all active instruments the venue was configured with),
        `book:SYMBOL`, `trades:SYMBOL`, `candles:SYMBOL:TF` (unified symbols).
        """
        ...

    async def candles(
        self, instrument: InstrumentId, timeframe: Timeframe, since_ns: int, until_ns: int
    ) -> CandleSeries:
        """Closed candles with since_ns <= open < until_ns, as many as one request gives, oldest first.

        Raises:
            Unavailable: no usable answer.
            Refused: the venue does not serve this.
        """
        ...

    async def open_interest(self, instrument: InstrumentId, since_ns: int) -> OpenInterest:
        """Open interest of a derivative: every 5 minutes since `since_ns`, or only now for 0.

        As much as one request gives, the newest last.

        Raises:
            Unavailable: no usable answer.
            Refused: the venue does not serve this.
        """
        ...

    async def funding(self) -> list[Funding]:
        """Intervals and last paid rates of the perpetuals, as far as the venue tells them in few requests.

        Raises:
            Unavailable: no usable answer.
            Refused: the venue does not serve this.
        """
        ...

    async def stop(self) -> None:
        """Close every stream and session."""
        ...


class ExecutionClient(Protocol):
    """Private side of one account at one venue.

    Order calls never raise for a venue's answer: each request gives one Report (ACKED, LIVE, FILL,
    LAST_FILL, REJECTED, NO_ANSWER, NOT_SENT, CANCELLED, ...), in the order of the requests.
    """

    account: str
    venue: str
    max_batch: int
    """How many requests one `place` call may carry (1 where the venue has no batch)."""
    amends_by_replacing: bool
    """An amendment cancels and places anew, so the request of `amend` must bear a client id of its own."""

    async def start(self, sink: Callable[[PrivateEvent], None]) -> None:
        """Connect the private stream and hand events to `sink` on the running loop.

        After every (re)connect the client asks a snapshot, open orders and recent fills over REST and
        hands those over too, then says LIVE in a FeedHealth.
        """
        ...

    async def place(self, requests: Sequence[OrderRequest]) -> list[Report]:
        """Send up to `max_batch` orders in one go; matched by client id, never by position."""
        ...

    def recall(self) -> None:
        """Let no order or amendment leave that has not left yet; each is answered as NOT_SENT at once.

        What has begun to leave is left alone. What is asked after this call leaves as ever.
        """
        ...

    async def cancel(self, refs: Sequence[OrderRef]) -> list[Report]:
        """Cancel orders: CANCELLED, CANCEL_REFUSED or CANCEL_NO_ANSWER each."""
        ...

    async def cancel_all(self, instrument: InstrumentId) -> bool:
        """Cancel everything resting in one instrument; False when the outcome is unknown."""
        ...

    async def dead_man(self, instrument: InstrumentId, seconds: int) -> None:
        """Have the venue cancel all orders of an instrument unless asked again in time; 0 takes that off.

        Raises:
            Refused: the venue has no such switch, or says no. Unavailable, OutcomeUnknown.
        """
        ...

    async def amend(self, ref: OrderRef, request: OrderRequest) -> Report:
        """Make the order rest as `request` says (new quantity and price): AMENDED, AMEND_REFUSED, ..."""
        ...

    async def find_order(self, ref: OrderRef) -> Report | None:
        """Look one order up by its client id; None is the venue's definite "no such order".

        Raises:
            Unavailable, OutcomeUnknown: no usable answer; ask again.
        """
        ...

    async def open_orders(self, instruments: Sequence[InstrumentId] = ()) -> list[Report]:
        """All resting orders, each as a LIVE or FILL report with `request` filled in.

        Args:
            instruments: only of these, which costs less at most venues; () for all.
        """
        ...

    async def fills(self, since_ns: int, instruments: Sequence[InstrumentId]) -> list[Fill]:
        """Executions since `since_ns` in these instruments, oldest first."""
        ...

    async def snapshot(self) -> AccountSnapshot:
        """Balances and positions now."""
        ...

    def past_sources(self, traded: Sequence[InstrumentId], *, whole: bool) -> tuple[str, ...]:
        """What of the account's past can be read, such as `income` or `trades:BTC/USDT`.

        Args:
            traded: instruments the account is known to have to do with.
            whole: also where it may have traded before anybody looked.
        """
        ...

    async def read_past(
        self, source: str, mark: str, known: Callable[[tuple[str, str, str]], bool]
    ) -> PastPage:
        """The next page of one source; "" begins where the venue's memory does.

        Args:
            source: one of `past_sources`.
            mark: of the page before.
            known: whether an execution, by its key, is in the books; those need not be told again.

        Raises:
            Unavailable, OutcomeUnknown: no usable answer; ask again. Refused: this source is not served.
        """
        ...

    async def set_leverage(self, instrument: InstrumentId, leverage: Decimal) -> None:
        """Change the leverage of one instrument.

        Raises:
            Refused, Unavailable, OutcomeUnknown.
        """
        ...

    async def set_margin_mode(self, instrument: InstrumentId, *, isolated: bool) -> None:
        """Choose isolated or cross margin for one instrument; to ask for what is so already is no error.

        Raises:
            Refused, Unavailable, OutcomeUnknown.
        """
        ...

    async def change_isolated_margin(
        self, instrument: InstrumentId, side: PositionSide, change: Decimal
    ) -> None:
        """Move money into (> 0) or out of (< 0) an isolated position, in settle; exact, never rounded.

        Raises:
            Refused, Unavailable, OutcomeUnknown.
        """
        ...

    async def set_hedge_mode(self, *, enabled: bool) -> None:
        """Hold long and short apart, or net them; to ask for what is so already is no error.

        Raises:
            Refused, Unavailable, OutcomeUnknown.
        """
        ...

    async def hedge_mode(self) -> bool | None:
        """Whether long and short are held apart, asked now; None where the venue has no such thing.

        Raises:
            Unavailable, OutcomeUnknown: no usable answer; ask again.
        """
        ...

    async def margin_terms(self) -> list[MarginTerms]:
        """Leverage and margin mode of every instrument that the venue tells them of; [] on spot.

        Raises:
            Unavailable, OutcomeUnknown: no usable answer; ask again.
        """
        ...

    async def leverage_brackets(self) -> dict[InstrumentId, tuple[LeverageBracket, ...]]:
        """Leverage by notional, smallest cap first; {} where the venue does not tell.

        Raises:
            Unavailable, OutcomeUnknown: no usable answer; ask again.
        """
        ...

    async def renew_rules(self) -> None:
        """The venue's instruments have changed: read anew what this client rounds its orders by."""
        ...

    async def stop(self) -> None:
        """Close every stream and session."""
        ...
