"""One leg of a derivative position at average cost, exact to the last decimal over a round trip."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.paper.ledger import ZERO, rounded

if TYPE_CHECKING:
    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.working_order import WorkingOrder
    from hedge_tui.domain.order import PositionSide

FINE = Decimal("1E-14")
"""Step of the cost that a partial close releases; far below a cent of any asset."""
ENTRY = Decimal("1E-12")
"""Step of an entry price; some coins cost a hundred-millionth."""


class Leg:
    """What one account holds in one instrument on one position side.

    Attributes:
        quantity: signed venue units.
        cost: signed notional of the open part, so that entry price = cost / quantity.
        fees: commission paid for the open part.
        realized: since the account exists, before commission and funding.
        bid_notional, ask_notional: of open orders that may increase the leg.
        reducers: orders that may only shrink it and are not waiting for a trigger, by order id.
        closers: waiting stops that would close all of it, by order id.
        residue: what rounding has taken from realized PnL so far, carried to the next close.
        isolated_wallet: money set apart for it; 0 on cross margin.
        unrealized, initial, order_initial, maintenance: as last added to the account's sums.
    """

    __slots__ = (
        "ask_notional",
        "bid_notional",
        "book",
        "closers",
        "cost",
        "fees",
        "initial",
        "isolated_wallet",
        "maintenance",
        "order_initial",
        "quantity",
        "realized",
        "reducers",
        "residue",
        "side",
        "unrealized",
        "update_ns",
    )

    def __init__(self, book: InstrumentBook, side: PositionSide) -> None:
        self.book = book
        self.side = side
        self.quantity = ZERO
        self.cost = ZERO
        self.fees = ZERO
        self.realized = ZERO
        self.bid_notional = ZERO
        self.ask_notional = ZERO
        self.reducers: dict[int, WorkingOrder] = {}
        self.closers: dict[int, WorkingOrder] = {}
        self.isolated_wallet = ZERO
        self.unrealized = ZERO
        self.initial = ZERO
        self.order_initial = ZERO
        self.maintenance = ZERO
        self.update_ns = 0
        self.residue = ZERO

    @property
    def entry_price(self) -> Decimal:
        """Average cost per unit, to twelve decimals; 0 when flat."""
        if not self.quantity:
            return ZERO
        return rounded(self.cost / (self.quantity * self.book.instrument.contract_size), ENTRY)

    @property
    def idle(self) -> bool:
        """Flat, and no open order touches it."""
        return not (self.quantity or self.bid_notional or self.ask_notional or self.reducers)

    def apply(self, signed: Decimal, price: Decimal) -> Decimal:
        """Add an execution of `signed` units at `price`.

        Returns:
            PnL that it realised, in settle, to eight decimals. What rounding took away is carried to
            the next close, so that the sum over a round trip is the exact cash flow.
        """
        held = self.quantity
        notional = signed * price * self.book.instrument.contract_size
        if not held or (held > 0) is (signed > 0):
            self.quantity = held + signed
            self.cost += notional
            return ZERO
        if abs(signed) >= abs(held):
            proceeds = held * price * self.book.instrument.contract_size
            released, self.cost = self.cost, notional + proceeds
            self.fees = ZERO
        else:
            proceeds = -notional
            released = rounded(self.cost * -signed / held, FINE)
            self.cost -= released
            self.fees += rounded(self.fees * signed / held, FINE)
        self.quantity = held + signed
        exact = proceeds - released + self.residue
        realized = rounded(exact)
        self.residue = exact - realized
        self.realized += realized
        return realized
