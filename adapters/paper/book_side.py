"""One side of a book: what the outside offers, and our accounts' resting orders in their queues."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from adapters.paper.ledger import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from adapters.paper.working_order import WorkingOrder


class OwnLevel:
    """Our accounts' orders at one price, in the order of their arrival.

    Attributes:
        drained: outside quantity at this price that has traded since the level exists; an order's
            queue ahead is its `ahead_mark` minus this, so that a trade costs the same for any queue.
    """

    __slots__ = ("drained", "orders")

    def __init__(self) -> None:
        self.orders: dict[int, WorkingOrder] = {}
        self.drained = ZERO


class BookSide:
    """Bids (sign -1) or asks (sign +1).

    Attributes:
        outside: [price, quantity] pairs, best LAST, so that taking the best one costs nothing.
        levels: our own levels by price. keys: price times sign, sorted, best first.
    """

    __slots__ = ("keys", "levels", "outside", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.outside: list[list[Decimal]] = []
        self.levels: dict[Decimal, OwnLevel] = {}
        self.keys: list[Decimal] = []

    def best_price(self) -> Decimal | None:
        """Best price of either kind, or None when the side is empty."""
        outside = self.outside[-1][0] if self.outside else None
        if not self.keys:
            return outside
        own = self.keys[0] * self.sign
        if outside is None or own * self.sign <= outside * self.sign:
            return own
        return outside

    def best_own(self) -> tuple[Decimal, OwnLevel] | None:
        """Our best level."""
        if not self.keys:
            return None
        price = self.keys[0] * self.sign
        return price, self.levels[price]

    def outside_at(self, price: Decimal) -> Decimal | None:
        """Outside quantity at exactly `price`; None when that lies beyond the known depth."""
        key = price * self.sign
        for level_price, quantity in reversed(self.outside):
            level_key = level_price * self.sign
            if level_key == key:
                return quantity
            if level_key > key:
                return ZERO
        return None if self.outside else ZERO

    def rest(self, order: WorkingOrder, price: Decimal) -> None:
        """Queue `order` behind everything that is at `price` now."""
        level = self.levels.get(price)
        if level is None:
            level = self.levels[price] = OwnLevel()
            insort(self.keys, price * self.sign)
        outside = self.outside_at(price)
        order.ahead_mark = None if outside is None else level.drained + outside
        level.orders[order.order_id] = order
        order.resting = True
        if order.visible is not None:
            order.shown = min(order.visible, order.remaining)

    def remove(self, order: WorkingOrder, price: Decimal) -> None:
        """Take `order` off its level."""
        order.resting = False
        level = self.levels[price]
        del level.orders[order.order_id]
        if not level.orders:
            del self.levels[price]
            del self.keys[bisect_left(self.keys, price * self.sign)]

    def replace_outside(self, levels: Sequence[tuple[Decimal, Decimal]]) -> None:
        """Put new outside liquidity in place of the old: (price, quantity) pairs, best first.

        Nobody can have more ahead of him than there is, so queues shrink with it.
        """
        self.outside = [[price, quantity] for price, quantity in reversed(levels) if quantity > 0]
        if not self.levels:
            return
        worst = self.outside[0][0] * self.sign if self.outside else None
        visible = {level[0]: level[1] for level in self.outside}
        for price, level in self.levels.items():
            if worst is None or price * self.sign > worst:
                continue
            cap = level.drained + visible.get(price, ZERO)
            for order in reversed(level.orders.values()):
                if order.ahead_mark is not None and order.ahead_mark <= cap:
                    break  # those in front have no more ahead of them than this one
                order.ahead_mark = cap

    def take_outside(self, quantity: Decimal) -> None:
        """Take `quantity` (at most what is there) from the best outside level."""
        best = self.outside[-1]
        best[1] -= quantity
        if best[1] <= 0:
            self.outside.pop()

    def drain_outside_at(self, price: Decimal, quantity: Decimal) -> None:
        """A trade among others took up to `quantity` of the outside liquidity at `price`."""
        for index in range(len(self.outside) - 1, -1, -1):
            level = self.outside[index]
            if level[0] == price:
                level[1] -= quantity
                if level[1] <= 0:
                    del self.outside[index]
                return
            if level[0] * self.sign > price * self.sign:
                return

    def walk(self) -> Iterator[tuple[Decimal, Decimal, Iterable[WorkingOrder]]]:
        """Every price, best first, with the outside quantity and our orders there."""
        index = len(self.outside) - 1
        for key in list(self.keys):
            while index >= 0 and self.outside[index][0] * self.sign < key:
                yield self.outside[index][0], self.outside[index][1], ()
                index -= 1
            price = key * self.sign
            there = ZERO
            if index >= 0 and self.outside[index][0] == price:
                there = self.outside[index][1]
                index -= 1
            yield price, there, self.levels[price].orders.values()
        while index >= 0:
            yield self.outside[index][0], self.outside[index][1], ()
            index -= 1

    def depth(self, levels: int) -> list[tuple[Decimal, Decimal]]:
        """The best `levels` prices with all quantity that is shown there, best first."""
        out: list[tuple[Decimal, Decimal]] = []
        for price, outside, orders in self.walk():
            if len(out) == levels:
                break
            out.append((price, sum((order.displayed for order in orders), outside)))
        return out
