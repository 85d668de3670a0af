"""A credential of systemd is read from its folder alone, and only when nobody else can read it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hedge_tui.credentials.errors import UnlockCredentialError
from hedge_tui.credentials.systemd_credential import passphrase_from_systemd


def given(folder: Path, content: bytes = b"correct horse\n", mode: int = 0o400) -> dict[str, str]:
    file = folder / "hedge-vault"
    file.write_bytes(content)
    file.chmod(mode)
    return {"CREDENTIALS_DIRECTORY": str(folder)}


@pytest.mark.parametrize("content", [b"correct horse", b"correct horse\n", b"correct horse\r\nmore\n"])
def test_its_first_line_is_the_passphrase(tmp_path: Path, content: bytes) -> None:
    assert passphrase_from_systemd(environ=given(tmp_path, content)).reveal() == "correct horse"


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (b"", 0o400, "no passphrase"),
        (b"x" * 5_000, 0o400, "no passphrase"),
        (b"\xff\xfe", 0o400, "no text"),
        (b"hunter2", 0o444, "others may read it"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, content: bytes, mode: int, words: str) -> None:
    with pytest.raises(UnlockCredentialError, match=words) as told:
        passphrase_from_systemd(environ=given(tmp_path, content, mode))
    assert "hunter2" not in str(told.value)


def test_outside_a_unit_it_says_which_command_prints_one(tmp_path: Path) -> None:
    with pytest.raises(UnlockCredentialError, match="hedge engine unit"):
        passphrase_from_systemd(environ={})
    with pytest.raises(UnlockCredentialError, match="LoadCredentialEncrypted=hedge-vault"):
        passphrase_from_systemd(environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_links_and_pipes_are_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("correct horse")
    (tmp_path / "hedge-vault").symlink_to(elsewhere)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    with pytest.raises(UnlockCredentialError, match="cannot be read"):
        passphrase_from_systemd(environ=environ)
    (tmp_path / "hedge-vault").unlink()
    os.mkfifo(tmp_path / "hedge-vault", 0o600)
    with pytest.raises(UnlockCredentialError, match="not a credential"):
        passphrase_from_systemd(environ=environ)
