"""The composition root: the only package that knows all the parts and joins them.

Importing it is light; each function imports what it needs.
"""

from hedge_tui.bootstrap.diagnosis import clock_offsets, journal_state, keyring_state

__all__ = ["clock_offsets", "journal_state", "keyring_state"]
