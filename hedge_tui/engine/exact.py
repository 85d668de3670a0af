"""Numbers as text for answers with exact digits; None stays None."""

from __future__ import annotations

from decimal import Decimal

CENT = Decimal("0.01")


def digits(value: Decimal | None) -> str | None:
    """Every digit there is, without an exponent."""
    return None if value is None else f"{value:f}"


def money(value: Decimal | None) -> str | None:
    """In the reporting currency, to the cent."""
    return None if value is None else f"{value.quantize(CENT):f}"
