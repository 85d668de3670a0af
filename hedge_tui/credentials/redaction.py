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
PIECE = 12
"""Characters of a part of a secret that are blanked out wherever they stand alone."""
_HEADINGS = tuple(
    f"-----{word} {kind}PRIVATE KEY-----" for word in ("BEGIN", "END") for kind in ("", "RSA ", "ENCRYPTED ")
)


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
    """The registry of secret values and the text filter made from it; safe to use from any thread.

    Whole spellings are blanked out, and so is every piece of one that has at least `PIECE` characters: reprs
    shorten and wrap long values, and half a key is a secret too.
    """

    def __init__(self) -> None:
        self._spellings: set[str] = set()
        self._short: re.Pattern[str] | None = None
        self._pieces: set[str] = set()
        self._lock = threading.Lock()

    def register(self, *secrets: Secret) -> None:
        """Blank out these secrets from now on; empty and very short ones are ignored."""
        fresh: set[str] = set()
        for secret in secrets:
            fresh |= spellings(secret.reveal())
        with self._lock:
            if fresh <= self._spellings:
                return
            fresh -= self._spellings
            self._spellings |= fresh
            pieces = set(self._pieces)  # a new set: readers go on with the old one
            for text in fresh:
                pieces.update(_windows(text))
            self._pieces = pieces
            # Longest first, so that a spelling which contains another is blanked out whole.
            short = sorted((one for one in self._spellings if len(one) < PIECE), key=len, reverse=True)
            self._short = re.compile("|".join(map(re.escape, short))) if short else None

    def redact(self, text: str) -> str:
        """`text` with every registered secret, and every longer piece of one, replaced by `[redacted]`."""
        short, pieces = self._short, self._pieces
        if pieces and len(text) >= PIECE:
            text = _without(text, pieces)
        return text if short is None else short.sub(MASK, text)

    def format_exception(self, error: BaseException) -> str:
        """The traceback of `error` without the values of local variables and without secrets."""
        return self.redact("".join(traceback.format_exception(error)))


def _windows(text: str) -> Iterable[str]:
    """Every piece of `PIECE` characters, but none of a PEM's heading, which every key has."""
    for at in range(len(text) - PIECE + 1):
        piece = text[at : at + PIECE]
        if not any(heading in piece or piece in heading for heading in _HEADINGS):
            yield piece


def _without(text: str, pieces: set[str]) -> str:
    """`text` with everything masked that is covered by a known piece."""
    parts: list[str] = []
    kept = at = 0
    while at <= len(text) - PIECE:
        if text[at : at + PIECE] not in pieces:
            at += 1
            continue
        end = at + PIECE
        look = at + 1
        while look <= min(end, len(text) - PIECE):
            if text[look : look + PIECE] in pieces:
                end = look + PIECE
            look += 1
        parts += [text[kept:at], MASK]
        kept = at = end
    return "".join([*parts, text[kept:]])


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
