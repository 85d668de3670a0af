"""The life of an order as one table: every legal step, tested for every (status, report) pair."""

from __future__ import annotations

from hedge_tui.domain.order import OrderStatus as S
from hedge_tui.domain.report import ReportKind as R

_AT_VENUE = {
    R.FILL: S.PARTIAL,
    R.LAST_FILL: S.FILLED,
    R.CANCELLED: S.CANCELLED,
    R.EXPIRED: S.EXPIRED,
}
_ASKED = {
    # What may come back on a cancel or an amendment while the order is at the venue.
    R.CANCEL_NO_ANSWER: S.CANCEL_UNKNOWN,
    R.AMEND_NO_ANSWER: S.AMEND_UNKNOWN,
}


_SEEN = (S.ACKED, S.LIVE, S.PARTIAL)


def _resting(status: S) -> dict[R, S]:
    """Steps of an order that the venue has and that may trade: unsettled questions keep it as it is."""
    return (
        _AT_VENUE
        | _ASKED
        | {
            R.ACKED: status,
            R.LIVE: S.LIVE if status is S.ACKED else status,
            R.REJECTED: S.REJECTED,  # venues that acknowledge first and refuse on the stream
            R.CANCEL_REFUSED: status,
            R.AMENDED: status,
            R.AMEND_REFUSED: status,
            R.NO_ANSWER: status,  # the answer was lost, but the stream has already shown it
            R.ABSENT: S.ABSENT,
            # Two of the venue's answers contradict each other: nobody knows until it is settled.
            R.MISSING: S.UNKNOWN if status in _SEEN else status,
        }
    )


def _gone(status: S) -> dict[R, S]:
    """Steps of a finished order: late and repeated news change nothing, executions still count."""
    late = (
        R.ACKED,
        R.LIVE,
        R.FILL,
        R.NO_ANSWER,
        R.CANCELLED,
        R.EXPIRED,
        R.CANCEL_NO_ANSWER,
        R.CANCEL_REFUSED,
        R.AMENDED,
        R.AMEND_NO_ANSWER,
        R.AMEND_REFUSED,
        R.ABSENT,
        R.MISSING,
    )
    return dict.fromkeys(late, status) | {R.LAST_FILL: S.FILLED}


_LATE_ANSWERS = (R.CANCEL_NO_ANSWER, R.CANCEL_REFUSED, R.AMEND_NO_ANSWER, R.AMEND_REFUSED)
"""Answers to what was asked while the order was still on its way; they may come when it is over."""


NEXT: dict[S, dict[R, S]] = {
    S.INTENT: {R.DENIED: S.DENIED, R.SENT: S.SENDING},
    S.DENIED: {},
    S.SENDING: _AT_VENUE
    | {
        R.ACKED: S.ACKED,
        R.LIVE: S.LIVE,
        R.REJECTED: S.REJECTED,
        R.NO_ANSWER: S.UNKNOWN,
        R.NOT_SENT: S.REJECTED,
        R.AMENDED: S.LIVE,
        R.MISSING: S.SENDING,
    }
    | dict.fromkeys(_LATE_ANSWERS, S.SENDING),
    S.UNKNOWN: _AT_VENUE
    | {
        R.ACKED: S.ACKED,
        R.LIVE: S.LIVE,
        R.REJECTED: S.REJECTED,
        R.ABSENT: S.ABSENT,
        R.NO_ANSWER: S.UNKNOWN,
        R.MISSING: S.UNKNOWN,
        R.AMENDED: S.LIVE,  # it cannot change what it does not have
    }
    | dict.fromkeys(_LATE_ANSWERS, S.UNKNOWN),
    S.ACKED: _resting(S.ACKED),
    S.LIVE: _resting(S.LIVE),
    S.PARTIAL: _resting(S.PARTIAL),
    S.CANCEL_UNKNOWN: _resting(S.CANCEL_UNKNOWN)
    | {
        R.LIVE: S.LIVE,
        R.CANCEL_REFUSED: S.LIVE,
        R.FILL: S.CANCEL_UNKNOWN,
        R.AMEND_NO_ANSWER: S.CANCEL_UNKNOWN,
    },
    S.AMEND_UNKNOWN: _resting(S.AMEND_UNKNOWN)
    | {R.LIVE: S.LIVE, R.AMENDED: S.LIVE, R.AMEND_REFUSED: S.LIVE, R.FILL: S.AMEND_UNKNOWN},
    S.FILLED: _gone(S.FILLED),
    # A fill can overtake our cancel, and a venue can report the end before the last execution.
    S.CANCELLED: _gone(S.CANCELLED),
    S.EXPIRED: _gone(S.EXPIRED),
    S.REJECTED: dict.fromkeys((R.REJECTED, R.NO_ANSWER, R.ABSENT, R.MISSING, *_LATE_ANSWERS), S.REJECTED)
    # NOT_SENT is our own word; should the venue know the order after all, the venue is right.
    | _AT_VENUE
    | {R.ACKED: S.ACKED, R.LIVE: S.LIVE, R.AMENDED: S.LIVE},
    # Revivable: an order that turns up after it was proved missing is adopted, with an alarm.
    S.ABSENT: dict.fromkeys((R.ABSENT, R.NO_ANSWER, R.MISSING, *_LATE_ANSWERS), S.ABSENT)
    | _AT_VENUE
    | {R.ACKED: S.ACKED, R.LIVE: S.LIVE, R.AMENDED: S.LIVE, R.REJECTED: S.REJECTED},
}
"""Every legal step. A pair that is absent is a LedgerError."""
