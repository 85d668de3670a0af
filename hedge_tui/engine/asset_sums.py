"""The desk's money told apart by asset; pure.

A balance belongs to its own asset, what a position gains to the asset it is a position in. Together they are
the equity of the desk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentId, symbol_of
from hedge_tui.engine import portfolio
from hedge_tui.engine.risk.delta import deltas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.markets import Markets
    from hedge_tui.engine.risk.margin_book import MarginBook
    from hedge_tui.engine.state import DeskState

ZERO = Decimal(0)


@dataclass(slots=True)
class AssetSums:
    """One asset over some accounts, in the reporting currency.

    Attributes:
        balance: of the asset itself. unrealized: of positions in it. exposure: net delta; gross_exposure: of
            each account without its sign. realized_today, fees_today, funding_today: of its instruments.
        accounts: names of those that hold it.
    """

    balance: Decimal = ZERO
    unrealized: Decimal = ZERO
    exposure: Decimal = ZERO
    gross_exposure: Decimal = ZERO
    realized_today: Decimal = ZERO
    fees_today: Decimal = ZERO
    funding_today: Decimal = ZERO
    accounts: set[str] = field(default_factory=set)

    @property
    def equity(self) -> Decimal:
        """Balance and unrealized PnL."""
        return self.balance + self.unrealized


def by_asset(
    accounts: Iterable[AccountState], state: DeskState, markets: Markets, book: MarginBook
) -> dict[str, AssetSums]:
    """Sums of every asset that is held, stood for by a position, or was traded today."""
    found: dict[str, AssetSums] = {}

    def of(asset: str) -> AssetSums:
        return found.setdefault(asset, AssetSums())

    held = [account for account in accounts if account.snapshot_ns]
    for account in held:
        _add_account(account, markets, of)
    for holder in book.holders:
        for asset, delta in deltas(holder, book).items():
            of(asset).exposure += delta.value
            of(asset).gross_exposure += abs(delta.value)
    names = {account.name for account in held}
    for (owner, name), today in state.today.items():
        if name and owner in names:
            sums = of(base_of(InstrumentId(name)))
            sums.realized_today += _sum(today.realized, markets)
            sums.fees_today += _sum(today.fees, markets)
            sums.funding_today += _sum(today.funding, markets)
    return found


def _add_account(account: AccountState, markets: Markets, of: Callable[[str], AssetSums]) -> None:
    for item in account.balances.values():
        if item.total:
            sums = of(item.asset)
            sums.balance += markets.value(item.asset, item.total) or ZERO
            sums.accounts.add(account.name)
    for position in account.positions.values():
        instrument = markets.instruments.get(position.instrument)
        settle = instrument.settle if instrument is not None else markets.reporting
        profit = portfolio.unrealized(position, instrument, markets)
        sums = of(instrument.base if instrument is not None else base_of(position.instrument))
        sums.unrealized += markets.value(settle, profit) or ZERO
        sums.accounts.add(account.name)


def base_of(instrument: InstrumentId) -> str:
    """The asset an instrument is about, by its name: `venue:BASE/QUOTE[:SETTLE]`."""
    return symbol_of(instrument).partition("/")[0]


def _sum(parts: Mapping[str, Decimal], markets: Markets) -> Decimal:
    return sum((markets.value(asset, quantity) or ZERO for asset, quantity in parts.items()), ZERO)
