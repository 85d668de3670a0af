"""Faults armed through the control port: what goes wrong, for whom, how often.

`rest`, `ws_api`, `sockets` and `stream_faults` carry them out; this module only decides which fault, if any,
meets a request or a connection.
"""

from __future__ import annotations

import random
import re
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong.

    On a request: DROP_BEFORE closes unread, DROP_AFTER carries it out and closes without an answer, RESET
    ends with a TCP reset (`accepted` says whether it was carried out), DELAY waits `seconds` first, STALL
    never answers, DRIP sends the answer in small pieces over `seconds`, STATUS answers `status` with `body`,
    TRUNCATE cuts the body, HTML and EMPTY answer 200 without JSON, RATE_LIMIT 429 and BAN 418 with
    Retry-After of `seconds`, REFUSE the venue's `code`. LIST_SHUFFLE, LIST_SHORT, LIST_LONG and LIST_EMPTY
    carry it out and change an answer that is a list: another order, the last row lost, the first row twice,
    none at all. LAG answers a query as if what happened in the last `seconds` were not known yet. LATE closes
    without an answer and carries it out `seconds` later; `accepted` says whether its timestamp is judged when
    it comes, as by a venue that queues behind its gate, or when it is carried out.
    On a stream: WS_REFUSE answers the handshake with `status`, WS_ACCEPT_CLOSE closes at once after
    accepting; WS_CLOSE, WS_ABORT, WS_MALFORMED (sends `body`, or a frame that breaks off), WS_FLOOD (the
    same `frames` times), WS_SILENCE (for `seconds`, 0 for ever) and LISTEN_KEY_EXPIRED strike the
    connections that are open now; so do WS_HUGE (one frame of `frames` megabytes), WS_HALF_OPEN (neither
    reads nor writes any more, pings included), and WS_GAP, WS_DUPLICATE, WS_REORDER and WS_LATE, which lose,
    repeat, turn round, or hold back for `seconds` the next `frames` frames. WS_FOREIGN sends the account's
    listeners the next `frames` events of the account named in `body`.
    """

    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    RESET = "reset"
    DELAY = "delay"
    STALL = "stall"
    DRIP = "drip"
    STATUS = "status"
    TRUNCATE = "truncate"
    HTML = "html"
    EMPTY = "empty"
    RATE_LIMIT = "rate_limit"
    BAN = "ban"
    REFUSE = "refuse"
    LIST_SHUFFLE = "list_shuffle"
    LIST_SHORT = "list_short"
    LIST_LONG = "list_long"
    LIST_EMPTY = "list_empty"
    LATE = "late"
    LAG = "lag"
    WS_REFUSE = "ws_refuse"
    WS_ACCEPT_CLOSE = "ws_accept_close"
    WS_CLOSE = "ws_close"
    WS_ABORT = "ws_abort"
    WS_MALFORMED = "ws_malformed"
    WS_SILENCE = "ws_silence"
    WS_FLOOD = "ws_flood"
    WS_GAP = "ws_gap"
    WS_DUPLICATE = "ws_duplicate"
    WS_REORDER = "ws_reorder"
    WS_LATE = "ws_late"
    WS_HUGE = "ws_huge"
    WS_HALF_OPEN = "ws_half_open"
    WS_FOREIGN = "ws_foreign"
    LISTEN_KEY_EXPIRED = "listen_key_expired"


HANDSHAKE = frozenset({FaultKind.WS_REFUSE, FaultKind.WS_ACCEPT_CLOSE})
IMMEDIATE = frozenset(
    {
        FaultKind.WS_CLOSE,
        FaultKind.WS_ABORT,
        FaultKind.WS_MALFORMED,
        FaultKind.WS_SILENCE,
        FaultKind.WS_FLOOD,
        FaultKind.WS_GAP,
        FaultKind.WS_DUPLICATE,
        FaultKind.WS_REORDER,
        FaultKind.WS_LATE,
        FaultKind.WS_HUGE,
        FaultKind.WS_HALF_OPEN,
        FaultKind.WS_FOREIGN,
        FaultKind.LISTEN_KEY_EXPIRED,
    }
)
"""Carried out once, when armed."""


@dataclass(slots=True)
class Fault:
    """One armed fault.

    Attributes:
        kind: what goes wrong.
        method: HTTP method it applies to; "" for any.
        path: regular expression searched in the path (for open streams: in path, query and the names of
            the public streams listened to); "" for any.
        account: account name; "" for any.
        count: how many times it may still strike; None for without end.
        skip: matching requests let through first.
        probability: chance of striking at each match, decided by `seed`.
        seed: of that chance.
        seconds: for DELAY, DRIP (whole duration), LAG, LATE, RATE_LIMIT, BAN, WS_SILENCE, WS_LATE.
        accepted: whether the request is carried out, for RESET, STALL, STATUS, HTML, EMPTY and REFUSE; for
            DELAY whether it is carried out before the wait.
        status, body, headers: for STATUS and WS_REFUSE (a redirect is a 302 with a Location).
        frames: for WS_FLOOD, WS_HUGE (megabytes), WS_GAP, WS_DUPLICATE, WS_REORDER, WS_LATE and WS_FOREIGN.
        code: for REFUSE, and the close code of WS_CLOSE and WS_ACCEPT_CLOSE.
        id: given when armed. struck: how often it did.
    """

    kind: FaultKind
    method: str = ""
    path: str = ""
    account: str = ""
    count: int | None = 1
    skip: int = 0
    probability: float = 1.0
    seed: int = 0
    seconds: float = 1.0
    accepted: bool = False
    status: int = 503
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    code: int = 0
    frames: int = 1
    id: int = 0
    struck: int = 0
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _random: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._pattern = re.compile(self.path)
        self._random = random.Random(self.seed)

    def matches(self, method: str, path: str, account: str) -> bool:
        """Whether the fault is meant for this request, chance and counts aside."""
        return (
            (not self.method or self.method == method)
            and (not self.account or self.account == account)
            and self._pattern.search(path) is not None
        )

    def strikes(self) -> bool:
        """Use up one match: whether it strikes now."""
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.count is not None and self.struck >= self.count:
            return False
        if self.probability < 1.0 and self._random.random() >= self.probability:
            return False
        self.struck += 1
        return True

    def state(self) -> dict[str, Any]:
        """The fault as JSON."""
        fields = asdict(self)
        return {name: value for name, value in fields.items() if not name.startswith("_")}


_SETTABLE = frozenset(Fault.__slots__) - {"id", "struck", "_pattern", "_random"}


def fault_from(raw: dict[str, Any]) -> Fault:
    """Build a fault from the control port's JSON.

    Raises:
        ValueError: an unknown kind, field or regular expression; the message says which.
    """
    unknown = set(raw) - _SETTABLE
    if unknown:
        raise ValueError(f"unknown field {min(unknown)}; known are {', '.join(sorted(_SETTABLE))}")
    try:
        return Fault(**{**raw, "kind": FaultKind(raw.get("kind", ""))})
    except (re.error, TypeError) as error:
        raise ValueError(str(error)) from error


class FaultBoard:
    """The armed faults, oldest first; the first that matches and strikes wins."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []
        self._next_id = 1

    def arm(self, fault: Fault) -> Fault:
        """Add a fault; returns it with its id."""
        fault.id = self._next_id
        self._next_id += 1
        if fault.kind not in IMMEDIATE:
            self.armed.append(fault)
        return fault

    def disarm(self, fault_id: int | None = None) -> None:
        """Remove one fault, or all."""
        self.armed = [fault for fault in self.armed if fault_id is not None and fault.id != fault_id]

    def for_request(self, method: str, path: str, account: str) -> Fault | None:
        """The fault that meets this request, if any."""
        return self._first(method, path, account, handshake=False)

    def for_handshake(self, path: str, account: str) -> Fault | None:
        """The fault that meets this WebSocket handshake, if any."""
        return self._first("GET", path, account, handshake=True)

    def _first(self, method: str, path: str, account: str, *, handshake: bool) -> Fault | None:
        for fault in self.armed:
            if (
                (fault.kind in HANDSHAKE) is handshake
                and fault.matches(method, path, account)
                and fault.strikes()
            ):
                return fault
        return None
