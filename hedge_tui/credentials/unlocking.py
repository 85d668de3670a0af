"""Ways to open the vault: a passphrase, or a random key kept in the desktop's keyring.

An unlocker turns a slot of the vault's header into the key that wraps the vault's own key. Prompting is the
command line's business: an unlocker is handed what was typed.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from typing import Protocol

from hedge_tui.credentials.envelope import KeyringSlot, PassphraseSlot, Slot
from hedge_tui.credentials.errors import VaultEntryError, WrongUnlockerError
from hedge_tui.credentials.kdf import KEY_BYTES, SALT_BYTES, STANDARD, Argon2Parameters, derive_key
from hedge_tui.credentials.os_keyring import KeyringDoor
from hedge_tui.domain.secret import Secret

MIN_PASSPHRASE = 8
KEYRING_SERVICE = "hedge_tui"


class Unlocker(Protocol):
    """One way to open a vault."""

    @property
    def kind(self) -> str:
        """The kind of slot it opens: `passphrase` or `keyring`."""

    def enrol(self) -> tuple[Slot, bytes]:
        """A new, still empty slot and its wrapping key; raises VaultError when it cannot be made."""

    def key_for(self, slot: Slot) -> bytes:
        """The wrapping key of `slot`, 32 bytes; raises VaultError. It may still be the wrong key."""


@dataclass(frozen=True, slots=True)
class Passphrase:
    """Opens by something typed.

    Attributes:
        secret: the passphrase; at least 8 characters where a vault is made or its passphrase changed.
        parameters: cost of the key derivation for a new slot; an existing slot keeps its own.
    """

    secret: Secret
    parameters: Argon2Parameters = STANDARD
    kind: str = field(default="passphrase", init=False)

    def enrol(self) -> tuple[Slot, bytes]:
        """A slot with a new salt. Raises VaultEntryError for a passphrase under 8 characters."""
        length = len(self.secret.reveal())
        if length < MIN_PASSPHRASE:
            raise VaultEntryError(
                f"the passphrase has {length} characters; at least {MIN_PASSPHRASE} are needed"
            )
        salt = secrets.token_bytes(SALT_BYTES)
        key = derive_key(self.secret, salt, self.parameters)
        cost = self.parameters
        return PassphraseSlot(salt, cost.memory_kib, cost.passes, cost.lanes), key

    def key_for(self, slot: Slot) -> bytes:
        """The key derived with the slot's own salt and cost; takes tenths of a second."""
        if not isinstance(slot, PassphraseSlot):
            raise WrongUnlockerError("this vault has no passphrase")
        return derive_key(self.secret, slot.salt, slot.parameters())


@dataclass(frozen=True, slots=True)
class OsKeyring:
    """Opens by an entry of the desktop's keyring; nothing is typed.

    Attributes:
        user: the entry's name within the service; take the vault's full path, so that two data directories
            do not share an entry.
        service: the entry's service.
        door: how the keyring is reached.
    """

    user: str
    service: str = KEYRING_SERVICE
    door: KeyringDoor = field(default_factory=KeyringDoor)
    kind: str = field(default="keyring", init=False)

    def enrol(self) -> tuple[Slot, bytes]:
        """A slot for the entry, which is made if need be; an existing key is kept.

        Keeping it means that a crash between keyring and vault cannot leave a vault whose key is overwritten.
        """
        key = _stored_key(self.door, self.service, self.user)
        if key is None:
            key = secrets.token_bytes(KEY_BYTES)
            self.door.write(self.service, self.user, Secret(base64.b64encode(key).decode()))
        return KeyringSlot(self.service, self.user), key

    def key_for(self, slot: Slot) -> bytes:
        """The key kept under the name that the slot gives."""
        if not isinstance(slot, KeyringSlot):
            raise WrongUnlockerError("this vault is not tied to the OS keyring; open it by its passphrase")
        key = _stored_key(self.door, slot.service, slot.user)
        if key is None:
            raise WrongUnlockerError(
                f"the OS keyring has no entry {slot.user!r} of {slot.service!r}; "
                "open the vault by its passphrase"
            )
        return key


def _stored_key(door: KeyringDoor, service: str, user: str) -> bytes | None:
    found = door.read(service, user)
    if found is None:
        return None
    try:
        key = base64.b64decode(found.reveal(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise WrongUnlockerError(f"the keyring entry {user!r} of {service!r} is not a vault key")
    return key
