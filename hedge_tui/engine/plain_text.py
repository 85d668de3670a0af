"""Makes text from outside fit for the journal and the wire: half a character must not stop a desk."""

from __future__ import annotations


def plain(text: str, most: int = 500) -> str:
    r"""The text as it can be encoded, shortened to `most` characters.

    A venue's JSON may hold lone surrogates, which no encoder takes; they become question marks.

    >>> plain("caf\ud800e")
    'caf?e'
    """
    if len(text) > most:
        text = text[: most - 1] + "…"
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()
