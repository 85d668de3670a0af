"""The engine's log: one JSON object a line, rotated by size, with every known secret blanked out."""

from __future__ import annotations

import json
import logging
import logging.handlers
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hedge_tui.credentials.redaction import RedactingFilter, Redactor, install_excepthooks

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.config.settings import EngineSettings

KEPT_FILES = 5
NOISY = ("asyncio", "aiohttp.access", "ccxt")


class JsonLines(logging.Formatter):
    """at (UTC), level, part (the logger's name), text, and error with the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


def keep_libraries_quiet() -> None:
    """For commands that talk to venues themselves: failed tasks of ccxt print tracebacks, which hold keys."""
    logging.getLogger().addHandler(logging.NullHandler())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def start_logging(file: Path, settings: EngineSettings, redactor: Redactor) -> None:
    """Send everything that is logged in this process to `file`.

    Raises:
        OSError: the file cannot be opened.
    """
    install_excepthooks(redactor)
    handler = logging.handlers.RotatingFileHandler(
        file, maxBytes=settings.log_megabytes * 1_000_000, backupCount=KEPT_FILES, encoding="utf-8"
    )
    handler.setFormatter(JsonLines())
    handler.addFilter(RedactingFilter(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # A full disk stops the log, not the engine, and is not told in tracebacks on a closed terminal.
    logging.raiseExceptions = False
