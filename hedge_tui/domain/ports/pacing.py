"""The port to whoever decides when a request may leave: rate budgets, lanes and bans.

An adapter asks before each request and tells what the venue answered; `adapters.traffic` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol


class Lane(IntEnum):
    """Who goes first when the budget is short; lower goes first."""

    CANCEL = 0
    ORDER = 1
    RECONCILE = 2
    ACCOUNT = 3
    MARKET = 4
    HISTORY = 5


class Per(StrEnum):
    """Who shares a limit."""

    ADDRESS = "address"
    """Everything that leaves from one network address."""
    ACCOUNT = "account"
    """One account, wherever it is used from."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One limit as a venue counts it.

    Attributes:
        name: unique per venue, such as `weight_1m`.
        counts: `weight` or `orders`.
        limit: how much the venue allows in `window_s` seconds.
        header: response header that says how much is used, lower case, or "".
    """

    name: str
    counts: str
    per: Per
    limit: float
    window_s: float
    header: str = ""


@dataclass(frozen=True, slots=True)
class Spend:
    """What one request costs.

    Attributes:
        weight: as the venue weighs it; orders: how many orders it places (0 for all else).
        account: "" for public requests.
        patience_s: longest wait before the request is given up unsent; None waits for ever.
    """

    lane: Lane
    weight: float = 1.0
    orders: int = 0
    account: str = ""
    patience_s: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a response says about the budgets.

    Attributes:
        status: HTTP status.
        retry_after_s: seconds the venue asks to wait; None if it does not.
        used: header name in lower case -> amount used.
    """

    status: int
    account: str = ""
    retry_after_s: float | None = None
    used: tuple[tuple[str, float], ...] = ()


class Pacer(Protocol):
    """Decides when requests to one venue from one address may leave."""

    async def acquire(self, spend: Spend) -> None:
        """Return when the request may leave; it is counted from then on.

        Raises:
            Unavailable: it may not leave within `spend.patience_s`; nothing was sent.
        """
        ...

    def heard(self, heard: Heard) -> None:
        """Learn from a response; a ban stops every request of the address until it ends."""
        ...
