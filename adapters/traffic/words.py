"""What the balancer says to people about what holds a request up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.traffic.bans import BAN

if TYPE_CHECKING:
    from adapters.traffic.budget import Budget
    from hedge_tui.domain.ports.pacing import Lane


def ban_words(system: str, status: int, until_ns: int, left_s: float) -> str:
    """A stop that a venue ordered.

    >>> ban_words("binance", 418, 1_750_000_030_000_000_000, 30.0)
    'a ban runs: binance answers nothing from this address until 15:07:10 UTC, 30 s from now (HTTP 418)'
    """
    until = datetime.fromtimestamp(until_ns / 1e9, UTC).strftime("%H:%M:%S")
    when = f"until {until} UTC, {left_s:.0f} s from now (HTTP {status})"
    if status == BAN:
        return f"a ban runs: {system} answers nothing from this address {when}"
    return f"{system} asked for a pause {when}"


def budget_words(budget: Budget, lane: Lane) -> str:
    """A budget that a lane has used up."""
    own_room, _ = budget.rooms(lane)
    whose = f"account {budget.account}" if budget.account else f"route {budget.route or 'direct'}"
    window = budget.window
    others = f" and {window.others:g} by others" if window.others >= 1 else ""
    return (
        f"the rate budget is used up: {budget.limit.name} of {whose} at {budget.system}, {window.own:g} spent"
        f"{others}, {own_room:g} for {lane.name.lower()} requests, the venue allows {budget.limit.limit:g}"
    )
