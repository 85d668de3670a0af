"""What is wrong with lines, streams, disks and clocks in a simulated world, and when."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One kind of trouble that lasts for a while, and then strikes with some chance."""

    # requests that change something
    LOST_REQUEST = "request lost, no answer"
    LATE_REQUEST = "request late, no answer"
    GHOST_REQUEST = "request arrives half a minute late"
    LOST_ANSWER = "answer lost"
    SLOW_ANSWER = "answer slow"
    SERVER_ERROR = "5xx, done or not"
    NO_ID = "success without an id"
    TIMEOUT_CODE = "the venue's own time-out code, done or not"
    REPEATED = "request arrives twice, the duplicate is answered"
    SHUFFLED = "batch answer shuffled"
    SHORT = "batch answer short"
    LONG = "batch answer with rows too many"
    PARTLY = "batch refused in part"
    BUSY = "429 with Retry-After"
    REVOKED = "key revoked"
    # questions
    LOOKUP_FAILS = "questions without answers"
    LOOKUP_LAGS = "questions answered as of 8 s ago"
    NO_OPEN_ORDERS = "open orders falsely empty"
    FEW_OPEN_ORDERS = "open orders falsely short"
    NO_FILLS = "fills falsely empty"
    NO_HOLDINGS = "balances and positions falsely empty"
    # the private stream
    STREAM_LATE = "stream late"
    STREAM_FROZEN = "stream frozen, then all at once"
    STREAM_CUT = "stream cut"
    STREAM_SILENT = "stream half-open, noticed late"
    STREAM_GAP = "stream loses frames and nobody notices"
    STREAM_TWICE = "stream says things twice"
    STREAM_MIXED = "stream in another order"
    STREAM_STRANGER = "events of an account on another's stream"
    # the machine
    DISK_SLOW = "disk slow"
    MARKET_STALE = "market data silent"


@dataclass(frozen=True, slots=True)
class Spell:
    """A fault that may strike between two moments.

    Attributes:
        from_s, to_s: simulated seconds.
        account: "" strikes everywhere.
        chance: of each occasion.
    """

    fault: Fault
    from_s: float
    to_s: float
    account: str
    chance: float

    def __str__(self) -> str:
        where = self.account or "all"
        return f"{self.from_s:6.1f} - {self.to_s:5.1f} s  {where:7} {self.chance:4.0%}  {self.fault}"


class Weather:
    """Tells whether a fault strikes now, and when the last one did.

    Attributes:
        last_s: when the newest effect of any fault was felt.
        counts: how often each fault struck.
    """

    def __init__(self, spells: Iterable[Spell], rng: random.Random, now: Callable[[], float]) -> None:
        self._spells: dict[Fault, list[Spell]] = {}
        for spell in spells:
            self._spells.setdefault(spell.fault, []).append(spell)
        self._rng = rng
        self._now = now
        self.last_s = 0.0
        self.counts: dict[Fault, int] = {}

    def until(self, fault: Fault, account: str = "") -> float:
        """When the running spells of this fault end; 0.0 when none runs."""
        now = self._now()
        return max((s.to_s for s in self._running(fault, account, now)), default=0.0)

    def strikes(self, fault: Fault, account: str = "") -> bool:
        """Whether it does, now."""
        now = self._now()
        for spell in self._running(fault, account, now):
            if self._rng.random() < spell.chance:
                self.felt(now)
                self.counts[fault] = self.counts.get(fault, 0) + 1
                return True
        return False

    def felt(self, at_s: float) -> None:
        """Something that a fault has caused lasts until `at_s`."""
        self.last_s = max(self.last_s, at_s)

    def runs(self, fault: Fault, account: str = "") -> bool:
        """Whether a spell of this fault runs now; for those that do not strike by chance."""
        now = self._now()
        if not self._running(fault, account, now):
            return False
        self.felt(now)
        self.counts[fault] = self.counts.get(fault, 0) + 1
        return True

    def next_start(self, faults: Iterable[Fault], account: str) -> float:
        """When the next spell of any of these begins; infinity if there is none."""
        now = self._now()
        return min(
            (
                spell.from_s
                for fault in faults
                for spell in self._spells.get(fault, ())
                if spell.from_s > now and spell.account in ("", account)
            ),
            default=float("inf"),
        )

    def _running(self, fault: Fault, account: str, now: float) -> list[Spell]:
        spells = self._spells.get(fault)
        if not spells:
            return []
        return [s for s in spells if s.from_s <= now < s.to_s and s.account in ("", account)]
