"""The vault file: what it keeps, what it refuses, and what each refusal is called."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from hedge_tui.credentials import envelope, errors
from hedge_tui.credentials.credential import KeyType
from hedge_tui.credentials.high_water import mark_path
from hedge_tui.credentials.kdf import FLOOR, Argon2Parameters
from hedge_tui.credentials.os_keyring import KeyringDoor
from hedge_tui.credentials.unlocking import OsKeyring, Passphrase
from hedge_tui.credentials.vault import Vault, describe
from hedge_tui.domain.key_rights import UNTOLD, KeyRights
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

FAKE_KEYRING = """
import json, pathlib, sys
kept = pathlib.Path(sys.argv[1])
entries = json.loads(kept.read_text()) if kept.exists() else {}
asked = json.load(sys.stdin)
name = asked["service"] + "/" + asked["user"]
if asked["do"] == "set":
    entries[name] = asked["value"]
elif asked["do"] == "delete":
    entries.pop(name, None)
kept.write_text(json.dumps(entries))
print(json.dumps({"value": entries.get(name), "backend": "fake"}))
"""


def typed(text: str = "correct horse battery") -> Passphrase:
    return Passphrase(Secret(text), FLOOR)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.hedge"


@pytest.fixture
def keyring(tmp_path: Path) -> OsKeyring:
    door = KeyringDoor(command=(sys.executable, "-I", "-c", FAKE_KEYRING, str(tmp_path / "ring.json")))
    return OsKeyring("desk", door=door)


def filled(path: Path) -> Vault:
    vault = Vault.create(path, typed())
    vault.add("desk-1", venue="binance", api_key=Secret("AK-1"), secret=Secret("SK-1-hidden"), created_ns=7)
    vault.save()
    return vault


def test_what_was_added_comes_back(path: Path) -> None:
    vault = Vault.create(path, typed())
    vault.add(
        "okx-main",
        venue="okx",
        api_key=Secret("public"),
        secret=Secret("private\nkey"),
        passphrase=Secret("extra"),
        created_ns=1_700_000_000_000_000_001,
        key_type=KeyType.ED25519,
    )
    told = KeyRights(("read", "trade"), may_trade=True, ip_restricted=True, ips=("10.0.0.1",), made_ns=5)
    vault.note_rights("okx-main", told, 9)
    vault.accept("okx-main", ("withdraw",), 11)
    vault.add("desk-1", venue="binance", api_key=Secret("a1"), secret=Secret("s1"), created_ns=2)
    vault.save()

    again = Vault.open(path, typed())

    assert again.names() == ("desk-1", "okx-main")
    kept = again.credential("okx-main")
    assert (kept.venue, kept.created_ns) == ("okx", 1_700_000_000_000_000_001)
    assert (kept.rights, kept.checked_ns, kept.accepted, kept.accepted_ns) == (told, 9, ("withdraw",), 11)
    assert again.credential("desk-1").rights is None
    assert kept.key_type is KeyType.ED25519
    assert [s.reveal() for s in kept.secrets()] == ["public", "private\nkey", "extra"]
    assert again.credential("desk-1").passphrase is None
    assert again.notices == ()


def test_nothing_secret_stands_on_disk_or_in_a_repr(path: Path, tmp_path: Path) -> None:
    vault = filled(path)
    for file in tmp_path.iterdir():
        assert b"SK-1-hidden" not in file.read_bytes()
        assert b"desk-1" not in file.read_bytes()
    assert "hidden" not in repr(vault.credential("desk-1"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert not [f for f in tmp_path.iterdir() if f.suffix == ".tmp"]


def test_unsaved_changes_are_not_kept_and_removal_is(path: Path) -> None:
    vault = filled(path)
    vault.add("gone", venue="v", api_key=Secret("a"), secret=Secret("b"), created_ns=1)
    assert Vault.open(path, typed()).names() == ("desk-1",)
    vault.remove("gone")
    vault.remove("desk-1")
    vault.save()
    assert Vault.open(path, typed()).names() == ()


def test_wrong_passphrase_is_said_so(path: Path) -> None:
    filled(path)
    with pytest.raises(errors.WrongPassphraseError):
        Vault.open(path, typed("wrong horse battery"))


def test_passphrase_is_compared_in_normal_form(path: Path) -> None:
    Vault.create(path, typed("caf\u00e9 au lait"))
    assert Vault.open(path, typed("cafe\u0301 au lait")).names() == ()


def test_a_flipped_byte_is_damage_wherever_it_falls(path: Path) -> None:
    filled(path)
    good = path.read_bytes()
    for at in range(0, len(good), 17):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(errors.VaultDamagedError):
            Vault.open(path, typed())
    path.write_bytes(good[: len(good) // 2])
    with pytest.raises(errors.VaultDamagedError):
        Vault.open(path, typed())


def test_alteration_with_a_matching_checksum_is_tampering(path: Path) -> None:
    filled(path)
    body = bytearray(path.read_bytes()[:-16])
    body[-20] ^= 1
    path.write_bytes(bytes(body) + envelope._checksum(bytes(body)))
    with pytest.raises(errors.VaultTamperedError):
        Vault.open(path, typed())


def test_an_altered_header_fails_authentication(path: Path) -> None:
    filled(path)
    parts = envelope.parse(path.read_bytes(), path)
    header = envelope.msgspec.structs.replace(parts.header, generation=9)
    encoded = envelope.msgspec.msgpack.encode(header)
    body = b"HDGVAULT" + len(encoded).to_bytes(4, "big") + encoded + parts.payload
    path.write_bytes(body + envelope._checksum(body))
    with pytest.raises(errors.VaultTamperedError):
        Vault.open(path, typed())


@pytest.mark.parametrize(
    "cost",
    [
        Argon2Parameters(memory_kib=8 * 1024 * 1024),
        Argon2Parameters(memory_kib=1024),
        Argon2Parameters(passes=11),
        Argon2Parameters(passes=1),
        Argon2Parameters(lanes=17),
        Argon2Parameters(lanes=1),
    ],
)
def test_absurd_derivation_is_refused_before_it_runs(
    path: Path, cost: Argon2Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path)
    parts = envelope.parse(path.read_bytes(), path)
    slot = envelope.msgspec.structs.replace(
        parts.header.slots[0], memory_kib=cost.memory_kib, passes=cost.passes, lanes=cost.lanes
    )
    path.write_bytes(envelope.seal(parts.header.vault_id, 2, (slot,), bytes(32), b""))
    monkeypatch.setattr("argon2.low_level.hash_secret_raw", lambda **_: pytest.fail("it was derived"))
    with pytest.raises(errors.AbsurdKdfParametersError):
        Vault.open(path, typed())
    with pytest.raises(errors.AbsurdKdfParametersError):
        Passphrase(Secret("long enough"), cost).enrol()


def test_an_older_copy_is_noticed(path: Path) -> None:
    vault = filled(path)
    old = path.read_bytes()
    vault.remove("desk-1")
    vault.save()
    path.write_bytes(old)
    with pytest.raises(errors.VaultRolledBackError, match=r"generation 2.*generation 3"):
        Vault.open(path, typed())
    assert Vault.open(path, typed(), accept_rollback=True).names() == ("desk-1",)
    assert Vault.open(path, typed()).notices == ()


def test_a_crash_between_vault_and_mark_only_leaves_a_notice(path: Path) -> None:
    vault = filled(path)
    mark = mark_path(path).read_bytes()
    vault.save()
    mark_path(path).write_bytes(mark)
    assert "newer than its mark" in Vault.open(path, typed()).notices[0]
    assert Vault.open(path, typed()).notices == ()
    mark_path(path).unlink()
    assert "missing" in Vault.open(path, typed()).notices[0]


def test_two_writers_do_not_overwrite_each_other(path: Path) -> None:
    first = filled(path)
    second = Vault.open(path, typed())
    second.add("desk-2", venue="v", api_key=Secret("a"), secret=Secret("b"), created_ns=1)
    second.save()
    with pytest.raises(errors.VaultConflictError, match="generation 3"):
        first.save()
    assert first.refresh()
    assert first.names() == ("desk-1", "desk-2")
    assert not first.refresh()
    first.save()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_open_to_others_is_refused(path: Path, mode: int) -> None:
    filled(path)
    path.chmod(mode)
    with pytest.raises(errors.UnsafeVaultFileError, match="chmod 600"):
        Vault.open(path, typed())


def test_links_folders_and_pipes_are_refused(path: Path, tmp_path: Path) -> None:
    filled(path)
    real = tmp_path / "elsewhere"
    path.rename(real)
    path.symlink_to(real)
    with pytest.raises(errors.UnsafeVaultFileError, match="symbolic link"):
        Vault.open(path, typed())
    with pytest.raises(errors.VaultExistsError):
        Vault.create(path, typed())
    path.unlink()
    path.mkdir()
    with pytest.raises(errors.UnsafeVaultFileError):
        Vault.open(path, typed())
    path.rmdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(errors.UnsafeVaultFileError, match="not a regular file"):
        Vault.open(path, typed())


def test_a_folder_open_to_others_is_refused(path: Path, tmp_path: Path) -> None:
    filled(path)
    tmp_path.chmod(0o777)
    with pytest.raises(errors.UnsafeVaultFileError, match="chmod 700"):
        Vault.open(path, typed())
    tmp_path.chmod(0o700)


def test_missing_and_existing_vaults(path: Path) -> None:
    with pytest.raises(errors.VaultMissingError):
        Vault.open(path, typed())
    Vault.create(path, typed())
    with pytest.raises(errors.VaultExistsError):
        Vault.create(path, typed())
    with pytest.raises(errors.VaultEntryError, match="at least 8"):
        Vault.create(path.with_name("other"), typed("short"))


def test_entries_are_checked(path: Path) -> None:
    vault = filled(path)
    with pytest.raises(errors.VaultEntryError, match="already"):
        vault.add("desk-1", venue="v", api_key=Secret("a"), secret=Secret("b"), created_ns=1)
    with pytest.raises(errors.VaultEntryError, match="not a name"):
        vault.add("../x", venue="v", api_key=Secret("a"), secret=Secret("b"), created_ns=1)
    with pytest.raises(errors.VaultEntryError, match="empty"):
        vault.add("x", venue="v", api_key=Secret("a"), secret=Secret(" "), created_ns=1)
    with pytest.raises(errors.VaultEntryError, match="desk-1"):
        vault.credential("nobody")
    vault.note_rights("desk-1", UNTOLD, 3)
    vault.accept("desk-1", ("unknown",), 4)
    vault.add(
        "desk-1",
        venue="binance",
        api_key=Secret("other"),
        secret=Secret("b"),
        created_ns=5,
        replace_existing=True,
    )
    new = vault.credential("desk-1")
    assert (new.rights, new.checked_ns, new.accepted) == (None, 0, ()), "what was said of the old key is gone"


def test_a_closed_vault_is_locked(path: Path) -> None:
    vault = filled(path)
    vault.close()
    for act in (vault.names, vault.save, vault.refresh, lambda: vault.credential("desk-1")):
        with pytest.raises(errors.VaultLockedError):
            act()


def test_a_full_disk_leaves_the_old_vault(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = filled(path)
    before = path.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("hedge_tui.credentials.private_file._sync", full)
        with pytest.raises(errors.VaultWriteError, match="No space left"):
            vault.save()
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".*.tmp"))
    vault.save()
    assert Vault.open(path, typed()).generation == 3


def test_a_new_passphrase_shuts_out_the_old_one_and_the_old_key(path: Path) -> None:
    vault = filled(path)
    onlooker = Vault.open(path, typed())
    old_key = vault._key
    vault.change_passphrase(typed("another long word"))
    vault.save()
    with pytest.raises(errors.WrongPassphraseError):
        Vault.open(path, typed())
    changed = Vault.open(path, typed("another long word"))
    assert changed.names() == ("desk-1",)
    assert changed._key != old_key
    with pytest.raises(errors.VaultLockedError, match="unlock it again"):
        onlooker.refresh()


def test_the_keyring_opens_it_too(path: Path, keyring: OsKeyring) -> None:
    vault = filled(path)
    assert describe(path).keyring is None
    vault.add_unlocker(keyring)
    vault.save()

    assert describe(path).keyring == ("hedge_tui", "desk")
    assert describe(path).passphrase
    assert Vault.open(path, keyring).names() == ("desk-1",)
    assert Vault.open(path, typed()).names() == ("desk-1",)

    vault.change_passphrase(typed("another long word"), keyring)
    vault.save()
    assert Vault.open(path, keyring).names() == ("desk-1",)


def test_a_vault_without_a_keyring_slot_says_how_it_opens(path: Path, keyring: OsKeyring) -> None:
    filled(path)
    with pytest.raises(errors.WrongUnlockerError, match="opened by passphrase"):
        Vault.open(path, keyring)


def test_a_lost_or_foreign_keyring_entry_is_told_apart(
    path: Path, keyring: OsKeyring, tmp_path: Path
) -> None:
    Vault.create(path, typed(), keyring)
    keyring.door.write("hedge_tui", "desk", Secret("A" * 43 + "="))
    with pytest.raises(errors.WrongUnlockerError, match="not that of"):
        Vault.open(path, keyring)
    keyring.door.write("hedge_tui", "desk", Secret("not a key"))
    with pytest.raises(errors.WrongUnlockerError, match="not a vault key"):
        Vault.open(path, keyring)
    keyring.door.delete("hedge_tui", "desk")
    with pytest.raises(errors.WrongUnlockerError, match="no entry"):
        Vault.open(path, keyring)
    assert Vault.open(path, typed()).names() == ()
