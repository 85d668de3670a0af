"""Feeds and the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.engine.board.table import NAN, LiveRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hedge_tui.domain.health import FeedHealth
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes


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
            *self._compared(health.account, now),
        ]

    def _compared(self, name: str, now: int) -> tuple[float, float]:
        """Seconds since an account was compared whole, and its differences so far; of accounts alone."""
        account = self.desk.accounts.get(name)
        if account is None:
            return NAN, NAN
        age = round((now - account.reconciled_ns) / 1e9) if account.reconciled_ns else NAN
        return age, self.desk.state.differences.get(name, 0)


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
