"""The child process that talks to the desktop's keyring; `os_keyring` starts it and kills it when it hangs.

It is a file run by the interpreter, not a module of the running program: it holds the only import of
`keyring`, whose desktop bus can block for ever without a way to interrupt it. One JSON request on standard
input, one JSON answer on standard output.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

ALLOWED = (
    ("keyring.backends.macOS", "Keyring", "macOS Keychain"),
    ("keyring.backends.SecretService", "Keyring", "Secret Service"),
    ("keyring.backends.kwallet", "DBusKeyring", "KWallet"),
)
"""The only stores taken: they encrypt and ask the user. Backends are made by name, never looked up by
keyring's own search, which would take plain-text, null and chained ones from its config or environment."""


def find_backend() -> tuple[Any, str, list[str]]:
    """The usable allowed backend with the highest priority, its name, and why each other one is not."""
    from importlib import import_module

    best: tuple[float, Any, str] | None = None
    reasons: list[str] = []
    for module, kind, name in ALLOWED:
        try:
            made = getattr(import_module(module), kind)
            priority = float(made.priority)
        except Exception as error:  # noqa: BLE001 - a backend may fail in any way; the next one is tried
            reasons.append(f"{name}: {error}")
            continue
        if best is None or priority > best[0]:
            best = (priority, made, name)
    if best is None:
        return None, "", reasons
    if hasattr(best[1], "appid"):
        best[1].appid = "hedge_tui"
    return best[1](), best[2], reasons


def answer(request: dict[str, str]) -> dict[str, Any]:
    """Carry out one request: `do` is which, get, set or delete.

    Returns:
        `value` (a string or None) and `backend`, or `error` (none, locked or failed) and `detail`.
    """
    from keyring.errors import KeyringLocked, PasswordDeleteError

    backend, name, reasons = find_backend()
    if backend is None:
        return {"error": "none", "detail": "; ".join(reasons)}
    if request["do"] == "which":
        return {"value": None, "backend": name}
    service, user = request["service"], request["user"]
    try:
        if request["do"] == "set":
            backend.set_password(service, user, request["value"])
        elif request["do"] == "delete":
            with contextlib.suppress(PasswordDeleteError):  # it was not there
                backend.delete_password(service, user)
            return {"value": None, "backend": name}
        return {"value": backend.get_password(service, user), "backend": name}
    except KeyringLocked as error:
        return {"error": "locked", "detail": f"{name}: {error}"}
    except Exception as error:  # noqa: BLE001 - D-Bus libraries raise their own classes; the parent needs an answer
        return {"error": "failed", "detail": f"{name}: {type(error).__name__}: {error}"}


def main() -> None:
    """Answer the one request on standard input."""
    request = json.loads(sys.stdin.read())
    sys.stdout.write(json.dumps(answer(request)))


if __name__ == "__main__":
    main()
