"""Which keys are used, which only read, which are refused, and what has to be typed for one of those."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hedge_tui.credentials.credential import Credential
from hedge_tui.credentials.key_standing import dangers, phrase_for, standing_of
from hedge_tui.domain.account import Mode
from hedge_tui.domain.key_rights import UNTOLD, KeyRights
from hedge_tui.domain.secret import Secret

TRADES = KeyRights(("read", "futures"), may_trade=True, ip_restricted=True)
KEY = Credential("desk-1", "binanceusdm", Secret("k"), Secret("s"), None, 1, rights=TRADES, checked_ns=7)


def test_a_key_that_reads_and_trades_is_used_without_a_word() -> None:
    found = standing_of(KEY)
    assert (found.refusal, found.read_only, found.warnings, found.checked_ns) == ("", False, (), 7)
    assert phrase_for(KEY) == ""


@pytest.mark.parametrize(
    ("rights", "phrase"),
    [
        (replace(TRADES, words=("read", "withdraw")), "desk-1 may withdraw"),
        (replace(TRADES, words=("read", "transfer", "withdraw")), "desk-1 may withdraw and transfer"),
        (UNTOLD, "desk-1 may do anything"),
    ],
)
def test_a_dangerous_or_unknown_key_is_refused_until_its_words_are_typed(
    rights: KeyRights, phrase: str
) -> None:
    key = replace(KEY, rights=rights)
    assert "hedge keys accept desk-1" in standing_of(key).refusal
    assert phrase_for(key) == phrase
    accepted = replace(key, accepted=dangers(key), accepted_ns=9)
    found = standing_of(accepted)
    assert found.refusal == ""
    assert "you accepted that" in found.warnings[0], "shown ever after"


def test_what_was_accepted_does_not_cover_more() -> None:
    key = replace(KEY, rights=replace(TRADES, words=("withdraw", "transfer")), accepted=("withdraw",))
    assert "may transfer" in standing_of(key).refusal


def test_unknown_is_no_danger_where_no_money_is() -> None:
    key = replace(KEY, rights=UNTOLD)
    assert standing_of(key, Mode.DEMO).refusal == ""
    assert standing_of(key, Mode.LIVE).refusal
    assert standing_of(key, Mode.SANDBOX).refusal


def test_a_key_never_checked_is_neither_refused_nor_praised() -> None:
    found = standing_of(replace(KEY, rights=None, checked_ns=0))
    assert (found.refusal, found.warnings, found.checked_ns) == ("", (), 0)


def test_no_trading_and_no_address_list_are_said() -> None:
    found = standing_of(replace(KEY, rights=KeyRights(("read",), ip_restricted=False)))
    assert found.read_only
    assert "works from any address" in found.warnings[0]
