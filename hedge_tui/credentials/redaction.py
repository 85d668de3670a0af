"""Takes secrets out of text before it reaches a log, a traceback or the screen.

Redaction is by value: a secret is found wherever a library put it (a header, a signed URL, the repr of a
request), and in the forms that libraries give it: raw, base64, hex, URL-encoded, escaped. The engine makes
one `Redactor`, the vault's credentials are registered as they are opened, and the logging set-up installs
`RedactingFilter` on every handler and `install_excepthooks` once.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import threading
import traceback
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from hedge_tui.domain.secret import Secret

MASK = "[redacted]"
MIN_LENGTH = 4
"""Shorter values are not registered: they would blank out ordinary words."""


def spellings(value: str) -> set[str]:
    """All texts under which `value` can turn up, each at least `MIN_LENGTH` characters.

    Base64 is given for the three offsets at which the value can start inside a longer encoded text (such as
    `key:secret` in a basic authorisation header), cut to the characters that depend on the value alone.
    """
    raw = value.encode()
    found = {value, value.strip(), raw.hex(), raw.hex().upper()}
    found |= {quote(value, safe=""), quote(value), quote_plus(value)}
    found |= {quote(value, safe="").lower(), json.dumps(value)[1:-1], repr(value)[1:-1]}
    found |= set(_base64_at_any_offset(raw))
    # A key in PEM form is printed line by line by some libraries.
    found |= {line for line in value.splitlines() if len(line) >= 16 and not line.startswith("-----")}
    return {text for text in found if len(text) >= MIN_LENGTH}


def _base64_at_any_offset(raw: bytes) -> Iterable[str]:
    for lead in range(3):
        encoded = base64.b64encode(bytes(lead) + raw).decode().rstrip("=")
        first = (0, 2, 3)[lead]
        last = ((lead + len(raw)) * 8) // 6
        body = encoded[first:last]
        if len(body) >= MIN_LENGTH + 2:
            yield body
            yield body.replace("+", "-").replace("/", "_")


class Redactor:
    """The registry of secret values and the text filter made from it; safe to use from any thread."""

    def __init__(self) -> None:
        self._spellings: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def register(self, *secrets: Secret) -> None:
        """Blank out these secrets from now on; empty and very short ones are ignored."""
        fresh: set[str] = set()
        for secret in secrets:
            fresh |= spellings(secret.reveal())
        with self._lock:
            if fresh <= self._spellings:
                return
            self._spellings |= fresh
            # Longest first, so that a spelling which contains another is blanked out whole.
            ordered = sorted(self._spellings, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def redact(self, text: str) -> str:
        """`text` with every registered secret replaced by `[redacted]`."""
        pattern = self._pattern
        return text if pattern is None else pattern.sub(MASK, text)

    def format_exception(self, error: BaseException) -> str:
        """The traceback of `error` without the values of local variables and without secrets."""
        return self.redact("".join(traceback.format_exception(error)))


class RedactingFilter(logging.Filter):
    """A logging filter that rewrites each record; it never drops one.

    Put it on handlers, not on loggers: a logger's filter does not see the records of its children.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact message, traceback and stack of `record`; always True."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError) as error:
            message = f"{record.msg!s} (arguments do not fit the message: {error})"
        record.msg, record.args = self._redactor.redact(message), ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = self._redactor.format_exception(record.exc_info[1]).rstrip("\n")
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = self._redactor.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self._redactor.redact(record.stack_info)
        return True


def install_excepthooks(redactor: Redactor) -> None:
    """Print uncaught errors of the main thread and of all other threads redacted, to standard error."""

    def main_hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        sys.stderr.write(redactor.format_exception(error))

    def thread_hook(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            name = args.thread.name if args.thread else "unknown"
            sys.stderr.write(f"In thread {name}:\n{redactor.format_exception(args.exc_value)}")

    sys.excepthook = main_hook
    threading.excepthook = thread_hook
