"""Keeps keys out of every text that leaves the adapter: messages, health details, logs.

ccxt instances hold keys as plain text and put them into URLs, headers and tracebacks. Everything
said about a failed call goes through here. Used by `instance`, `errors` and the clients.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIGNED = re.compile(
    r"(?i)\b(signature|listenkey|apikey|api[_-]?key|x-mbx-apikey|passphrase|secret|token|sign)"
    r"(\"?'?\s*[=:]\s*\"?'?)([^\s&\"',})\]]+)"
)
_LONGEST = 400


class Redactor:
    """Removes known secrets, and whatever looks like a signature, from a text."""

    __slots__ = ("_known",)

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Short values would blank out innocent text.
        self._known = tuple(sorted({s for s in secrets if len(s) >= 6}, key=len, reverse=True))

    def __call__(self, text: object) -> str:
        """`text` without secrets, on one line, at most 400 characters."""
        said = str(text)
        for secret in self._known:
            said = said.replace(secret, "…")
        said = _SIGNED.sub(r"\1\2…", said)
        said = " ".join(said.split())
        return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"

    def __repr__(self) -> str:
        return "Redactor(…)"
