"""What an API key may do, as its venue says, and what this desk makes of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a venue says of a key.

    Attributes:
        words: such as read, trade, spot, futures, withdraw, transfer.
        told: False where the venue tells nothing; then the rest means nothing.
        may_trade: orders are accepted at the venue of the key's account.
        ip_restricted: it works from listed addresses only; None where the venue does not say.
        ips: the addresses, where the venue lists them.
        made_ns: when it was made at the venue, UTC nanoseconds; 0 where the venue does not say.
    """

    words: tuple[str, ...] = ()
    told: bool = True
    may_trade: bool = False
    ip_restricted: bool | None = None
    ips: tuple[str, ...] = ()
    made_ns: int = 0


UNTOLD = KeyRights(told=False)
"""Of a venue that tells nothing about its keys."""


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """What this desk does with a key.

    Attributes:
        refusal: why it is not used at all by an account that is not connected yet, and takes no new order of
            one that is; "" when it is used.
        read_only: it signs in and reads, orders would be refused by the venue.
        warnings: what the trader should know all the same, one sentence each.
        checked_ns: when the venue was last asked, UTC nanoseconds; 0 for never.
    """

    refusal: str = ""
    read_only: bool = False
    warnings: tuple[str, ...] = ()
    checked_ns: int = 0
