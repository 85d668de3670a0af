"""`hedge accounts`: entries of the configuration file come and go, the rest of it stays as it is."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from hedge_tui.cli import main
from hedge_tui.config import load

FILE = """\
# mine
[risk]
max_order_notional = 100   # small

[[accounts]]
name = "old"
venue = "binance"
mode = "live"

# about the console
[console]
theme = "light"
"""


class Shell:
    def __init__(self, file: Path, data_dir: Path, capture: pytest.CaptureFixture[str]):
        self.file, self._data_dir, self._capture = file, data_dir, capture

    def __call__(self, *words: str, code: int = 0) -> tuple[str, str]:
        self._capture.readouterr()
        found = main.run([*words, "--config", str(self.file), "--data-dir", str(self._data_dir)])
        printed = self._capture.readouterr()
        assert found == code, f"{words}: {found}\n{printed.out}\n{printed.err}"
        return printed.out, printed.err


@pytest.fixture
def hedge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    file = tmp_path / "config.toml"
    file.write_text(FILE)
    file.chmod(0o600)
    return Shell(file, tmp_path / "data", capsys)


def test_one_more_and_one_less(hedge: Shell) -> None:
    out, _ = hedge(
        "accounts",
        "add",
        "desk-1",
        "--venue",
        "binanceusdm",
        "--mode",
        "demo",
        "--group",
        "core",
        "--group",
        "b",
    )
    assert "hedge keys add desk-1" in out
    text = hedge.file.read_text()
    assert text.startswith(FILE)
    account = load(hedge.file).account("desk-1")
    assert account is not None
    assert (account.venue, account.mode.value, account.groups) == ("binanceusdm", "demo", ("core", "b"))
    hedge("accounts", "remove", "desk-1")
    assert hedge.file.read_text().rstrip() == FILE.rstrip()


def test_what_stands_above_the_next_table_stays(hedge: Shell) -> None:
    hedge("accounts", "remove", "old")
    text = hedge.file.read_text()
    assert "old" not in text
    assert "# about the console\n[console]" in text
    assert load(hedge.file).console.theme == "light"


def test_a_sandbox_account_needs_its_address(hedge: Shell) -> None:
    assert "--connect" in hedge("accounts", "add", "s", "--venue", "binance", "--mode", "sandbox", code=2)[1]
    words = ("--connect", "example.org:443", "--ca-file", "ca.pem")
    told = hedge("accounts", "add", "s", "--venue", "binance", "--mode", "sandbox", *words, code=1)[1]
    assert "nothing was written" in told
    assert hedge.file.read_text() == FILE
    hedge(
        "accounts",
        "add",
        "s",
        "--venue",
        "binance",
        "--mode",
        "sandbox",
        "--connect",
        "127.0.0.1:1",
        "--ca-file",
        "ca.pem",
    )
    assert load(hedge.file).account("s") is not None


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("x",), 2, "--venue is missing"),
        (("x", "--venue", "binanze"), 1, "binanze"),
        (("old", "--venue", "binance"), 1, "is here twice"),
        (("x y", "--venue", "binance"), 1, "write letters"),
        (("x", "--venue", "binance", "--mode", "real"), 2, "live, demo, paper, sandbox"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(
    hedge: Shell, words: tuple[str, ...], code: int, told: str
) -> None:
    assert told in hedge("accounts", "add", *words, code=code)[1]
    assert hedge.file.read_text() == FILE


def test_a_broken_file_is_not_added_to(hedge: Shell) -> None:
    hedge.file.write_text("[rsk]\n")
    told = hedge("accounts", "add", "x", "--venue", "binance", code=1)[1]
    assert f"{hedge.file}:1:" in told
    assert 'did you mean "risk"?' in told
    assert hedge.file.read_text() == "[rsk]\n"


def test_caps_of_an_account_hold_it(hedge: Shell) -> None:
    hedge.file.write_text(FILE + "[risk.accounts.old]\nmax_order_notional = 5\n")
    assert "nothing was written" in hedge("accounts", "remove", "old", code=1)[1]


def test_an_unknown_account_names_the_nearest(hedge: Shell) -> None:
    for command in ("remove", "test"):
        assert 'did you mean "old"?' in hedge("accounts", command, "odl", code=2)[1]


def test_the_list(hedge: Shell) -> None:
    rows: list[dict[str, Any]] = json.loads(hedge("accounts", "list", "--json")[0])
    assert [" ".join(sorted(row)) for row in rows] == [
        "account detail differences equity groups in_doubt key mode read_only reconciled_ns state tags venue"
    ]
    assert rows[0]["state"] == "no engine"
    hedge("accounts", "remove", "old")
    assert "hedge accounts add" in hedge("accounts", "list")[0]


def test_a_file_that_does_not_exist_is_made_for_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    home = tmp_path / "config"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    assert main.run(["accounts", "add", "x", "--venue", "binance", "--data-dir", str(tmp_path / "d")]) == 0
    file = home / "hedge" / "config.toml"
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert load(file).account("x") is not None


def test_the_dialogue(hedge: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("desk-1\nbinanceusdm\n\ncore swing\nn\n"))
    _, err = hedge("accounts", "add")
    assert "venue, a ccxt id" in err
    account = load(hedge.file).account("desk-1")
    assert account is not None
    assert (account.mode.value, account.groups) == ("live", ("core", "swing"))


def test_a_paper_account_has_a_balance_and_no_key(hedge: Shell) -> None:
    out, _ = hedge("accounts", "add", "practice", "--venue", "binance", "--mode", "paper")
    assert "it takes no key" in out
    assert load(hedge.file).accounts[1].balance == "10000 USDT"
    out, _ = hedge("accounts", "test", "practice")
    assert "takes no key: not used yet; it begins with 10000 USDT" in out
    out, _ = hedge("accounts", "list", "--json")
    assert [row["key"] for row in json.loads(out)] == ["old", None]
    out, _ = hedge("accounts", "reset", "practice")
    assert "nothing to reset" in out
    _, err = hedge("accounts", "reset", "old", code=1)
    assert "old is a live account; only paper accounts can begin anew" in err


def test_a_paper_account_in_use_is_told_and_reset(hedge: Shell, tmp_path: Path) -> None:
    from decimal import Decimal

    from adapters.paper_accounts.image import AccountImage, VenueImage
    from adapters.paper_accounts.state_file import DiskFile
    from hedge_tui.bootstrap import paper_accounts
    from hedge_tui.cli.checks.engine import check_paper
    from hedge_tui.cli.checks.finding import Finding, Status

    hedge("accounts", "add", "practice", "--venue", "binance", "--mode", "paper", "--balance", "5 BTC")
    ledger = {"practice": {"BTC": Decimal("4.5")}, "(world)": {"BTC": Decimal("-4.5")}}
    file = DiskFile(tmp_path / "data" / "paper" / "binance.json")
    (tmp_path / "data").mkdir(mode=0o700)
    file.write(VenueImage("binance", "spot", 1, 1, 0, ledger, (AccountImage("practice"),)))
    assert "4.5 BTC, 0 positions, 0 open orders" in hedge("accounts", "test", "practice")[0]
    assert "begins anew with 5 BTC" in hedge("accounts", "reset", "practice")[0]
    assert "key: 5 BTC, 0 positions" in hedge("accounts", "test", "practice")[0]

    def looked() -> Finding:
        (found,) = check_paper(lambda: paper_accounts(load(hedge.file), tmp_path / "data"))
        return found

    assert (looked().check, looked().status) == ("paper practice", Status.OK)
    assert looked().detail == "5 BTC, 0 positions, 0 open orders"
    file.path.write_bytes(b"{")
    assert looked().status is Status.BROKEN
    assert "begin anew" in looked().remedy


def test_a_key_gets_its_route_before_it_is_first_sent(hedge: Shell) -> None:
    route = '[[egress]]\nname = "tokyo"\nkind = "http"\naddress = "127.0.0.1:3128"\n'
    hedge.file.write_text(FILE + route)
    words = ("accounts", "add", "far", "--venue", "binance", "--mode", "live", "--egress")
    assert "not trusted" in hedge(*words, "tokyo", code=1)[1]
    assert 'did you mean "tokyo"' in hedge(*words, "tokio", code=1)[1]
    assert len(load(hedge.file).accounts) == 1
    hedge.file.write_text(FILE + route + "trusted = true\n")
    hedge(*words, "tokyo")
    assert load(hedge.file).accounts[1].egress == "tokyo"
