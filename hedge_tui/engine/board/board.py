"""All topics of the engine: which are followed, what changed in them, and the frames for each client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.engine.board.armed import ArmedRows
from hedge_tui.engine.board.feeds import FeedRows, LogRows
from hedge_tui.engine.board.journal import JournalRows
from hedge_tui.engine.board.markets import InstrumentRows, MarketRows
from hedge_tui.engine.board.money import (
    AccountRows,
    BalanceRows,
    ExposureRows,
    Summaries,
)
from hedge_tui.engine.board.orders import FillRows, OrderRows, RunRows
from hedge_tui.engine.board.panic import PanicRows
from hedge_tui.engine.board.pnl import PnlRows
from hedge_tui.engine.board.portfolio import PortfolioRows
from hedge_tui.engine.board.positions import PositionBook, PositionRows
from hedge_tui.engine.board.restraints import HoldRows
from hedge_tui.engine.board.risk import DeltaRows, RiskBooks, RiskRows, StressRows
from hedge_tui.engine.board.summary import SummaryRows
from hedge_tui.engine.board.table import NAN
from hedge_tui.engine.board.traffic import TRAFFIC, TrafficBook, TrafficRows, no_traffic
from hedge_tui.wire.messages import Delta

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Protocol

    from hedge_tui.domain.health import FeedHealth
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.traffic import TrafficState
    from hedge_tui.engine.board.table import LiveRows
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes

    class Documents(Protocol):
        """Where topics that are no table come from."""

        def follow(self, topics: set[str]) -> None:
            """Clients follow exactly these documents now."""
            ...

        def refresh(self, now_s: float) -> dict[str, Any]:
            """Documents (or tails of them) that are new since the last call, by topic."""
            ...

        def whole(self, topic: str) -> Any:
            """The complete document for a client that has just begun to follow it, or None."""
            ...


class Follower:
    """What one client follows, and what it has not been sent yet."""

    def __init__(self) -> None:
        self.topics: set[str] = set()
        self.full: set[str] = set()
        self.changed: dict[str, set[str]] = {}
        self.removed: dict[str, set[str]] = {}
        self.documents: dict[str, Any] = {}

    @property
    def waiting(self) -> bool:
        """Whether there is anything to send."""
        return bool(self.full or self.changed or self.removed or self.documents)


class Board:
    """Refreshes what somebody follows, and nothing else."""

    def __init__(
        self,
        desk: Desk,
        documents: Iterable[Documents],
        *health: Mapping[str, FeedHealth],
        atr: Callable[[InstrumentId], float] = lambda _: NAN,
        panic: Callable[[], list[dict[str, Any]]] = list,
        traffic: Callable[[], TrafficState] = no_traffic,
    ) -> None:
        summaries = Summaries(desk)
        self._summaries = summaries
        self.positions = PositionBook(desk, atr)
        self.risk = RiskBooks(desk)
        sent = TrafficBook(desk, traffic)
        tables: list[LiveRows] = [
            AccountRows(desk, summaries),
            PortfolioRows(desk, summaries, self.risk),
            ExposureRows(desk),
            BalanceRows(desk),
            PositionRows(desk, self.positions),
            SummaryRows(desk, summaries, self.positions),
            RiskRows(desk, self.risk, summaries),
            DeltaRows(desk, self.risk),
            StressRows(desk, self.risk),
            OrderRows(desk),
            FillRows(desk),
            RunRows(desk),
            PnlRows(desk),
            InstrumentRows(desk),
            MarketRows(desk),
            FeedRows(desk, *health),
            LogRows(desk),
            JournalRows(desk),
            ArmedRows(desk),
            HoldRows(desk),
            PanicRows(desk, panic),
            *(TrafficRows(desk, sent, topic) for topic in TRAFFIC),
        ]
        self.tables = {table.topic: table for table in tables}
        self._documents = list(documents)
        self._followers: list[Follower] = []
        self._warm: set[str] = set()
        desk.on_changes.append(self._touch)

    def serve(self, table: LiveRows) -> None:
        """Serve one more table."""
        self.tables[table.topic] = table

    def add(self, follower: Follower) -> None:
        """Begin to serve a client."""
        self._followers.append(follower)

    def remove(self, follower: Follower) -> None:
        """Stop serving a client."""
        if follower in self._followers:
            self._followers.remove(follower)
            self._follow_documents()

    def follow(self, follower: Follower, topics: Iterable[str]) -> None:
        """The client follows exactly these topics; new ones begin with everything."""
        wanted = set(topics)
        follower.full |= wanted - follower.topics
        follower.full &= wanted
        follower.topics = wanted
        for waiting in (follower.changed, follower.removed, follower.documents):
            for topic in waiting.keys() - wanted:
                del waiting[topic]
        for topic in wanted & self.tables.keys():
            if topic not in self._warm:
                self._warm.add(topic)
                self.tables[topic].rebuild()
        self._follow_documents()

    def refresh(self, now_s: float) -> None:
        """Make followed topics anew and note for each client what it misses."""
        self._summaries.clear()
        followed = {topic for follower in self._followers for topic in follower.topics}
        for topic in followed & self.tables.keys():
            self._tell(topic, *self.tables[topic].refresh(now_s))
        for source in self._documents:
            for topic, document in source.refresh(now_s).items():
                for follower in self._followers:
                    if topic not in follower.topics or topic in follower.full:
                        continue
                    if topic in follower.documents:
                        # It missed one: a tail alone would leave a hole, so it gets the whole.
                        del follower.documents[topic]
                        follower.full.add(topic)
                    else:
                        follower.documents[topic] = document
        self._warm &= followed

    def rows(self, topic: str) -> list[list[Any]]:
        """All rows of a table as they are now, for a query; whoever follows it misses nothing."""
        table = self.tables[topic]
        self._summaries.clear()
        self.risk.clear()
        table.rebuild()
        self._tell(topic, *table.make())
        return list(table.rows.values())

    def _tell(self, topic: str, changed: set[str], gone: set[str]) -> None:
        """Note for each follower what it misses."""
        if not changed and not gone:
            return
        for follower in self._followers:
            if topic in follower.topics and topic not in follower.full:
                kept = follower.changed.setdefault(topic, set())
                kept |= changed
                kept -= gone
                if gone:
                    follower.removed.setdefault(topic, set()).update(gone)

    def take(self, follower: Follower) -> list[Delta]:
        """Everything the client misses, as deltas; it is then up to date."""
        deltas = []
        for topic in sorted(follower.full):
            table = self.tables.get(topic)
            if table is not None:
                deltas.append(Delta(topic, full=True, rows=list(table.rows.values())))
            elif (document := self._whole(topic)) is not None:
                deltas.append(Delta(topic, full=True, document=document))
            else:
                continue  # not there yet: it stays wanted
            follower.full.discard(topic)
        for topic in follower.changed.keys() | follower.removed.keys():
            table = self.tables[topic]
            changed = follower.changed.get(topic, ())
            gone = follower.removed.get(topic, set()) - table.rows.keys()
            rows = [row for key in changed if (row := table.rows.get(key)) is not None]
            if rows or gone:
                deltas.append(Delta(topic, rows=rows, removed=sorted(gone)))
        deltas += [Delta(topic, document=document) for topic, document in follower.documents.items()]
        follower.changed, follower.removed, follower.documents = {}, {}, {}
        return deltas

    def _whole(self, topic: str) -> Any:
        for source in self._documents:
            if (document := source.whole(topic)) is not None:
                return document
        return None

    def _follow_documents(self) -> None:
        topics = {t for f in self._followers for t in f.topics if t not in self.tables}
        for source in self._documents:
            source.follow(topics)

    def _touch(self, changes: Changes) -> None:
        for topic in self._warm:
            self.tables[topic].touch(changes)
        if changes.fills and "fills" not in self._warm:
            self.tables["fills"].touch(changes)
