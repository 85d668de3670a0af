"""Keeps the health of one stream and says it when it changes, and now and then when it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.health import FeedHealth, FeedState

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.ports.clock import Clock

_REPEAT_S = 5.0


class HealthKeeper:
    """The health of one feed.

    Args:
        feed, account, venue: as in `FeedHealth`.
        say: takes each statement.
    """

    def __init__(
        self, feed: str, account: str, venue: str, clock: Clock, say: Callable[[FeedHealth], None]
    ) -> None:
        self.feed = feed
        self._account, self._venue = account, venue
        self._clock = clock
        self._say = say
        self.state = FeedState.STOPPED
        self.detail = ""
        self.messages = 0
        self.reconnects = 0
        self.last_ns = 0
        self._said_at = 0.0
        self._said_messages = 0

    def message(self, count: int = 1) -> None:
        """Something came."""
        self.messages += count
        self.last_ns = self._clock.now_ns()

    def become(self, state: FeedState, detail: str | None = None) -> None:
        """Say a new state; the detail stays when None is given."""
        if state is FeedState.RECONNECTING and self.state is not FeedState.RECONNECTING:
            self.reconnects += 1
        changed = state is not self.state or (detail is not None and detail != self.detail)
        self.state = state
        if detail is not None:
            self.detail = detail
        if changed:
            self._speak()

    def beat(self) -> None:
        """Called about once a second: repeats the state every 5 s, with the rate since."""
        if self._clock.monotonic() - self._said_at >= _REPEAT_S:
            self._speak()

    def _speak(self) -> None:
        now = self._clock.monotonic()
        passed = now - self._said_at
        rate = (self.messages - self._said_messages) / passed if self._said_at and passed > 0.5 else 0.0
        self._said_at, self._said_messages = now, self.messages
        self._say(
            FeedHealth(
                self.feed,
                self._account,
                self._venue,
                self.state,
                self._clock.now_ns(),
                self.last_ns,
                self.messages,
                self.reconnects,
                self.detail,
                round(rate, 1),
            )
        )
