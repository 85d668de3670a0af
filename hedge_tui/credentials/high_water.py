"""The mark beside the vault that remembers its newest generation, so that an older copy is noticed.

It catches a file put back from a backup, a synchronised folder or a snapshot. It does not catch someone who
can write both files: the mark is not secret and needs no key.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from hedge_tui.credentials.errors import VaultMissingError, VaultRolledBackError
from hedge_tui.credentials.private_file import read_private, write_private

if TYPE_CHECKING:
    from pathlib import Path


class HighWater(msgspec.Struct, frozen=True):
    """The newest vault this machine has seen: id and digest in hex, and the generation."""

    vault_id: str
    generation: int
    digest: str


def mark_path(vault: Path) -> Path:
    """Where the mark of this vault stands."""
    return vault.with_name(f"{vault.name}.mark")


def mark_of(vault_id: bytes, generation: int, raw: bytes) -> HighWater:
    """The mark that fits these file bytes."""
    return HighWater(vault_id.hex(), generation, hashlib.blake2b(raw, digest_size=32).hexdigest())


def write_mark(vault: Path, mark: HighWater) -> None:
    """Record `mark`; call it after the vault itself is durable."""
    write_private(mark_path(vault), msgspec.json.encode(mark))


def compare(vault: Path, found: HighWater) -> str | None:
    """Compare an opened vault with the mark.

    Returns:
        None where they agree, or a notice for the trader where there is no mark to compare with or the vault
        is newer (a crash between the two writes).

    Raises:
        VaultRolledBackError: the vault is older than the mark, another one, or a different
            file of the same age.
    """
    try:
        mark = msgspec.json.decode(read_private(mark_path(vault)), type=HighWater)
    except VaultMissingError:
        return (
            None
            if found.generation == 1
            else f"{mark_path(vault)} is missing: a rollback would not be noticed"
        )
    except msgspec.DecodeError:
        return f"{mark_path(vault)} cannot be read: a rollback would not be noticed"
    if mark.vault_id != found.vault_id:
        raise VaultRolledBackError(f"{vault} is another vault than the one last used here")
    if found.generation < mark.generation:
        raise VaultRolledBackError(
            f"{vault} is generation {found.generation}, but generation {mark.generation} was written here: "
            "an older copy was put back, perhaps with keys you removed"
        )
    if found.generation == mark.generation and found.digest != mark.digest:
        raise VaultRolledBackError(f"{vault} is not the generation {mark.generation} that was written here")
    return (
        None
        if found.generation == mark.generation
        else "the vault is newer than its mark; the mark was renewed"
    )
