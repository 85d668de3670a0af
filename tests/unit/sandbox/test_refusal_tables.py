import pytest

from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.sandbox.spot import refusals as spot
from adapters.sandbox.usdm import refusals as usdm

SPOT_NEVER = {
    RefusalCode.INSUFFICIENT_MARGIN,
    RefusalCode.MAX_POSITION,
    RefusalCode.UNKNOWN_ACCOUNT,
    RefusalCode.NOT_AMENDABLE,
    RefusalCode.UNCHANGED,
    RefusalCode.LEVERAGE,
    RefusalCode.OPEN_EXPOSURE,
}
"""Rules of margin trading and of the control port, which a spot client cannot break."""


@pytest.mark.parametrize("code", sorted(set(RefusalCode) - SPOT_NEVER))
def test_spot_has_a_number_for_every_rule(code: RefusalCode):
    refusal = spot.refusal_of(PaperRefusal(code, "core words"))
    assert refusal.code < 0
    assert refusal.message != "core words"


@pytest.mark.parametrize("code", sorted(set(RefusalCode) - {RefusalCode.UNKNOWN_ACCOUNT}))
def test_usdm_has_a_number_for_every_rule(code: RefusalCode):
    refusal = usdm.refusal_of(PaperRefusal(code, "core words"))
    assert refusal.code < -1000
    assert refusal.message != "core words"


def test_an_unmapped_rule_still_says_why():
    assert "core words" in spot.refusal_of(PaperRefusal(RefusalCode.LEVERAGE, "core words")).message
