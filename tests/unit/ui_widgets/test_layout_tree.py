"""Layouts are trees that keep every pane once, fill the screen, and are read back as they were."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from hedge_tui.ui.screens.trade_layout import trade_slots
from hedge_tui.ui.widgets import layout_tree as tree
from hedge_tui.ui.widgets.layout_tree import Leaf, Split

PANES = ("watchlist", "chart", "book", "trades", "positions", "orders")
SIZE = Region(0, 0, 200, 47)
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["split", "resize", "swap", "join", "plain"]),
        st.sampled_from(PANES),
        st.sampled_from(PANES),
        st.booleans(),
        st.floats(-1, 1),
    ),
    max_size=30,
)


@given(OPERATIONS, st.sampled_from([(200, 47), (120, 37), (80, 21)]))
def test_every_pane_keeps_one_place_and_the_places_fill_the_screen(operations, size):
    now = tree.tree_of(trade_slots(*size, PANES))
    assert now is not None
    for what, pane, other, across, by in operations:
        if what == "split":
            now = tree.split(now, pane, across=across)
        elif what == "resize":
            now = tree.resize(now, pane, across=across, by=by)
        elif what == "plain":
            assert tree.leaf_of(tree.from_plain(tree.to_plain(now), PANES), pane) == tree.leaf_of(now, pane)
        else:
            now = (tree.swap if what == "swap" else tree.join)(now, pane, other)
    assert sorted(name for leaf in tree.leaves(now) for name in leaf.panes) == sorted(PANES)
    slots = tree.slots_of(now, Region(0, 0, *size))
    covered = sum(slot.region.area for slot in slots)
    assert covered <= size[0] * size[1]
    for n, one in enumerate(slots):
        assert all(not one.region.overlaps(two.region) for two in slots[n + 1 :])


def test_the_delivered_layout_is_read_as_it_is():
    for width, height in ((200, 47), (150, 40), (120, 37), (80, 21)):
        slots = trade_slots(width, height, PANES)
        now = tree.tree_of(slots)
        again = tree.slots_of(now, Region(0, 0, width, height))
        assert [s.panes for s in again] == [s.panes for s in sorted(slots, key=lambda s: _place(again, s))]
        for slot in slots:
            near = next(s for s in again if s.panes == slot.panes)
            assert abs(near.region.width - slot.region.width) <= 2
            assert abs(near.region.height - slot.region.height) <= 2


def _place(slots, slot):
    return next(n for n, one in enumerate(slots) if one.panes == slot.panes)


def test_a_pane_gets_a_place_of_its_own_and_gives_it_back():
    now = Split(True, 0.7, Leaf(("chart",)), Leaf(("book", "trades")))
    apart = tree.split(now, "trades", across=False)
    assert apart.second == Split(False, 0.5, Leaf(("book",)), Leaf(("trades",)))
    assert tree.split(apart, "trades", across=False) == apart
    assert tree.join(apart, "trades", "book") == now
    assert tree.swap(apart, "chart", "trades").first == Leaf(("trades",))
    wider = tree.resize(apart, "trades", across=True, by=0.1)
    assert round(wider.share, 2) == 0.6
    assert tree.resize(apart, "chart", across=False, by=0.1) == apart


def test_neighbours_are_those_one_sees():
    slots = trade_slots(200, 47, PANES)
    assert tree.neighbour(slots, "chart", -1, 0) == "watchlist"
    assert tree.neighbour(slots, "chart", 1, 0) == "book"
    assert tree.neighbour(slots, "book", 0, 1) == "trades"
    assert tree.neighbour(slots, "watchlist", -1, 0) is None


def test_a_file_that_says_something_else_never_loses_a_pane():
    for odd in (None, 3, {}, {"panes": 4}, {"split": "across", "first": {"panes": ["nobody"]}}):
        assert tree.from_plain(odd, PANES) is None
    deep: dict = {"panes": ["chart"]}
    for _ in range(100):
        deep = {"split": "down", "first": deep, "second": {"panes": ["book"]}}
    for odd in (
        {"panes": ["chart", "chart", "gone", 5]},
        {"split": "x", "share": "wide", "first": {"panes": ["book"]}, "second": {"panes": ["book"]}},
        {
            "split": "across",
            "share": float("nan"),
            "first": {"panes": ["book"]},
            "second": {"panes": ["chart"]},
        },
        deep,
    ):
        found = tree.from_plain(odd, PANES)
        assert sorted(name for leaf in tree.leaves(found) for name in leaf.panes) == sorted(PANES)
