"""The paper accounts of one venue in a running engine: matched live, written down, then told.

Nothing is said to the engine before it is on disk: what an account was told survives a kill.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from adapters.paper.client import PaperHub
from adapters.paper.reports import private_events
from adapters.paper_accounts.live_market import LiveMarket
from adapters.paper_accounts.practice_venue import PracticeVenue
from hedge_tui.domain.errors import HedgeError, Unavailable
from hedge_tui.domain.instrument import InstrumentKind, symbol_of
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from adapters.paper.events import Event
    from adapters.paper_accounts.shared_data import SharedData
    from adapters.paper_accounts.state_file import StateFile
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.domain.order import OrderRequest
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.venue import MarketEvent, PrivateEvent

log = logging.getLogger(__name__)

TICK_S = 1.0
WRITE_AGAIN_S = 1.0
WRITE_LIMIT_S = 5.0
"""An answer waits this long for the disk, then the outcome is unknown."""
BOOK_LIMIT_S = 2.0
"""A taking order waits this long for the book of an instrument that nobody looked at before."""
LINGER_S = 60.0
"""An instrument's book is followed on for this long after its last order."""


class LivePaper(PaperHub):
    """All paper accounts of one venue.

    Args:
        data: the venue's public data. file: where the accounts live.
        balances: what a new account begins with, by account and asset; those of the file keep theirs.
    """

    venue: PracticeVenue

    def __init__(
        self,
        data: SharedData,
        file: StateFile,
        clock: Clock,
        balances: Mapping[str, Mapping[str, Decimal]],
    ) -> None:
        super().__init__(PracticeVenue("usdm", ()), clock, spot=False)
        self.market = LiveMarket(self.venue)
        self._data = data
        self._file = file
        self._balances = balances
        self._instruments: list[Instrument] = []
        self._users: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._queue: list[PrivateEvent] = []
        self._changes = 0
        self._written = 0
        self._wake = asyncio.Event()
        self._news = asyncio.Event()
        self._recent: dict[InstrumentId, float] = {}
        self._busy: set[InstrumentId] = set()
        self._opening = asyncio.Lock()
        self._ending = False
        data.listen(self.take, self._know)

    # -- life

    async def open(self, account: str) -> None:
        """Begin to serve an account: at the first one the file is read and time begins to pass.

        Raises:
            Unavailable: the venue has not told its instruments.
            StoreError: the file cannot be read.
        """
        async with self._opening:
            if not self._tasks:
                if not self._instruments:
                    await self._data.instruments()
                self._begin()
                await self._save()
                self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._pass_time())]
            self._users.add(account)

    async def close(self, account: str) -> None:
        """Serve an account no longer; after the last one everything is written and at rest."""
        self._users.discard(account)
        if self._users or not self._tasks:
            return
        keeping, passing = self._tasks
        passing.cancel()
        self._ending = True
        self._wake.set()  # a write that runs is never cut
        await asyncio.gather(keeping, passing, return_exceptions=True)
        self._tasks, self._ending = [], False

    def serving(self, account: str) -> bool:
        """Whether the account was opened and not closed since."""
        return account in self._users

    # -- what accounts do

    async def ready(self, request: OrderRequest) -> None:
        """Bring an instrument up to date before an order; one that takes waits for the book.

        Raises:
            Unavailable: prices cannot be trusted now.
        """
        if self.market.trouble:
            raise Unavailable(self.market.trouble)
        now, instrument = self.clock.now_ns(), request.instrument
        if instrument not in self._busy:
            self._recent[instrument] = self.clock.monotonic()
            self.publish(self.market.catch_up(instrument, now))
            await self._follow()
        self._recent[instrument] = self.clock.monotonic()
        if self._takes(request):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BOOK_LIMIT_S):
                    while not self.market.has_book(instrument, self.clock.now_ns()):
                        self._news.clear()
                        await self._news.wait()

    def _takes(self, request: OrderRequest) -> bool:
        """Whether an order may take at once, so that the depth behind the best quote matters."""
        if request.type.triggered or request.post_only or request.instrument not in self.venue.instruments:
            return False
        bids, asks = self.venue.book(request.instrument, 1)
        best = asks if request.side is Side.BUY else bids
        return request.price is None or not best or (request.price - best[0][0]) * request.side.sign >= 0

    def publish(self, events: Sequence[Event]) -> None:
        """Tell the accounts what happened, once it is written down."""
        now = self.clock.now_ns()
        said = [one for event in events for one in private_events(event, now, spot=self.spot)]
        if said:
            self._queue += said
            self.touch()

    def touch(self) -> None:
        """Something changed that has to be written down."""
        self._changes += 1
        self._wake.set()

    async def durable(self) -> None:
        """Wait until everything so far is on disk.

        Raises:
            TimeoutError: it is not, for longer than an answer may take.
        """
        wanted = self._changes
        async with asyncio.timeout(WRITE_LIMIT_S):
            while self._written < wanted:
                self._news.clear()
                await self._news.wait()

    # -- what the world does

    def take(self, events: Sequence[MarketEvent]) -> None:
        """Public data of the venue."""
        if self._tasks:
            self.publish(self.market.take(events, self._busy, self.clock.now_ns()))
        else:
            self.market.take(events, frozenset(), self.clock.now_ns())
        self._news.set()

    def _know(self, instruments: list[Instrument]) -> None:
        """The venue's instruments: linear perpetuals and futures where it has any, else spot."""
        derivatives = [i for i in instruments if i.kind is not InstrumentKind.SPOT and not i.inverse]
        self._instruments = derivatives or [i for i in instruments if i.kind is InstrumentKind.SPOT]
        if self._tasks:
            self.venue.know(self._instruments)

    # -- inside

    def _begin(self) -> None:
        if not self._instruments:
            raise Unavailable("the venue offers nothing that a paper account can trade")
        self.spot = self._instruments[0].kind is InstrumentKind.SPOT
        venue = PracticeVenue("spot" if self.spot else "usdm", self._instruments)
        market = self.market
        market.venue = venue
        now = self.clock.now_ns()
        image = self._file.load()
        if image is not None:
            venue.restore(image)
            market.funding = {
                b.instrument: (b.funding_ns, b.funding_rate) for b in image.books if b.funding_ns
            }
        else:
            venue.number_from(now // 1_000_000)
        venue.advance(now)
        for name, balance in self._balances.items():
            if name not in venue.accounts:
                venue.add_account(name, balance)
        self.venue = venue
        self._refresh_busy()
        for instrument in self._busy:
            self.publish(market.catch_up(instrument, now))

    async def _keep(self) -> None:
        """Write down what changed, then tell it, and follow what the accounts are in."""
        while not self._ending:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._save()
            except (OSError, HedgeError) as error:
                log.warning("paper accounts of %s cannot be written: %s", self._data.venue, error)
                if not self._ending:
                    await asyncio.sleep(WRITE_AGAIN_S)
                    self._wake.set()
                continue
            if not self._ending:
                await self._follow()

    async def _save(self) -> None:
        changes, queue = self._changes, self._queue
        self._queue = []
        try:
            await self._file.save(self.venue.image(self._data.venue, self.market.funding))
        except BaseException:
            self._queue = queue + self._queue
            raise
        self._written = changes
        for said in queue:
            sink = self._sinks.get(getattr(said, "account", ""))
            if sink is not None:
                sink(said)
        self._news.set()

    async def _follow(self) -> None:
        self._refresh_busy()
        symbols = sorted(symbol_of(instrument) for instrument in self._busy)
        topics = [f"{kind}:{symbol}" for symbol in symbols for kind in ("book", "trades")]
        with contextlib.suppress(Unavailable):
            await self._data.follow(topics)

    def _refresh_busy(self) -> None:
        oldest = self.clock.monotonic() - LINGER_S
        self._recent = {id_: at for id_, at in self._recent.items() if at >= oldest}
        exposed = self.venue.exposed()
        self._busy = exposed | self._recent.keys()
        self.market.forget(exposed)

    async def _pass_time(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.publish(self.market.let_time_pass(self._busy, self.clock.now_ns()))
            if self._recent:
                await self._follow()
