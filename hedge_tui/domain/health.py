"""How a stream of data is doing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FeedState(StrEnum):
    """What may be trusted."""

    STARTING = "starting"
    LIVE = "live"
    STALE = "stale"
    RECONNECTING = "reconnecting"
    LOCKED = "locked"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """State of one subscription or one private stream.

    Attributes:
        feed: such as `binanceusdm:quotes` or `desk-1:private`.
        account: "" for public data.
        last_ns: our time of its last message; 0 before the first.
        messages: received since start; reconnects: times it was opened again.
        detail: what went wrong last, or "".
    """

    feed: str
    account: str
    venue: str
    state: FeedState
    at_ns: int
    last_ns: int = 0
    messages: int = 0
    reconnects: int = 0
    detail: str = ""
    rate: float = 0.0
