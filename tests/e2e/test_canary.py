"""Planted secrets stay in the vault: the program runs, fails on purpose, and everything is searched.

Real engine, console in a terminal, commands, a venue over TLS. Prints how many places were searched.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import secrets
import shutil
import string
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import module_hooks
import pexpect
import pytest
from canary_search import Canary, family, needles
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from adapters.sandbox.control import SandboxControl
from hedge_tui.bootstrap.launch import attach
from hedge_tui.bootstrap.process import end
from hedge_tui.wire.address import runtime_socket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
HOOKS = Path(__file__).with_name("canary_hooks") / "sitecustomize.py"
LIMIT_S = 90.0


def token() -> str:
    """64 letters and digits, as the venue hands keys out."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(64))


@dataclass
class Planted:
    """The secrets of one run, none of which was ever seen before."""

    hmac_key: str = field(default_factory=token)
    hmac_secret: str = field(default_factory=token)
    ed_key: str = field(default_factory=token)
    pair: Any = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    passphrase: str = field(default_factory=lambda: f"canary {secrets.token_hex(16)} %&+=/ words")

    @property
    def pem(self) -> str:
        made: bytes = self.pair.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return made.decode().strip()

    def all(self) -> dict[str, str]:
        body = self.pem.splitlines()[1]
        found = {"hmac key": self.hmac_key, "hmac secret": self.hmac_secret, "ed25519 key": self.ed_key}
        return found | {"ed25519 secret": self.pem, "ed25519 body": body, "passphrase": self.passphrase}


class Run:
    """One desk with hooks in every process; everything that it printed is kept."""

    def __init__(self, folder: Path, planted: Planted) -> None:
        self.folder, self.planted = folder, planted
        self.data, self.hooks, self.venue = folder / "data", folder / "hooks", folder / "venue"
        (self.hooks / "armed").mkdir(parents=True)
        shutil.copy(HOOKS, self.hooks)
        shutil.copy(module_hooks.__file__, self.hooks)
        self.venue.mkdir()
        self.config = folder / "config.toml"
        self.config.write_text('[engine]\nlog_level = "debug"\n')
        self.environ = {
            **os.environ,
            "PYTHONPATH": f"{self.hooks}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
            "TERM": "xterm-256color",
        }
        self.said: dict[str, bytes] = {}
        self.control_port = 0
        self.engine: subprocess.Popen[bytes] | None = None
        self.sandbox: subprocess.Popen[bytes] | None = None

    def words(self, *words: str) -> list[str]:
        where = ["--data-dir", str(self.data), "--config", str(self.config)]
        return [sys.executable, "-m", "hedge_tui", *words, *where]

    def hedge(self, *words: str, given: str = "") -> int:
        """Run a command; what it says is searched later."""
        done = subprocess.run(
            self.words(*words), input=given.encode(), capture_output=True, timeout=LIMIT_S, check=False,
            env=self.environ,
        )  # fmt: skip
        name = f"hedge {' '.join(words[:2])} #{len(self.said)}"
        self.said[name] = done.stdout + b"\0" + done.stderr
        return done.returncode

    def arm(self, fault: str) -> None:
        (self.hooks / "armed" / fault).touch()

    def disarm(self, fault: str) -> None:
        (self.hooks / "armed" / fault).unlink(missing_ok=True)

    def seen(self) -> str:
        """Which faults struck, and where."""
        file = self.hooks / "seen"
        return file.read_text() if file.exists() else ""

    def ask(self, question: Callable[[SandboxControl], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            async with SandboxControl(self.control_port) as control:
                return await question(control)

        return asyncio.run(run())

    def until(self, told: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until the engine's status is as told."""

        async def run() -> None:
            client = await attach(runtime_socket(self.data), timeout_s=30)
            try:
                async with asyncio.timeout(LIMIT_S):
                    while not told(await client.query("status")):  # noqa: ASYNC110 - another process
                        await asyncio.sleep(0.1)
            finally:
                await client.close()

        asyncio.run(run())

    def start(self) -> None:
        """A venue that knows the keys, and a desk that takes them from a file."""
        planted = self.planted
        public = planted.pair.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        accounts = [
            {"name": "hmac", "key": planted.hmac_key, "secret": planted.hmac_secret},
            {"name": "ed", "key": planted.ed_key, "secret": public.decode()},
        ]
        rows = [{**one, "usdm": {"USDT": "5000"}} for one in accounts]
        (self.venue / "accounts.json").write_text(json.dumps({"accounts": rows}))
        words = ["sandbox", "--instruments", "8", "--limits", "silent"]
        words += ["--accounts", str(self.venue / "accounts.json"), "--data-dir", str(self.folder / "sandbox")]
        with (self.folder / "sandbox.err").open("wb") as said:
            self.sandbox = subprocess.Popen(
                [sys.executable, "-m", "hedge_tui", *words],
                stdout=subprocess.PIPE,
                stderr=said,
                env=self.environ,
            )
        assert self.sandbox.stdout is not None
        told = json.loads(self.sandbox.stdout.readline())
        self.control_port = told["control"]
        file, pem = self.folder / "keys.csv", self.folder / "ed.pem"
        pem.write_text(planted.pem)
        file.write_text(
            "name,venue,key,secret\n"
            f"hmac,binanceusdm,{planted.hmac_key},{planted.hmac_secret}\n"
            f"ed,binanceusdm,{planted.ed_key},file:{pem.name}\n"
        )
        where = ["--mode", "sandbox", "--connect", f"127.0.0.1:{told['port']}", "--ca-file", told["ca_file"]]
        code = self.hedge("keys", "import", str(file), "--yes-shred", *where, given=planted.passphrase)
        assert code == 0, self.said
        pem.unlink()
        with (self.folder / "engine.err").open("wb") as said:
            self.engine = subprocess.Popen(
                self.words("engine", "run"),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=self.environ,
            )

    def close(self) -> None:
        for process in (self.engine, self.sandbox):
            if process is not None:
                end(process.pid, 10, force=True)


@pytest.fixture
def sockets(_runtime_dir: Path) -> Path:
    """Where engines listen."""
    return _runtime_dir


@pytest.fixture
def run(tmp_path: Path, hidden_user: Path) -> Iterator[Run]:
    made = Run(tmp_path / "desk", Planted())
    yield made
    made.close()


def test_no_secret_leaves_the_vault(
    run: Run, hidden_user: Path, sockets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _search_after(run, hidden_user, sockets, capsys, rounds=1)


@pytest.mark.soak
def test_no_secret_leaves_the_vault_in_many_rounds(
    run: Run, hidden_user: Path, sockets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _search_after(run, hidden_user, sockets, capsys, rounds=12)


def _search_after(
    run: Run, home: Path, runtime: Path, capsys: pytest.CaptureFixture[str], *, rounds: int
) -> None:
    run.start()
    console, screen = _open_console(run)
    run.until(lambda status: not status["locked"] and status["connected"] == 2)
    run.until(lambda status: status["quotes"] > 0)
    for _ in range(rounds):
        _fail_everywhere(run)
    _break_the_widget(run, console)
    canary = Canary(run.planted.all())
    assert run.engine is not None
    assert run.sandbox is not None
    canary.processes([*family(run.engine.pid), *family(run.sandbox.pid)])
    for path in (run.data / "journal").glob("journal.db*"):
        canary.look("journal while it runs", str(path), path.read_bytes())
    limits = Path(f"/proc/{run.engine.pid}/limits").read_text()
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"], core
    run.close()
    canary.look("screen", "the console's terminal", screen.getvalue())
    for name, said in run.said.items():
        canary.look("output of commands", name, said)
    vaults = tuple(run.folder.rglob("vault.hedge*"))
    canary.folder("desk", run.folder, (*vaults, run.venue, run.hooks))
    canary.folder("home", home)
    canary.folder("runtime", runtime)
    seen = run.seen()
    with capsys.disabled():
        print(f"\n  canary: {len(run.planted.all())} secrets, {len(canary._needles)} spellings and pieces")
        for kind, count in sorted(canary.kinds.items()):
            print(f"    {kind}: {count}")
        report = canary.report
        print(f"    {report.places} places, {report.size / 1e6:.1f} MB searched, {len(report.hits)} hits")
        for hit in report.hits:
            print(f"    HIT {hit}")
    for fault in ("signing", "worker", "widget", "task"):
        assert f"{fault} " in seen, f"the fault {fault} never struck"
    holding = [line for line in seen.splitlines() if not line.startswith("worker")]
    assert [line for line in holding if "dumpable=0" not in line] == [], "a process with keys could be read"
    assert canary.report.hits == []
    assert len(vaults) >= 2
    for vault in vaults:
        assert not [one for one, text in canary._needles if text in vault.read_bytes()], (
            "not even there in clear"
        )


def _open_console(run: Run) -> tuple[Any, io.BytesIO]:
    """The console in a terminal; the vault is opened from it."""
    asyncio.run(_engine_answers(run))
    screen = io.BytesIO()
    words = run.words("console")
    child = pexpect.spawn(words[0], words[1:], dimensions=(50, 200), env=run.environ, timeout=LIMIT_S)
    child.logfile_read = screen
    child.expect("locked")
    _unlock(run, child)
    child.expect("the vault is open")
    return child, screen


async def _engine_answers(run: Run) -> None:
    async with asyncio.timeout(LIMIT_S):
        while True:
            try:
                client = await attach(runtime_socket(run.data), timeout_s=5)
            except Exception:  # noqa: BLE001 - not yet
                await asyncio.sleep(0.1)
            else:
                await client.close()
                return


def _unlock(run: Run, child: Any) -> None:
    child.send("U")
    child.expect("Passphrase of the vault")
    child.send(f"{run.planted.passphrase}\r")


def _fail_everywhere(run: Run) -> None:
    """Inside signing, in a venue's answer, in a worker, in a task of the engine, and in commands."""
    order, secret = "@hmac buy 0.01btc BTC.p at bid-5%", run.planted.hmac_secret
    run.hedge("do", order, "--yes")
    body = f"bad key {run.planted.hmac_key} {base64.b64encode(secret.encode()).decode()} {secret}"
    run.ask(lambda c: c.fault("refuse", code=-1000, body=body, method="POST", path="rder", account="hmac"))
    run.hedge("do", order, "--yes")
    run.ask(lambda c: c.fault("status", status=503, body=body, method="GET", path="", account="hmac"))
    run.hedge("keys", "test", "hmac", given=run.planted.passphrase)
    run.ask(lambda c: c.disarm())
    run.arm("signing")
    run.hedge("do", "@hmac,ed buy 0.01btc/each BTC.p at bid-5%", "--yes")
    run.hedge("keys", "test", "ed", given=run.planted.passphrase)
    run.disarm("signing")
    run.arm("worker")
    run.arm("task")
    # The keys are replaced by themselves: the engine connects and checks the account anew.
    planted = run.planted
    given = f"{planted.passphrase}\n{planted.hmac_key}\n{planted.hmac_secret}"
    run.hedge("keys", "rotate", "hmac", given=given)
    run.until(lambda _: "task " in run.seen() and "worker " in run.seen())
    run.hedge("keys", "list", given=run.planted.passphrase)
    run.hedge("keys", "list", given=f"{run.planted.passphrase} wrong")
    run.hedge("accounts", "list")
    run.hedge("backup", str(run.folder / f"backup-{len(run.said)}"))


def _break_the_widget(run: Run, child: Any) -> None:
    run.arm("widget")
    _unlock(run, child)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus != 0


def test_the_search_finds_every_spelling(tmp_path: Path) -> None:
    """The positive control: what was hidden on purpose is found, wherever it is."""
    import sqlite3
    import zlib

    planted = Planted()
    for name, value in planted.all().items():
        for form, text in needles(value).items():
            canary = Canary({name: value})
            canary.look("scratch", "scratch", b"before" + text + b"after")
            assert f"scratch: {name} as {form}" in canary.report.hits
    for lead in ("", "k", "ke", "key:"):
        canary = Canary({"hmac secret": planted.hmac_secret})
        canary.look("scratch", "header", base64.b64encode(f"{lead}{planted.hmac_secret}:tail".encode()))
        assert canary.report.hits, "whatever stands before it in the encoded text"
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("create table acts (body blob)")
        database.execute("insert into acts values (?)", (zlib.compress(planted.pem.encode() * 3),))
    database.close()
    (tmp_path / f"{planted.hmac_key}.log").write_text("nothing in it")
    canary = Canary(planted.all())
    canary.folder("scratch", tmp_path)
    found = {hit.rpartition(": ")[0] for hit in canary.report.hits}
    assert f"rows of {tmp_path / 'journal.db'}" in found
    assert str(tmp_path / f"{planted.hmac_key}.log") in found
    child = subprocess.Popen(["sleep", "60"], env={"LEAK": planted.hmac_secret})
    canary = Canary(planted.all())
    canary.processes(family(child.pid))
    child.kill()
    child.wait()
    assert [hit for hit in canary.report.hits if hit.startswith(f"/proc/{child.pid}/environ")]
