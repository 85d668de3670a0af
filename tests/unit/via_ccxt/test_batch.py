from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from adapters.via_ccxt.batch import match_rows
from adapters.via_ccxt.errors import Blame, Verdict

REFUSED = Verdict(Blame.REFUSED, "no", "-2010")
IDS = ["a", "b", "c"]


def judge(row):
    return Verdict(Blame(row.get("blame", "refused")), row.get("words", "no"), str(row.get("code", "")))


def outcome(rows, ids=IDS):
    """Per id: the row's own mark, or the blame."""
    found = match_rows(ids, rows, lambda row: row.get("id", ""), judge)
    return [m.row["id"] if m.row else str(m.verdict.blame) for m in found]


def test_any_order_of_rows_gives_the_same():
    rows = [{"id": "a"}, {"id": "c"}, {"code": -2019}]
    for shuffled in itertools.permutations(rows):
        assert outcome(list(shuffled)) == ["a", "refused", "c"]


def test_several_refusals_share_their_words_because_they_name_nobody():
    rows = [{"id": "a"}, {"code": -2019, "words": "margin"}, {"code": -1111, "words": "precision"}]
    found = match_rows(IDS, rows, lambda row: row.get("id", ""), judge)
    assert found[1].verdict == found[2].verdict
    assert found[1].verdict.reason == "margin or precision"
    assert found[1].verdict.code == ""


def test_short_long_and_doubled_answers_leave_the_rest_unknown():
    assert outcome([{"id": "a"}]) == ["a", "unknown", "unknown"]
    assert outcome([]) == ["unknown"] * 3
    assert outcome([{"id": "a"}, {"id": "a"}, {"code": 1}]) == ["a", "unknown", "unknown"]
    assert outcome([{"id": "a"}, {"code": 1}, {"code": 1}, {"code": 1}]) == ["a", "unknown", "unknown"]
    assert outcome([{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "d"}]) == IDS


def test_a_strange_order_in_the_answer_makes_refusals_doubtful():
    assert outcome([{"id": "a"}, {"id": "zz"}, {"code": 1}]) == ["a", "unknown", "unknown"]


def test_an_unknown_row_makes_all_unnamed_unknown():
    assert outcome([{"id": "a"}, {"code": -1007, "blame": "unknown"}, {"code": 1}]) == [
        "a",
        "unknown",
        "unknown",
    ]


ROW = st.one_of(
    st.sampled_from([*IDS, "x"]).map(lambda name: {"id": name}),
    st.sampled_from(["refused", "unknown", "busy"]).map(lambda blame: {"blame": blame}),
)


@given(st.lists(ROW, max_size=6))
def test_nothing_is_refused_unless_the_answer_accounts_for_everybody(rows):
    result = outcome(rows)
    named = {row["id"] for row in rows if "id" in row}
    assert [r for r in result if r in IDS] == [name for name in IDS if name in named]
    if "refused" in result:
        assert len(rows) - sum("id" in row for row in rows) == sum(r not in IDS for r in result)
