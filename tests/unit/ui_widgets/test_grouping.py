"""Groups of a table, against a plain model of what they should be."""

import math
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.ui.widgets.glyphs import ASCII, UNICODE
from hedge_tui.ui.widgets.live_table import COMMON, MAX, MEAN, MIN, SUM, Column, Kind, Sort, leading, weighted
from hedge_tui.ui.widgets.live_table.filter_query import Query
from hedge_tui.ui.widgets.live_table.header_text import header_text
from hedge_tui.ui.widgets.live_table.subtotal import Subtotal
from hedge_tui.ui.widgets.live_table.table_model import TableModel
from hedge_tui.ui.widgets.live_table.text_pool import natural

NAN = math.nan


def market(subtotals=None):
    """Asset (grouped by), venue, last and volume."""
    model = TableModel(UNICODE, 0.0)
    for column in (
        Column(key="asset", label="Asset", kind=Kind.TEXT),
        Column(key="venue", label="Venue", kind=Kind.TEXT),
        Column(key="last", label="Last"),
        Column(key="volume", label="Volume"),
    ):
        model.columns.add(column, model.store.add_column(is_text=column.is_text))
    model.order.grouping.subtotals = {"volume": SUM} if subtotals is None else subtotals
    model.order.grouping.by("asset")
    model.page = 10
    return model


def fill(model, rows):
    """`rows`: key -> (asset, venue, last, volume)."""
    columns = list(zip(*rows.values(), strict=True)) or [()] * 4
    model.replace(list(rows), dict(zip(("asset", "venue", "last", "volume"), columns, strict=True)))


def lines(model):
    model.refresh_order(0.0)
    return [model.store.key(int(slot)) for slot in model.order.slots]


def keys(model, slots):
    return [model.store.key(int(slot)) for slot in slots]


DESK = {
    "b1": ("BTC", "binance", 100.0, 5.0),
    "e1": ("ETH", "binance", 10.0, 9.0),
    "b2": ("BTC", "okx", 101.0, 2.0),
    "x1": ("XRP", "okx", 1.0, 1.0),
    "e2": ("ETH", "okx", 11.0, 9.0),
    "b3": ("BTC", "kraken", 99.0, 30.0),
}


def test_groups_stand_by_their_subtotal_and_members_by_their_value():
    model = market()
    fill(model, DESK)
    assert lines(model) == ["group:BTC", "b1", "b2", "b3", "group:ETH", "e1", "e2", "x1"]
    model.order.sort = Sort("volume", descending=True)
    assert lines(model) == ["group:BTC", "b3", "b1", "b2", "group:ETH", "e1", "e2", "x1"]
    model.order.sort = Sort("volume")
    assert lines(model) == ["x1", "group:ETH", "e1", "e2", "group:BTC", "b2", "b1", "b3"]
    model.order.sort = Sort("last", descending=True)
    assert lines(model)[:4] == ["group:BTC", "b2", "b1", "b3"], "no subtotal: groups by name"
    model.order.sort = Sort("asset", descending=True)
    assert lines(model)[:2] == ["x1", "group:ETH"]


def test_a_changed_value_moves_the_group_and_the_cursor_stays_on_it():
    model = market()
    fill(model, DESK)
    model.order.sort = Sort("volume", descending=True)
    lines(model)
    model.go_to_row(4)
    assert model.cursor_key == "group:ETH"
    model.store.put(model.store.slots(["e1"]), 3, 100.0)
    assert lines(model)[0] == "group:ETH"
    assert (model.cursor_key, model.cursor_row) == ("group:ETH", 0)


def test_folding_hides_the_members_and_takes_the_cursor_to_the_header():
    model = market()
    fill(model, DESK)
    lines(model)
    model.go_to_row(2)
    model.order.grouping.fold("BTC", True)
    assert lines(model) == ["group:BTC", "group:ETH", "e1", "e2", "x1"]
    assert model.cursor_key == "group:BTC"
    assert keys(model, model.order.rows) == ["b1", "b2", "b3", "e1", "e2", "x1"]
    model.order.grouping.fold_all(True)
    assert lines(model) == ["group:BTC", "group:ETH", "x1"]
    model.order.grouping.fold("ETH", False)
    fill(model, {**DESK, "x2": ("XRP", "binance", 1.0, 1.0)})
    assert lines(model) == ["group:BTC", "group:ETH", "e1", "e2", "group:XRP"], "a new group is folded too"


def test_a_group_of_one_is_a_plain_row_and_its_header_comes_and_goes():
    model = market()
    fill(model, DESK)
    lines(model)
    model.go_to_row(4)
    model.remove(["e1"])
    assert lines(model)[4:] == ["e2", "x1"]
    assert model.cursor_key == "e2"
    model.order.query = Query(("binance",))
    assert lines(model) == ["b1"], "the other rows of each group do not pass the filter"
    model.order.query = Query(("kraken", "btc"))
    assert lines(model) == ["b3"]


def test_the_name_of_a_group_is_searched_though_its_column_is_hidden():
    model = market()
    model.columns.change("asset", visible=False)
    fill(model, DESK)
    model.order.query = Query(("eth",))
    assert lines(model) == ["group:ETH", "e1", "e2"]


def test_picking_a_header_picks_its_members_and_ranges_pick_what_they_cross():
    model = market()
    fill(model, DESK)
    lines(model)
    model.toggle()
    assert keys(model, model.selection.among(model.order.rows)) == ["b1", "b2", "b3"]
    assert model.lines_of_cursor() == 4
    model.toggle()
    model.order.grouping.fold("ETH", True)
    lines(model)
    model.go_to_row(3)
    model.select_range(5)
    assert keys(model, model.selection.among(model.order.rows)) == ["b3", "e1", "e2", "x1"]
    model.select_range(4)
    assert keys(model, model.selection.among(model.order.rows)) == ["b3", "e1", "e2"]
    model.select_range(0)
    assert keys(model, model.selection.among(model.order.rows)) == ["b1", "b2", "b3"]


def test_a_row_in_a_slot_that_was_used_before_does_not_take_the_cursor():
    model = market()
    fill(model, DESK)
    lines(model)
    model.go_to_row(1)
    model.remove(["b1"])
    model.store.insert(["z"])
    lines(model)
    assert model.cursor_key == "b2"


def test_headers_of_groups_that_are_gone_give_their_slots_back():
    model = market()
    for round_ in range(30):
        fill(
            model,
            {f"{round_}-{n}-{side}": (f"A{round_}-{n}", "v", 1.0, 1.0) for n in range(40) for side in "ab"},
        )
        assert len(lines(model)) == 120
    assert model.store.capacity <= 512
    assert len(model.store) == 80


def test_texts_that_are_dealt_anew_do_not_mix_groups_up():
    model = market()
    fill(model, DESK)
    before = lines(model)
    model.order.grouping.fold("BTC", True)
    for n in range(9_000):
        model.store.put(model.store.slots(["b1"]), 1, [f"venue {n}"])
    model.store.tidy()
    assert model.store.pool_version == 1
    assert lines(model) == [before[0], *before[4:]]


def test_grouping_again_by_the_same_column_or_another_makes_headers_anew():
    model = market()
    fill(model, DESK)
    before = lines(model)
    model.order.grouping.by("asset")
    assert lines(model) == before
    model.store.insert(["n1", "n2", "n3", "n4"])  # they take the slots that headers had
    assert lines(model)[: len(before)] == before
    headers = [slot for slot in model.order.slots.tolist() if model.order.is_header(slot)]
    assert [model.order.grouping.name(slot) for slot in headers] == ["BTC", "ETH", ""]
    model.order.grouping.by("venue")
    assert [key for key in lines(model) if key.startswith("group:")] == [
        "group:binance",
        "group:okx",
        "group:",
    ]


RUNS = np.array([0, 2, 5])
VALUES = np.array([1.0, 3.0, NAN, 4.0, -2.0, NAN])
WEIGHTS = np.array([1.0, 3.0, 9.0, 1.0, NAN, 1.0])


@pytest.mark.parametrize(
    ("subtotal", "wanted"),
    [
        (SUM, [4.0, 2.0, NAN]),
        (MEAN, [2.0, 1.0, NAN]),
        (MIN, [1.0, -2.0, NAN]),
        (MAX, [3.0, 4.0, NAN]),
        (COMMON, [NAN, NAN, NAN]),
        (leading("w"), [3.0, NAN, NAN]),
        (weighted("w"), [2.5, 4.0, NAN]),
        (Subtotal.of(lambda run: float(np.nanprod(run))), [3.0, -8.0, 1.0]),
    ],
)
def test_figures_of_many_groups_at_once(subtotal, wanted):
    np.testing.assert_allclose(subtotal.reduce(VALUES, RUNS, WEIGHTS), wanted)


def test_common_gives_the_text_that_all_share():
    np.testing.assert_array_equal(
        COMMON.reduce(np.array([3.0, 3.0, 4.0]), np.array([0, 2]), VALUES), [3.0, 4.0]
    )


def test_header_text_is_inert_exact_and_keeps_the_name_longest():
    assert header_text("漢字漢字", 12, 12, UNICODE, folded=False) == "▾ 漢字漢字  "
    assert header_text("漢字漢字", 12, 7, UNICODE, folded=True) == "▸ 漢字…"
    assert header_text("", 2, 12, ASCII, folded=True) == "+ (none) (2)"
    assert "\x1b" not in header_text("a\x1b[2J", 2, 20, UNICODE, folded=True)
    assert header_text("漢字", 2, 12, ASCII, folded=True).isascii()


# -- against a plain model

ROW = st.tuples(
    st.sampled_from(["", "BTC", "ETH", "A9", "A10", "btc"]),
    st.sampled_from(["binance", "okx", "kraken"]),
    st.sampled_from([1.0, 2.0, -3.0, NAN]),
    st.sampled_from([0.0, 1.0, 2.0, NAN]),
)
TABLE = st.dictionaries(st.sampled_from([f"k{n}" for n in range(14)]), ROW, max_size=14)
SORTS = st.sampled_from(
    [None, *(Sort(key, down) for key in ("asset", "venue", "last", "volume") for down in (False, True))]
)
FOLDS = st.tuples(st.booleans(), st.sets(st.sampled_from(["", "BTC", "ETH", "A9", "A10", "btc"])))


COLUMNS = ["asset", "venue", "last", "volume"]


def by_name(text):
    return (natural(text.casefold()), text)


def figure_key(value, descending):
    """(whether it is blank, what to compare)."""
    if isinstance(value, str):
        return (value == "", by_name(value))
    return (math.isnan(value), -value if descending else value)


def arranged(things, key, descending):
    """Sorted by `key`, blanks last; descending keeps equal ones as they came, as negated numbers would."""
    known = [thing for thing in things if not key(thing)[0]]
    ranked = sorted(known, key=lambda thing: key(thing)[1])
    if descending and known and isinstance(key(known[0])[1], tuple):
        blocks = [list(block) for _, block in groupby(ranked, key=lambda thing: key(thing)[1])]
        ranked = [thing for block in reversed(blocks) for thing in block]
    return ranked + [thing for thing in things if key(thing)[0]]


def group_order(groups, sort):
    names = sorted(groups, key=lambda text: (text == "", by_name(text)))
    if sort is not None and sort.column == "asset" and sort.descending:
        names.reverse()
    if sort is None or sort.column != "volume":
        return names

    def figure(name):
        known = [row[3] for _, row in groups[name] if not math.isnan(row[3])]
        return figure_key(sum(known) if known else NAN, sort.descending)

    return arranged(names, figure, sort.descending)


def expected(rows, sort, words, folds):
    """The lines, row by row and group by group, the slow way."""
    found = [
        pair for pair in rows.items() if all(word in "\n".join(pair[1][:2]).casefold() for word in words)
    ]
    if sort is not None:
        at = COLUMNS.index(sort.column)
        found = arranged(found, lambda pair: figure_key(pair[1][at], sort.descending), sort.descending)
    groups = {}
    for key, row in found:
        groups.setdefault(row[0], []).append((key, row))
    shut, turned = folds
    shown = []
    for name in group_order(groups, sort):
        members = [key for key, _ in groups[name]]
        shown += [f"group:{name}"] * (len(members) > 1)
        shown += members if len(members) == 1 or shut == (name in turned) else []
    return shown


@given(st.lists(TABLE, min_size=1, max_size=3), SORTS, st.sampled_from([(), ("btc",), ("k", "a")]), FOLDS)
def test_lines_agree_with_a_plain_model(tables, sort, words, folds):
    model = market()
    model.order.sort, model.order.query = sort, Query(words)
    model.order.grouping.fold_all(folds[0])
    for name in folds[1]:
        model.order.grouping.fold(name, not folds[0])
    for rows in tables:
        fill(model, rows)
        assert lines(model) == expected(rows, sort, words, folds)
        under = model.cursor_slot
        assert model.store.key(under) in lines(model) if lines(model) else under == -1
