"""`hedge stream`: one JSON object a line, ends by count or with the engine."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hedge_tui.cli.stream import _check, _follow
from hedge_tui.domain.errors import CommandError, EngineUnreachable
from hedge_tui.wire.messages import Delta, Frame
from hedge_tui.wire.replica import Replica
from hedge_tui.wire.topics import COLUMNS

if TYPE_CHECKING:
    from conftest import CommandDesk


class Connection:
    """Stands in for a client: frames are handed over by the test."""

    def __init__(self) -> None:
        self.replica = Replica()
        self.on_frame: Any = None
        self.on_closed: Any = None
        self.followed: tuple[str, ...] = ()

    def follow(self, *topics: str) -> None:
        self.followed = topics

    def frame(self, *deltas: Delta) -> None:
        self.on_frame(self.replica.apply(Frame(1, 0, list(deltas))))


def row(account: str) -> list[Any]:
    return [account, "binance", *[float("nan")] * (len(COLUMNS["accounts"]) - 2)]


async def test_whole_rows_first_then_changes_and_removals(capsys: pytest.CaptureFixture[str]) -> None:
    connection = Connection()
    task = asyncio.create_task(_follow(connection, ["accounts"], 4))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert connection.followed == ("accounts",)
    connection.frame(Delta("accounts", full=True, rows=[row("a"), row("b")]))
    connection.frame(Delta("accounts", rows=[row("b")], removed=["a"]))
    await task
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["topic"], one["key"], one.get("removed", False)) for one in lines] == [
        ("accounts", "a", False),
        ("accounts", "b", False),
        ("accounts", "b", False),
        ("accounts", "a", True),
    ]
    assert lines[0]["row"]["equity"] is None, "NaN has no place in JSON"


async def test_it_ends_with_the_engine() -> None:
    connection = Connection()
    task = asyncio.create_task(_follow(connection, ["accounts"], 0))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    connection.on_closed("the engine stops")
    with pytest.raises(EngineUnreachable, match="the engine stops"):
        await task


def test_a_count_of_lines(desk: CommandDesk) -> None:
    lines = desk.out("stream", "accounts", "balances", "--count", "3").splitlines()
    assert len(lines) == 3
    assert all(set(json.loads(line)) == {"topic", "key", "row"} for line in lines)


def test_a_book_is_a_document(desk: CommandDesk) -> None:
    (line,) = desk.out("stream", "book:binanceusdm:BTC/USDT:USDT", "--count", "1").splitlines()
    assert set(json.loads(line)) == {"topic", "document"}


async def test_only_the_fields_that_are_wanted_and_only_when_they_change(
    capsys: pytest.CaptureFixture[str],
) -> None:
    connection = Connection()
    fields = ("name", "equity")
    task = asyncio.create_task(_follow(connection, ["accounts"], 4, fields))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    place = COLUMNS["accounts"].index("equity")
    richer = row("a")
    richer[place] = 5.0
    other = row("a")
    other[-1] = "something else"
    connection.frame(Delta("accounts", full=True, rows=[row("a")]))
    connection.frame(Delta("accounts", rows=[other]))
    connection.frame(Delta("accounts", rows=[richer]))
    connection.frame(Delta("accounts", removed=["a"]))
    connection.frame(Delta("accounts", rows=[row("a")]))
    await task
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one.get("row") for one in lines] == [
        {"name": "a", "equity": None},
        {"name": "a", "equity": 5.0},
        None,
        {"name": "a", "equity": None},
    ]


@pytest.mark.parametrize("topic", sorted(COLUMNS))
def test_every_table_can_be_followed(topic: str) -> None:
    _check([topic], ())


@pytest.mark.parametrize(
    ("topics", "fields", "words"),
    [
        (["postions"], (), 'did you mean "positions"?'),
        (["book"], (), "book of which instrument?"),
        (["book:"], (), "book: is no topic"),
        (["accounts"], ("equty",), 'accounts has no field equty; did you mean "equity"?'),
        (["accounts", "orders"], ("equity",), "orders has no field equity"),
    ],
)
def test_what_does_not_exist_is_named_with_the_nearest(
    topics: list[str], fields: tuple[str, ...], words: str
) -> None:
    with pytest.raises(CommandError, match=re.escape(words)):
        _check(topics, fields)


def test_an_unknown_topic_is_a_mistake_of_usage(desk: CommandDesk) -> None:
    assert "positions" in desk.error("stream", "postions", code=2)


def test_several_topics_at_once_each_line_whole(desk: CommandDesk) -> None:
    out = desk.out(
        "stream", "accounts", "balances", "accounts", "--fields", "account", "--count", "2", code=2
    )
    assert out == ""
    lines = desk.out("stream", "balances", "positions", "--fields", "account", "--count", "2").splitlines()
    assert all(list(json.loads(line)["row"]) == ["account"] for line in lines)
    assert len(lines) == 2


def test_an_interrupt_ends_it_at_once(desk: CommandDesk) -> None:
    words = [sys.executable, "-m", "hedge_tui", "stream", "instruments", "--data-dir", str(desk.data_dir)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first, process.stderr.read()
        assert json.loads(first)["topic"] == "instruments"
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(30) == 130
        assert process.stderr.read() == b""
        assert all(json.loads(line) for line in rest.splitlines()), "no line is cut in the middle"


def test_a_reader_that_goes_away_ends_it(desk: CommandDesk) -> None:
    words = [sys.executable, "-m", "hedge_tui", "stream", "instruments", "--data-dir", str(desk.data_dir)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(15) == 1
        assert process.stderr.read() == b""
