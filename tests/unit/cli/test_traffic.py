"""`hedge traffic`: field names that scripts rely on, tables for people, and passwords of proxies."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hedge_tui.bootstrap.places import vault_file
from hedge_tui.cli import main
from hedge_tui.credentials.kdf import FLOOR
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.credentials.unlocking import Passphrase
from hedge_tui.credentials.vault import Vault
from hedge_tui.domain.secret import Secret
from hedge_tui.wire.topics import COLUMNS
from tests.unit.engine.test_traffic_rows import TRAFFIC_NOW

if TYPE_CHECKING:
    from conftest import CommandDesk

PASSPHRASE, PASSWORD = "correct horse", "pr0xy-passw0rd-0001"
CONFIG = """
[[egress]]
name = "tokyo"
kind = "http"
address = "127.0.0.1:1"
user = "desk"

[[egress]]
name = "second"
kind = "source"
address = "127.0.0.2"
"""


@pytest.fixture
def busy(desk: CommandDesk, monkeypatch: pytest.MonkeyPatch) -> CommandDesk:
    book: Any = desk.engine.engine.board.tables["budgets"]
    monkeypatch.setattr(book._book, "_traffic", lambda: TRAFFIC_NOW)
    monkeypatch.setattr(book._book, "_at_ns", 0)
    return desk


def test_the_document_has_the_fields_of_the_topics(busy: CommandDesk) -> None:
    found = busy.json("traffic")
    assert list(found) == ["budgets", "lanes", "routes", "bans"]
    for topic, rows in found.items():
        assert rows
        assert {tuple(row) for row in rows} == {COLUMNS[topic]}
    assert found["routes"][1]["latency_ms"] is None


def test_people_read_what_is_used_who_waits_and_who_is_banned(busy: CommandDesk) -> None:
    out = busy.out("traffic")
    assert "binanceusdm  direct" in out
    assert "history" in out
    assert "proxy.example:3128" in out
    assert "418" in out


def test_a_desk_that_sends_nothing_says_so(desk: CommandDesk) -> None:
    out = desk.out("traffic")
    assert "nothing was sent yet" in out
    assert "no venue has told this desk to stop" in out


def test_the_password_of_a_proxy_goes_into_the_vault_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hedge_tui.credentials.unlocking.Passphrase.__init__.__defaults__", (FLOOR,))
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    config.chmod(0o600)

    def hedge(*words: str, given: str = "", code: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSPHRASE}\n{given}\n"))
        capsys.readouterr()
        found = main.run([*words, "--data-dir", str(tmp_path / "data"), "--config", str(config)])
        printed = capsys.readouterr()
        assert found == code, printed.out + printed.err
        assert PASSWORD not in printed.out + printed.err
        return printed.out + printed.err

    assert 'did you mean "tokyo"' in hedge("traffic", "password", "tokio", code=1)
    assert "names no user" in hedge("traffic", "password", "second", code=1)
    assert "hedge traffic test" in hedge("traffic", "password", "tokyo", given=PASSWORD)
    assert "the vault is empty" in hedge("keys", "list")
    kept = [file for file in tmp_path.rglob("*") if file.is_file() and PASSWORD.encode() in file.read_bytes()]
    assert kept == []
    vault = Vault.open(vault_file(tmp_path / "data"), Passphrase(Secret(PASSPHRASE)))
    redactor = Redactor()
    redactor.register(*vault.credential("egress.tokyo").secrets())
    assert redactor.redact(f"desk-1 over tokyo: {PASSWORD}") == "desk-1 over tokyo: [redacted]"
    assert "gone from the vault" in hedge("traffic", "password", "tokyo", "--remove")
