"""Tables fit the terminal: columns go before texts are cut, numbers are never cut, nothing wraps."""

from __future__ import annotations

import pytest

from hedge_tui.cli.layout import Track, lay_out, width

TRACKS = (
    Track("account", ["desk-1", "desk-12"]),
    Track("venue", ["binanceusdm", "binance"], spare=2),
    Track("quantity", ["0.011", "12,000"], right=True),
    Track("note", ["a long word about this leg", ""], spare=1),
)


def test_without_a_limit_everything_stands_there() -> None:
    assert lay_out(TRACKS, None) == [
        "account  venue        quantity  note",
        "desk-1   binanceusdm     0.011  a long word about this leg",
        "desk-12  binance        12,000",
    ]


def test_columns_that_can_be_spared_go_first_the_largest_number_first() -> None:
    assert lay_out(TRACKS, 50)[0] == "account  quantity  note"
    assert lay_out(TRACKS, 30)[0] == "account  quantity"


def test_then_texts_are_shortened_and_numbers_are_not() -> None:
    tracks = (Track("account", ["a-very-long-account-name"]), Track("quantity", ["123,456.789"], right=True))
    assert lay_out(tracks, 24) == ["account         quantity", "a-very-lon…  123,456.789"]
    assert lay_out(tracks, 5)[1] == "a-ver…  123,456.789", "a number is never cut, whatever the room"
    assert lay_out(tracks, 24, "~")[1] == "a-very-lon~  123,456.789"


@pytest.mark.parametrize("limit", range(30, 90, 7))
def test_no_line_is_wider_than_the_limit(limit: int) -> None:
    assert max(width(line) for line in lay_out(TRACKS, limit)) <= limit


def test_wide_letters_are_cut_whole() -> None:
    tracks = (Track("note", ["日本日本日本日本"]),)
    assert lay_out(tracks, 8)[1] == "日本日…"
