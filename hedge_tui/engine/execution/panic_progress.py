"""How far panic is on one account, in figures and in words. Pure; for the console and the commands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """What panic does on an account now."""

    CANCELLING = "cancelling"
    CLOSING = "closing"
    CHECKING = "checking"
    """Everything asked for is answered; the venue is asked once more what is there."""
    DONE = "done"
    STOPPED = "stopped"
    """The trader ended it before it was done."""
    LEFT = "left"
    """Nothing can be done here: the account has no key, or its key may not trade."""


@dataclass(slots=True)
class Progress:
    """One account.

    Attributes:
        entries: found to cancel. cancelled: of those, taken off by the venue. filled: executed before that.
        gone: ended in another way. resting: not known to be gone yet.
        silent: of those, whose cancel had no answer, or that may not be at the venue at all.
        kept: protective stops left alone. dropped: stops whose position is flat, taken off.
        flat: positions are to be closed too. positions: found to close. open: of those, not flat yet.
        closing: closing orders under way. stuck: why a position cannot be closed, or "".
        spot: an account whose holdings are no positions.
        heard: the venue has answered since panic was pressed. problem: the newest trouble, or "".
        asked: times the venue was asked for something. begun_s, ended_s: loop time; 0 while it goes on.
    """

    account: str
    phase: Phase = Phase.CANCELLING
    entries: int = 0
    cancelled: int = 0
    filled: int = 0
    gone: int = 0
    resting: int = 0
    silent: int = 0
    kept: int = 0
    dropped: int = 0
    flat: bool = False
    positions: int = 0
    open: int = 0
    closing: int = 0
    stuck: str = ""
    spot: bool = False
    heard: bool = False
    problem: str = ""
    asked: int = 0
    begun_s: float = 0.0
    ended_s: float = 0.0

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do or to wait for."""
        return self.phase in (Phase.DONE, Phase.STOPPED, Phase.LEFT)

    @property
    def whole(self) -> bool:
        """Whether everything that was wanted is proved."""
        return self.phase is Phase.DONE and not self.stuck

    def document(self, now_s: float) -> dict[str, Any]:
        """The figures by their names in `hedge panic --json`; `seconds`: how long it took, or goes on."""
        fields = asdict(self)
        begun, ended = fields.pop("begun_s"), fields.pop("ended_s")
        seconds = round((ended or now_s) - begun, 1)
        return {**fields, "settled": self.settled, "seconds": seconds, "words": self.words}

    @property
    def words(self) -> str:
        """The account's line, without its name."""
        if self.phase is Phase.LEFT:
            return f"NOT REACHED: {self.problem}; {_entries(self.resting)} known to rest there"
        parts = [] if self.heard or self.phase is Phase.DONE else [self._unreached()]
        if not parts:
            parts += self._entries()
        if self.kept:
            parts.append(f"{_count(self.kept, 'protective stop')} kept")
        if self.flat:
            parts += self._closed()
        if self.phase is Phase.STOPPED:
            parts.append("STOPPED before it was done: look at the venue")
        elif not self.settled and self.heard and self.problem:
            parts.append(f"trying again ({self.problem})")
        elif self.phase is Phase.CHECKING:
            parts.append("comparing with the venue")
        return ", ".join(parts) or "nothing was resting"

    def _unreached(self) -> str:
        rest = f"{_entries(self.resting)} may still rest" if self.resting else "no entry of it is known here"
        open_ = f", {_count(self.open, 'position')} may still be open" if self.flat and self.open else ""
        times = "once" if self.asked == 1 else f"{self.asked} times"
        again = "" if self.phase is Phase.STOPPED else f"; asked {times}, asking again until it answers"
        return f"NOT REACHED: {self.problem or 'no answer yet'}; {rest}{open_}{again}"

    def _entries(self) -> list[str]:
        if not self.entries:
            return []
        parts = [f"{self.cancelled} of {self.entries} cancelled"]
        if self.filled:
            parts.append(f"{self.filled} filled before that")
        if self.gone:
            parts.append(f"{self.gone} already gone")
        if sure := self.resting - self.silent:
            parts.append(f"{sure} still resting")
        if self.silent:
            parts.append(f"{self.silent} without an answer, being looked up")
        return parts

    def _closed(self) -> list[str]:
        parts = []
        if self.positions:
            parts.append(f"{self.positions - self.open} of {_count(self.positions, 'position')} closed")
        if self.closing:
            parts.append(f"{_count(self.closing, 'closing order')} under way")
        if self.stuck:
            parts.append(f"LEFT OPEN: {self.stuck}")
        if self.dropped:
            parts.append(f"{_count(self.dropped, 'stop')} dropped")
        if self.spot:
            parts.append("spot holdings are no positions: they stay")
        return parts


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"
