"""Accounts, exposure by asset, and balances."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.engine import portfolio
from hedge_tui.engine.board.table import NAN, LiveRows, number, rounded
from hedge_tui.engine.execution.trading_state import trading_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.portfolio import AccountSummary
    from hedge_tui.engine.state import Changes

ZERO = Decimal(0)
CENT = 2


class Summaries:
    """Account summaries, made at most once per account and tick: several tables read them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._made: dict[str, AccountSummary] = {}

    def clear(self) -> None:
        """Prices have moved."""
        self._made.clear()

    def of(self, name: str) -> AccountSummary:
        """The summary of one account."""
        if name not in self._made:
            account = self._desk.accounts[name]
            self._made[name] = portfolio.summarise(account, self._desk.state, self._desk.markets)
        return self._made[name]


class AccountRows(LiveRows):
    """`accounts`."""

    topic = "accounts"
    every_s = 0.25

    def __init__(self, desk: Desk, summaries: Summaries) -> None:
        super().__init__(desk)
        self._summaries = summaries

    def touch(self, changes: Changes) -> None:
        self.dirty |= (
            self.desk.accounts.keys() if changes.holds else changes.accounts & self.desk.accounts.keys()
        )

    def keys(self) -> Iterable[str]:
        return list(self.desk.accounts)

    def row(self, key: str) -> list[Any] | None:
        account = self.desk.accounts.get(key)
        if account is None:
            return None
        s = self._summaries.of(key)
        working = list(self.desk.state.working_orders(key))
        unknown = sum(order.status.value.endswith("unknown") for order in working) + len(account.in_doubt)
        known = bool(account.snapshot_ns)
        detail = account.remark
        if account.importing:
            detail = account.importing + (f"; {detail}" if detail else "")
        if s.unpriced:
            detail = f"no price of {', '.join(s.unpriced)}" + (f"; {detail}" if detail else "")
        return [
            key,
            account.account.venue,
            account.account.mode.value,
            " ".join(account.account.groups),
            account.state.value,
            rounded(s.equity, CENT) if known else NAN,
            rounded(s.balance, CENT) if known else NAN,
            rounded(s.free, CENT) if known else NAN,
            rounded(s.margin_used, CENT) if known else NAN,
            rounded(s.margin_ratio, 5),
            rounded(s.unrealized, CENT) if known else NAN,
            rounded(s.pnl_today, CENT),
            rounded(s.realized_today, CENT),
            rounded(s.fees_today, CENT),
            rounded(s.funding_today, CENT),
            rounded(s.exposure, CENT) if known else NAN,
            s.positions,
            len(working),
            unknown,
            detail,
            trading_state(self.desk.state.restraints.holds, account.account).value,
        ]


class ExposureRows(LiveRows):
    """`exposure`: net quantity by asset over spot and derivatives."""

    topic = "exposure"
    every_s = 0.5

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._assets: dict[str, portfolio.AssetExposure] = {}

    def keys(self) -> Iterable[str]:
        old = set(self._assets)
        found = portfolio.exposures(self.desk.accounts.values(), self.desk.markets)
        self._assets = {e.asset: e for e in found}
        return old | self._assets.keys()

    def row(self, key: str) -> list[Any] | None:
        e = self._assets.get(key)
        if e is None:
            return None
        return [
            key,
            number(e.long),
            number(e.short),
            number(e.net),
            rounded(e.value, CENT),
            number(e.spot),
            number(e.derivatives),
            e.accounts,
        ]


class BalanceRows(LiveRows):
    """`balances`: every asset of every account that is not zero."""

    topic = "balances"
    every_s = 1.0

    def touch(self, changes: Changes) -> None:
        for name in changes.accounts & self.desk.accounts.keys():
            self.dirty.update(self._keys(self.desk.accounts[name]))
            # An asset that a new snapshot does not name any more is gone.
            self.dirty.update(key for key in self.rows if key.startswith(f"{name}|"))

    def keys(self) -> Iterable[str]:
        return [key for account in self.desk.accounts.values() for key in self._keys(account)]

    def row(self, key: str) -> list[Any] | None:
        name, _, asset = key.partition("|")
        account = self.desk.accounts.get(name)
        balance = account.balances.get(asset) if account is not None else None
        if account is None or balance is None or not (balance.total or balance.locked):
            return None
        value = self.desk.markets.value(asset, balance.total)
        return [
            key,
            name,
            account.account.venue,
            asset,
            number(balance.total),
            number(balance.free),
            number(balance.locked),
            rounded(value, CENT),
        ]

    @staticmethod
    def _keys(account: AccountState) -> list[str]:
        return [f"{account.name}|{asset}" for asset in account.balances]
