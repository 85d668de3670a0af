"""Which accounts the desk's totals count: simulated money is never added to real money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.account import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.account import Account


def left_out(accounts: Iterable[Account]) -> frozenset[str]:
    """The accounts that no total of the desk counts: on a desk with live accounts, all others.

    A desk without live accounts counts everything.
    """
    known = list(accounts)
    if not any(account.mode is Mode.LIVE for account in known):
        return frozenset()
    return frozenset(account.name for account in known if account.mode is not Mode.LIVE)
