"""What happens when an account's order would trade with another one of its own."""

from __future__ import annotations

from enum import StrEnum


class SelfTrade(StrEnum):
    """The mode of the order that comes; named as Binance does."""

    EXPIRE_TAKER = "EXPIRE_TAKER"
    """The rest of the order that comes is taken off."""
    EXPIRE_MAKER = "EXPIRE_MAKER"
    """The one that rests is taken off, and the other goes on."""
    EXPIRE_BOTH = "EXPIRE_BOTH"
