"""From a way of unlocking to the vault's own key, through the slots of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.credentials import envelope
from hedge_tui.credentials.envelope import KeyringSlot
from hedge_tui.credentials.errors import WrongPassphraseError, WrongUnlockerError

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.credentials.envelope import Envelope, Slot
    from hedge_tui.credentials.unlocking import Unlocker


def unlock(parts: Envelope, unlocker: Unlocker, path: Path) -> tuple[Slot, bytes, bytes]:
    """The slot that `unlocker` opens, its wrapping key, and the vault key."""
    slot = next((each for each in parts.header.slots if envelope.kind_of(each) == unlocker.kind), None)
    if slot is None:
        ways = " or ".join(envelope.kind_of(each) for each in parts.header.slots) or "nothing"
        raise WrongUnlockerError(f"{path} is opened by {ways}, not by {unlocker.kind}")
    slot_key = unlocker.key_for(slot)
    vault_key = envelope.unwrap(slot, parts.header.vault_id, slot_key)
    if vault_key is None:
        if isinstance(slot, KeyringSlot):
            raise WrongUnlockerError(f"the key in the OS keyring is not that of {path}; use the passphrase")
        raise WrongPassphraseError(f"the passphrase does not open {path}")
    return slot, slot_key, vault_key


def still_opens(parts: Envelope, slot_keys: dict[type, bytes], vault_key: bytes) -> bool:
    """Whether a way that opened the vault before gives the same vault key in a newer file."""
    return any(
        envelope.unwrap(slot, parts.header.vault_id, slot_keys[type(slot)]) == vault_key
        for slot in parts.header.slots
        if type(slot) in slot_keys
    )
