"""`countdownCancelAll`: cancels an account's orders in one symbol unless it is asked again in time.

As at the venue, waiting stops are cancelled too. The market loop calls `fire` at every step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.sandbox.refusal import missing

if TYPE_CHECKING:
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue


def arm(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST countdownCancelAll: `countdownTime` in milliseconds, 0 stops the countdown."""
    instrument = venue.instrument(call)
    wait_ms = call.integer("countdownTime")
    if wait_ms is None:
        raise missing("countdownTime")
    key = (call.owner.name, instrument.venue_symbol)
    if wait_ms:
        venue.countdowns[key] = call.now_ms + wait_ms
    else:
        venue.countdowns.pop(key, None)
    return {"symbol": instrument.venue_symbol, "countdownTime": str(wait_ms)}


def fire(venue: ServedVenue, now_ms: int) -> None:
    """Cancel what is due."""
    due = [key for key, deadline in venue.countdowns.items() if deadline <= now_ms]
    for account, symbol in due:
        del venue.countdowns[account, symbol]
        venue.tell(venue.paper.cancel_all(account, venue.instruments[symbol].id, venue.now_ns()))
