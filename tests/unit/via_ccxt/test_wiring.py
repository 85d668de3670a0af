"""What an instance tells its pacer."""

from __future__ import annotations

import pytest

from adapters.via_ccxt.attempt import Attempt
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.wiring import FreePacer, Wiring
from hedge_tui.domain.ports.pacing import Heard, Per


class Listening(FreePacer):
    def __init__(self) -> None:
        self.told: list[Heard] = []

    def heard(self, heard: Heard) -> None:
        self.told.append(heard)


USED = (("x-mbx-used-weight-1m", 2807.0),)


def asked(venue: str, api: str, status: int, code: str = "", **headers: str) -> list[Heard]:
    """What the pacer hears of one response."""
    pacer = Listening()
    wiring = Wiring(quirks_of(venue), pacer, Redactor(), "desk-1")
    attempt = Attempt(
        route="tokyo", headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    wiring.spend(attempt, api, ("GET", "somewhere"), 1.0)
    wiring.heard(attempt, status, code)
    return pacer.told


@pytest.mark.parametrize(
    ("venue", "api", "system"),
    [
        ("binanceusdm", "fapiPrivate", ""),
        ("binanceusdm", "sapi", "binance"),
        ("binance", "sapi", ""),
    ],
)
def test_a_count_is_learnt_for_the_system_that_counts(venue: str, api: str, system: str) -> None:
    """The spot system's weight once filled the futures' smaller window for a whole minute."""
    told = asked(venue, api, 200, X_MBX_USED_WEIGHT_1M="2807")
    assert told == [Heard(200, "desk-1", None, USED, "tokyo", system)]


def test_a_request_costs_what_the_system_that_counts_it_says() -> None:
    wiring = Wiring(quirks_of("binanceusdm"), Listening(), Redactor())
    spend = wiring.spend(Attempt(), "sapi", ("GET", "asset/transfer"), 0.1)
    assert (spend.system, spend.weight) == ("binance", 1.0)


def test_a_full_order_count_is_the_accounts_own_affair() -> None:
    (told,) = asked("binanceusdm", "fapiPrivate", 429, "-1015", Retry_After="7")
    assert (told.per, told.retry_after_s) == (Per.ACCOUNT, 7.0)
    (told,) = asked("binanceusdm", "fapiPrivate", 429, "-1003", Retry_After="7")
    assert told.per is Per.ADDRESS
