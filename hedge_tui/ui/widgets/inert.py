"""Text from venues, files and people made harmless before it is painted.

A coin may be named with an escape sequence that rewrites the screen, or with a bidi override that turns
"SELL" around. Nothing such may reach the terminal, and each replacement is visible, so that two names that
differ stay different to the eye. Table cells, chart labels and headers all pass through `inert`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size

_DELETE = 0x7F
_LATIN_1_CONTROLS = range(0x80, 0xA0)
# Categories that move the cursor, take no cell, or have no agreed width: controls, formats (bidi, zero
# width, tags), surrogates, private use, unassigned, combining marks and line separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Mc", "Zl", "Zp"})
# Letters by category that yet print nothing: Hangul and Khmer fillers and the blank Braille pattern.
_INVISIBLE = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")

# Flags and skin tones join what stands before them, and terminals disagree about the width of the result.
_JOINING = frozenset([*range(0x1F1E6, 0x1F200), *range(0x1F3FB, 0x1F400)])


@lru_cache(4096)
def _replacement(character: str, ascii_only: bool) -> str:
    code = ord(character)
    if code < 0x20 or code == _DELETE:
        return "^" + chr(code ^ 0x40)
    if unicodedata.category(character) in _UNSAFE or character in _INVISIBLE or code in _LATIN_1_CONTROLS:
        return f"<{code:04X}>"
    if code in _JOINING or get_character_cell_size(character) < 1:
        return f"<{code:04X}>"
    if unicodedata.category(character) == "Zs":
        return " "
    if ascii_only and code > _DELETE:
        return f"<{code:04X}>"
    return character


def inert(text: str, *, ascii_only: bool = False) -> str:
    r"""`text` without anything that a terminal would act on, each such character replaced visibly.

    C0 controls and DEL become caret notation (`^[` for ESC); C1 controls, bidi and zero-width characters,
    combining marks that no composed letter exists for, and unassigned characters become `<202E>`. Wide
    characters stay; every kept character takes one or two cells. Markup is not interpreted by anybody
    downstream, so brackets stay too. Composed form (NFC) throughout.

    Args:
        text: any string, also with lone surrogates.
        ascii_only: also replace every other character above U+007E: accented letters by `<00E9>` codes,
            never by a look-alike, so that two names cannot become one.

    >>> inert("BTC\x1b[2J\u202eTDSU")
    'BTC^[[2J<202E>TDSU'
    """
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text)
    return "".join([_replacement(character, ascii_only) for character in composed])


def inert_lines(text: str) -> str:
    """Inert text with its line breaks."""
    return "\n".join(inert(line) for line in text.split("\n"))
