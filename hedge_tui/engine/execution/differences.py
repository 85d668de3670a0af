"""Differences between these books and the venue's: said with both values, and counted. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.instrument import symbol_of

if TYPE_CHECKING:
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.order import Order

STREAM_LATE_NS = 5_000_000_000
"""An execution that was asked for counts as a difference only when the stream had this long to tell it."""


def difference(
    at: int, account: str, subject: str, *, ours: str, theirs: str, then: str = ""
) -> tuple[acts.Act, acts.Act]:
    """The acts that count a difference and say it.

    Args:
        at: ns UTC.
        account: whose books.
        subject: what differs, such as "position BTC/USDT:USDT".
        ours: the value here, in words.
        theirs: the value at the venue.
        then: what was done about it; "" for "taken from the venue".
    """
    words = f"{subject}: {ours} here, {theirs} at the venue; {then or 'taken from the venue'}"
    return acts.Differed(at, account, subject, ours, theirs), acts.Noted(
        at, "warning", "reconcile", words, account
    )


def untold(fill: Fill, at: int, row: int | None) -> tuple[acts.Act, ...]:
    """An execution that the stream did not tell; none while it may still be on its way."""
    if at - fill.venue_ns < STREAM_LATE_NS:
        return ()
    of = f" of #{row}" if row is not None else ""
    said = f"{fill.side} {fill.quantity.normalize():f} at {fill.price.normalize():f}"
    subject = f"fill {fill.trade_id}{of} in {symbol_of(fill.instrument)}"
    return difference(at, fill.account, subject, ours="not told", theirs=said)


def changed(before: Order, after: Order, at: int, row: int | None) -> tuple[acts.Act, ...]:
    """An order that the venue shows otherwise than here; none when it was in doubt or asked to change."""
    if before.cancel_asked or before.amend_asked or not before.status.resting:
        return ()
    if before.status is after.status and before.filled == after.filled:
        return ()
    if not after.status.terminal and before.filled == after.filled:
        return ()  # from acknowledged to resting
    return difference(
        at,
        before.request.account,
        f"order #{row} in {symbol_of(before.request.instrument)}",
        ours=f"{before.status}, {before.filled.normalize():f} filled",
        theirs=f"{after.status}, {after.filled.normalize():f} filled",
    )
