"""What an execution client is made of; put together by `factory`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.via_ccxt.egress import Egress
    from adapters.via_ccxt.markets import Markets
    from adapters.via_ccxt.quirks import Quirks
    from hedge_tui.domain.account import Account
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.domain.ports.pacing import Pacer


@dataclass(frozen=True, slots=True)
class ExecutionParts:
    """What a client is made of.

    Attributes:
        keys: ccxt's credential names -> plain values; they go straight into the instance.
        markets: gives the venue's shared markets, loading them if need be. renewed: loads them anew.
    """

    account: Account
    quirks: Quirks
    egress: Egress
    pacer: Pacer
    clock: Clock
    rng: random.Random
    keys: Mapping[str, str]
    markets: Callable[[], Awaitable[Markets]]
    renewed: Callable[[], Awaitable[Markets]]

    def __repr__(self) -> str:
        return f"<parts of {self.account.name}>"
