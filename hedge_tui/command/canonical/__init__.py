"""Writes a tree back as text, one spelling for every command: parsing it gives the same tree but for spans.

Used by the journal, by stored alarms and aliases, and by previews that say what was understood.
"""

from hedge_tui.command.canonical.lines import to_text
from hedge_tui.command.canonical.prices import price_text
from hedge_tui.command.canonical.sizes import size_text

__all__ = ["price_text", "size_text", "to_text"]
