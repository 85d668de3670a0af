"""Says what the unit of a size is in one instrument; called by the planner once the symbol is known."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from hedge_tui.command.canonical.sizes import amount_text
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast.amount import Size


class UnitRole(StrEnum):
    """What a size's unit is in an instrument."""

    BASE = "base"
    """Quantity in base units."""
    QUOTE = "quote"
    """Notional in the instrument's quote."""
    DOLLARS = "dollars"
    """Notional in dollars; the quote is another currency, or a coin worth about a dollar."""


def unit_role(size: Size, base: str, quote: str) -> UnitRole:
    """Tell whether an amount is base units or notional.

    Args:
        size: of kind AMOUNT or TARGET.
        base: the instrument's base asset.
        quote: its quote asset.

    Raises:
        CommandError: the unit is neither; the readings are the two amounts that would do.
    """
    unit = size.unit.upper()
    if unit == base.upper():
        return UnitRole.BASE
    if unit == quote.upper():
        return UnitRole.QUOTE
    if unit == "USD":
        return UnitRole.DOLLARS
    raise _neither(size.value, size, base, quote)


def _neither(value: Decimal, size: Size, base: str, quote: str) -> CommandError:
    readings = (
        f"{amount_text(value, base.upper())} (quantity)",
        f"{amount_text(value, quote.upper())} (notional)",
    )
    return CommandError(
        f"{amount_text(value, size.unit)} is neither {base} nor {quote}, what {base}/{quote} is measured in",
        size.span,
        f"write {readings[1].partition(' (')[0]}, or the amount in usd",
        readings,
    )
