"""What a decision was made on: the small part of the desk that the planner and the gate saw for one line.

The journal keeps it beside the decision. Orders, sums of the day and settings are not in it: they are the
fold of the journal itself up to that moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hedge_tui.domain.account import Account, Balance, Position
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.margin import LeverageBracket


@dataclass(frozen=True, slots=True)
class SeenMarket:
    """One instrument's prices, as text with the venue's digits; "" for what was not known.

    Attributes:
        mark: the venue's valuation, "" where it says none. last: last traded, else the mid.
        quoted_ns: our time of the newest quote of its venue; 0 where this instrument had none.
    """

    instrument: InstrumentId
    bid: str = ""
    ask: str = ""
    mark: str = ""
    last: str = ""
    quoted_ns: int = 0


@dataclass(frozen=True, slots=True)
class SeenTerms:
    """What was set on one instrument of an account; None and () for what its venue had not told."""

    instrument: InstrumentId
    leverage: Decimal | None = None
    isolated: bool | None = None
    brackets: tuple[LeverageBracket, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """One account as its venue had last told it.

    Attributes:
        account: as configured. state: of its private stream. refusal: why its key takes no new order, or "".
        read_only: its key may not trade. balances: those that are not empty. panicking: panic worked on it.
    """

    account: Account
    state: str
    snapshot_ns: int
    refusal: str = ""
    read_only: bool = False
    hedge_mode: bool | None = None
    initial_margin: Decimal | None = None
    maintenance_margin: Decimal | None = None
    balances: tuple[Balance, ...] = ()
    positions: tuple[Position, ...] = ()
    terms: tuple[SeenTerms, ...] = ()
    panicking: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """All of it.

    Attributes:
        at_ns: when it was looked at. after: the newest act that the state had taken in.
        reporting: the currency of the caps. worth: (asset, one unit in it); an asset that no market values is
            left out.
        limits: the caps in force, as JSON. zone: the trader's time zone.
        scope, focus, selection: where the trader stood. locked: the vault was closed.
    """

    at_ns: int
    after: int
    reporting: str
    markets: tuple[SeenMarket, ...] = ()
    accounts: tuple[SeenAccount, ...] = ()
    worth: tuple[tuple[str, Decimal], ...] = ()
    limits: str = ""
    zone: str = "UTC"
    scope: str = ""
    focus: str = ""
    selection: tuple[str, ...] = ()
    locked: bool = False
