"""Tables of rows that came from the engine: which field, under which heading, in which format."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hedge_tui.cli import formats
from hedge_tui.cli.layout import Track, lay_out
from hedge_tui.cli.output import shown, speaks_unicode


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: field of the row, in the words of `--json`.
        title: heading; "" for the name with spaces.
        show: the value as text; numbers by `formats`, anything else made inert.
        right: set to the right.
        spare: dropped in a narrow terminal, the largest number first; 0 never.
    """

    name: str
    title: str = ""
    show: Callable[[Any], str] = shown
    right: bool = False
    spare: int = 0


def text(name: str, title: str = "", spare: int = 0) -> Column:
    """A column of words."""
    return Column(name, title, spare=spare)


def figures(name: str, show: Callable[[Any], str] = formats.exact, title: str = "", spare: int = 0) -> Column:
    """A column of numbers."""
    return Column(name, title, show, right=True, spare=spare)


def print_rows(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], empty: str, limit: int | None = None
) -> None:
    """Print `rows` under their headings, or `empty` where there are none.

    Args:
        columns: from left to right.
        rows: by field name; a missing field is a dash.
        empty: what to say, and what to type, when there is nothing.
        limit: cells of a line; None for the terminal's, or no limit where there is no terminal.
    """
    if not rows:
        sys.stdout.write(empty + "\n")
        return
    tracks = [
        Track(
            one.title or one.name.replace("_", " "),
            [one.show(row.get(one.name)) for row in rows],
            one.right,
            one.spare,
        )
        for one in columns
    ]
    write_table(tracks, limit)


def write_table(tracks: Sequence[Track], limit: int | None = None) -> None:
    """Print laid-out columns."""
    ellipsis = "…" if speaks_unicode() else "~"
    lines = lay_out(tracks, terminal_width() if limit is None else limit, ellipsis)
    sys.stdout.write("\n".join(lines) + "\n")


def terminal_width() -> int | None:
    """Cells of a line on standard output; None when it is no terminal, so that nothing is left out."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
