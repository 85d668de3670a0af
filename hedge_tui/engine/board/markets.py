"""Instruments, feeds and the log."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.engine.board.table import NAN, LiveRows, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hedge_tui.domain.health import FeedHealth
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes


class InstrumentRows(LiveRows):
    """`instruments`: everything that is followed, with its newest quote and stats."""

    topic = "instruments"

    def touch(self, changes: Changes) -> None:
        self.dirty.update(instrument for _, instrument in changes.positions)

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        self.dirty.update(self.desk.markets.take_changed())
        return super().refresh(now_s)

    def keys(self) -> Iterable[str]:
        return list(self.desk.markets.instruments)

    def row(self, key: str) -> list[Any] | None:
        markets = self.desk.markets
        instrument = markets.instruments.get(key)  # type: ignore[call-overload]
        if instrument is None or not instrument.active:
            return None
        quote, stats = markets.quotes.get(instrument.id), markets.stats.get(instrument.id)
        bid, ask = (quote.bid, quote.ask) if quote is not None else (NAN, NAN)
        return [
            key,
            instrument.venue,
            instrument.symbol,
            instrument.kind.value,
            instrument.base,
            instrument.quote,
            markets.last(instrument.id),
            stats.change_24h if stats else NAN,
            bid,
            ask,
            round((ask - bid) / bid * 10_000, 2) if bid > 0 else NAN,
            stats.mark if stats else NAN,
            stats.volume_24h if stats else NAN,
            stats.funding_rate if stats else NAN,
            stats.next_funding_ns if stats else 0,
            stats.open_interest if stats else NAN,
            self._net(instrument.id),
            decimals(instrument.grid.tick),
            decimals(instrument.grid.lot),
        ]

    def _net(self, instrument: InstrumentId) -> float:
        net = sum((a.position_quantity(instrument) for a in self.desk.accounts.values()), Decimal(0))
        return number(net) if net else NAN


class FeedRows(LiveRows):
    """`feeds`: health of every stream, public and private."""

    topic = "feeds"
    every_s = 1.0

    def __init__(self, desk: Desk, *sources: Mapping[str, FeedHealth]) -> None:
        super().__init__(desk)
        self._sources = sources
        self._since: dict[str, tuple[str, int]] = {}

    def keys(self) -> Iterable[str]:
        # Rows shown so far too: a feed that is followed no longer leaves the table.
        return [*self.rows, *(feed for source in self._sources for feed in source)]

    def row(self, key: str) -> list[Any] | None:
        health = next((s[key] for s in self._sources if key in s), None)
        if health is None:
            return None
        now = self.desk.clock.now_ns()
        state, since = self._since.get(key, ("", now))
        if state != health.state.value:
            self._since[key] = (health.state.value, now)
            since = now
        last = health.last_ns
        if key.endswith(":quotes"):
            # Health is told every few seconds; the quotes themselves say more.
            last = max(last, self.desk.markets.feed_ns.get(health.venue, 0))
        age = max(round((now - last) / 1e9, 1), 0.0) if last else NAN
        return [
            key,
            health.account,
            health.venue,
            health.state.value,
            age,
            round(health.rate, 1),
            health.messages,
            health.reconnects,
            since,
            health.detail,
        ]


class LogRows(LiveRows):
    """`log`: notes of the engine, newest last."""

    topic = "log"
    keep = 500

    def touch(self, changes: Changes) -> None:
        if changes.notes:
            newest = self.desk.state.log_seq
            self.dirty.update(str(seq) for seq in range(newest - len(changes.notes) + 1, newest + 1))

    def make(self) -> tuple[set[str], set[str]]:
        if self.dirty:
            oldest = self.desk.state.log_seq - self.keep
            self.dirty.update(key for key in self.rows if int(key) <= oldest)
        return super().make()

    def keys(self) -> Iterable[str]:
        return [str(seq) for seq, _ in list(self.desk.state.log)[-self.keep :]]

    def row(self, key: str) -> list[Any] | None:
        wanted = int(key)
        log = self.desk.state.log
        if not log or wanted <= self.desk.state.log_seq - self.keep:
            return None
        seq, note = log[wanted - log[0][0]]
        return [str(seq), note.at_ns, note.level, note.topic, note.account, note.text]


def decimals(step: Decimal) -> int:
    """Digits after the point that a step needs."""
    exponent = step.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
