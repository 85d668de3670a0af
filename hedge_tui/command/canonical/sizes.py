"""Writes sizes the way they are typed; used by the canonical text and by refusals that show readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.amount import MONEY, SPREAD_WORDS, SizeKind
from hedge_tui.command.grammar.numbers import number_text

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast.amount import Size, Spread

_LEADS = {SizeKind.TARGET: "=", SizeKind.RISK: "risk:"}
_PERCENTS = {SizeKind.FREE: "%free", SizeKind.EQUITY: "%eq", SizeKind.POSITION: "%pos", SizeKind.ORDER: "%"}


def amount_text(value: Decimal, unit: str) -> str:
    """Write `0.5btc`; with a space where the unit glued on could be read otherwise ("5 kava")."""
    word = unit.lower() if unit.isascii() else unit
    apart = unit not in MONEY and (word[0] in "km" or not word[0].isalpha())
    return f"{number_text(value)}{' ' if apart else ''}{word}"


def spread_text(spread: Spread) -> str:
    """Write a spread with its slashes."""
    words = {shares: word for word, shares in SPREAD_WORDS.items()}
    whole = words.get((spread.accounts, spread.symbols))
    if whole is not None:
        return f"/{whole}"
    return f"/{words[spread.accounts, None]}/{words[None, spread.symbols]}"


def size_text(size: Size) -> str:
    """Write a size with its unit and spread."""
    if size.kind in _PERCENTS:
        text = f"{number_text(size.value)}{_PERCENTS[size.kind]}"
    else:
        text = f"{_LEADS.get(size.kind, '')}{amount_text(size.value, size.unit)}"
    return text if size.spread is None else text + spread_text(size.spread)
