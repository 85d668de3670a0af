"""What reached the wire during one call to ccxt: the only witness that may say whether an order exists.

ccxt's exception classes cannot decide that. `instance` writes here from its own `fetch`, `session`
marks when bytes leave, and `errors` judges. One `Attempt` is current per call, by context variable.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Iterator

_READS = frozenset({"GET", "HEAD"})


class Stage(IntEnum):
    """How far the latest request of an attempt came."""

    NOTHING = 0
    """No request was begun: ccxt refused by itself, or the pacer did not let it go."""
    OPENING = 1
    """A connection was sought; no byte of the request left."""
    SENT = 2
    """The request left, in part or in whole; nothing came back."""
    HEAD = 3
    """A status line came, but not the whole body."""
    ANSWERED = 4
    """The whole response came."""


@dataclass(slots=True)
class Attempt:
    """The witness of one call.

    Attributes:
        lane, orders, patience_s: what the pacer is told about each request of the call.
        route: egress route that the pacer named for the latest; system: who counts it, as in `Spend`.
        requests: begun so far; stage, status, headers, body: of the latest.
        acts_sent: requests of which bytes left and which may change something at the venue.
    """

    lane: Lane = Lane.MARKET
    orders: int = 0
    patience_s: float | None = None
    requests: int = 0
    stage: Stage = Stage.NOTHING
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    json: Any = None
    acts_sent: int = 0
    method: str = ""
    route: str = ""
    system: str = ""

    def begin(self, method: str) -> None:
        """A request is about to be made."""
        self.requests += 1
        self.stage = Stage.OPENING
        self.method = method.upper()
        self.status = None
        self.headers = {}
        self.body = ""
        self.json = None

    def left(self) -> None:
        """The request's first byte is on its way."""
        if self.stage < Stage.SENT:
            self.stage = Stage.SENT
            if self.method not in _READS:
                self.acts_sent += 1


_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def current() -> Attempt:
    """The attempt of the running call; a fresh one for calls that nobody watches."""
    return _current.get() or Attempt()


@contextmanager
def attempting(lane: Lane, *, orders: int = 0, patience_s: float | None = None) -> Iterator[Attempt]:
    """Watch the calls to ccxt made in this block.

    Args:
        lane: how urgent they are.
        orders: how many orders they place, for limits that count orders.
        patience_s: longest wait for the rate budget; None waits for ever.
    """
    attempt = Attempt(lane, orders, patience_s)
    token = _current.set(attempt)
    try:
        yield attempt
    finally:
        _current.reset(token)


@contextmanager
def watched() -> Iterator[Attempt]:
    """The attempt of the running call, or for the block a fresh one that everything in it shares."""
    found = _current.get()
    if found is not None:
        yield found
    else:
        with attempting(Attempt().lane) as attempt:
            yield attempt
