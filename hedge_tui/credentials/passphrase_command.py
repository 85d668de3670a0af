"""The passphrase from a password manager's command, such as `pass show hedge`, where there is no desktop.

The command comes from the config as a list of words and is run without a shell.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from hedge_tui.credentials.errors import UnlockCommandError
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMEOUT_S = 60.0
_MAX_BYTES = 4_096


def passphrase_from_command(command: Sequence[str], timeout_s: float = TIMEOUT_S) -> Secret:
    """The first line that `command` prints.

    Args:
        command: the program and its arguments; standard error stays the terminal's, for its own prompts.
        timeout_s: seconds before it is given up.

    Raises:
        UnlockCommandError: it cannot be run, fails, takes too long, or prints nothing usable. What it printed
            is in no message.
    """
    if not command:
        raise UnlockCommandError("the unlock command is empty")
    name = command[0]
    try:
        # The trader's own command from the trader's own config, run without a shell.
        done = subprocess.run(  # noqa: S603 - see above
            list(command), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnlockCommandError(f"the unlock command {name} did not end within {timeout_s:g} s") from None
    except OSError as error:
        raise UnlockCommandError(f"the unlock command {name} cannot be run: {error.strerror}") from error
    if done.returncode:
        raise UnlockCommandError(f"the unlock command {name} failed with code {done.returncode}")
    line = done.stdout[: _MAX_BYTES + 1].split(b"\n", 1)[0].rstrip(b"\r")
    if not line or len(line) > _MAX_BYTES:
        raise UnlockCommandError(f"the unlock command {name} printed no passphrase on its first line")
    try:
        return Secret(line.decode())
    except UnicodeDecodeError:
        raise UnlockCommandError(f"the unlock command {name} did not print text") from None
