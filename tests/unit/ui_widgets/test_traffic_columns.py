"""Words and bars of the budgets, and what the status bar says of stops."""

from __future__ import annotations

import pytest

from hedge_tui.ui.columns.traffic import BAR_CELLS, bar, room, window
from hedge_tui.ui.desk_data import stops_of
from hedge_tui.wire.replica import Table

NOW_NS = 1_790_000_000_000_000_000


def row(**values: float) -> dict[str, float]:
    known = {
        "spent": 0.0,
        "others": 0.0,
        "planned": 75.0,
        "limit": 100.0,
        "free_in_s": 0.0,
        "ban_left_s": 0.0,
    }
    return known | values


@pytest.mark.parametrize(
    ("spent", "others", "drawn"),
    [
        (0, 0, "············┃···"),
        (0.4, 0, "█···········┃···"),
        (25, 25, "████▒▒▒▒····┃···"),
        (99.9, 0, "███████████████·"),
        (130, 0, "████████████████"),
    ],
)
def test_a_bar_shows_what_is_used_and_how_far_is_planned(spent: float, others: float, drawn: str) -> None:
    assert bar(row(spent=spent, others=others)) == drawn
    assert len(drawn) == BAR_CELLS


def test_a_limit_that_is_not_known_has_no_bar() -> None:
    assert bar(row(limit=0.0)) == ""


def test_one_word_says_how_much_room_there_is() -> None:
    assert room(row()) == "free"
    assert room(row(spent=55.0, others=6.0)) == "tight"
    assert room(row(spent=75.0, free_in_s=1.5)) == "full"
    assert room(row(ban_left_s=40.0)) == "banned"


@pytest.mark.parametrize(
    ("seconds", "words"), [(10, "10 s"), (60, "1 min"), (300, "5 min"), (86_400, "1 d"), (90, "90 s")]
)
def test_windows_are_told_in_their_own_unit(seconds: float, words: str) -> None:
    assert window({"window_s": seconds}) == words


def test_a_ban_is_told_before_a_pause_and_only_while_it_lasts() -> None:
    table = Table("bans")
    for system, status, left_s in (
        ("binance", 429, 90),
        ("binanceusdm at 127.0.0.1:1", 418, 42.2),
        ("kraken", 418, -1),
    ):
        key = f"{system}||"
        table.rows[key] = [key, system, "", "", status, NOW_NS + int(left_s * 1e9), left_s]
    assert stops_of(table, NOW_NS) == (("binanceusdm", "BANNED", 43), ("binance", "paused", 90))
    assert stops_of(None, NOW_NS) == ()
