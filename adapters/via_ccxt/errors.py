"""Judges a failed call by what reached the wire, not by ccxt's exception class.

The table of FACTS in words: nothing left -> it did not happen; it left and no complete, meaningful
answer came -> unknown; a complete answer -> the venue's own code decides, and some codes mean unknown.
Called by the clients after every failed or meaningless call.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.attempt import Attempt, Stage
from hedge_tui.domain.errors import OutcomeUnknown, Refused, Unavailable, VenueError

if TYPE_CHECKING:
    from adapters.via_ccxt.quirks import Quirks
    from adapters.via_ccxt.redaction import Redactor

_CODE_KEYS = ("code", "retCode", "sCode", "err_code", "error_code", "errorCode", "label", "error")
_SUCCESS = frozenset({"0", "00000", "200", "200000", "ok", "OK", "success", "None", "", "True"})
_DEFINITE_WITHOUT_CODE = frozenset({401, 403, 404, 405, 413, 414, 451})
"""Statuses that a server or its guard gives before looking at an order, whatever the body says."""


LOCAL = "local"
"""Code of what was refused on this side of the wire, by ccxt's checks or ours."""


class Blame(StrEnum):
    """What is certain after a failed call."""

    NOT_SENT = "not_sent"
    """No byte of an act reached the venue."""
    REFUSED = "refused"
    """The venue said no, definitely."""
    BUSY = "busy"
    """The venue turned the request away unread (rate limit, ban, overload): it did not happen."""
    UNKNOWN = "unknown"
    """It may have happened."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a failed call means.

    Attributes:
        code: the venue's own code as text, or "".
        reason: for people; free of secrets.
        retry_after_s: seconds the venue (or the pacer) asks to wait; None if nobody said.
        absent: the venue says that it knows no such order.
    """

    blame: Blame
    reason: str
    code: str = ""
    retry_after_s: float | None = None
    absent: bool = False

    def error(self) -> VenueError:
        """The verdict as an error for calls that raise."""
        if self.blame is Blame.REFUSED or self.code == LOCAL:
            return Refused(self.reason, self.code)
        if self.blame is Blame.UNKNOWN:
            return OutcomeUnknown(self.reason, self.code)
        return Unavailable(self.reason, self.code, self.retry_after_s)


def judge(error: BaseException | None, attempt: Attempt, quirks: Quirks, redact: Redactor) -> Verdict:
    """What is certain after a call that raised `error`, or that succeeded without meaning (None).

    Args:
        error: what ccxt or the pacer raised.
        attempt: what reached the wire.
        quirks: the venue's code tables.
        redact: removes secrets from the reason.
    """
    said = redact(error) if error is not None else "a success without an order id"
    if attempt.stage < Stage.SENT:
        return _before_the_wire(error, attempt, said)
    if attempt.stage < Stage.ANSWERED:
        return Verdict(Blame.UNKNOWN, f"no complete answer: {said}")
    return _answered(error, attempt, quirks, redact, said)


def judge_answer(body: Any, quirks: Quirks, redact: Redactor) -> Verdict:
    """What one row of a batch answer means that is not an order."""
    code = venue_code(body)
    words = redact(venue_words(body) or body)
    if _is_there(code, words, quirks):
        return Verdict(Blame.UNKNOWN, f"{_IS_THERE}: {words}", code)
    if code and code not in _SUCCESS and code not in quirks.unknown_codes:
        return Verdict(Blame.REFUSED, words, code, absent=code in quirks.absent_codes)
    return Verdict(Blame.UNKNOWN, f"a row without an order id: {words}", code)


def venue_code(body: Any) -> str:
    """The venue's own code in a JSON answer, "" if there is none. Nested first rows count."""
    if isinstance(body, list):
        return venue_code(body[0]) if len(body) == 1 else ""
    if not isinstance(body, Mapping):
        return ""
    return _row_code(body) or _own_code(body)


def _row_code(body: Mapping[str, Any]) -> str:
    """The code of the only row of an answer that wraps rows (OKX)."""
    for key in ("data", "result"):
        rows = body.get(key)
        if isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], Mapping):
            inner = str(rows[0].get("sCode", ""))
            if inner not in _SUCCESS:
                return inner
    return ""


def _own_code(body: Mapping[str, Any]) -> str:
    for key in _CODE_KEYS:
        value = body.get(key)
        if isinstance(value, Mapping):
            return venue_code(value)
        if isinstance(value, list):
            if value:
                return str(value[0])
        elif value is not None and str(value) not in _SUCCESS:
            return str(value)
    return ""


def venue_words(body: Any) -> str:
    """The venue's own words in a JSON answer, or ""."""
    if isinstance(body, list) and body:
        return venue_words(body[0])
    if isinstance(body, Mapping):
        for key in ("msg", "retMsg", "message", "sMsg", "error_message", "error", "detail"):
            value = body.get(key)
            if isinstance(value, str) and value:
                return value
    return ""


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header; None if absent or not a number of seconds."""
    for name, value in headers.items():
        if name.lower() == "retry-after":
            try:
                seconds = float(value)
            except ValueError:
                return None
            return seconds if math.isfinite(seconds) and seconds >= 0 else None
    return None


def _before_the_wire(error: BaseException | None, attempt: Attempt, said: str) -> Verdict:
    if attempt.acts_sent:
        return Verdict(Blame.UNKNOWN, f"a part was sent, the rest was not: {said}")
    if isinstance(error, Unavailable):
        return Verdict(Blame.NOT_SENT, said, error.code, error.retry_after_s)
    if attempt.stage is Stage.NOTHING and not isinstance(error, OSError):
        # ccxt's own checks: wrong arguments, unknown symbol, below the minimum.
        return Verdict(Blame.NOT_SENT, said, LOCAL)
    return Verdict(Blame.NOT_SENT, f"no connection: {said}")


def _answered(
    error: BaseException | None, attempt: Attempt, quirks: Quirks, redact: Redactor, said: str
) -> Verdict:
    status = attempt.status or 0
    code = venue_code(attempt.json)
    words = redact(venue_words(attempt.json)) or said
    wait = retry_after_s(attempt.headers)
    if status in (418, 429) or code in quirks.busy_codes:
        return Verdict(Blame.BUSY, words, code or str(status), wait)
    if code in quirks.unknown_codes:
        return Verdict(Blame.UNKNOWN, words, code, wait)
    if status >= 500 or status in (301, 302, 303, 307, 308, 408):
        return Verdict(Blame.UNKNOWN, f"HTTP {status}: {words}", code, wait)
    if _is_there(code, words, quirks):
        return Verdict(Blame.UNKNOWN, f"{_IS_THERE}: {words}", code)
    if code:
        absent = code in quirks.absent_codes or _names(error, "OrderNotFound")
        return Verdict(Blame.REFUSED, words, code, absent=absent)
    if status in _DEFINITE_WITHOUT_CODE:
        blame = Blame.BUSY if status == 403 else Blame.REFUSED
        return Verdict(blame, f"HTTP {status}: {words}", str(status), wait)
    if _names(error, "OrderNotFound"):
        return Verdict(Blame.REFUSED, words, absent=True)
    return Verdict(Blame.UNKNOWN, f"HTTP {status} without a usable answer: {said}")


_IS_THERE = "an order with this client id is at the venue already"


def _is_there(code: str, words: str, quirks: Quirks) -> bool:
    """Whether the venue refuses an order because it has it: the answer to a request that arrived twice."""
    # Binance spot says it under the code of every refusal.
    return code in quirks.duplicate_codes or (code == "-2010" and words.startswith("Duplicate order"))


def _names(error: BaseException | None, name: str) -> bool:
    """Whether a class of this name is among the error's (ccxt is not imported here)."""
    return error is not None and any(cls.__name__ == name for cls in type(error).__mro__)
