"""Accounts, balances and positions as the venue states them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import PositionSide


class Mode(StrEnum):
    """What kind of money an account moves."""

    LIVE = "live"
    DEMO = "demo"
    PAPER = "paper"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the desk.

    Attributes:
        name: unique on the desk, as typed after @.
        venue: a ccxt id such as `binanceusdm`.
        groups, tags: names usable in a scope.
        weight: share in `/split:weight`, > 0.
        read_only: its orders are denied.
        dead_man_s: after this many seconds without this engine the venue cancels its entries; 0 for never.
    """

    name: str
    venue: str
    mode: Mode
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    weight: Decimal = Decimal(1)
    read_only: bool = False
    dead_man_s: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """Holdings of one asset.

    Attributes:
        total: all of it, without unrealized PnL.
        free: can be used now. locked: in orders or margin.
    """

    account: str
    asset: str
    total: Decimal
    free: Decimal
    locked: Decimal


@dataclass(frozen=True, slots=True)
class Position:
    """A derivative position as the venue states it.

    Attributes:
        quantity: signed venue units: > 0 long, < 0 short, 0 flat.
        entry_price: average cost of the open part, quote; 0 when flat.
        mark_price: the venue's valuation, quote; None if not said.
        unrealized_pnl: at mark, settle; None if not said.
        liquidation_price: quote; None if none or not said.
        leverage: as set; None if not said. isolated: margin mode.
        initial_margin, maintenance_margin: settle; None if not said.
        isolated_wallet: money set apart for it, settle, without unrealized PnL; None if cross or not said.
        adl: place in the deleveraging queue, 0 (last) to 4 (next); None if not said.
        maintenance_steps: (notional in settle from which it holds, maintenance margin as a fraction of
            notional), lowest first; () if not said. The margin does not jump where a step begins.
        break_even: price after the fees so far, as the venue counts it, quote; None if not said.
    """

    account: str
    instrument: InstrumentId
    position_side: PositionSide
    quantity: Decimal
    entry_price: Decimal
    mark_price: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    liquidation_price: Decimal | None = None
    leverage: Decimal | None = None
    isolated: bool = False
    initial_margin: Decimal | None = None
    maintenance_margin: Decimal | None = None
    isolated_wallet: Decimal | None = None
    adl: int | None = None
    maintenance_steps: tuple[tuple[Decimal, Decimal], ...] = ()
    break_even: Decimal | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """(account, instrument, position side)."""
        return (self.account, self.instrument, self.position_side)


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """All that one account holds at one instant, asked over REST: it replaces what was known.

    Attributes:
        positions: without flat ones.
        initial_margin, maintenance_margin: of the whole account in its margin asset; None for spot.
        hedge_mode: long and short are held apart; None where the venue has no such thing.
    """

    account: str
    at_ns: int
    balances: tuple[Balance, ...]
    positions: tuple[Position, ...]
    initial_margin: Decimal | None = None
    maintenance_margin: Decimal | None = None
    hedge_mode: bool | None = None


@dataclass(frozen=True, slots=True)
class AccountDelta:
    """What a private stream said changed: only the balances and positions named here.

    Attributes:
        reason: the venue's word for why, such as ORDER, FUNDING_FEE, DEPOSIT, TRANSFER.
    """

    account: str
    at_ns: int
    balances: tuple[Balance, ...] = ()
    positions: tuple[Position, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money that moved for another reason than a trade.

    Attributes:
        kind: funding, deposit, withdrawal, transfer, commission, rebate, liquidation, other.
        quantity: signed units of `asset`.
        flow_id: the venue's id; unique per account and kind.
        told: a stream told it, without the venue's id: it gives way to the ledger's row of the same money.
    """

    account: str
    flow_id: str
    kind: str
    asset: str
    quantity: Decimal
    venue_ns: int
    instrument: InstrumentId | None = None
    told: bool = False
