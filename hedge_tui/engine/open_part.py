"""What the open part of a position has cost so far besides its price, and since when it is open; pure.

Folded from executions and funding by `bookings`. A part that is closed takes its share of fees and funding
along, so that what is left is always that of the open part alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import PositionSide

if TYPE_CHECKING:
    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.fill import Fill
    from hedge_tui.engine.state import DeskState

ZERO = Decimal(0)
Key = tuple[str, InstrumentId, PositionSide]
"""Account, instrument, position side."""


@dataclass(frozen=True, slots=True)
class OpenPart:
    """One side of one instrument in one account since it was opened from flat.

    Attributes:
        quantity: signed venue units, as our fills explain it.
        opened_ns: when it was opened; 0 when that was before our fills begin.
        fees: paid for the open part, > 0, by asset. funding: received for it, signed, by asset.
        complete: every fee and every funding payment of it is known.
    """

    quantity: Decimal = ZERO
    opened_ns: int = 0
    fees: dict[str, Decimal] = field(default_factory=dict)
    funding: dict[str, Decimal] = field(default_factory=dict)
    complete: bool = True


def traded(part: OpenPart, fill: Fill) -> OpenPart:
    """The part after one execution; a flip starts a new one with its share of the commission."""
    signed = fill.quantity * fill.side.sign
    left = part.quantity + signed
    if not left:
        return OpenPart()
    paid = {fill.commission_asset: fill.commission}
    if not part.quantity:
        return OpenPart(left, fill.venue_ns, paid)
    if part.quantity * signed > 0:
        return replace(part, quantity=left, fees=_plus(part.fees, paid))
    if part.quantity * left > 0:
        kept = left / part.quantity
        return replace(part, quantity=left, fees=_times(part.fees, kept), funding=_times(part.funding, kept))
    return OpenPart(left, fill.venue_ns, _times(paid, abs(left) / fill.quantity))


def book_fill(state: DeskState, key: Key, fill: Fill) -> None:
    """Take one execution of one leg in."""
    part = traded(state.open_parts.get(key, OpenPart()), fill)
    if part.quantity:
        state.open_parts[key] = part
    else:
        state.open_parts.pop(key, None)


def book_funding(state: DeskState, flow: CashFlow) -> None:
    """Take one funding payment in, or one that was told in error back out (its quantity is negated then).

    Where long and short are both open the venue does not say which of them was paid: neither is complete
    then. What the stream tells without an instrument is passed over: the ledger's row follows and names it.
    """
    if flow.instrument is None and flow.told:
        return
    touched = [
        key
        for key in state.open_parts
        if key[0] == flow.account and (flow.instrument is None or key[1] == flow.instrument)
    ]
    for key in touched:
        part = state.open_parts[key]
        if part.opened_ns > flow.venue_ns:
            continue
        if len(touched) == 1:
            funding = _plus(part.funding, {flow.asset: flow.quantity})
            state.open_parts[key] = replace(part, funding=funding)
        else:
            state.open_parts[key] = replace(part, complete=False)


def seed(state: DeskState, key: Key, quantity: Decimal) -> None:
    """The venue holds something that our fills do not explain: nothing is known of what it cost."""
    if quantity:
        state.open_parts[key] = OpenPart(quantity, complete=False)
    else:
        state.open_parts.pop(key, None)


def _plus(first: dict[str, Decimal], second: dict[str, Decimal]) -> dict[str, Decimal]:
    total = dict(first)
    for asset, quantity in second.items():
        if quantity:
            total[asset] = total.get(asset, ZERO) + quantity
    return total


def _times(parts: dict[str, Decimal], factor: Decimal) -> dict[str, Decimal]:
    return {asset: quantity * factor for asset, quantity in parts.items()}
