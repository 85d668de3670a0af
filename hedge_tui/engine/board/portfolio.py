"""The desk's money added up: in total, and by account, venue, group, tag and asset."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.engine.asset_sums import AssetSums, by_asset
from hedge_tui.engine.board.table import NAN, LiveRows, rounded
from hedge_tui.engine.counted import left_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.account import Account
    from hedge_tui.engine.board.money import Summaries
    from hedge_tui.engine.board.risk import RiskBooks
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.portfolio import AccountSummary


ZERO = Decimal(0)
CENT = 2


class PortfolioRows(LiveRows):
    """`portfolio`; keys are `SCOPE:NAME`. An account of two groups or tags counts in both.

    The total counts what `left_out` leaves: real and simulated money are not added up.
    """

    topic = "portfolio"
    every_s = 0.5

    def __init__(self, desk: Desk, summaries: Summaries, books: RiskBooks) -> None:
        super().__init__(desk)
        self._summaries = summaries
        self._books = books
        self._assets: dict[str, AssetSums] = {}

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        self._books.expire(now_s)
        return super().refresh(now_s)

    def keys(self) -> Iterable[str]:
        accounts = [a.account for a in self.desk.accounts.values()]
        desk = self.desk
        old = set(self._assets)
        apart = left_out(accounts)
        counted = [account for name, account in desk.accounts.items() if name not in apart]
        self._assets = by_asset(counted, desk.state, desk.markets, self._books.counted)
        return [
            "total:",
            *(f"account:{a.name}" for a in accounts),
            *dict.fromkeys(f"venue:{a.venue}" for a in accounts),
            *dict.fromkeys(f"group:{group}" for a in accounts for group in a.groups),
            *dict.fromkeys(f"tag:{tag}" for a in accounts for tag in a.tags),
            *(f"asset:{asset}" for asset in old | self._assets.keys()),
        ]

    def row(self, key: str) -> list[Any] | None:
        scope, _, name = key.partition(":")
        if scope == "asset":
            sums = self._assets.get(name)
            return None if sums is None else _asset_row(key, name, sums)
        members = [
            a for a in self.desk.accounts.values() if belongs(a.account, scope, name) and a.snapshot_ns
        ]
        if scope == "total":
            apart = left_out(a.account for a in self.desk.accounts.values())
            members = [a for a in members if a.name not in apart]
        parts = [self._summaries.of(a.name) for a in members]
        pnl = [p.pnl_today for p in parts if p.pnl_today is not None]
        return [
            key,
            scope,
            name or "desk",
            len(members),
            _total(parts, "equity"),
            _total(parts, "balance"),
            _total(parts, "margin_used"),
            _total(parts, "exposure"),
            _total(parts, "gross_exposure"),
            _total(parts, "unrealized"),
            rounded(sum(pnl, ZERO), CENT) if pnl else NAN,
            _total(parts, "realized_today"),
            _total(parts, "fees_today"),
            _total(parts, "funding_today"),
        ]


def belongs(account: Account, scope: str, name: str) -> bool:
    """Whether an account is part of a row of the portfolio; `scope` total takes all."""
    match scope:
        case "total":
            return True
        case "account":
            return account.name == name
        case "venue":
            return account.venue == name
        case "group":
            return name in account.groups
        case "tag":
            return name in account.tags
        case _:
            return False


def _asset_row(key: str, name: str, sums: AssetSums) -> list[Any]:
    return [
        key,
        "asset",
        name,
        len(sums.accounts),
        rounded(sums.equity, CENT),
        rounded(sums.balance, CENT),
        NAN,
        rounded(sums.exposure, CENT),
        rounded(sums.gross_exposure, CENT),
        rounded(sums.unrealized, CENT),
        NAN,
        rounded(sums.realized_today, CENT),
        rounded(sums.fees_today, CENT),
        rounded(sums.funding_today, CENT),
    ]


def _total(parts: list[AccountSummary], field: str) -> float:
    return rounded(sum((getattr(part, field) for part in parts), ZERO), CENT)
