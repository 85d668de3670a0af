"""Enters executions and money flows into the PnL book; pure, called by `bookings` and `reduce` alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.engine.pnl.book import Sums

if TYPE_CHECKING:
    from hedge_tui.domain.account import CashFlow
    from hedge_tui.domain.fill import Fill
    from hedge_tui.engine.state import DeskState

ZERO = Decimal(0)
MOVED = ("deposit", "withdrawal", "transfer")
"""Flows that are no profit and no loss."""
TAG = "tag"
"""Scope of the settings that hold tags: `run:ID` or a client order id -> tag."""


def book_pnl(state: DeskState, fill: Fill, realized: Decimal, sign: int = 1) -> None:
    """Enter what an execution realized and what it cost."""
    tag, settle = tag_of(state, fill), settle_of(state, fill.instrument)
    _put(state, fill.venue_ns, (fill.account, fill.instrument, tag, settle), Sums(realized, fills=1), sign)
    if fill.commission:
        key = (fill.account, fill.instrument, tag, fill.commission_asset)
        _put(state, fill.venue_ns, key, Sums(fees=fill.commission), sign)


def book_realized(state: DeskState, fill: Fill, change: Decimal) -> None:
    """What an execution realized was counted again."""
    key = (fill.account, fill.instrument, tag_of(state, fill), settle_of(state, fill.instrument))
    _put(state, fill.venue_ns, key, Sums(change), 1)


def book_flow(state: DeskState, flow: CashFlow, sign: int = 1) -> None:
    """Enter a flow under what it is; take it back with `sign` -1."""
    change = Sums()
    match flow.kind:
        case "funding":
            change.funding = flow.quantity
        case "deposit":
            change.deposits = flow.quantity
        case "withdrawal":
            change.withdrawals = flow.quantity
        case "transfer":
            change.transfers = flow.quantity
        case "realized":
            change.realized = flow.quantity
        case "commission":
            change.fees = -flow.quantity
        case _:
            change.other = flow.quantity
    _put(state, flow.venue_ns, (flow.account, flow.instrument or "", "", flow.asset), change, sign)


def retag(state: DeskState, name: str, tag: str) -> None:
    """Give a run or an order another tag ("" for none) and move what it has earned so far."""
    moving = [fill for fill in state.fills if name in _names(state, fill)]
    for fill in moving:
        book_pnl(state, fill, state.realized[fill.key], -1)
    if tag:
        state.settings[TAG, name] = tag
    else:
        state.settings.pop((TAG, name), None)
    for fill in moving:
        book_pnl(state, fill, state.realized[fill.key])


def tag_of(state: DeskState, fill: Fill) -> str:
    """Of the order, or else of its run; "" for none."""
    return next((tag for name in _names(state, fill) if (tag := state.settings.get((TAG, name), ""))), "")


def settle_of(state: DeskState, instrument: str) -> str:
    """The asset of an instrument's PnL; read from its name if the venue lists it no more."""
    known = state.listed(InstrumentId(instrument))
    return known.settle if known is not None else instrument.rpartition("/")[2].rpartition(":")[2]


def _names(state: DeskState, fill: Fill) -> tuple[str, ...]:
    order = state.order_of(fill.account, fill.client_order_id, fill.venue_order_id)
    if order is None:
        return ()
    run = order.request.run
    return (str(order.request.client_order_id), *((f"run:{run}",) if run else ()))


def _put(state: DeskState, at_ns: int, key: tuple[str, str, str, str], change: Sums, sign: int) -> None:
    book = state.book
    book.put((state.calendar.day_of(at_ns), book.session_of(at_ns), *key), change, sign)
