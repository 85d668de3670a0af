"""Loading a venue's class leaves this process as it was."""

from __future__ import annotations

import decimal

from adapters.via_ccxt.loader import venue_class

ROUND, DECIMAL_PLACES = 1, 2


def test_ccxt_rounds_in_a_decimal_context_of_its_own() -> None:
    before = decimal.getcontext().copy()
    venue = venue_class("binanceusdm")()
    assert venue.decimal_to_precision("1.25", ROUND, 1, DECIMAL_PLACES) == "1.3"
    after = decimal.getcontext()
    assert (after.rounding, after.traps) == (before.rounding, before.traps)
    assert f"{decimal.Decimal('1.25'):.1f}" == "1.2"
