"""The vault's file format, and the only place that encrypts.

    8 bytes   magic `HDGVAULT`
    4 bytes   length of the header, big-endian
    header    msgpack: version, vault id, generation, payload nonce, slots
    payload   XChaCha20-Poly1305 under the vault key; magic, length and header are the associated data
    16 bytes  BLAKE2b of all before, unkeyed: tells a bad disk from a wrong passphrase, proves nothing else

The vault key is random. Each slot holds it wrapped (XChaCha20-Poly1305) under a key that an unlocker gives,
with the vault id and the slot's own description as associated data, so that slots cannot be swapped.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

import msgspec

from hedge_tui.credentials.errors import VaultDamagedError, VaultTamperedError
from hedge_tui.credentials.kdf import KEY_BYTES, Argon2Parameters

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"HDGVAULT"
_VERSION = 1
_NONCE_BYTES = 24
_CHECK_BYTES = 16
_LENGTH_BYTES = 4
_MAX_HEADER = 65_536


class PassphraseSlot(msgspec.Struct, frozen=True, tag="passphrase", forbid_unknown_fields=True):
    """The vault key wrapped under an Argon2id key; memory in KiB."""

    salt: bytes
    memory_kib: int
    passes: int
    lanes: int
    nonce: bytes = b""
    wrapped: bytes = b""

    def parameters(self) -> Argon2Parameters:
        """The cost of this slot's derivation, unchecked."""
        return Argon2Parameters(self.memory_kib, self.passes, self.lanes)


class KeyringSlot(msgspec.Struct, frozen=True, tag="keyring", forbid_unknown_fields=True):
    """The vault key wrapped under a random key that stands in the OS keyring."""

    service: str
    user: str
    nonce: bytes = b""
    wrapped: bytes = b""


Slot = PassphraseSlot | KeyringSlot


def kind_of(slot: Slot) -> str:
    """`passphrase` or `keyring`."""
    return "keyring" if isinstance(slot, KeyringSlot) else "passphrase"


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The readable, authenticated part of a vault file."""

    version: int
    vault_id: bytes
    generation: int
    nonce: bytes
    slots: tuple[Slot, ...]


class Envelope(msgspec.Struct, frozen=True):
    """A vault file taken apart, nothing decrypted yet.

    Attributes:
        header: what the header says; believe it only after `open_payload`.
        associated: the bytes that the payload's authentication covers.
        payload: the encrypted entries.
    """

    header: Header
    associated: bytes
    payload: bytes


def parse(raw: bytes, path: Path) -> Envelope:
    """Take a vault file apart and check its form.

    Raises:
        VaultDamagedError: not a vault, cut short, or the checksum differs.
        VaultTamperedError: the checksum is right but the header is not one that hedge writes.
        AbsurdKdfParametersError: a slot's derivation is outside the limits.
    """
    start = len(_MAGIC) + _LENGTH_BYTES
    if len(raw) < start + _CHECK_BYTES or not raw.startswith(_MAGIC):
        raise VaultDamagedError(f"{path} is not a vault or was cut short; restore it from a backup")
    body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if _checksum(body) != check:
        raise VaultDamagedError(f"{path} fails its checksum; the disk or a copy damaged it: restore a backup")
    length = int.from_bytes(raw[len(_MAGIC) : start], "big")
    end = start + length
    if length > _MAX_HEADER or end > len(body):
        raise VaultTamperedError(f"{path} has a header of {length} bytes, which hedge does not write")
    try:
        header = msgspec.msgpack.decode(raw[start:end], type=Header)
    except msgspec.DecodeError as error:
        raise VaultTamperedError(f"{path} has a header that hedge does not write: {error}") from None
    _check_header(header, path)
    return Envelope(header, raw[:end], body[end:])


def _check_header(header: Header, path: Path) -> None:
    if header.version != _VERSION:
        raise VaultDamagedError(f"{path} has format {header.version}; this hedge reads format {_VERSION}")
    nonces = [header.nonce, *(slot.nonce for slot in header.slots)]
    kinds = [type(slot) for slot in header.slots]
    if any(len(nonce) != _NONCE_BYTES for nonce in nonces) or len(set(kinds)) != len(kinds):
        raise VaultTamperedError(f"{path} has slots that hedge does not write")
    for slot in header.slots:
        if isinstance(slot, PassphraseSlot):
            slot.parameters().check()


def seal(
    vault_id: bytes, generation: int, slots: tuple[Slot, ...], vault_key: bytes, payload: bytes
) -> bytes:
    """The bytes of a vault file that holds `payload`; a new nonce each time."""
    header = Header(_VERSION, vault_id, generation, secrets.token_bytes(_NONCE_BYTES), slots)
    encoded = msgspec.msgpack.encode(header)
    associated = _MAGIC + len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded
    body = associated + _encrypt(payload, associated, header.nonce, vault_key)
    return body + _checksum(body)


def open_payload(envelope: Envelope, vault_key: bytes, path: Path) -> bytes:
    """The decrypted entries. Raises VaultTamperedError where header or payload were altered."""
    opened = _decrypt(envelope.payload, envelope.associated, envelope.header.nonce, vault_key)
    if opened is None:
        raise VaultTamperedError(
            f"{path} was altered: its key is right, its content is not. Restore a backup"
        )
    return opened


def new_vault_key() -> bytes:
    """A random key for the payload, 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(slot: Slot, vault_id: bytes, slot_key: bytes, vault_key: bytes) -> Slot:
    """`slot` with the vault key wrapped in it under `slot_key`."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    wrapped = _encrypt(vault_key, _slot_associated(slot, vault_id), nonce, slot_key)
    return msgspec.structs.replace(slot, nonce=nonce, wrapped=wrapped)


def unwrap(slot: Slot, vault_id: bytes, slot_key: bytes) -> bytes | None:
    """The vault key, or None where `slot_key` does not fit."""
    return _decrypt(slot.wrapped, _slot_associated(slot, vault_id), slot.nonce, slot_key)


def _slot_associated(slot: Slot, vault_id: bytes) -> bytes:
    bare = msgspec.structs.replace(slot, nonce=b"", wrapped=b"")
    return _MAGIC + vault_id + msgspec.msgpack.encode(bare)


def _checksum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECK_BYTES).digest()


def _encrypt(plain: bytes, associated: bytes, nonce: bytes, key: bytes) -> bytes:
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt

    return crypto_aead_xchacha20poly1305_ietf_encrypt(plain, associated, nonce, key)


def _decrypt(sealed: bytes, associated: bytes, nonce: bytes, key: bytes) -> bytes | None:
    from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt
    from nacl.exceptions import CryptoError

    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, associated, nonce, key)
    except (CryptoError, ValueError):
        return None
