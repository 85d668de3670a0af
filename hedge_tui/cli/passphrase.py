"""Reads secrets: from a prompt that shows nothing, or from standard input; never from arguments."""

from __future__ import annotations

import getpass
import sys

from hedge_tui.domain.errors import CredentialError


def read_passphrase(prompt: str, *, twice: bool = False) -> str:
    """One secret line.

    Args:
        prompt: shown at a terminal only.
        twice: ask again and compare, for new passphrases; only at a terminal.

    Raises:
        CredentialError: nothing was given, or the two differ.
    """
    if not sys.stdin.isatty():
        given = sys.stdin.readline().rstrip("\n")
    else:
        given = getpass.getpass(prompt)
        if twice and getpass.getpass("again: ") != given:
            raise CredentialError("the two differ; nothing was changed")
    if not given:
        raise CredentialError("nothing was given")
    return given
