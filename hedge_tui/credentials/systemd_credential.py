"""The passphrase from systemd, for an engine that starts unattended: `LoadCredentialEncrypted=` of its unit.

systemd decrypts the credential with a key of this machine (its TPM where there is one) and shows it to this
one service, in memory, below `$CREDENTIALS_DIRECTORY`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from hedge_tui.credentials.errors import UnlockCredentialError
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "CREDENTIALS_DIRECTORY"
NAME = "hedge-vault"
_MAX_BYTES = 4_096


def has_credentials(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this process was started by systemd with credentials."""
    return bool(environ.get(VARIABLE))


def passphrase_from_systemd(name: str = NAME, environ: Mapping[str, str] = os.environ) -> Secret:
    """The first line of the credential.

    Raises:
        UnlockCredentialError: it is missing, readable by others, or holds nothing usable; the message says
            what to do and holds no part of it.
    """
    folder = environ.get(VARIABLE, "")
    if not folder:
        raise UnlockCredentialError(
            "systemd gave no credential to this process ($CREDENTIALS_DIRECTORY is not set); start the engine"
            " by the unit that `hedge engine unit` prints, or open it: hedge unlock"
        )
    path = Path(folder) / name
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise UnlockCredentialError(
            f"the credential {name} cannot be read ({error.strerror}); its unit needs:"
            f" LoadCredentialEncrypted={name}"
        ) from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid not in {os.geteuid(), 0}:
            raise UnlockCredentialError(f"{path} is not a credential of systemd's making")
        if stat.S_IMODE(found.st_mode) & 0o037:
            raise UnlockCredentialError(
                f"{path} has mode {stat.S_IMODE(found.st_mode):04o}: others may read it"
            )
        line = file.read(_MAX_BYTES + 1).split(b"\n", 1)[0].rstrip(b"\r")
    if not line or len(line) > _MAX_BYTES:
        raise UnlockCredentialError(f"the credential {name} has no passphrase on its first line")
    try:
        return Secret(line.decode())
    except UnicodeDecodeError:
        raise UnlockCredentialError(f"the credential {name} is no text") from None
