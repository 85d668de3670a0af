"""What a bug of the console's own prints after the terminal is restored: where, and nothing it held.

Textual's own report shows local variables, which can hold anything that was on the screen. The CLI may give
`run_console` a report of its own; this is what is printed otherwise.
"""

from __future__ import annotations

import traceback


def crash_text(error: BaseException) -> str:
    """Class names, files, lines and functions; no words of the error, no values."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames[-12:]]
    names: list[str] = []
    current: BaseException | None = error
    while current is not None and len(names) < 10:
        names.append(type(current).__name__)
        current = current.__cause__ or current.__context__
    return "\n".join(
        (
            f"hedge: the console stopped by a bug of its own: {' from '.join(names)}",
            *where,
            "The engine and all orders are untouched; `hedge` attaches again.",
        )
    )
