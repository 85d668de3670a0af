"""Rounding onto a venue's grid: never past what the trader typed, never more than he asked for."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from hedge_tui.domain.order import Side


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` not above `value`, written with the step's decimals.

    >>> floor_to(Decimal("1.0049"), Decimal("0.001"))
    Decimal('1.004')
    """
    return _to_step(value, step, ROUND_FLOOR)


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` not below `value`.

    >>> ceil_to(Decimal("1.0041"), Decimal("0.001"))
    Decimal('1.005')
    """
    return _to_step(value, step, ROUND_CEILING)


def price_on_grid(side: Side, price: Decimal, tick: Decimal) -> Decimal:
    """A buy price rounds down, a sell price up, so that neither is worse than typed."""
    return floor_to(price, tick) if side is Side.BUY else ceil_to(price, tick)


def _to_step(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    if step <= 0:
        return value
    multiple = (value / step).to_integral_value(rounding=rounding) * step
    # The step's own decimals, and never an exponent: venues refuse 1.2E+5.
    exponent = step.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return multiple.quantize(Decimal(1).scaleb(min(exponent, 0)))
