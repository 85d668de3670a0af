"""Rows of a live table: store, texts, order, selection, columns."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.ui.widgets.glyphs import UNICODE
from hedge_tui.ui.widgets.live_table import Column, Kind, Sort
from hedge_tui.ui.widgets.live_table.column_set import ColumnSet
from hedge_tui.ui.widgets.live_table.filter_query import Query
from hedge_tui.ui.widgets.live_table.row_order import RowOrder
from hedge_tui.ui.widgets.live_table.row_store import RowStore
from hedge_tui.ui.widgets.live_table.selection import Selection
from hedge_tui.ui.widgets.live_table.text_pool import TextPool, fit_text


def store_of(*kinds):
    store = RowStore(TextPool(UNICODE))
    for text in kinds:
        store.add_column(is_text=text)
    return store


def keys_of(store, slots):
    return [store.key(int(slot)) for slot in slots]


def test_slots_are_stable_and_used_again():
    store = store_of(False)
    first = store.insert([f"k{n}" for n in range(40)])
    store.remove(["k3", "k30", "nobody"])
    assert (store.slots(["k4", "k39"]) == first[[4, 39]]).all()
    again = store.insert(["new"])
    assert again[0] in {first[3], first[30]}
    assert math.isnan(store.values[0, again[0]]), "a new row begins blank"
    assert keys_of(store, store.by_arrival())[-1] == "new"


def test_replace_orders_as_told_and_refuses_doubles():
    store = store_of(False, True)
    store.replace(["a", "b", "c"], {0: [1, 2, 3], 1: ["x", None, "z"]})
    kept = store.slot("c")
    store.replace(["c", "a"], {0: [30, 10]})
    assert keys_of(store, store.by_arrival()) == ["c", "a"]
    assert store.slot("c") == kept
    assert store.pool.text(int(store.values[1, kept])) == "z"
    with pytest.raises(ValueError, match="2 row keys, but only 1"):
        store.replace(["q", "q"], {})
    with pytest.raises(ValueError, match="shape"):
        store.put(store.slots(["c", "a"]), 0, [1.0, 2.0, 3.0])


@given(st.lists(st.lists(st.integers(0, 30), unique=True), max_size=8))
def test_store_agrees_with_a_dict(rounds):
    store, truth = store_of(False), {}
    for nth, keys in enumerate(rounds):
        names = [str(key) for key in keys]
        if nth % 2:
            store.remove(names)
            truth = {key: value for key, value in truth.items() if key not in names}
        else:
            store.put(store.insert(names), 0, [float(key + nth) for key in keys])
            truth |= {str(key): float(key + nth) for key in keys}
    assert len(store) == len(truth)
    slots = store.by_arrival()
    assert dict(zip(keys_of(store, slots), store.values[0, slots].tolist(), strict=True)) == truth
    assert keys_of(store, slots) == list(truth)


def test_old_texts_are_let_go():
    store = store_of(True)
    slots = store.insert(["a", "b"])
    for nth in range(6_000):
        store.put(slots, 0, [f"id {nth}", "same"])
    store.tidy()
    assert len(store.pool) < 10
    assert [store.pool.text(int(store.values[0, slot])) for slot in slots] == ["id 5999", "same"]
    assert store.pool_version == 1


def test_text_fits_exactly_and_wide_characters_are_not_halved():
    assert fit_text("漢字漢字", 5, "left", "…") == "漢字…"
    assert fit_text("漢字漢字", 6, "left", "…") == "漢字 …"
    assert fit_text("ab", 5, "center", "…") == " ab  "
    assert fit_text("ab", 0, "left", "…") == ""


def ordered(store, columns, sort=None, words=()):
    order = RowOrder(store, columns, 0.0)
    order.sort, order.query = sort, Query(words)
    order.update(0.0)
    return keys_of(store, order.slots)


def market():
    columns = ColumnSet()
    store = store_of(True, False)
    columns.add(Column(key="name", label="Name", kind=Kind.TEXT), 0)
    columns.add(Column(key="last", label="Last"), 1)
    store.replace(
        list("abcde"), {0: ["btc/usdt", "ETH/usdt", "", "BTC/eur", "eth/EUR"], 1: [3, math.nan, 1, 3, 2]}
    )
    return store, columns


def test_sort_is_stable_and_blanks_go_last_both_ways():
    store, columns = market()
    assert ordered(store, columns, Sort("last")) == list("ceadb")
    assert ordered(store, columns, Sort("last", descending=True)) == list("adecb")
    assert ordered(store, columns, Sort("name")) == list("daebc")
    assert ordered(store, columns, Sort("name", descending=True)) == list("beadc")


def test_filter_needs_every_word_in_any_case_and_skips_hidden_columns():
    store, columns = market()
    assert ordered(store, columns, words=("eur",)) == list("de")
    assert ordered(store, columns, words=("eur", "btc")) == ["d"]
    assert ordered(store, columns, words=("nothing",)) == []
    columns.change("name", visible=False)
    assert ordered(store, columns, words=("btc",)) == []


def test_sort_follows_changing_values_but_not_more_often_than_told():
    store, columns = market()
    order = RowOrder(store, columns, 0.5)
    order.sort = Sort("last")
    order.update(10.0)
    store.put(store.slots(["a"]), 1, 0.0)
    assert not order.update(10.4)
    assert order.update(10.6)
    assert keys_of(store, order.slots)[0] == "a"
    store.insert(["f"])
    assert order.update(10.7), "a new row is shown at once"


def test_range_grows_and_shrinks_from_its_anchor_and_keeps_what_was_picked():
    picked, view = Selection(), np.arange(10)
    picked.toggle(view[9:])
    picked.extend(2, view[2:6])
    picked.extend(2, view[2:4])
    assert picked.among(view).tolist() == [2, 3, 9]
    picked.extend(2, view[:3])
    assert picked.among(view[::-1]).tolist() == [9, 2, 1, 0]


def test_hidden_and_removed_rows_are_not_picked():
    picked = Selection()
    picked.take(np.array([1, 2, 3]))
    assert picked.keep(np.array([3, 4]))
    assert picked.among(np.arange(5)).tolist() == [3]
    picked.drop(np.array([3]))
    assert picked.among(np.arange(5)).tolist() == []


def wide():
    columns = ColumnSet()
    for nth in range(5):
        columns.add(Column(key=f"c{nth}", label="", width=10), nth)
    return columns


def places(spread):
    return [(span.column.key, span.x, span.width) for span in spread.spans]


def test_only_whole_columns_are_shown_and_frozen_ones_stay():
    spread = wide().spread(40, first=0, frozen=1, padding=1)
    assert places(spread) == [("c0", 0, 10), ("c1", 12, 10), ("c2", 24, 10)]
    assert (spread.hidden_left, spread.hidden_right) == (0, 2)
    spread = wide().spread(40, first=2, frozen=1, padding=1)
    assert [key for key, _, _ in places(spread)] == ["c0", "c3", "c4"]


def test_stretch_fills_the_width_and_narrow_screens_shrink_the_first():
    columns = wide()
    columns.change("c1", stretch=True)
    assert places(columns.spread(70, first=0, frozen=0, padding=1))[1] == ("c1", 12, 20)
    assert places(columns.spread(4, first=0, frozen=0, padding=1)) == [("c0", 0, 2)]
    assert places(columns.spread(0, first=0, frozen=0, padding=1)) == [("c0", 0, 0)]


@given(st.integers(0, 90), st.integers(-2, 9), st.integers(-1, 9), st.integers(0, 2))
def test_columns_never_overlap_nor_leave_the_screen(width, first, frozen, padding):
    spread = wide().spread(width, first=first, frozen=frozen, padding=padding)
    end = 0
    for span in spread.spans:
        assert span.x >= end
        end = span.x + 1 + span.width
    assert end <= max(width, 1)


def test_arrangement_survives_and_nonsense_is_ignored():
    columns = wide()
    columns.move("c4", 0)
    columns.change("c1", width=7, visible=False)
    saved = columns.state()
    other = wide()
    other.restore([*saved, {"key": "gone"}, {"key": "c2", "width": "wide"}, 7])
    assert [c.key for c in other][:2] == ["c4", "c0"]
    assert (other["c1"].width, other["c1"].visible, other["c2"].width) == (7, False, 10)
    other.restore("nonsense")
    with pytest.raises(ValueError, match="there already"):
        other.add(Column(key="c1", label=""), 9)
