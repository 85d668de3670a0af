"""Numbers as a person reads them: grouped, with the right places, never scientific, never a guess."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hedge_tui.cli import formats


@pytest.mark.parametrize(
    ("show", "value", "expected"),
    [
        (formats.exact, "44507.70000000", "44,507.7"),
        (formats.exact, "1E-8", "0.00000001"),
        (formats.exact, 1e-8, "0.00000001"),
        (formats.exact, Decimal("1E+6"), "1,000,000"),
        (formats.exact, "100", "100"),
        (formats.exact, None, "-"),
        (formats.exact, "desk-1", "-"),
        (formats.exact, float("nan"), "-"),
        (formats.exact, True, "-"),
        (formats.money, "1234.5", "1,234.50"),
        (formats.money, "-0.004", "0.00"),
        (formats.signed_money, "12.3", "+12.30"),
        (formats.signed_money, "-12.3", "-12.30"),
        (formats.signed_money, "0.001", "0.00"),
        (formats.signed_money, "1234", "+1,234.00"),
        (formats.percent, 0.0125, "+1.25 %"),
        (formats.percent, -0.5, "-50.00 %"),
        (formats.ratio, "0.125", "12.50 %"),
        (formats.rate, 0.0001, "+0.0100 %"),
        (formats.basis_points, 0.0223, "0.0"),
        (formats.compact, 5_290_000_000.0, "5.29bn"),
        (formats.compact, 45_600, "45.6k"),
        (formats.compact, 1_230_000, "1.23mm"),
        (formats.compact, 12.3456, "12.3"),
        (formats.plain, 12345, "12345"),
        (formats.when(), 1_700_000_000_000_000_000, "11-14 22:13:20"),
        (formats.when(), 0, "-"),
    ],
)
def test_formats(show: Any, value: Any, expected: str) -> None:
    assert show(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(3, "3 s"), (61, "1 min"), (7_300, "2 h"), (172_900, "2 days"), (-1, "0 s")]
)
def test_ago(seconds: int, expected: str) -> None:
    assert formats.ago(10**18, 10**18 + seconds * 10**9) == expected
