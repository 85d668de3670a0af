"""The port to whoever decides when a request may leave, and by which way: budgets, lanes, bans, routes.

An adapter asks before each request and tells what the venue answered; `adapters.traffic` decides. One
balancer serves the whole engine; an adapter holds a `Pacer` of it that knows its venue.

A budget belongs to a *system* of a venue (a part that counts by itself: Binance's spot system counts
`/sapi/` also when a USD-M account asks it) and to an egress *route* or an account, as the venue counts.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Lane(IntEnum):
    """Who goes first when the budget is short; lower goes first."""

    CANCEL = 0
    ORDER = 1
    RECONCILE = 2
    ACCOUNT = 3
    MARKET = 4
    HISTORY = 5


_raised: ContextVar[Lane] = ContextVar("raised", default=Lane.HISTORY)
_last: ContextVar[bool] = ContextVar("last", default=False)


@contextmanager
def in_lane(lane: Lane) -> Iterator[None]:
    """Requests begun in this block leave in this lane at the latest.

    A page of candles that somebody waits for on screen goes before those of a crawl.
    """
    token = _raised.set(min(lane, _raised.get()))
    try:
        yield
    finally:
        _raised.reset(token)


@contextmanager
def ahead_of_all() -> Iterator[None]:
    """Requests begun in this block leave in the lane of cancels, whatever they are: panic's own alone."""
    with in_lane(Lane.CANCEL):
        yield


@contextmanager
def behind_all() -> Iterator[None]:
    """Requests begun in this block leave in the last lane: they must not take the budget from others."""
    token = _last.set(True)
    try:
        yield
    finally:
        _last.reset(token)


def lane_now(lane: Lane) -> Lane:
    """The lane of a request begun here: its own, or the one that the blocks around it say."""
    return Lane.HISTORY if _last.get() else min(lane, _raised.get())


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
        name: unique per system, such as `weight_1m`.
        counts: `weight`, `orders`, `requests` or `connects`.
        limit: how much the venue allows in `window_s` seconds, wherever its window is placed.
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
        system: name of the system that counts it; "" for the venue's own.
        connects: 1 for the opening of a WebSocket, which is no request.
        over: names of the egress routes that it may take; () for any. A key takes its own routes alone.
    """

    lane: Lane
    weight: float = 1.0
    orders: int = 0
    account: str = ""
    patience_s: float | None = None
    system: str = ""
    connects: int = 0
    over: tuple[str, ...] = ()

    def cost(self, counts: str) -> float:
        """What it costs of a limit that counts `counts`."""
        match counts:
            case "weight":
                return self.weight
            case "orders":
                return float(self.orders)
            case "connects":
                return float(self.connects)
            case _:
                return 0.0 if self.connects else 1.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What a response says about the budgets.

    Attributes:
        status: HTTP status.
        retry_after_s: seconds the venue asks to wait; None if it does not.
        used: header name in lower case -> amount used.
        route: egress route that the request took, as `Pacer.acquire` named it.
        system: as in `Spend`.
        per: whose count a 429 is about: that of the address, or of `account` alone.
        limits: what the venue states its limits to be; they hold from now on. Empty if it stated none.
    """

    status: int
    account: str = ""
    retry_after_s: float | None = None
    used: tuple[tuple[str, float], ...] = ()
    route: str = ""
    system: str = ""
    per: Per = Per.ADDRESS
    limits: tuple[RateLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class Went:
    """How an egress route fared with one dial or one request.

    Attributes:
        route: its name. took_s: seconds until the connection stood, or until the answer began.
        problem: why no connection came about, "" if one did; no secrets.
        dial: it was a dial; False for a request over a connection that stood.
        pause_s: the route is left for so long at least.
    """

    route: str
    took_s: float
    problem: str = ""
    dial: bool = True
    pause_s: float = 0.0


class Pacer(Protocol):
    """Decides when the requests to one venue may leave, and by which route."""

    async def acquire(self, spend: Spend) -> str:
        """Return when the request may leave; it is counted from then on.

        Returns:
            The name of the egress route that it must take; "" is the only or default one.

        Raises:
            Unavailable: it may not leave within `spend.patience_s`; nothing was sent.
        """
        ...

    def heard(self, heard: Heard) -> None:
        """Learn from a response; a ban stops every request of the address until it ends."""
        ...

    def went(self, went: Went) -> None:
        """Learn how a route fares; one that gives no connection is left for a while and tried again."""
        ...
