"""What commands print: one JSON document, one JSON object a line, or a plain table.

Text from venues is made inert in tables; JSON escapes it by itself.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def print_json(document: Any) -> None:
    """Print one document and a line end to standard output; nothing else may go there.

    Decimals become strings, so that no digit is lost; frozen dataclasses and structs become objects with
    their field names, times stay integer nanoseconds. Indented for a person at a terminal.
    """
    import msgspec

    encoded = _encoded(document)
    _write(msgspec.json.format(encoded, indent=2) if sys.stdout.isatty() else encoded)


def print_json_line(document: Any) -> None:
    """Print one object on one line and flush: for `hedge stream`, whose reader waits for each line."""
    _write(_encoded(document))
    sys.stdout.flush()


def _write(encoded: bytes) -> None:
    """JSON is UTF-8 whatever the locale says."""
    sys.stdout.flush()
    sys.stdout.buffer.write(encoded + b"\n")


def _encoded(document: Any) -> bytes:
    import msgspec

    return msgspec.json.encode(document, enc_hook=_foreign)


def _foreign(value: Any) -> Any:
    """What msgspec does not know: paths; anything else is a bug of the caller."""
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a JSON document")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "nothing") -> None:
    """Print rows under their headings; numbers to the right, None as a dash.

    Args:
        columns: headings, in the words of the glossary.
        rows: one value per column; Decimals and integers are grouped by thousands.
        empty: printed instead of a table without rows.
    """
    from hedge_tui.cli.layout import Track
    from hedge_tui.cli.table import write_table

    raw = [list(row) for row in rows]
    if not raw:
        sys.stdout.write(empty + "\n")
        return
    write_table(
        [
            Track(title, [shown(row[i]) for row in raw], right=all(_is_number(row[i]) for row in raw))
            for i, title in enumerate(columns)
        ]
    )


def shown(value: object) -> str:
    """One cell as text."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case Decimal() if value.is_finite():
            return f"{value:,f}"
        case int():
            return f"{value:,}"
        case tuple() | list():
            return ", ".join(shown(one) for one in value) or "-"
    # Loads rich, which a command that prints no table does without.
    from hedge_tui.ui.widgets.inert import inert

    return inert(str(value), ascii_only=not speaks_unicode())


def speaks_unicode() -> bool:
    """Whether standard output shows every letter."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, Decimal | int | float) and not isinstance(value, bool))
