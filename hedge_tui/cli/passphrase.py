"""Reads secrets: from a prompt that shows nothing, or from standard input; never from arguments."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import CredentialError

if TYPE_CHECKING:
    from hedge_tui.cli.desk import Desk


def read_passphrase(prompt: str, *, twice: bool = False) -> str:
    """One secret line.

    Args:
        prompt: shown at a terminal only.
        twice: ask again and compare, for new passphrases; only at a terminal.

    Raises:
        CredentialError: nothing was given, or the two differ.
    """
    if not sys.stdin.isatty():
        given = sys.stdin.readline().rstrip("\r\n")
    else:
        given = _ask(prompt)
        if twice and _ask("again: ") != given:
            raise CredentialError("the two differ; nothing was changed")
    if not given:
        raise CredentialError(f"nothing was given for: {prompt.rstrip(': ')}")
    return given


def read_secret_lines(prompt: str) -> str:
    """One secret line, or a private key in PEM form to its end; or, after `file:`, what a file holds.

    Raises:
        CredentialError: nothing was given, or the file cannot be read.
    """
    given = read_passphrase(prompt)
    if given.startswith("file:"):
        path = Path(given.removeprefix("file:")).expanduser()
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CredentialError(
                f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"
            ) from None
    lines = [given]
    while "-----BEGIN" in lines[0] and "-----END" not in lines[-1]:
        lines.append(read_passphrase(""))
    return "\n".join(lines)


def passphrase_for_engine(desk: Desk) -> str | None:
    """The passphrase for an engine that is about to start, asked at a terminal; None starts it locked."""
    from hedge_tui.bootstrap.places import vault_file

    if desk.settings.vault.unlock != "passphrase" or not vault_file(desk.paths.data_dir).exists():
        return None
    return _ask("passphrase of the vault (empty: start locked): ") or None


def _ask(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except EOFError:
        return ""
