"""Numbers as text for answers with exact digits; None stays None."""

from __future__ import annotations

from decimal import Decimal

CENT = Decimal("0.01")


def digits(value: Decimal | None) -> str | None:
    """Every digit there is, without an exponent."""
    return None if value is None else f"{value:f}"


def worked_out(value: Decimal | None, places: int = 10) -> str | None:
    """A quotient or a product, whose endless digits say nothing: so many places, without zeros at the end."""
    if value is None:
        return None
    text = f"{value.quantize(Decimal(1).scaleb(-places)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal | None) -> str | None:
    """In the reporting currency, to the cent."""
    return None if value is None else f"{value.quantize(CENT):f}"
