"""The composition root: the only package that knows all the parts and joins them.

Importing it is light; each function imports what it needs.
"""

from hedge_tui.bootstrap.diagnosis import (
    accept_journal,
    clock_offsets,
    journal_state,
    keyring_state,
    paper_accounts,
    route_findings,
)

__all__ = [
    "accept_journal",
    "clock_offsets",
    "journal_state",
    "keyring_state",
    "paper_accounts",
    "route_findings",
]
