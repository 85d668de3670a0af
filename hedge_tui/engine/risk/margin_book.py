"""What is held, account by account, in a form that prices can be bent under and orders be filled in; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.engine import cost, portfolio
from hedge_tui.engine.markets import DOLLARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import PositionSide
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.markets import Markets

ZERO = Decimal(0)
ONE = Decimal(1)
UNSAID_RATE = Decimal("0.01")
"""Maintenance margin as a fraction of notional where neither the venue nor a top leverage says one."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One position.

    Attributes:
        quantity: signed venue units. entry, mark: quote.
        wallet: money set apart for it in settle; None on cross margin.
        steps: (notional in settle from which it holds, maintenance margin fraction), lowest first; not empty.
        carried: unrealized PnL in settle that no price explains (the venue said it, and no mark is known).
        liquidation_price: as the venue says it; None without one.
    """

    instrument: Instrument
    side: PositionSide
    quantity: Decimal
    entry: Decimal
    mark: Decimal
    wallet: Decimal | None = None
    steps: tuple[tuple[Decimal, Decimal], ...] = ((ZERO, UNSAID_RATE),)
    carried: Decimal = ZERO
    liquidation_price: Decimal | None = None

    def unrealized(self, mark: Decimal) -> Decimal:
        """Profit at a mark, settle."""
        return cost.pnl(self.quantity, self.entry, mark, self.instrument) + self.carried

    def notional(self, mark: Decimal) -> Decimal:
        """Unsigned notional at a mark, settle."""
        value = abs(self.instrument.notional(self.quantity, mark))
        if not self.instrument.inverse:
            return value
        return value / mark if mark else ZERO

    def maintenance(self, mark: Decimal) -> Decimal:
        """Maintenance margin at a mark, settle; continuous where a step begins."""
        notional, total = self.notional(mark), ZERO
        for at, (floor, rate) in enumerate(self.steps):
            if notional <= floor:
                break
            cap = self.steps[at + 1][0] if at + 1 < len(self.steps) else notional
            total += (min(notional, cap) - floor) * rate
        return total


@dataclass(frozen=True, slots=True)
class Holder:
    """One account.

    Attributes:
        wallets: total balance by asset, without unrealized PnL.
        margin: it carries positions; False for spot.
    """

    name: str
    wallets: Mapping[str, Decimal]
    legs: tuple[Leg, ...] = ()
    margin: bool = True

    @property
    def settles(self) -> list[str]:
        """Assets in which positions are settled, each once."""
        return list(dict.fromkeys(leg.instrument.settle for leg in self.legs))


@dataclass(frozen=True, slots=True)
class MarginBook:
    """All accounts, and what assets are worth now.

    Attributes:
        prices: one unit of each asset in the reporting currency; assets without a price are left out, and
            count for nothing here as in the portfolio.
        reporting: the reporting currency.
    """

    holders: tuple[Holder, ...]
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    reporting: str = "USDT"

    def worth(self, asset: str) -> Decimal:
        """One unit of an asset in the reporting currency; 0 when no market tells."""
        return self.prices.get(asset, ZERO)

    def is_cash(self, asset: str) -> bool:
        """Whether it stands still when the market moves."""
        return asset == self.reporting or asset in DOLLARS


def gather(accounts: Iterable[AccountState], markets: Markets) -> MarginBook:
    """The book of these accounts; those whose venue has not told yet are left out."""
    holders = tuple(_holder(account, markets) for account in accounts if account.snapshot_ns)
    assets = {asset for holder in holders for asset in holder.wallets}
    for holder in holders:
        for leg in holder.legs:
            assets |= {leg.instrument.base, leg.instrument.quote, leg.instrument.settle}
    prices = {asset: price for asset in assets if (price := markets.asset_price(asset)) is not None}
    return MarginBook(holders, prices, markets.reporting)


def steps_of(
    position: Position | None, instrument: Instrument, mark: Decimal
) -> tuple[tuple[Decimal, Decimal], ...]:
    """Maintenance margin by notional: the venue's ladder, else its figure for this position, else a guess.

    The guess is half the initial margin at the highest leverage, as venues have it in their lowest bracket.
    """
    if position is not None and position.maintenance_steps:
        return position.maintenance_steps
    if position is not None and position.maintenance_margin and mark:
        notional = abs(instrument.notional(position.quantity, mark))
        if instrument.inverse:
            notional /= mark
        if notional:
            return ((ZERO, position.maintenance_margin / notional),)
    if instrument.max_leverage:
        return ((ZERO, 1 / (2 * instrument.max_leverage)),)
    return ((ZERO, UNSAID_RATE),)


def _holder(account: AccountState, markets: Markets) -> Holder:
    wallets = {b.asset: b.total for b in account.balances.values() if b.total}
    legs = []
    for position in account.positions.values():
        instrument = markets.instruments.get(position.instrument)
        if instrument is not None:
            legs.append(_leg(position, instrument, markets))
    return Holder(account.name, wallets, tuple(legs), account.initial_margin is not None)


def _leg(position: Position, instrument: Instrument, markets: Markets) -> Leg:
    mark = portfolio.mark_of(position, markets)
    carried = ZERO
    if mark is None or not position.entry_price:
        mark, carried = mark or position.entry_price, position.unrealized_pnl or ZERO
    wallet = None
    if position.isolated:
        said = position.isolated_wallet
        wallet = said if said is not None else position.initial_margin or ZERO
    return Leg(
        instrument,
        position.position_side,
        position.quantity,
        position.entry_price or mark,
        mark,
        wallet,
        steps_of(position, instrument, mark),
        carried,
        position.liquidation_price,
    )
