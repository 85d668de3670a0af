"""What the terminal can show."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from hedge_tui.cli.checks.finding import note, ok, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hedge_tui.cli.checks.finding import Finding

LEAST_SIZE = (80, 24)
"""Columns and rows that every screen fits into."""
TRUE_COLOUR = ("truecolor", "24bit")


def check_terminal(
    size: tuple[int, int] | None, environ: Mapping[str, str], encoding: str | None
) -> Iterator[Finding]:
    """Size, colour and Unicode.

    Args:
        size: columns and rows, or None when standard output is no terminal.
        environ: of this process.
        encoding: of standard output.
    """
    yield _size(size)
    yield _colour(environ)
    if (encoding or "").lower().replace("-", "") == "utf8":
        yield ok("unicode", "UTF-8")
    else:
        yield note(
            "unicode",
            f"the encoding is {encoding}",
            "use a UTF-8 locale (LANG=C.UTF-8) or [console] ascii = true",
        )


def terminal_size() -> tuple[int, int] | None:
    """Columns and rows of the terminal behind standard output or error, or None."""
    for stream in (sys.stdout, sys.stderr):
        try:
            columns, rows = os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            continue
        return columns, rows
    return None


def _size(size: tuple[int, int] | None) -> Finding:
    if size is None:
        return skipped("terminal size", "standard output is no terminal")
    text = f"{size[0]}x{size[1]}"
    if size[0] < LEAST_SIZE[0] or size[1] < LEAST_SIZE[1]:
        return note("terminal size", text, f"make it {LEAST_SIZE[0]}x{LEAST_SIZE[1]} or larger")
    return ok("terminal size", text)


def _colour(environ: Mapping[str, str]) -> Finding:
    term = environ.get("TERM", "")
    if environ.get("NO_COLOR"):
        return ok("colour", "off, as NO_COLOR asks; side and account are told by words")
    if term in ("", "dumb", "unknown"):
        return note("colour", f'TERM is "{term}"', "set TERM, such as xterm-256color, to open the console")
    if environ.get("COLORTERM", "").lower() in TRUE_COLOUR:
        return ok("colour", f"16 million ({term})")
    depth = "256" if "256" in term else "16"
    return note("colour", f"{depth} ({term})", "COLORTERM=truecolor gives all, if the terminal can show them")
