"""What a bug of ours prints: where it happened, and nothing of what the program held.

A traceback's local variables and the words of a foreign exception can hold API keys and signatures. Only
class names, files, lines and functions are printed; HEDGE_DEBUG=1 gives Python's own traceback instead.
"""

from __future__ import annotations

import os
import traceback

DEBUG = "HEDGE_DEBUG"


def crash_report(error: BaseException) -> str:
    """The lines to print for an error nobody expected."""
    if os.environ.get(DEBUG):
        return "".join(traceback.format_exception(error))
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return "\n".join(
        (
            f"hedge: stopped by a bug of its own: {_chain(error)}",
            *where,
            f"Please report these lines. {DEBUG}=1 shows the words of the error too; they may hold keys.",
            "",
        )
    )


def _chain(error: BaseException) -> str:
    """Class names from the error to its first cause."""
    names: list[str] = []
    current: BaseException | None = error
    while current is not None and len(names) < 10:
        names.append(type(current).__name__)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " from ".join(names)
