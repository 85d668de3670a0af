"""What the desk is worth: per account, venue, group, asset and in total; pure arithmetic on live prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.engine import cost
from hedge_tui.engine.markets import DOLLARS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.markets import Markets
    from hedge_tui.engine.state import DeskState

ZERO = Decimal(0)
FRACTION = Decimal("0.000001")
"""Last place of shares and ratios that are told with exact digits."""


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """One account in the reporting currency.

    Attributes:
        equity: balance plus unrealized. balance: wallet, without unrealized PnL.
        free: available for new positions (spot: free balances).
        margin_used: initial margin in use. margin_ratio: maintenance margin over equity, fraction.
        pnl_today: change of equity since the day began, without money moved in or out.
        realized_today, fees_today, funding_today: its known parts; fees > 0 are paid.
        exposure: net signed notional; gross_exposure: without sign.
        unpriced: assets that no market tells the worth of; they are left out of the sums.
    """

    account: str
    equity: Decimal
    balance: Decimal
    free: Decimal
    margin_used: Decimal
    maintenance: Decimal
    unrealized: Decimal
    pnl_today: Decimal | None
    realized_today: Decimal
    fees_today: Decimal
    funding_today: Decimal
    exposure: Decimal
    gross_exposure: Decimal
    positions: int
    unpriced: tuple[str, ...] = ()

    @property
    def margin_ratio(self) -> Decimal | None:
        """Maintenance margin over equity; None without positions or equity."""
        return self.maintenance / self.equity if self.maintenance and self.equity > 0 else None


def unrealized(position: Position, instrument: Instrument | None, markets: Markets) -> Decimal:
    """At the newest mark, in settle; by the venue's own number when no mark is known."""
    mark = mark_of(position, markets)
    if mark is None or position.entry_price == 0:
        return position.unrealized_pnl or ZERO
    return cost.pnl(position.quantity, position.entry_price, mark, instrument)


def mark_of(position: Position, markets: Markets) -> Decimal | None:
    """The newest mark price, quote."""
    mark = markets.mark(position.instrument)
    return Decimal(repr(mark)) if mark > 0 else position.mark_price


def notional_of(position: Position, markets: Markets) -> Decimal:
    """Signed notional at mark, in quote."""
    mark = mark_of(position, markets) or position.entry_price
    instrument = markets.instruments.get(position.instrument)
    if instrument is None:
        return position.quantity * mark
    return instrument.notional(position.quantity, mark)


def summarise(account: AccountState, state: DeskState, markets: Markets) -> AccountSummary:
    """One account's sums, now."""
    money = _Money(markets)
    balance = free = exposure = gross = ZERO
    for item in account.balances.values():
        balance += money.of(item.asset, item.total)
        free += money.of(item.asset, item.free)
        if not _is_cash(item.asset, markets):
            # Coins that secure positions move with the market as those of a spot account do.
            exposure += money.of(item.asset, item.total)
            gross += abs(money.of(item.asset, item.total))
    pending = ZERO
    for position in account.positions.values():
        instrument = markets.instruments.get(position.instrument)
        settle = instrument.settle if instrument is not None else markets.reporting
        quote = instrument.quote if instrument is not None else markets.reporting
        profit = money.of(settle, unrealized(position, instrument, markets))
        pending += profit
        if not _is_cash(settle, markets):
            exposure += profit
        value = money.of(quote, notional_of(position, markets))
        exposure += value
        if instrument is not None and not instrument.inverse and not _is_cash(quote, markets):
            exposure -= value  # bought with coins: what is gained of one asset is given of the other
        gross += abs(value)
    realized, fees, funding = _today(account.name, state, money)
    equity = balance + pending
    return AccountSummary(
        account=account.name,
        equity=equity,
        balance=balance,
        free=free,
        margin_used=account.initial_margin or ZERO,
        maintenance=account.maintenance_margin or ZERO,
        unrealized=pending,
        pnl_today=pnl_today(account.name, equity, state, money.of),
        realized_today=realized,
        fees_today=fees,
        funding_today=funding,
        exposure=exposure,
        gross_exposure=gross,
        positions=len(account.positions),
        unpriced=tuple(sorted(money.unpriced)),
    )


def pnl_today(
    name: str, equity: Decimal, state: DeskState, value: Callable[[str, Decimal], Decimal]
) -> Decimal | None:
    """Equity now against equity at the start of the day, without money moved in or out."""
    start = state.day_equity.get(name)
    if start is None:
        return None
    moved = sum((value(asset, q) for asset, q in state.flows.get(name, {}).items()), ZERO)
    return equity - start - moved


@dataclass(frozen=True, slots=True)
class AssetExposure:
    """Net quantity of one asset over spot and derivatives, base units; `value` in reporting currency."""

    asset: str
    long: Decimal
    short: Decimal
    spot: Decimal
    derivatives: Decimal
    value: Decimal
    accounts: int

    @property
    def net(self) -> Decimal:
        """Long plus short (short is negative)."""
        return self.long + self.short


def exposures(accounts: Iterable[AccountState], markets: Markets) -> list[AssetExposure]:
    """Exposure by asset over these accounts, largest value first; cash is left out.

    Coins that secure positions count like those of a spot account: they move with the market as well.
    """
    spot: dict[str, Decimal] = {}
    longs: dict[str, Decimal] = {}
    shorts: dict[str, Decimal] = {}
    derivatives: dict[str, Decimal] = {}
    holders: dict[str, set[str]] = {}

    def add(asset: str, quantity: Decimal, account: str) -> None:
        side = longs if quantity > 0 else shorts
        side[asset] = side.get(asset, ZERO) + quantity
        holders.setdefault(asset, set()).add(account)

    for account in accounts:
        for item in account.balances.values():
            if item.total and not _is_cash(item.asset, markets):
                spot[item.asset] = spot.get(item.asset, ZERO) + item.total
                add(item.asset, item.total, account.name)
        for position in account.positions.values():
            instrument = markets.instruments.get(position.instrument)
            if instrument is None:
                continue
            base = base_quantity(position, instrument, markets)
            derivatives[instrument.base] = derivatives.get(instrument.base, ZERO) + base
            add(instrument.base, base, account.name)
    rows = [
        AssetExposure(
            asset,
            longs.get(asset, ZERO),
            shorts.get(asset, ZERO),
            spot.get(asset, ZERO),
            derivatives.get(asset, ZERO),
            markets.value(asset, longs.get(asset, ZERO) + shorts.get(asset, ZERO)) or ZERO,
            len(names),
        )
        for asset, names in holders.items()
    ]
    return sorted(rows, key=lambda row: -abs(row.value))


def base_quantity(position: Position, instrument: Instrument, markets: Markets) -> Decimal:
    """Signed base units of a position."""
    if instrument.inverse:
        mark = mark_of(position, markets)
        return position.quantity * instrument.contract_size / mark if mark else ZERO
    return position.quantity * instrument.contract_size


def _is_cash(asset: str, markets: Markets) -> bool:
    return asset == markets.reporting or asset in DOLLARS


class _Money:
    """Values assets, and remembers those that have no price."""

    def __init__(self, markets: Markets) -> None:
        self._markets = markets
        self._prices: dict[str, Decimal | None] = {}
        self.unpriced: set[str] = set()

    def of(self, asset: str, quantity: Decimal) -> Decimal:
        if not quantity:
            return ZERO
        if asset not in self._prices:
            self._prices[asset] = self._markets.asset_price(asset)
        price = self._prices[asset]
        if price is None:
            self.unpriced.add(asset)
            return ZERO
        return quantity * price


def _today(name: str, state: DeskState, money: _Money) -> tuple[Decimal, Decimal, Decimal]:
    realized = fees = funding = ZERO
    for (account, _), today in state.today.items():
        if account == name:
            realized += _sum(today.realized, money)
            fees += _sum(today.fees, money)
            funding += _sum(today.funding, money)
    return realized, fees, funding


def _sum(parts: Mapping[str, Decimal], money: _Money) -> Decimal:
    return sum((money.of(asset, quantity) for asset, quantity in parts.items()), ZERO)
