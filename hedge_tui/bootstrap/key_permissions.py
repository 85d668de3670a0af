"""What a key may do, as noted in the vault: the words, and which of them this desk refuses.

A key that can move money out is of no use to a trading desk and of much use to a thief, so it is refused
unless the trader has said otherwise for this key (`hedge keys test NAME --allow-withdraw`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.credentials.credential import Credential

DANGEROUS = ("withdraw", "transfer")
ALLOWED = "allowed by you"
"""Stands among the noted permissions when the trader accepted a dangerous key."""


def words_of(noted: str) -> tuple[str, ...]:
    """The permissions in the text that the vault keeps."""
    return tuple(word for word in (part.strip() for part in noted.split(",")) if word)


def noted(permissions: Iterable[str], *, allowed: bool = False) -> str:
    """The text that the vault keeps."""
    words = list(dict.fromkeys(permissions))
    return ", ".join([*words, ALLOWED] if allowed else words)


def dangers(text: str) -> tuple[str, ...]:
    """The noted permissions that this desk refuses; () when the trader has accepted them."""
    words = words_of(text)
    return () if ALLOWED in words else tuple(word for word in words if word in DANGEROUS)


def refusal_of(credential: Credential) -> str:
    """Why a key is not used, or ""."""
    found = dangers(credential.permissions)
    if not found:
        return ""
    return (
        f"the key {credential.name!r} may {' and '.join(found)}; make one at {credential.venue} that may"
        f" only read and trade, or accept this one: hedge keys test {credential.name} --allow-withdraw"
    )
