"""Holds market events while the other process is slow: newest of each state, prints up to a bound."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from hedge_tui.domain.candle import Candle
from hedge_tui.domain.health import FeedHealth
from hedge_tui.domain.market import Trade

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.domain.ports.venue import MarketEvent

_PRINTS = 5_000


class Outbox:
    """A lane on which a newer state replaces an older one; oldest prints go first when it is full."""

    def __init__(self) -> None:
        self._state: dict[tuple[str, ...], MarketEvent] = {}
        self._prints: deque[MarketEvent] = deque(maxlen=_PRINTS)

    def __bool__(self) -> bool:
        return bool(self._state or self._prints)

    def put(self, events: Sequence[MarketEvent]) -> None:
        """Add events; what they replace is gone."""
        for event in events:
            if isinstance(event, Trade) or (isinstance(event, Candle) and event.closed):
                self._prints.append(event)
            elif isinstance(event, FeedHealth):
                self._state["health", event.feed] = event
            elif isinstance(event, Candle):
                self._state["candle", event.instrument, event.timeframe] = event
            else:
                self._state[type(event).__name__, event.instrument] = event

    def take(self) -> list[MarketEvent]:
        """All of it, and empty."""
        events = [*self._state.values(), *self._prints]
        self._state.clear()
        self._prints.clear()
        return events
