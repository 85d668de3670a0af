"""The plain text inside the vault: its entries to bytes and back. Only `vault` calls this."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hedge_tui.credentials.credential import Credential, KeyType
from hedge_tui.credentials.errors import VaultTamperedError
from hedge_tui.domain.key_rights import KeyRights  # noqa: TC001 - read by the decoder
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class _Entry(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    venue: str
    api_key: str
    secret: str
    passphrase: str | None
    created_ns: int
    key_type: KeyType = KeyType.HMAC
    rights: KeyRights | None = None
    checked_ns: int = 0
    accepted: tuple[str, ...] = ()
    accepted_ns: int = 0


def encode_entries(entries: Mapping[str, Credential]) -> bytes:
    """The payload to encrypt; holds the secrets in the clear."""
    plain = {
        name: _Entry(
            venue=kept.venue,
            api_key=kept.api_key.reveal(),
            secret=kept.secret.reveal(),
            passphrase=None if kept.passphrase is None else kept.passphrase.reveal(),
            created_ns=kept.created_ns,
            key_type=kept.key_type,
            rights=kept.rights,
            checked_ns=kept.checked_ns,
            accepted=kept.accepted,
            accepted_ns=kept.accepted_ns,
        )
        for name, kept in sorted(entries.items())
    }
    return msgspec.msgpack.encode(plain)


def decode_entries(payload: bytes, path: Path) -> dict[str, Credential]:
    """The entries of a decrypted payload.

    Raises:
        VaultTamperedError: authentic, yet not something this version of hedge writes.
    """
    try:
        plain = msgspec.msgpack.decode(payload, type=dict[str, _Entry])
    except msgspec.DecodeError:
        # The decoder's message could quote a secret.
        raise VaultTamperedError(f"{path} holds entries that this hedge cannot read; update it") from None
    return {
        name: Credential(
            name=name,
            venue=kept.venue,
            api_key=Secret(kept.api_key),
            secret=Secret(kept.secret),
            passphrase=None if kept.passphrase is None else Secret(kept.passphrase),
            created_ns=kept.created_ns,
            key_type=kept.key_type,
            rights=kept.rights,
            checked_ns=kept.checked_ns,
            accepted=kept.accepted,
            accepted_ns=kept.accepted_ns,
        )
        for name, kept in plain.items()
    }
