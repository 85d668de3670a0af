"""The desktop's keyring behind a time limit: read, write and delete one entry.

Used by the vault's `OsKeyring` unlocker and by `hedge doctor`. A headless machine has no keyring, a locked
one may wait for a dialog nobody sees, a dead bus answers never; each has its own error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hedge_tui.credentials.errors import KeyringLockedError, KeyringMissingError, KeyringUnavailableError
from hedge_tui.domain.secret import Secret

TIMEOUT_S = 4.0
"""With the start of the child and its end, every state of a keyring is told within 5 s."""
_WORKER = (sys.executable, "-I", str(Path(__file__).with_name("keyring_worker.py")))


@dataclass(frozen=True, slots=True)
class KeyringDoor:
    """Access to the keyring by a child process.

    Attributes:
        timeout_s: seconds before a silent keyring is given up; raise it where a dialog is expected.
        command: the child to run; replaced in tests only.
    """

    timeout_s: float = TIMEOUT_S
    command: tuple[str, ...] = _WORKER

    def backend(self) -> str:
        """The name of the keyring that would be used, such as `Secret Service`. Raises as `read`."""
        return str(self._ask({"do": "which"}).get("backend"))

    def read(self, service: str, user: str) -> Secret | None:
        """The entry's value, or None where the keyring has no such entry.

        Raises:
            KeyringMissingError: no allowed keyring on this machine.
            KeyringLockedError: the keyring is locked and was not unlocked.
            KeyringUnavailableError: it failed or did not answer in time.
        """
        value = self._ask({"do": "get", "service": service, "user": user}).get("value")
        return None if value is None else Secret(value)

    def write(self, service: str, user: str, value: Secret) -> None:
        """Store the entry and read it back: some keyrings lose writes silently.

        Raises:
            KeyringUnavailableError: as `read`, or what was read back differs.
        """
        reply = self._ask({"do": "set", "service": service, "user": user, "value": value.reveal()})
        if reply.get("value") != value.reveal():
            raise KeyringUnavailableError(f"the keyring ({reply.get('backend')}) did not keep the entry")

    def delete(self, service: str, user: str) -> None:
        """Remove the entry; one that is not there is no error. Raises as `read`."""
        self._ask({"do": "delete", "service": service, "user": user})

    def _ask(self, request: dict[str, str]) -> dict[str, Any]:
        try:
            # The child is this interpreter and a file beside this one; nothing of it comes from outside.
            done = subprocess.run(  # noqa: S603 - see above
                self.command,
                input=json.dumps(request).encode(),
                capture_output=True,
                timeout=self.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise KeyringUnavailableError(
                f"the OS keyring did not answer within {self.timeout_s:g} s; open the vault by its passphrase"
            ) from None
        except OSError as error:
            raise KeyringUnavailableError(f"the OS keyring could not be asked: {error}") from error
        return _checked(done)


def _checked(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    try:
        reply = json.loads(done.stdout)
    except ValueError:
        reply = None
    if not isinstance(reply, dict):
        raise KeyringUnavailableError(
            f"the OS keyring's helper ended with code {done.returncode} and no answer"
        )
    detail = reply.get("detail", "")
    match reply.get("error"):
        case None:
            return reply
        case "none":
            raise KeyringMissingError(
                f"this machine has no OS keyring that hedge accepts ({detail}); "
                "open the vault by its passphrase"
            )
        case "locked":
            raise KeyringLockedError(f"the OS keyring is locked ({detail}); unlock it or use the passphrase")
        case _:
            raise KeyringUnavailableError(f"the OS keyring failed ({detail})")
