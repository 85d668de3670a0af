"""The vault: the one file in which API keys are kept, and the only way to them.

The engine opens it (or stays locked), the `hedge keys` commands change it. Changes stay in memory until
`save`, which writes a new generation; two programs cannot overwrite each other's changes.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hedge_tui.credentials import envelope, high_water
from hedge_tui.credentials.credential import Credential, KeyType
from hedge_tui.credentials.entries import decode_entries, encode_entries
from hedge_tui.credentials.envelope import KeyringSlot
from hedge_tui.credentials.errors import (
    VaultConflictError,
    VaultEntryError,
    VaultExistsError,
    VaultLockedError,
)
from hedge_tui.credentials.private_file import exclusive, read_private, write_private
from hedge_tui.credentials.slot_keys import still_opens, unlock

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.credentials.envelope import Envelope, Slot
    from hedge_tui.credentials.unlocking import OsKeyring, Passphrase, Unlocker
    from hedge_tui.domain.key_rights import KeyRights
    from hedge_tui.domain.secret import Secret

FILE_NAME = "vault.hedge"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class VaultDescription:
    """What a vault file says without being opened; unauthenticated.

    Attributes:
        generation: how often it was saved.
        passphrase: it can be opened by a passphrase.
        keyring: (service, user) of the OS keyring entry that opens it, or None.
    """

    generation: int
    passphrase: bool
    keyring: tuple[str, str] | None


def describe(path: Path) -> VaultDescription:
    """Read the header of the vault at `path`, to know what to ask for.

    Raises:
        VaultError: missing, unsafe or damaged, as `Vault.open`.
    """
    header = envelope.parse(read_private(path), path).header
    tied = [slot for slot in header.slots if isinstance(slot, KeyringSlot)]
    entry = (tied[0].service, tied[0].user) if tied else None
    return VaultDescription(header.generation, len(tied) < len(header.slots), entry)


class Vault:
    """An open vault. Make one with `Vault.create` or `Vault.open`.

    Attributes:
        path: the file.
        generation: counts saves, from 1.
        notices: what the trader should hear about the opening, such as a missing mark; usually empty.
    """

    def __init__(self, path: Path, vault_id: bytes, vault_key: bytes, slots: tuple[Slot, ...]) -> None:
        self.path = path
        self.generation = 0
        self.notices: tuple[str, ...] = ()
        self._vault_id = vault_id
        self._key: bytes | None = vault_key
        self._slots = slots
        self._slot_keys: dict[type, bytes] = {}
        self._entries: dict[str, Credential] = {}

    @classmethod
    def create(cls, path: Path, *unlockers: Unlocker, save: bool = True) -> Vault:
        """Make an empty vault that each of `unlockers` opens, and save it unless told otherwise.

        Raises:
            VaultExistsError: something stands at `path` already.
            VaultError: an unlocker cannot serve, or the folder is open to others.
            VaultWriteError: the disk refused.
        """
        if path.is_symlink() or path.exists():
            raise VaultExistsError(f"{path} already exists; open it, or move it away first")
        if not unlockers:
            raise VaultEntryError("a vault needs a passphrase or an OS keyring entry")
        vault = cls(path, secrets.token_bytes(16), envelope.new_vault_key(), ())
        for unlocker in unlockers:
            vault.add_unlocker(unlocker)
        if save:
            vault.save()
        return vault

    @classmethod
    def open(cls, path: Path, unlocker: Unlocker, *, accept_rollback: bool = False) -> Vault:
        """Open the vault at `path`.

        Args:
            path: the file.
            unlocker: a passphrase or the OS keyring.
            accept_rollback: take an older copy knowingly, after a restore; the mark is set to it.

        Raises:
            VaultMissingError, UnsafeVaultFileError, VaultDamagedError, VaultTamperedError,
            AbsurdKdfParametersError, WrongPassphraseError, WrongUnlockerError, KeyringUnavailableError,
            VaultRolledBackError: each says what to do.
        """
        raw = read_private(path)
        parts = envelope.parse(raw, path)
        slot, slot_key, vault_key = unlock(parts, unlocker, path)
        vault = cls(path, parts.header.vault_id, vault_key, parts.header.slots)
        vault._slot_keys[type(slot)] = slot_key
        vault._load(parts)
        mark = high_water.mark_of(vault._vault_id, vault.generation, raw)
        notice = None if accept_rollback else high_water.compare(path, mark)
        if notice or accept_rollback:
            high_water.write_mark(path, mark)
        vault.notices = (notice,) if notice else ()
        return vault

    def names(self) -> tuple[str, ...]:
        """The entries' names, sorted."""
        self._open_key()
        return tuple(sorted(self._entries))

    def credential(self, name: str) -> Credential:
        """The keys of one entry.

        Raises:
            VaultEntryError: there is no such entry; names the ones there are.
            VaultLockedError: the vault was closed.
        """
        self._open_key()
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(self.names()) or "none"
            raise VaultEntryError(f"the vault has no keys named {name!r} (there are: {known})") from None

    def add(
        self,
        name: str,
        *,
        venue: str,
        api_key: Secret,
        secret: Secret,
        created_ns: int,
        passphrase: Secret | None = None,
        key_type: KeyType = KeyType.HMAC,
        replace_existing: bool = False,
    ) -> Credential:
        """Add an entry, in memory until `save`; see `Credential` for the fields.

        What was known of a replaced key, and what was accepted of it, does not hold for the new one.

        Raises:
            VaultEntryError: the name is taken or malformed, or key or secret is empty.
        """
        self._open_key()
        if name in self._entries and not replace_existing:
            raise VaultEntryError(f"the vault already has keys named {name!r}; remove or rotate them")
        added = Credential(name, venue, api_key, secret, passphrase, created_ns, key_type)
        self.keep(added)
        return added

    def keep(self, key: Credential) -> None:
        """Put an entry in, over one of its name, in memory until `save`.

        Raises:
            VaultEntryError: the name is malformed, or key or secret is empty.
        """
        self._open_key()
        if not _NAME.fullmatch(key.name):
            raise VaultEntryError(
                f"{key.name!r} is not a name: letters, digits, dot, dash, underscore; 64 at most"
            )
        if not key.venue or not key.api_key.reveal().strip() or not key.secret.reveal().strip():
            raise VaultEntryError(f"venue, key and secret of {key.name!r} must not be empty")
        self._entries[key.name] = key

    def note_rights(self, name: str, rights: KeyRights, at_ns: int) -> None:
        """Keep what the venue said the key may do; in memory until `save`."""
        self._entries[name] = replace(self.credential(name), rights=rights, checked_ns=at_ns)

    def accept(self, name: str, words: tuple[str, ...], at_ns: int) -> None:
        """Keep that the trader wants the key used though it may do these; in memory until `save`."""
        self._entries[name] = replace(self.credential(name), accepted=words, accepted_ns=at_ns)

    def remove(self, name: str) -> None:
        """Drop an entry, in memory until `save`. Raises VaultEntryError when there is none."""
        self.credential(name)
        del self._entries[name]

    def save(self) -> None:
        """Write the next generation; durable when this returns.

        Raises:
            VaultConflictError: another process saved in between, or is saving now.
            VaultLockedError: the vault was closed.
            VaultWriteError: the disk refused; the old file stands.
        """
        key = self._open_key()
        with exclusive(self.path):
            self._refuse_overwriting()
            generation = self.generation + 1
            raw = envelope.seal(self._vault_id, generation, self._slots, key, encode_entries(self._entries))
            write_private(self.path, raw)
            self.generation = generation
            high_water.write_mark(self.path, high_water.mark_of(self._vault_id, generation, raw))

    def discard(self) -> None:
        """Take back a vault that was made and saved just now: its file goes, this object is closed."""
        with exclusive(self.path):
            self._refuse_overwriting()
            self.path.unlink()
            high_water.mark_path(self.path).unlink(missing_ok=True)
        self.close()

    def refresh(self) -> bool:
        """Take over what another process saved; True when there was something new.

        Unsaved changes are lost.

        Raises:
            VaultLockedError: the vault's key changed; open it again.
            VaultError: as `open`.
        """
        key = self._open_key()
        raw = read_private(self.path)
        parts = envelope.parse(raw, self.path)
        high_water.compare(self.path, high_water.mark_of(parts.header.vault_id, parts.header.generation, raw))
        if parts.header.generation == self.generation:
            return False
        if parts.header.slots != self._slots and not still_opens(parts, self._slot_keys, key):
            raise VaultLockedError("the vault's passphrase was changed; unlock it again")
        self._slots = parts.header.slots
        self._load(parts)
        return True

    def add_unlocker(self, unlocker: Unlocker) -> None:
        """Let `unlocker` open the vault too, replacing one of its kind; in memory until `save`."""
        key = self._open_key()
        slot, slot_key = unlocker.enrol()
        kept = tuple(each for each in self._slots if type(each) is not type(slot))
        self._slots = (*kept, envelope.wrap(slot, self._vault_id, slot_key, key))
        self._slot_keys[type(slot)] = slot_key

    def change_passphrase(self, new: Passphrase, keyring: OsKeyring | None = None) -> None:
        """Give the vault a new key and a new passphrase; in memory until `save`.

        The old passphrase, and the old key that it opened, are of no use to the new file. A keyring slot is
        kept only when `keyring` is given, since it has to take the new key too.
        """
        self._open_key()
        self._key, self._slots, self._slot_keys = envelope.new_vault_key(), (), {}
        self.add_unlocker(new)
        if keyring is not None:
            self.add_unlocker(keyring)

    def close(self) -> None:
        """Forget the key and all entries; anything but `close` raises VaultLockedError afterwards."""
        self._key = None
        self._entries = {}
        self._slot_keys = {}

    def _open_key(self) -> bytes:
        if self._key is None:
            raise VaultLockedError("the vault is locked; run `hedge unlock`")
        return self._key

    def _load(self, parts: Envelope) -> None:
        self._entries = decode_entries(envelope.open_payload(parts, self._open_key(), self.path), self.path)
        self.generation = parts.header.generation

    def _refuse_overwriting(self) -> None:
        if self.generation == 0:
            if self.path.exists():
                raise VaultExistsError(f"{self.path} was made by another process just now; open it")
            return
        found = envelope.parse(read_private(self.path), self.path).header
        if (found.vault_id, found.generation) != (self._vault_id, self.generation):
            raise VaultConflictError(
                f"{self.path} is generation {found.generation}, generation {self.generation} was opened: "
                "another process saved it. Open it again and repeat the change"
            )
