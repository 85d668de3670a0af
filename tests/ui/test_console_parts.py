"""The console's pure parts: arming, rows, layouts, lines, history, pages of candles, bursts of notices."""

from __future__ import annotations

import stat

import numpy as np
import pytest
from scripted_client import BTC, MINUTE_NS, NOW_NS, TABLES, chart, preview

from hedge_tui.command import help_for
from hedge_tui.domain.errors import CommandError
from hedge_tui.ui.columns.orders import ORDERS
from hedge_tui.ui.command_bar.bar import reading_choice
from hedge_tui.ui.command_bar.feedback import Fault, caret_line, syntax_of
from hedge_tui.ui.command_bar.highlight import painted
from hedge_tui.ui.command_bar.history import History
from hedge_tui.ui.crash import crash_text
from hedge_tui.ui.frame_pump import FramePump
from hedge_tui.ui.modals.arming import ARM_S, Arming
from hedge_tui.ui.modals.confirm_footer import Phase, footer
from hedge_tui.ui.modals.preview_rows import lay_rows
from hedge_tui.ui.notices import NoticeBoard
from hedge_tui.ui.row_lines import amend_line, cancel_line, close_line
from hedge_tui.ui.screens.feeds import feeds_slots
from hedge_tui.ui.screens.orders import orders_slots
from hedge_tui.ui.screens.portfolio import portfolio_slots
from hedge_tui.ui.screens.risk import risk_slots
from hedge_tui.ui.screens.trade_layout import trade_slots
from hedge_tui.ui.widgets.chart_series import ChartSeries
from hedge_tui.ui.widgets.ladder import Ladder, ladder_lines
from hedge_tui.ui.widgets.status_bar import Figures, status_lines
from hedge_tui.wire import messages as m
from hedge_tui.wire.replica import Replica

ALL_PANES = ("watchlist", "chart", "book", "trades", "positions", "orders")


# -- arming


def test_a_key_counts_only_when_it_was_pressed_after_arming():
    arming = Arming(10.0)
    assert not arming.accepts(10.1, 10.1)
    assert arming.accepts(10.1 + ARM_S, 10.5)


def test_a_key_that_waited_in_the_queue_does_not_count():
    arming = Arming(10.0)
    assert not arming.accepts(10.2, 11.0)


def test_a_held_down_key_never_arms():
    arming = Arming(0.0)
    assert not any(arming.accepts(tick / 30, tick / 30) for tick in range(1, 300))


# -- preview rows


def test_every_leg_is_there_at_every_width_or_none_is():
    rows = preview("x").rows
    for width in range(1, 220):
        laid = lay_rows(rows, width)
        text = "\n".join(line.plain for line in laid.lines)
        if laid.lines:
            assert all(len(line) <= width for line in text.split("\n") if "stale" not in line)
            for row in rows:
                assert text.count(row.quantity) == len(rows)
                assert row.account in text
                assert row.notional in text
                assert row.margin_after in text
            assert "the account is stale" in text
        else:
            assert width < laid.needed


def test_a_wide_preview_is_a_table_with_aligned_columns():
    laid = lay_rows(preview("x", ("main", "desk-1")).rows, 200)
    assert laid.header == 1
    lines = [line.plain for line in laid.lines]
    at = lines[0].index("Quantity") + len("Quantity")
    assert lines[1][at - 5 : at] == "0.031"


def test_hostile_texts_of_a_preview_are_inert():
    row = m.LegRow("place", "a\x1b]0;x\x07", "b\u202e", "buy", *["[@click=x]1"] * 12)
    text = "\n".join(line.plain for line in lay_rows((row,), 400).lines)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[@click=x]1" in text


@pytest.mark.parametrize(
    ("phase", "more", "says"),
    [
        (Phase.ASKING, {}, "Enter sends 3 orders, 1 not"),
        (Phase.ASKING, {"armed": False}, "in a moment"),
        (Phase.ASKING, {"sendable": 0}, "nothing can be sent"),
        (Phase.ASKING, {"fits": False}, "until all columns fit"),
        (Phase.ASKING, {"trading": False}, "F9 takes over"),
        (Phase.ASKING, {"preview_only": True}, "preview only"),
        (Phase.EXPIRED, {}, "r previews again"),
        (Phase.REFUSED, {"fault": "it moved"}, "it moved"),
    ],
)
def test_the_footer_says_what_the_keys_do(phase, more, says):
    state = {
        "sendable": 3, "unsent": 1, "left_s": 8.0, "armed": True, "trading": True, "fits": True,
        "preview_only": False, "fault": "",
    }  # fmt: skip
    assert says in footer(phase, **(state | more)).plain


# -- layouts


@pytest.mark.parametrize(
    "slots",
    [lambda w, h: trade_slots(w, h, ALL_PANES), portfolio_slots, risk_slots, orders_slots, feeds_slots],
    ids=["trade", "portfolio", "risk", "orders", "feeds"],
)
def test_slots_cover_no_cell_twice_and_lose_no_pane(slots):
    names = {name for slot in slots(400, 120) for name in slot.panes}
    for width in (1, 2, 20, 79, 80, 99, 100, 120, 149, 150, 200, 320):
        for height in (1, 2, 10, 13, 14, 21, 24, 37, 47, 100):
            found = slots(width, height)
            assert sorted(name for slot in found for name in slot.panes) == sorted(names)
            for n, slot in enumerate(found):
                region = slot.region
                assert 0 <= region.x <= region.right <= width
                assert 0 <= region.y <= region.bottom <= height
                assert not any(region.overlaps(other.region) for other in found[n + 1 :])


@pytest.mark.parametrize("shown", [("chart",), ("watchlist", "positions"), ("book", "chart"), ("orders",)])
def test_panes_left_out_in_the_configuration_take_no_room(shown):
    for size in ((80, 22), (120, 38), (200, 48)):
        found = trade_slots(*size, shown)
        assert {name for slot in found for name in slot.panes} == set(shown)
        assert max(slot.region.right for slot in found) == size[0]


def test_status_lines_fit_every_width_and_never_lose_mode_scope_and_unknown():
    figures = Figures(
        ("live",), "desk-1", (("Trade", True), ("Portfolio", False), ("Orders", False)), "USDT", 1_234_567.89,
        12.5, -3.0, 1e6, 8.25, "desk-1 BTC/USDT:USDT", -1.5, NOW_NS + 95 * MINUTE_NS, 3, 1, 2, 17, NOW_NS,
        "connected", linked=True, trading=True,
    )  # fmt: skip
    for width in range(40, 260):
        first, second = status_lines(figures, width)
        assert first.cell_length <= width
        assert len(second.plain.rstrip()) <= width
        assert " LIVE " in first.plain
        assert "@desk-1" in first.plain
        assert "2 UNKNOWN" in second.plain
        if width >= 80:
            assert "8.2 %" in second.plain, width
        if width >= 200:
            assert "Liquidation 8.2 % off desk-1 BTC/USDT:USDT" in second.plain
            assert "Funding -1.50 in 1:35" in second.plain


def test_a_near_liquidation_and_missing_stops_are_said_only_with_positions():
    flat = Figures(("paper",), linked=True, positions=0, unprotected=0)
    assert "Liq" not in status_lines(flat, 200)[1].plain
    far = Figures(("paper",), linked=True, positions=3, unprotected=2)
    words = status_lines(far, 200)[1].plain
    assert "Liquidation none near" in words
    assert "2 of 3 without a stop" in words


# -- lines for rows


def test_lines_name_accounts_rows_and_symbols():
    rows = [
        {"account": "a", "row": 3, "client_order_id": "f" * 32},
        {"account": "b", "row": 0, "client_order_id": "e"},
    ]
    assert cancel_line(rows[:1]) == "@a cancel #3"
    assert cancel_line(rows) == f"@a,b cancel id:{'f' * 32},id:e"
    assert amend_line(rows) == "@a amend #3 at "
    positions = [{"account": "a", "symbol": "BTC/USDT:USDT"}, {"account": "b", "symbol": "ETH/USDT:USDT"}]
    assert close_line(positions) == "@a close BTC/USDT:USDT & @b close ETH/USDT:USDT"
    assert cancel_line([]) == amend_line([]) == close_line([]) == ""


# -- the command bar's parts


def test_carets_stand_under_the_wrong_characters():
    fault = Fault("buy 500 BTC.p", "what?", (4, 7))
    line = caret_line(fault, 3, 80)
    assert line.index("^") == 3 + 4
    assert line.count("^") == 3
    assert caret_line(fault, -5, 80) == "^^"
    assert caret_line(Fault("x", "y"), 3, 80) == ""


def test_words_are_painted_by_what_they_mean():
    text = "@desk-1 buy 500usd BTC.p at bid; foo x"
    parts = {text[start:end]: part for start, end, part in painted(text)}
    assert parts["@desk-1"] == "scope"
    assert parts["buy"] == "side-buy"
    assert parts["500usd"] == "number"
    assert parts["at"] == "word"
    assert parts[";"] == "join"
    assert parts["foo"] == "strange"
    assert painted('note "open') == []


def test_the_syntax_of_the_last_command_is_shown():
    assert syntax_of("@a buy 1btc BTC; s ").startswith("sell")
    assert syntax_of("nonsense") == ""


def test_a_reading_replaces_what_it_reads_anew():
    choice = reading_choice(Fault("@a cancel", "what?", (9, 9)), "cancel all (everything)")
    assert "@a cancel"[: choice.start] + choice.text == "@a cancel all"
    choice = reading_choice(Fault("buy 500 BTC", "?", (4, 7)), "500usd (worth)")
    assert "buy 500 BTC"[: choice.start] + choice.text + "buy 500 BTC"[choice.end :] == "buy 500usd BTC"


def test_history_is_private_deduplicated_and_walked_like_a_shell(tmp_path):
    path = tmp_path / "history"
    history = History(path)
    for line in ("buy a", "sell b", "buy a", "  ", "bad\x1b"):
        history.add(line)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = History(path)
    assert again.older("draft") == "buy a"
    assert again.older("") == "sell b"
    assert again.older("") is None
    assert again.newer() == "buy a"
    assert again.newer() == "draft"
    assert again.newer() is None
    assert again.search("BUY") == ["buy a"]


def test_an_unwritable_history_costs_nothing_else(tmp_path):
    history = History(tmp_path / "missing" / "history")
    history.add("buy a")
    assert history.older("") == "buy a"


# -- data


def test_tails_and_older_pages_make_one_series():
    whole = chart(f"chart:{BTC}|5m|sma(20)")
    series = ChartSeries()
    series.take(whole)
    opens = np.frombuffer(whole["open_ns"], "<i8")
    width = int(opens[1] - opens[0])

    def page(first, count, *, tail):
        times = first + width * np.arange(count)
        column = np.full(count, 5.0).astype("<f8").tobytes()
        lines = [{**whole["indicators"][0], "values": column}]
        return {
            "tail": tail, "loaded": True, "open_ns": times.astype("<i8").tobytes(), "columns": [column] * 5,
            "indicators": lines,
        }  # fmt: skip

    assert series.take(page(int(opens[-2]), 3, tail=True))
    assert len(series) == 301
    assert series.columns[3, -1] == 5.0
    assert series.put_older(page(int(opens[0]) - 10 * width, 15, tail=True)) == 10
    assert len(series) == 311
    assert len(series.curves["sma(20)"].values) == 311
    assert np.all(np.diff(series.open_ns) == width)
    assert series.put_older(page(int(opens[0]), 5, tail=True)) == 0
    assert series.exhausted
    series.take(whole)  # a whole document keeps the older pages
    assert len(series) == 310
    assert np.all(np.diff(series.open_ns) == width)


def test_a_book_marks_own_orders_and_says_when_it_is_stale():
    bids, asks = [(100.0 - n, 1.0) for n in range(20)], [(101.0 + n, 2.0) for n in range(20)]
    ladder = Ladder(bids, asks, 1, 2, {("buy", "99.0"): 1.0})
    lines = ["".join(text for text, _ in line) for line in ladder_lines(ladder, 40, 20)]
    assert all(len(line) == 40 for line in lines)
    assert [line for line in lines if line.startswith("▸")] == [line for line in lines if " 99.0 " in line]
    assert any("spread 1.0" in line for line in lines)
    stale = ladder_lines(Ladder(bids, asks, 1, 2, {}, 7.0), 40, 20)
    assert any("STALE 7 s" in text for line in stale for text, _ in line)
    for width in range(30):
        for height in range(12):
            assert len(ladder_lines(ladder, width, height)) <= height


def test_bursts_of_notices_are_summed_up_and_alarms_are_not():
    shown, rung, now = [], [], [0.0]
    board = NoticeBoard(lambda *words: shown.append(words), lambda: rung.append(1), lambda: now[0])
    for n in range(50):
        board.put(m.Notice(n, "info", "fill", f"fill {n}", "desk-1"))
    board.put(m.Notice(0, "alarm", "alarm", "BTC above 70000"))
    board.flush()
    assert [title for _, title, _ in shown] == ["Alarm"]
    assert rung == [1]
    now[0] = 0.4
    board.flush()
    assert shown[-1][0].startswith("50 fills\nlast: desk-1: fill 49")
    board.put(m.Notice(0, "info", "fill", "one more"))
    now[0] = 1.0
    board.flush()
    assert len(shown) == 2
    now[0] = 2.0
    board.flush()
    assert shown[-1][0] == "one more"
    board.flush()
    assert len(shown) == 3


class _View:
    def __init__(self, topic):
        self.topic = topic
        self.loads, self.changes = 0, []

    def load(self, table):
        self.loads += 1

    def change(self, table, changed, removed, documents):
        self.changes.append((changed, removed))


class _Link:
    def __init__(self):
        self.replica = Replica()
        self.followed = ()

    def follow(self, *topics):
        self.followed = topics


def test_the_pump_loads_what_comes_into_sight_and_then_hands_on_changes():
    link = _Link()
    pump = FramePump(link)
    pump.always("accounts")
    first, second = _View("orders"), _View("orders")
    pump.show([first])
    assert set(link.followed) == {"accounts", "orders"}
    rows = TABLES["orders"]
    link.replica.apply(m.Frame(1, 0, [m.Delta("orders", full=True, rows=rows)]))
    pump.mark(["orders"])
    pump.tick()
    assert (first.loads, first.changes) == (1, [])
    pump.show([first, second])
    link.replica.apply(m.Frame(2, 0, [m.Delta("orders", rows=rows[:1], removed=[rows[1][0]])]))
    pump.mark(["orders"])
    pump.tick()
    assert second.loads == 1
    assert first.changes == [([rows[0][0]], [rows[1][0]])]
    assert not pump.tick()


def test_order_rows_are_kept_by_their_status():
    assert [ORDERS.keep({"status": status}) for status in ("live", "unknown", "filled")] == [
        True,
        True,
        False,
    ]


def test_a_crash_report_holds_no_words_and_no_values():
    with pytest.raises(CommandError) as caught:
        help_for("hunter2")
    text = crash_text(caught.value)
    assert "hunter2" not in text
    assert "CommandError" in text
    assert "test_console_parts.py" in text
    assert "help_for" in text
