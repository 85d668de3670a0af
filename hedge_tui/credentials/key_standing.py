"""Judges a key by what its venue says it may do: used, read only, or refused.

A key that can move money out is of no use to a trading desk and of much use to a thief, so it is refused
unless the trader has typed for this key that it is wanted; so is one whose venue says nothing about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.account import Mode
from hedge_tui.domain.key_rights import KeyStanding

if TYPE_CHECKING:
    from hedge_tui.credentials.credential import Credential

DANGEROUS = ("withdraw", "transfer")
UNKNOWN = "unknown"
"""Stands for the dangers of a key whose venue tells nothing about it."""


def dangers(key: Credential, mode: Mode = Mode.LIVE) -> tuple[str, ...]:
    """What the key may do that this desk does not want, accepted or not; () for one never checked.

    The demo systems of venues tell nothing about keys and hold no money: unknown is no danger there.
    """
    rights = key.rights
    if rights is None or (not rights.told and mode is Mode.DEMO):
        return ()
    return tuple(word for word in DANGEROUS if word in rights.words) if rights.told else (UNKNOWN,)


def standing_of(key: Credential, mode: Mode = Mode.LIVE) -> KeyStanding:
    """What this desk does with the key now; what was never checked is neither refused nor praised."""
    found = dangers(key, mode)
    unwanted = tuple(word for word in found if word not in key.accepted)
    warnings = []
    if found and not unwanted:
        warnings.append(f"the key {key.name!r} {_may(found)}; you accepted that")
    rights = key.rights
    if rights is not None and rights.told and rights.ip_restricted is False:
        warnings.append(f"the key {key.name!r} works from any address; list this machine's at {key.venue}")
    return KeyStanding(
        refusal=_refusal(key, unwanted) if unwanted else "",
        read_only=rights is not None and rights.told and not rights.may_trade,
        warnings=tuple(warnings),
        checked_ns=key.checked_ns,
    )


def phrase_for(key: Credential, mode: Mode = Mode.LIVE) -> str:
    """What the trader types to have a refused key used, or "" when there is nothing to accept."""
    found = dangers(key, mode)
    return f"{key.name} {_may(found)}" if found else ""


def _may(found: tuple[str, ...]) -> str:
    return "may do anything" if UNKNOWN in found else f"may {' and '.join(found)}"


def _refusal(key: Credential, unwanted: tuple[str, ...]) -> str:
    if UNKNOWN in unwanted:
        return (
            f"{key.venue} does not say what the key {key.name!r} may do; see at its web page that it can"
            f" neither withdraw nor transfer, then: hedge keys accept {key.name}"
        )
    return (
        f"the key {key.name!r} {_may(unwanted)}; make one at {key.venue} that may only read and trade,"
        f" or accept this one: hedge keys accept {key.name}"
    )
