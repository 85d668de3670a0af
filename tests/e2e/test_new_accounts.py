"""New accounts over real commands, ccxt and TLS: a dialogue, and twenty from a file to live positions."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from adapters.sandbox.accounts import sandbox_account
from hedge_tui.bootstrap.launch import attach
from hedge_tui.bootstrap.process import end
from hedge_tui.wire.address import runtime_socket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
PASSPHRASE = "correct horse battery"
COUNT = 20
PERSON_S = 60.0


@dataclass
class Venue:
    """A sandbox with its accounts, and a desk that knows none of them yet."""

    folder: Path
    port: int
    ca_file: str
    accounts: dict[str, Any]

    def words(self, *words: str) -> list[str]:
        data = ["--data-dir", str(self.folder / "data"), "--config", str(self.folder / "config.toml")]
        return [sys.executable, "-m", "hedge_tui", *words, *data]

    def where(self) -> list[str]:
        return ["--mode", "sandbox", "--connect", f"127.0.0.1:{self.port}", "--ca-file", self.ca_file]

    def hedge(self, *words: str, given: str = "", code: int = 0) -> str:
        done = subprocess.run(
            self.words(*words), input=given, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture
def venue(tmp_path: Path, hidden_user: Path) -> Iterator[Venue]:
    made = {}
    for number in range(1, COUNT + 1):
        may = {7: {"read", "futures", "withdraw"}, 5: {"read"}}.get(number, {"read", "futures"})
        name = f"sub-{number}"
        made[name] = sandbox_account(name, usdm={"USDT": f"{1000 * number}"}, permissions=frozenset(may))
    rows = [
        {"name": a.name, "key": a.key, "secret": a.secret, "permissions": sorted(a.permissions),
         "usdm": {"USDT": str(a.usdm["USDT"])}, "ip_restricted": a.name != "sub-3"}
        for a in made.values()
    ]  # fmt: skip
    (tmp_path / "accounts.json").write_text(json.dumps({"accounts": rows}))
    (tmp_path / "config.toml").write_text("[history]\nrecord = false\n")
    words = [
        "sandbox",
        "--instruments",
        "8",
        "--limits",
        "silent",
        "--accounts",
        str(tmp_path / "accounts.json"),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "hedge_tui", *words, "--data-dir", str(tmp_path / "sandbox")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    yield Venue(tmp_path, told["port"], told["ca_file"], made)
    end(process.pid, 10, force=True)
    process.stdout.close()


def test_twenty_accounts_from_a_file_to_live_positions(
    venue: Venue, capsys: pytest.CaptureFixture[str]
) -> None:
    file = venue.folder / "keys.csv"
    rows = [
        "name,venue,key,secret",
        *(f"{a.name},binanceusdm,{a.key},{a.secret}" for a in venue.accounts.values()),
    ]
    file.write_text("\n".join(rows))
    _open_positions(venue)
    begun = time.monotonic()
    told = venue.hedge(
        "keys", "import", str(file), "--read-only", "--yes-shred", *venue.where(), given=PASSPHRASE, code=1
    )
    imported = time.monotonic()
    assert "20/20" in told
    assert "sub-7: LEFT OUT: the key 'sub-7' may withdraw" in told
    assert "19 of 20 keys kept" in told
    assert "sub-3' works from any address" in told
    assert not file.exists()
    engine = subprocess.Popen(
        venue.words("engine", "run", "--passphrase-stdin"), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert engine.stdin is not None
        assert engine.stderr is not None
        engine.stdin.write(f"{PASSPHRASE}\n".encode())
        engine.stdin.close()
        assert b"the engine runs" in engine.stderr.readline()
        asyncio.run(_live(venue))
        live = time.monotonic()
        listed = {row["account"]: row for row in json.loads(venue.hedge("accounts", "list", "--json"))}
        assert all(row["read_only"] for row in listed.values())
        assert "read-only" in listed["sub-1"]["detail"]
        denied = venue.hedge("do", "@sub-1 buy 500usd BTC.p", "--yes", code=1)
        assert "read-only" in denied
    finally:
        end(engine.pid, 10, force=True)
        engine.wait()
    with capsys.disabled():
        print(
            f"\n  {COUNT} accounts: file to vault and config {imported - begun:.1f} s, live positions after"
            f" {live - begun:.1f} s; typed: one line, the passphrase, `hedge` (bar: {PERSON_S:.0f} s)"
        )


async def _live(venue: Venue) -> None:
    """Return when both positions and the money of every account are on the desk."""
    client = await attach(runtime_socket(venue.folder / "data"), timeout_s=60)
    try:
        async with asyncio.timeout(120):
            while True:
                positions = await client.query("positions")
                known = [row for row in await client.query("accounts") if row["connected"]]
                if len(positions) == 2 and len(known) == COUNT - 1:
                    return
                await asyncio.sleep(0.1)
    finally:
        await client.close()


def _open_positions(venue: Venue) -> None:
    """Two of the accounts hold something, opened by their owner's own program."""
    import ccxt.async_support as ccxt

    from adapters.sandbox.loopback import loopback_session

    async def trade() -> None:
        async with loopback_session(venue.port, venue.folder / "sandbox" / "sandbox-ca.pem") as session:
            for name in ("sub-1", "sub-2"):
                spec = venue.accounts[name]
                client = ccxt.binanceusdm({"apiKey": spec.key, "secret": spec.secret, "session": session})
                await client.create_order("BTC/USDT:USDT", "market", "buy", 0.01)
                client.session = None
                await client.close()

    asyncio.run(trade())


def test_a_dialogue_that_ends_in_a_look_at_the_account(venue: Venue) -> None:
    _open_positions(venue)
    spec = venue.accounts["sub-1"]
    answers = [
        ("name of the account", "mine"),
        ("venue, a ccxt id", "binanceusdm"),
        ("mode", "sandbox"),
        ("where the sandbox listens", f"127.0.0.1:{venue.port}"),
        ("its CA certificate", venue.ca_file),
        ("groups", "core"),
        ("sign in now", "y"),
        ("new passphrase", PASSPHRASE),
        ("again", PASSPHRASE),
        ("API key", spec.key),
        ("API secret", spec.secret),
    ]
    words = venue.words("accounts", "add")
    before = (venue.folder / "config.toml").read_text()
    for keep in ("n", "y"):
        child = pexpect.spawn(words[0], words[1:], encoding="utf-8", timeout=60, dimensions=(40, 120))
        shown = []
        for question, answer in answers:
            child.expect(question)
            shown.append(child.before)
            child.sendline(answer)
        child.expect("keep mine")
        shown.append(child.before)
        assert "the key may: read, futures" in child.before
        assert "balances: 99" in child.before
        assert "positions: 1" in child.before
        assert "BTC/USDT:USDT +0.01" in child.before
        assert (venue.folder / "config.toml").read_text() == before, "nothing is written before it was seen"
        assert not (venue.folder / "data" / "vault.hedge").exists()
        child.sendline(keep)
        child.expect(pexpect.EOF)
        shown.append(child.before)
        assert spec.secret not in "".join(shown)
        child.close()
        assert child.exitstatus == (0 if keep == "y" else 1)
    assert "next: hedge" in shown[-1]
    text = (venue.folder / "config.toml").read_text()
    assert text.startswith(before)
    assert 'groups = ["core"]' in text
    assert spec.secret not in text
    listed = json.loads(venue.hedge("keys", "list", "--json", given=PASSPHRASE))
    assert [(row["name"], row["permissions"]) for row in listed] == [("mine", "read, futures")]


def test_a_key_that_may_withdraw_is_taken_only_by_its_typed_words(venue: Venue) -> None:
    spec = venue.accounts["sub-7"]
    add = ["accounts", "add", "sub-7", "--venue", "binanceusdm", "--key-stdin", *venue.where()]
    given = [PASSPHRASE, spec.key, spec.secret]
    before = (venue.folder / "config.toml").read_text()
    told = venue.hedge(*add, given="\n".join(given), code=1)
    assert "may withdraw; nothing was written" in told
    assert (venue.folder / "config.toml").read_text() == before
    told = venue.hedge(*add, given="\n".join([*given, "sub-7 may withdraw"]))
    assert "you accepted that" in told
    (row,) = json.loads(venue.hedge("keys", "list", "--json", given=PASSPHRASE))
    assert (row["accepted"], row["refused"]) == (["withdraw"], False)
    assert "you accepted that" in venue.hedge("keys", "test", "sub-7", given=PASSPHRASE)
    wrong = venue.hedge("accounts", "add", "x", "--venue", "binanceusdm", "--key-stdin", *venue.where(),
                        given=f"{PASSPHRASE}\n{spec.key}\nnot-its-secret", code=1)  # fmt: skip
    assert "nothing was written" in wrong
    assert "not-its-secret" not in wrong
