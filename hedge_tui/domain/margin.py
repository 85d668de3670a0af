"""What a trader sets on a margin account, and what the venue allows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import PositionSide


@dataclass(frozen=True, slots=True)
class MarginTerms:
    """The settings of one instrument in one account.

    Attributes:
        leverage: None if not said. isolated: margin mode; None if not said.
    """

    account: str
    instrument: InstrumentId
    leverage: Decimal | None = None
    isolated: bool | None = None


@dataclass(frozen=True, slots=True)
class LeverageBracket:
    """What holds for positions up to `cap`.

    Attributes:
        cap: notional in quote. max_leverage: highest one up to there.
        maintenance_rate: maintenance margin as a fraction of notional.
    """

    cap: Decimal
    max_leverage: Decimal
    maintenance_rate: Decimal


class Term(StrEnum):
    """What is changed at the venue without an order."""

    LEVERAGE = "leverage"
    MARGIN_MODE = "margin_mode"
    MARGIN = "margin"
    """Money moved into or out of an isolated position."""
    POSITION_MODE = "position_mode"


@dataclass(frozen=True, slots=True)
class TermChange:
    """One change, complete.

    Attributes:
        instrument: "" for the position mode, which is the whole account's.
        old: what it was by our knowledge, as text; "" when unknown.
        new: what is asked: `5`, `isolated` or `cross`, `+100` or `-100` (settle), `hedge` or `one-way`.
        position_side: whose margin, for MARGIN in hedge mode.
    """

    account: str
    instrument: InstrumentId
    term: Term
    new: str
    old: str = ""
    position_side: PositionSide = PositionSide.NET

    @property
    def value(self) -> Decimal:
        """`new` as a number, for LEVERAGE and MARGIN."""
        return Decimal(self.new)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Which setting: (account, instrument, term, position side)."""
        return (self.account, self.instrument, self.term, self.position_side)


def bracket_at(brackets: tuple[LeverageBracket, ...], notional: Decimal) -> LeverageBracket | None:
    """The bracket that a position of `notional` (unsigned) lies in; the last one above all caps."""
    for bracket in brackets:
        if notional <= bracket.cap:
            return bracket
    return brackets[-1] if brackets else None


def largest_notional(brackets: tuple[LeverageBracket, ...], leverage: Decimal) -> Decimal | None:
    """The largest position in quote at `leverage`; None where the venue has told no bracket.

    >>> tiers = (LeverageBracket(Decimal(50_000), Decimal(125), Decimal("0.004")),
    ...          LeverageBracket(Decimal(250_000), Decimal(100), Decimal("0.005")))
    >>> largest_notional(tiers, Decimal(100)), largest_notional(tiers, Decimal(125))
    (Decimal('250000'), Decimal('50000'))
    """
    caps = [bracket.cap for bracket in brackets if bracket.max_leverage >= leverage]
    return max(caps, default=Decimal(0)) if brackets else None
