"""JSON without loss, tables that line up and cannot be hijacked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from hedge_tui.cli.layout import width
from hedge_tui.cli.output import print_json, print_json_line, print_table
from hedge_tui.domain.account import Account, Balance, Mode


def test_json_keeps_every_digit_and_every_field_name(capsys: pytest.CaptureFixture[str]) -> None:
    big = Decimal("123456789012345678901234.000000000000000001")
    print_json(
        {
            "balance": Balance("desk-1", "BTC", big, Decimal("0.10"), Decimal(0)),
            "account": Account("desk-1", "binance", Mode.PAPER),
            "file": Path("/x"),
            "at_ns": 1_700_000_000_000_000_001,
        }
    )
    out = capsys.readouterr().out
    read = json.loads(out)
    assert out.endswith("}\n")
    assert read["balance"]["total"] == str(big)
    assert read["balance"]["free"] == "0.10"
    assert read["account"]["mode"] == "paper"
    assert (read["file"], read["at_ns"]) == ("/x", 1_700_000_000_000_000_001)


def test_json_refuses_what_it_does_not_know() -> None:
    with pytest.raises(TypeError, match="object has no place"):
        print_json({"x": object()})


def test_a_stream_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_json_line({"text": "a\nb"})
    print_json_line({"n": 1})
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [{"text": "a\nb"}, {"n": 1}]


def test_a_table_lines_up(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(
        ["account", "quantity", "mark", "tags", "read only"],
        [
            ["desk-1", Decimal("-1234.50"), None, ("a", "b"), True],
            ["日本", Decimal("1E+3"), Decimal("0.1"), (), False],
        ],
    )
    assert capsys.readouterr().out == (
        "account   quantity  mark  tags  read only\n"
        "desk-1   -1,234.50     -  a, b  yes\n"
        "日本         1,000   0.1  -     no\n"
    )


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["account"], [], empty="no live orders")
    assert capsys.readouterr().out == "no live orders\n"


def test_text_of_a_venue_cannot_write_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["symbol"], [["BTC\x1b]52;c;aGk=\x07\u202eTDSU\r\n"]])
    out = capsys.readouterr().out
    assert not set(out) & set("\x1b\x07\r\u202e")
    assert len(out.splitlines()) == 2


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("print_table(['symbol'], [['BTC日é']])", b"symbol\nBTC<65E5><00E9>\n"),
        ("print_json({'symbol': 'BTC日é'})", '{"symbol":"BTC日é"}\n'.encode()),
    ],
)
def test_without_unicode_nothing_breaks(call: str, expected: bytes) -> None:
    code = f"from hedge_tui.cli.output import *; {call}"
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == expected


def test_wide_letters_take_two_cells() -> None:
    assert width("日本a") == 5
