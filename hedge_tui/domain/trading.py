"""Whether orders may leave: the states of the desk, of groups, of accounts and of sources of orders."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TradingState(StrEnum):
    """From free to closed; where several hold, the worst does."""

    ACTIVE = "active"
    """Orders go as the caps allow."""
    REDUCING = "reducing"
    """Only what reduces a position."""
    HALTED = "halted"
    """Only cancels, and panic."""

    @property
    def rank(self) -> int:
        """Higher is worse."""
        return list(TradingState).index(self)


DESK = ""
"""The scope of everything."""


def account_scope(name: str) -> str:
    """The scope of one account: "account:desk-1"."""
    return f"account:{name}"


def group_scope(name: str) -> str:
    """The scope of a group: "group:core"."""
    return f"group:{name}"


def source_scope(origin: str) -> str:
    """The scope of one origin of orders: "source:cli"."""
    return f"source:{origin}"


def scope_words(scope: str) -> str:
    """A scope for people: "the desk", "desk-1", "group core", "source cli"."""
    kind, _, name = scope.partition(":")
    if not scope:
        return "the desk"
    return name if kind == "account" else f"{kind} {name}"


@dataclass(frozen=True, slots=True)
class Hold:
    """A scope that is not ACTIVE.

    Attributes:
        since_ns: UTC. by: who put it there: an origin such as "keyboard", or "gate". reason: in words, or "".
    """

    state: TradingState
    since_ns: int
    by: str
    reason: str = ""
