"""`hedge do`: what is previewed is what is sent, nothing goes unasked, the exit code says how it went."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

from hedge_tui.cli import exits
from hedge_tui.cli.do import code_of
from hedge_tui.wire.messages import LegResult, Result

if TYPE_CHECKING:
    from conftest import CommandDesk

LEG = (
    "account act client_order_id effect fee fee_asset flags instrument margin_after new note notional"
    " notional_asset old price problem quantity reference_price side type typed_price venue"
)


def test_without_yes_and_a_terminal_nothing_is_sent(desk: CommandDesk) -> None:
    before = len(desk.json("runs"))
    text = desk.out("do", "@desk-1 buy 0.01btc BTC.p")
    assert "nothing was sent; add --yes to send" in text
    assert "desk-1" in text
    assert desk.json("do", "@desk-1 buy 0.01btc BTC.p")["sent"] is False
    assert len(desk.json("runs")) == before


def test_what_loosens_is_said_twice(desk: CommandDesk) -> None:
    text = desk.out("do", "limit max_order_notional 300 @desk-1")
    assert "none of its own -> 300" in text
    order = ("do", "@desk-1 buy 500usd BTC.p")
    assert "max_order_notional 300" in desk.error(*order, "--yes", code=exits.DENIED)
    line = ("do", "limit max_order_notional 9000 @desk-1")
    assert "--again 9000" in desk.error(*line, "--yes", code=exits.USAGE)
    assert '"900" was typed' in desk.error(*line, "--again", "900", code=exits.DENIED)
    found = desk.json("do", "limit max_order_notional 9000 @desk-1", "--again", "9000")
    assert found["done"]["text"] == "max_order_notional of desk-1: 300 -> 9,000"
    desk.out(*order, "--preview")
    desk.out("do", "limit max_order_notional default @desk-1", "--again", "default")


def test_help_is_printed_as_text(desk: CommandDesk) -> None:
    text = desk.out("do", "help limit")
    assert text.startswith("limit: show or change the caps")
    assert "HelpText" not in text


def test_a_halted_desk_denies_until_it_is_resumed(desk: CommandDesk) -> None:
    desk.out("do", "halt desk-1 because of a test")
    words = desk.error("do", "@desk-1 buy 500usd BTC.p", "--yes", code=exits.DENIED)
    assert "desk-1 is HALTED (of a test)" in words
    desk.error("do", "resume desk-1", code=exits.USAGE)
    assert "desk-1 is ACTIVE" in desk.out("do", "resume desk-1", "--again", "resume")


def test_the_document_of_a_preview(desk: CommandDesk) -> None:
    found = desk.json("do", "@desk-1 buy 500usd BTC.p", "--preview")
    assert sorted(found) == ["done", "line", "preview", "result", "sent"]
    assert sorted(found["preview"]) == [
        "expires_in_s",
        "hash",
        "headline",
        "legs",
        "preview_only",
        "sendable",
        "totals",
        "warnings",
    ]
    leg = found["preview"]["legs"][0]
    assert " ".join(sorted(leg)) == LEG
    assert float(leg["notional"]) > 400
    assert (leg["notional_asset"], leg["price"], leg["problem"]) == ("USDT", None, None)
    assert float(leg["reference_price"]) > 0
    assert sorted(found["preview"]["totals"][0]) == [
        "account",
        "fee",
        "fee_asset",
        "legs",
        "notional",
        "notional_asset",
    ]


def test_yes_sends_what_was_printed_and_says_what_became_of_it(desk: CommandDesk) -> None:
    found = desk.json("do", "@desk-1,desk-2 buy 0.01btc/each BTC.p", "--yes")
    assert found["sent"] is True
    assert sorted(found["result"]) == ["legs", "run", "sent"]
    assert sorted(found["result"]["legs"][0]) == [
        "account",
        "average_price",
        "client_order_id",
        "filled",
        "instrument",
        "reason",
        "status",
        "venue_order_id",
    ]
    assert [leg["status"] for leg in found["result"]["legs"]] == ["filled", "filled"]
    assert desk.json("runs")[-1]["run"] == found["result"]["run"]
    assert desk.json("runs")[-1]["origin"] == "cli"


def test_a_line_without_legs_is_done_at_once(desk: CommandDesk) -> None:
    found = desk.json("do", "help buy")
    assert (found["preview"], found["result"], found["sent"]) == (None, None, False)
    assert sorted(found["done"]) == ["action", "text"]


def test_a_line_from_standard_input(desk: CommandDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("@desk-1 buy $500 BTC.p\nignored\n"))
    assert desk.json("do", "-")["line"] == "@desk-1 buy $500 BTC.p"
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert "nothing was typed" in desk.error("do", "-", code=2)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("@desk-1 buy 500 BTC.p", "it could mean: 500btc"),
        ("buy 500usd BTC.p", "no account is named"),
        ("@desk-1 buy 500usd BTX.p", "BTC.p"),
        ("@desk-1 buy 500usd", "symbol"),
        ("@desk-1 by 500usd BTC.p", "^^"),
        ("@desk1 buy 500usd BTC.p", "desk-1"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused_with_help(desk: CommandDesk, line: str, words: str) -> None:
    told = desk.error("do", line, "--yes", code=2)
    assert words in told
    assert told.startswith("hedge: ")


def test_a_cap_denies_with_code_four(desk: CommandDesk) -> None:
    told = desk.error("do", "@desk-1 buy 30000usd BTC.p", "--yes", "--json", code=4)
    assert "25,000" in told
    assert "nothing was sent" in told


def test_nothing_sendable_is_a_failure(desk: CommandDesk) -> None:
    found = desk.json("do", "@desk-1 buy 1usd BTC.p", "--yes", code=1)
    assert found["sent"] is False
    assert "below the lot" in found["preview"]["legs"][0]["problem"]
    text = desk.out("do", "@desk-1 buy 1usd BTC.p", "--yes", code=1)
    assert re.search(r"^NOT SENT desk-1 buy BTC/USDT:USDT: quantity .* is below the lot", text, re.MULTILINE)


def test_a_narrow_preview_keeps_what_matters(desk: CommandDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hedge_tui.cli.table.terminal_width", lambda: 80)
    lines = desk.out("do", "@desk-1,spot-1 buy 0.01btc/each BTC at bid-1%").splitlines()
    assert max(map(len, lines[:3])) <= 80
    assert [
        word in lines[0] for word in ("account", "side", "quantity", "instrument", "price", "notional")
    ] == [True] * 6
    assert "binanceusdm:" in lines[1]
    assert "binance:BTC" in lines[2]


def test_yes_and_preview_contradict(desk: CommandDesk) -> None:
    desk.error("do", "@desk-1 buy 500usd BTC.p", "--yes", "--preview", code=2)


def test_at_a_terminal_the_person_is_asked(desk: CommandDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def close_input(_prompt: str) -> str:
        raise EOFError

    line = ("do", "@desk-2 buy 0.01btc BTC.p")
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", close_input)
    assert "nothing was sent" in desk.out(*line)
    monkeypatch.setattr("builtins.input", lambda _prompt: "y")
    assert "nothing was sent" in desk.out(*line)
    monkeypatch.setattr("builtins.input", lambda _prompt: " Yes ")
    assert "1 sent" in desk.out(*line)


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["filled", "live"], exits.DONE),
        (["filled", "rejected"], exits.FAILED),
        (["rejected", "unknown"], exits.UNKNOWN),
        (["cancel_unknown"], exits.UNKNOWN),
        (["sending"], exits.UNKNOWN),
        (["filled", "not sent"], exits.FAILED),
        (["denied"], exits.DENIED),
        ([], exits.DONE),
    ],
)
def test_the_worst_leg_decides_the_code(statuses: list[str], code: int) -> None:
    legs = tuple(LegResult("a", "v:S", "", "", status, "", "", "") for status in statuses)
    assert code_of(Result(1, "run", len(legs), legs)) == code


def test_a_setting_that_is_not_as_asked_is_a_failure(desk: CommandDesk) -> None:
    for status, code in (("done", exits.DONE), ("failed", exits.FAILED), ("not sent: why", exits.FAILED)):
        leg = LegResult("desk-1", "binanceusdm:BTC/USDT:USDT", "", "", status, "", "", "")
        assert code_of(Result(1, "run", 1, (leg,))) == code
    changed = desk.json("do", "@desk-1 lev BTC.p 9", "--yes")
    assert [leg["status"] for leg in changed["result"]["legs"]] == ["done"]
    (row,) = changed["preview"]["legs"]
    assert (row["act"], row["new"], row["quantity"]) == ("leverage", "9", None)


def test_the_journal_says_how_it_is_and_has_nothing_to_reopen(desk: CommandDesk) -> None:
    for line in ("journal", "journal reopen"):
        assert "the journal is written, up to act" in desk.out("do", line)
