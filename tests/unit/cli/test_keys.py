"""`hedge keys`: secrets come by standard input or a prompt, go into the vault, and are printed nowhere."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from hedge_tui.cli import main
from hedge_tui.cli.key_file import read_key_file
from hedge_tui.cli.shredding import shred, what_shredding_cannot_do
from hedge_tui.credentials.kdf import FLOOR
from hedge_tui.domain.errors import ConfigError

PASSPHRASE = "correct horse"
KEY, SECRET = "k3y-of-the-account-0001", "s3cr3t-of-the-account-0001"


class Shell:
    """Types commands on one data directory."""

    def __init__(self, data_dir: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]):
        self.data_dir, self._patch, self._capture = data_dir, patch, capture

    def __call__(self, *words: str, given: str = PASSPHRASE, code: int = 0) -> tuple[str, str]:
        self._patch.setattr("sys.stdin", io.StringIO(given + "\n"))
        self._capture.readouterr()
        found = main.run([*words, "--data-dir", str(self.data_dir)])
        printed = self._capture.readouterr()
        assert found == code, f"{words}: {found}\n{printed.out}\n{printed.err}"
        for secret in (PASSPHRASE, KEY, SECRET):
            assert secret not in printed.out + printed.err
        return printed.out, printed.err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json")[0])


@pytest.fixture
def hedge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    # The real cost of the key derivation is tested with the vault.
    monkeypatch.setattr("hedge_tui.credentials.unlocking.Passphrase.__init__.__defaults__", (FLOOR,))
    return Shell(tmp_path / "data", monkeypatch, capsys)


def lines(*secrets: str) -> str:
    return "\n".join((PASSPHRASE, *secrets))


def test_the_life_of_a_key(hedge: Shell) -> None:
    out, err = hedge("keys", "add", "desk-1", "--venue", "binanceusdm", given=lines(KEY, SECRET))
    assert "kept for binanceusdm" in out
    assert "without its passphrase the keys in it are lost" in err
    (row,) = hedge.json("keys", "list")
    assert row == {
        "name": "desk-1",
        "venue": "binanceusdm",
        "key": "k3y-of…",
        "created": row["created"],
        "made_ns": None,
        "age_days": 0,
        "type": "hmac",
        "permissions": "not checked",
        "ip_restricted": None,
        "ips": [],
        "checked_ns": None,
        "accepted": [],
        "refused": False,
        "read_only": False,
        "account": None,
        "remark": "",
    }
    vault = hedge.data_dir / "vault.hedge"
    assert oct(vault.stat().st_mode)[-3:] == "600"
    assert SECRET.encode() not in vault.read_bytes()
    assert (
        "already" in hedge("keys", "add", "desk-1", "--venue", "binance", given=lines(KEY, SECRET), code=1)[1]
    )
    before = vault.read_bytes()
    hedge("keys", "rotate", "desk-1", given=lines(KEY + "2", SECRET + "2"))
    assert vault.read_bytes() != before
    assert "delete the key at the venue too" in hedge("keys", "remove", "desk-1")[0]
    assert hedge.json("keys", "list") == []
    assert "hedge keys add" in hedge("keys", "list")[0]


def test_secrets_never_come_from_arguments(hedge: Shell) -> None:
    hedge("keys", "add", "desk-1", "a-key", "a-secret", code=2)
    for option in ("--secret", "--api-key", "--passphrase"):
        told = hedge("keys", "add", "desk-1", option, "hunter2", code=2)[1]
        assert "shell keeps it in its history" in told
        assert "hunter2" not in told
    assert "never" not in hedge("accounts", "add", "a", "--api-key", "hunter2", code=2)[1]
    assert not hedge.data_dir.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("wrong horse battery", "does not open"),
        ("", "nothing was given for: passphrase of the vault"),
    ],
)
def test_a_wrong_or_missing_passphrase(hedge: Shell, given: str, words: str) -> None:
    hedge("keys", "add", "a", "--venue", "binance", given=lines(KEY, SECRET))
    assert words in hedge("keys", "list", given=given, code=1)[1]


def test_a_changed_vault_is_told_from_a_wrong_passphrase(hedge: Shell) -> None:
    hedge("keys", "add", "a", "--venue", "binance", given=lines(KEY, SECRET))
    vault = hedge.data_dir / "vault.hedge"
    raw = bytearray(vault.read_bytes())
    raw[-5] ^= 1
    vault.write_bytes(raw)
    told = hedge("keys", "list", code=1)[1]
    assert "does not open" not in told
    assert "vault.hedge" in told


def test_a_vault_from_a_backup_is_taken_only_when_told(hedge: Shell) -> None:
    hedge("keys", "add", "a", "--venue", "binance", given=lines(KEY, SECRET))
    vault = hedge.data_dir / "vault.hedge"
    old = vault.read_bytes()
    hedge("keys", "remove", "a")
    vault.write_bytes(old)
    assert "older copy" in hedge("keys", "list", code=1)[1]
    assert [row["name"] for row in hedge.json("keys", "list", "--accept-older")] == ["a"]
    hedge("keys", "list")


def test_without_a_vault(hedge: Shell) -> None:
    assert "hedge keys add NAME" in hedge("keys", "list", code=1)[1]
    assert not hedge.data_dir.exists()


def test_the_venue_has_to_be_known(hedge: Shell) -> None:
    assert "--venue" in hedge("keys", "add", "a", given=lines(KEY, SECRET), code=1)[1]
    assert "binanze" in hedge("keys", "add", "a", "--venue", "binanze", given=lines(KEY, SECRET), code=1)[1]
    assert not hedge.data_dir.exists()


def test_the_passphrase_may_come_from_a_command(hedge: Shell) -> None:
    hedge.data_dir.mkdir(mode=0o700)
    config = hedge.data_dir / "config.toml"
    config.write_text(f'[vault]\nunlock = "command"\ncommand = ["echo", "{PASSPHRASE}"]\n')
    hedge("keys", "add", "a", "--venue", "binance", given=f"{KEY}\n{SECRET}")
    assert "a" in hedge("keys", "list", given="")[0]
    config.write_text('[vault]\nunlock = "command"\n')
    assert 'lacks the key "command"' in hedge("keys", "list", code=1)[1]
    config.write_text('[vault]\nunlock = "command"\ncommand = ["false"]\n')
    assert "the unlock command false failed" in hedge("keys", "list", code=1)[1]


def test_a_new_passphrase(hedge: Shell) -> None:
    hedge("keys", "add", "a", "--venue", "binance", given=lines(KEY, SECRET))
    hedge("keys", "passphrase", given=lines("another horse"))
    assert "does not open" in hedge("keys", "list", code=1)[1]
    hedge("keys", "list", given="another horse")
    assert "8" in hedge("keys", "passphrase", given="another horse\nshort", code=1)[1]


FILES = {
    "keys.toml": f'[[keys]]\nname = "a"\nvenue = "binance"\nkey = "{KEY}"\nsecret = "{SECRET}"\n',
    "keys.json": json.dumps({"accounts": [{"name": "a", "venue": "binance", "key": KEY, "secret": SECRET}]}),
    "keys.csv": f"name,venue,key,secret,passphrase\na, binance, {KEY}, {SECRET},\n",
}


@pytest.mark.parametrize("name", FILES)
def test_keys_of_a_file(hedge: Shell, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(FILES[name])
    file.chmod(0o644)
    out, err = hedge("keys", "import", str(file), "--unchecked", "--read-only")
    assert "1 of 1 keys kept: a" in out
    assert "1 accounts added" in out
    assert "still holds the secrets" in out
    assert "others on this machine may have read" in err
    assert [row["venue"] for row in hedge.json("keys", "list")] == ["binance"]
    (account,) = hedge.json("accounts", "list")
    assert account["read_only"]
    assert "--replace" in hedge("keys", "import", str(file), "--unchecked", code=1)[1]
    out, _ = hedge("keys", "import", str(file), "--unchecked", "--replace", "--yes-shred")
    assert "overwritten and gone" in out
    assert "make new keys at the venue" in out
    assert not file.exists()


def test_a_dry_run_shows_and_writes_nothing(hedge: Shell, tmp_path: Path) -> None:
    file = tmp_path / "keys.csv"
    file.write_text(FILES["keys.csv"])
    out, _ = hedge("keys", "import", str(file), "--dry-run", "--unchecked")
    assert "k3y-of…" in out
    assert "nothing was written" in out
    assert not hedge.data_dir.exists()


def test_the_vault_is_put_back_when_the_configuration_cannot_be_written(
    hedge: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hedge("keys", "add", "old", "--venue", "binance", given=lines(KEY, SECRET))
    file = tmp_path / "keys.csv"
    file.write_text(FILES["keys.csv"])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("hedge_tui.bootstrap.config_file.write_private_file", full)
        assert "No space left" in hedge("keys", "import", str(file), "--unchecked", code=1)[1]
    assert [row["name"] for row in hedge.json("keys", "list")] == ["old"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("k.toml", '[[keys]]\nname = "a"\nkey = "x"\nsecret = "y"', "entry 1, venue: is missing"),
        ("k.json", json.dumps([{"name": "a", "secert": SECRET}]), "entry 1, secert: unknown field 'secert'"),
        ("k.csv", "name,venue,key,secret\na,binanze,x,y", 'line 2, venue: venue "binanze" is not known'),
        ("k.csv", "name,venue,key\na,binance,x", "line 1, secret: the heading lacks this column"),
        ("k.csv", "name,venue,key,secret\na,binance,x,y,z", "line 2, behind the last column"),
        (
            "k.csv",
            "name,venue,key,secret,weight\na,binance,x,y,heavy",
            "line 2, weight: 'heavy' is no number",
        ),
        ("k.csv", "name,venue,key,secret,read_only\na,binance,x,y,maybe", "line 2, read_only: 'maybe'"),
        ("k.csv", "name,venue,key,secret,mode\na,binance,x,y,real", "line 2, mode: 'real' is not one of"),
        (
            "k.csv",
            "name,venue,key,secret\na,binance,x,file:none.pem",
            "line 2, secret: its file cannot be read",
        ),
        (
            "k.json",
            json.dumps([{"name": "a", "venue": "binance", "key": 5, "secret": "x"}]),
            "a text is needed",
        ),
        ("k.json", '{"keys": [' + json.dumps(SECRET), "cannot be read as JSON"),
        ("k.csv", "", "holds no keys"),
        ("k.txt", "x", ".toml, .json or .csv"),
        ("k.csv", "name,venue,key,secret\na,binance,c,d\na,binance,c,d", "'a' twice"),
    ],
)
def test_a_file_that_is_wrong(tmp_path: Path, name: str, text: str, words: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(ConfigError) as told:
        read_key_file(file)
    assert words in str(told.value)
    assert SECRET not in str(told.value)


def test_shredding_overwrites_before_it_deletes(tmp_path: Path) -> None:
    file, other = tmp_path / "keys.csv", tmp_path / "other"
    file.write_text(SECRET)
    os.link(file, other)
    shred(file)
    assert not file.exists()
    assert SECRET.encode() not in other.read_bytes()
    assert len(other.read_bytes()) == len(SECRET)
    (tmp_path / "link").symlink_to(other)
    with pytest.raises(OSError, match="symbolic"):
        shred(tmp_path / "link")


def test_what_shredding_cannot_do_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys.csv"
    file.write_text(SECRET)
    os.link(file, tmp_path / "other")
    assert "second name" in what_shredding_cannot_do(file)
    monkeypatch.setattr("hedge_tui.cli.shredding._file_system", lambda _: "btrfs")
    assert "(btrfs) writes elsewhere" in what_shredding_cannot_do(file)


def test_every_wrong_cell_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "k.csv"
    file.write_text("name,venue,key,secret,weight\n,binance,x,y,1\nb,nowhere,,y,0\n")
    with pytest.raises(ConfigError) as told:
        read_key_file(file)
    words = str(told.value).splitlines()
    assert [line.partition(":")[2].partition(":")[0] for line in words[:-1]] == [
        " line 2, name",
        " line 3, key",
        " line 3, venue",
        " line 3, weight",
    ]
    assert words[-1] == "nothing was taken"
