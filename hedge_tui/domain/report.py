"""What is learnt about an order: a venue's word, our gate's word, or silence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, OrderRequest, VenueOrderId


class ReportKind(StrEnum):
    """What happened, as far as anyone said."""

    DENIED = "denied"
    """Our risk gate refused; nothing was sent."""
    SENT = "sent"
    """Journalled and about to leave."""
    NO_ANSWER = "no_answer"
    """Sent, and no usable answer came."""
    NOT_SENT = "not_sent"
    """It is certain that no byte reached the venue."""
    ACKED = "acked"
    """Accepted for processing; whether it rests is not yet said."""
    LIVE = "live"
    """Resting at the venue (or waiting for its trigger)."""
    FILL = "fill"
    """Partly executed; `filled` is the new cumulative quantity."""
    LAST_FILL = "last_fill"
    """Executed completely."""
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCEL_NO_ANSWER = "cancel_no_answer"
    CANCEL_REFUSED = "cancel_refused"
    """Definite: the cancel did nothing (already gone, or not found)."""
    AMENDED = "amended"
    AMEND_NO_ANSWER = "amend_no_answer"
    AMEND_REFUSED = "amend_refused"
    ABSENT = "absent"
    """Proved missing by the rules of DESIGN section 5."""
    MISSING = "missing"
    """The venue's answers lack an order that was seen there: in doubt until it is settled."""


@dataclass(frozen=True, slots=True)
class Report:
    """One statement about one order.

    Attributes:
        filled: cumulative executed quantity by this source, venue units; None if it did not say.
        average_price: of the executed part; None if not said.
        quantity, price: new values when an amendment or the venue changed them, else None.
        reason: the venue's or gate's words; `code`: its code as text.
        venue_ns: the venue's time of the event; None if not said.
        request: for an order that is not ours (found on the stream or by reconciling): all that is
            known of it; None otherwise.
        forced: "liquidation" or "ADL" when the venue itself closed the position by this order, else "".
        turned_away: the venue did not look at the request (rate limit, overload): ask again later.
    """

    kind: ReportKind
    account: str
    instrument: InstrumentId
    client_order_id: ClientOrderId
    local_ns: int
    venue_order_id: VenueOrderId | None = None
    filled: Decimal | None = None
    average_price: Decimal | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    reason: str = ""
    code: str = ""
    venue_ns: int | None = None
    request: OrderRequest | None = None
    forced: str = ""
    turned_away: bool = False
