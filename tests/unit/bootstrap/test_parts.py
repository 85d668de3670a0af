"""Small parts of the engine's process: its log, its idleness, its view of keys and venues."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hedge_tui.bootstrap.idle import IdleWatch, wait_idle
from hedge_tui.bootstrap.logs import JsonLines, start_logging
from hedge_tui.bootstrap.venues import check_venue, check_venues
from hedge_tui.config import parse
from hedge_tui.config.settings import EngineSettings
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.domain.errors import ConfigError
from hedge_tui.domain.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:], logging.raiseExceptions = handlers, raising
    root.setLevel(level)


@pytest.mark.usefixtures("_own_logging")
def test_the_log_is_json_by_line_rotated_and_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedge_tui.bootstrap.logs.install_excepthooks", lambda _redactor: None)
    redactor = Redactor()
    redactor.register(Secret("s3cr3t-value"))
    start_logging(tmp_path / "engine.log", EngineSettings(log_megabytes=1, log_level="info"), redactor)
    log = logging.getLogger("hedge_tui.test")
    try:
        int("s3cr3t-value")
    except ValueError:
        log.exception("it failed with %s\nand a second line", "s3cr3t-value")
    log.debug("not wanted")
    for _ in range(1100):
        log.info("x" * 1000)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["engine.log", "engine.log.1"]
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    first = json.loads(files[1].read_text().splitlines()[0])
    assert set(first) == {"at", "level", "part", "text", "error"}
    assert "ValueError" in first["error"]
    assert "s3cr3t" not in "".join(file.read_text() for file in files)
    assert not [line for line in lines if line["text"] == "not wanted"]


def test_a_log_line_has_its_time_in_utc() -> None:
    record = logging.LogRecord("a", logging.WARNING, "f", 1, "hello %s", ("you",), None)
    record.created = 0.25
    assert json.loads(JsonLines().format(record)) == {
        "at": "1970-01-01T00:00:00.250+00:00",
        "level": "warning",
        "part": "a",
        "text": "hello you",
    }


def test_idle_means_nobody_looks_and_nothing_works_all_the_time() -> None:
    watch = IdleWatch(2)
    assert not watch.due(0, clients=0, working_orders=0)
    assert not watch.due(100, clients=1, working_orders=0)
    assert not watch.due(130, clients=0, working_orders=3)
    assert not watch.due(140, clients=0, working_orders=0)
    assert not watch.due(259, clients=0, working_orders=0)
    assert watch.due(260, clients=0, working_orders=0)
    assert not IdleWatch(0).due(10**9, clients=0, working_orders=0)


async def test_an_idle_engine_is_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hedge_tui.bootstrap.idle.LOOK_EVERY_S", 0)
    looks = iter([(1, 0), (0, 2), (0, 0), (0, 0)])
    seen: list[tuple[int, int]] = []

    class Watch(IdleWatch):
        def due(self, now_s: float, *, clients: int, working_orders: int) -> bool:
            seen.append((clients, working_orders))
            return len(seen) == 4

    await wait_idle(Watch(1), lambda: next(looks))
    assert seen == [(1, 0), (0, 2), (0, 0), (0, 0)]


def test_venues_are_known_by_name_without_loading_them() -> None:
    check_venue("binanceusdm")
    with pytest.raises(ConfigError, match='did you mean "binance'):
        check_venue("binanze")
    with pytest.raises(ConfigError, match="write a ccxt id"):
        check_venue("zzzzzzzz")


ACCOUNT = '[[accounts]]\nname = "{}"\nvenue = "{}"\nmode = "{}"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ACCOUNT.format("a", "bynance", "live"), 'config.toml:3: venue "bynance" is not known; did you mean'),
        ("[venues.bynance]\n", "config.toml:1: venue"),
        (
            ACCOUNT.format("a", "binance", "live") + ACCOUNT.format("b", "binance", "demo"),
            "config.toml:5: a (live) and b (demo) are both at binance",
        ),
    ],
)
def test_a_wrong_venue_names_file_and_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as told:
        check_venues(parse(text, file), file)
    assert words in str(told.value)


def test_paper_accounts_see_the_live_market(tmp_path: Path) -> None:
    text = ACCOUNT.format("a", "binance", "live") + ACCOUNT.format("b", "binance", "paper")
    text += 'balance = "1 BTC"\n'
    check_venues(parse(text, tmp_path / "none.toml"), tmp_path / "none.toml")
