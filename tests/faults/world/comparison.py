"""Where a desk's books and its venues' differ, once all should be settled; asked by the oracle."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from simulated_desk import SAME

from hedge_tui.domain.order import Order, OrderStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from faults.world.oracle import Sent
    from faults.world.venues import Venues

    from adapters.paper.records import PaperOrder
    from hedge_tui.engine.engine import Engine

_IN_DOUBT = (
    OrderStatus.UNKNOWN,
    OrderStatus.CANCEL_UNKNOWN,
    OrderStatus.AMEND_UNKNOWN,
    OrderStatus.SENDING,
)


class Broken(AssertionError):
    """A promise was not kept.

    Attributes:
        kind: "doubled", "lost", "false terminal", or what else was broken.
    """

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(f"{kind}: {words}")
        self.kind = kind


class Comparison:
    """One look at both sides.

    Args:
        engine: whose books. venues: the truth. sent: what is known of its orders outside of it.
        imported: what the import of the past told of executions, by account and venue order id.
    """

    def __init__(
        self,
        engine: Engine,
        venues: Venues,
        sent: Mapping[str, Sent],
        imported: Mapping[tuple[str, str], Decimal],
    ) -> None:
        self._engine = engine
        self._imported = imported
        self._venues = venues
        self._sent = sent

    def everything(self) -> list[Broken]:
        """Every difference there is now."""
        return [*self.own_orders(unknown_counts=True), *self.foreign_orders(), *self.money()]

    def own_orders(self, *, unknown_counts: bool) -> list[Broken]:
        """Where the desk's orders differ from the venues' now.

        Args:
            unknown_counts: an order that says it is in doubt differs, too.
        """
        found: list[Broken] = []
        ours = self._engine.desk.state.orders
        for order in ours.values():
            if order.request.client_order_id not in self._sent and order.external:
                continue
            venue = self._venue_order(order)
            doubtful = order.status in _IN_DOUBT or (
                order.status.working and (order.cancel_asked or order.amend_asked)
            )
            if doubtful:
                if unknown_counts:
                    found.append(Broken("not settled", named(order)))
            elif venue is None:
                if order.status not in (OrderStatus.ABSENT, OrderStatus.DENIED, OrderStatus.REJECTED):
                    found.append(Broken("not at the venue", named(order)))
            elif order.status is OrderStatus.ABSENT and not venue.status.open and not venue.executed:
                continue  # it turned up and went again unseen: nothing came of it
            elif order.status is not SAME[venue.status] or order.filled != venue.executed:
                kind = "false terminal" if order.status.terminal and venue.status.open else "differs"
                there = f"the venue says {venue.status}, {venue.executed} of {venue.quantity}"
                found.append(Broken(kind, f"{named(order)}; {there}"))
            elif (
                order.status.working
                and venue.quantity
                and (order.request.quantity, order.request.price)
                != (
                    venue.quantity,
                    venue.price,
                )
            ):
                found.append(Broken("differs", f"{named(order)}; {venue.quantity} at {venue.price}"))
        missing = [
            id_ for id_, sent in self._sent.items() if sent.at_venue and id_ not in ours and sent.durable
        ]
        return found + [Broken("lost", f"{id_} is at the venue, and the desk forgot it") for id_ in missing]

    def foreign_orders(self) -> list[Broken]:
        """Orders of others that rest at a venue unknown to the desk."""
        ours = self._engine.desk.state.orders
        return [
            Broken("foreign order missed", f"{name}: {venue.client_order_id} rests, unknown to the desk")
            for name, hub in self._venues.home.items()
            for venue in hub.venue.open_orders(name)
            if venue.client_order_id not in ours
        ]

    def money(self) -> list[Broken]:
        """Where positions, balances and executions differ from the venues' now."""
        found: list[Broken] = []
        desk = self._engine.desk
        for name, hub in self._venues.home.items():
            account, venue = desk.accounts[name], hub.venue
            if not hub.spot:
                theirs = {
                    (p.instrument, p.side.value): p.quantity for p in venue.positions(name) if p.quantity
                }
                own = {key: p.quantity for key, p in account.positions.items()}
                if own != theirs:
                    doubts = {key: str(dispute) for key, dispute in account.disputes.items()}
                    words = f"{name}: {own}, the venue says {theirs}, in dispute {doubts}"
                    found.append(Broken("positions", words))
                if account.hedge_mode is not venue.hedge_mode(name):
                    found.append(Broken("position mode", f"{name}: {account.hedge_mode}"))
            totals = {asset: b.total for asset, b in venue.balances(name).items() if b.total}
            mine = {asset: b.total for asset, b in account.balances.items() if b.total}
            if totals != mine:
                found.append(Broken("balances", f"{name}: {mine}, the venue says {totals}"))
            known = desk.state.seen_fills
            found += self._uncounted(name)
            missing = [
                trade.trade_id
                for instrument in venue.instruments
                for trade in venue.trades(name, instrument)
                if (name, str(instrument), str(trade.trade_id)) not in known
            ]
            if missing:
                found.append(Broken("executions lost", f"{name}: trades {missing[:5]}"))
        return found

    def _uncounted(self, account: str) -> list[Broken]:
        """Orders whose executions do not add up to what the venue has executed."""
        state = self._engine.desk.state
        found = []
        for id_, order in state.orders.items():
            venue = self._venue_order(order)
            if order.request.account != account or order.external or venue is None:
                continue
            total = state.fill_sums.get(id_)
            counted = total.quantity if total is not None else Decimal(0)
            counted += self._imported.get((account, str(venue.order_id)), Decimal(0))
            if counted != venue.executed:
                found.append(
                    Broken("executions lost", f"{named(order)}: counted {counted}, {venue.executed}")
                )
        return found

    def _venue_order(self, order: Order) -> PaperOrder | None:
        request = order.request
        return self._venues.newest(request.account, request.client_order_id)


def named(order: Order) -> str:
    """An order as a story tells of it."""
    r = order.request
    price = r.price or r.trigger_price or "market"
    return (
        f"{r.account} {r.client_order_id[:8]} {r.type} {r.side} {r.quantity} {r.instrument.partition(':')[2]}"
        f" at {price} is {order.status}, filled {order.filled}"
        + (", cancel asked" if order.cancel_asked else "")
        + (", amend asked" if order.amend_asked else "")
        + (f" ({order.reason})" if order.reason else "")
    )
