from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.via_ccxt.order_ids import IdForm, from_venue, is_ours, to_venue
from hedge_tui.domain.order import ClientOrderId

OURS = st.binary(min_size=16, max_size=16).map(lambda raw: ClientOrderId(raw.hex()))


@given(OURS, st.sampled_from(list(IdForm)))
def test_there_and_back(name, form):
    assert from_venue(to_venue(name, form), form) == name


@given(OURS)
def test_each_form_is_what_its_venue_takes(name):
    assert re.fullmatch(r"t-[0-9A-Za-z_.-]{1,28}", to_venue(name, IdForm.GATE))
    assert re.fullmatch(r"0x[0-9a-f]{32}", to_venue(name, IdForm.HEX_0X))
    assert to_venue(name, IdForm.HEX) == name


@pytest.mark.parametrize("form", list(IdForm))
@pytest.mark.parametrize("foreign", ["web_abc", "t-short", "t-" + "!" * 22, "0x12", "A" * 32, "autoclose-1"])
def test_what_is_not_ours_stays_as_it_is(foreign, form):
    assert from_venue(foreign, form) == foreign
    assert to_venue(foreign, form) == foreign
    assert not is_ours(foreign)


def test_nothing_is_nothing():
    assert from_venue(None, IdForm.HEX) == ""
    assert from_venue("", IdForm.GATE) == ""
