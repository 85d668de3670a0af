"""What an instance tells its pacer."""

from __future__ import annotations

import pytest

from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.wiring import FreePacer, Wiring
from hedge_tui.domain.ports.pacing import Heard


class Listening(FreePacer):
    def __init__(self) -> None:
        self.told: list[Heard] = []

    def heard(self, heard: Heard) -> None:
        self.told.append(heard)


@pytest.mark.parametrize(
    ("venue", "path", "used"),
    [
        ("binanceusdm", "/fapi/v1/income", (("x-mbx-used-weight-1m", 2807.0),)),
        ("binanceusdm", "/sapi/v1/asset/transfer", ()),
        ("binance", "/sapi/v1/asset/transfer", (("x-mbx-used-weight-1m", 2807.0),)),
    ],
)
def test_only_the_systems_own_count_is_learnt(
    venue: str, path: str, used: tuple[tuple[str, float], ...]
) -> None:
    """The spot system's weight once filled the futures' smaller window for a whole minute."""
    pacer = Listening()
    wiring = Wiring(quirks_of(venue), pacer, Redactor(), "desk-1")
    wiring.heard(200, {"X-MBX-USED-WEIGHT-1M": "2807"}, None, path)
    assert pacer.told == [Heard(200, "desk-1", None, used)]


def test_a_wait_is_learnt_wherever_it_was_said() -> None:
    pacer = Listening()
    Wiring(quirks_of("binanceusdm"), pacer, Redactor()).heard(429, {}, 7.0, "/sapi/v1/asset/transfer")
    assert pacer.told == [Heard(429, "", 7.0, ())]
    assert quirks_of("binanceusdm").weight("sapi", "GET", "asset/transfer", 1.0) == 0.0
