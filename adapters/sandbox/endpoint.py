"""What one REST path needs before its handler runs; the tables of `spot` and `usdm` are made of these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from adapters.sandbox.call import Call

Handler = Callable[[Any, Call], Any]
"""Takes the served venue and the call; returns what orjson can write, or bytes that are already JSON."""
Count = int | Callable[[Call], int]


class Security(Enum):
    """How a request proves who sends it."""

    NONE = "none"
    KEY = "key"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method and path.

    Attributes:
        handler: answers it; raises VenueRefusal.
        security: what is checked first.
        permission: what the key must be allowed; None for any key.
        weight: request weight, fixed or by the parameters.
        orders: how many new orders it counts as; 0 for none.
    """

    handler: Handler
    security: Security = Security.NONE
    permission: str | None = None
    weight: Count = 1
    orders: Count = 0

    def weight_of(self, call: Call) -> int:
        """The weight of this call."""
        return self.weight if isinstance(self.weight, int) else self.weight(call)

    def orders_of(self, call: Call) -> int:
        """The new orders in this call."""
        return self.orders if isinstance(self.orders, int) else self.orders(call)


def by_symbol(one: int, every: int) -> Callable[[Call], int]:
    """A weight that is `one` with a symbol and `every` without."""
    return lambda call: one if call.params.get("symbol") else every


def by_limit(steps: tuple[tuple[int, int], ...], default: int) -> Callable[[Call], int]:
    """A weight by the `limit` parameter: that of the first step whose bound is not below it."""

    def weight(call: Call) -> int:
        text = call.params.get("limit", "")
        limit = int(text) if text.isdigit() else default
        return next((cost for bound, cost in steps if limit <= bound), steps[-1][1])

    return weight
