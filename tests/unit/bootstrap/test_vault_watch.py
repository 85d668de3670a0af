"""A running engine takes over what `hedge keys` saved: only accounts whose keys differ are connected anew."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from hedge_tui.bootstrap.connector import VenueConnector
from hedge_tui.bootstrap.vault_watch import VaultWatch
from hedge_tui.config import parse
from hedge_tui.credentials.kdf import FLOOR
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.credentials.unlocking import OsKeyring, Passphrase
from hedge_tui.credentials.vault import Vault
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.errors import CredentialError
from hedge_tui.domain.key_rights import KeyRights
from hedge_tui.domain.secret import Secret
from hedge_tui.engine.clock import SystemClock

PASSPHRASE = Passphrase(Secret("correct horse"), FLOOR)
CONFIG = "".join(
    f'[[accounts]]\nname = "{name}"\nvenue = "binance"\nmode = "sandbox"\n'
    'connect = "127.0.0.1:1"\nca_file = "x"\n'
    for name in ("a", "b")
)


KEYRING = """
import json, pathlib, sys
file = pathlib.Path(sys.argv[1])
kept = json.loads(file.read_text()) if file.exists() else {}
asked = json.loads(sys.stdin.read())
if asked["do"] == "set":
    kept[asked["user"]] = asked["value"]
    file.write_text(json.dumps(kept))
print(json.dumps({"value": kept.get(asked.get("user")), "backend": "test"}))
"""


class Desk:
    """A connector with a watch, and the trader's own view of the same vault."""

    def __init__(self, folder: Path, vault: str = "") -> None:
        folder.chmod(0o700)
        self.file = folder / "vault.hedge"
        settings = parse(CONFIG + vault, folder / "config.toml")
        self.connector = VenueConnector(settings, self.file, Redactor(), SystemClock(), random.Random(0))
        self.reconnected: list[list[str]] = []
        self.said: list[str] = []
        self.watch = VaultWatch(
            self.connector,
            self.file,
            self._reconnect,
            lambda level, text: self.said.append(f"{level}: {text}"),
        )

    async def _reconnect(self, names: list[str]) -> None:
        self.reconnected.append(names)

    def change(
        self, name: str, key: str = "the-key", *, remove: bool = False, may: tuple[str, ...] = ()
    ) -> None:
        """What another process does."""
        vault = (
            Vault.open(self.file, PASSPHRASE) if self.file.exists() else Vault.create(self.file, PASSPHRASE)
        )
        if remove:
            vault.remove(name)
        else:
            vault.add(
                name,
                venue="binance",
                api_key=Secret(key),
                secret=Secret("the-secret"),
                created_ns=1,
                replace_existing=True,
            )
            if may:
                vault.note_rights(name, KeyRights(may, may_trade=True), 1)
        vault.save()
        vault.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_new_changed_and_removed_keys(desk: Desk) -> None:
    desk.change("a")
    await desk.connector.unlock("correct horse")
    await desk.watch.look()
    desk.reconnected.clear()
    desk.change("b")
    await desk.watch.look()
    desk.change("b", "another-key")
    await desk.watch.look()
    desk.change("a", remove=True)
    await desk.watch.look()
    assert desk.reconnected == [["b"], ["b"], ["a"]]
    assert [words for words in desk.said if "keys changed" in words] == [
        "info: keys changed: b",
        "info: keys changed: b",
        "info: keys changed: a",
    ]
    await desk.watch.look()
    assert len(desk.reconnected) == 3, "nothing new, nothing done"


async def test_what_a_key_may_do_is_no_reason_to_drop_its_connection(desk: Desk) -> None:
    desk.change("a")
    await desk.connector.unlock("correct horse")
    await desk.watch.look()
    desk.reconnected.clear()
    desk.change("a", may=("read", "spot"))
    await desk.watch.look()
    desk.change("a", may=("read", "withdraw"))
    await desk.watch.look()
    assert desk.reconnected == [[], []], "told, so that its account takes no new order, and not dropped"
    with pytest.raises(CredentialError, match="may withdraw"):
        desk.connector.execution(Account("a", "binance", Mode.SANDBOX))
    assert desk.connector.execution(Account("a", "binance", Mode.SANDBOX), emergency=True).account == "a"


async def test_a_locked_engine_says_that_there_are_new_keys(desk: Desk) -> None:
    assert not desk.connector.locked, "without a vault there is nothing to unlock"
    with pytest.raises(CredentialError, match="hedge keys add a"):
        desk.connector.execution(Account("a", "binance", Mode.SANDBOX))
    desk.change("a")
    assert desk.connector.locked
    with pytest.raises(CredentialError, match="hedge unlock"):
        desk.connector.execution(Account("a", "binance", Mode.SANDBOX))
    await desk.watch.look()
    assert desk.said == ["warning: there are new keys in the vault; run `hedge unlock`"]
    assert desk.reconnected == []


async def test_a_changed_passphrase_leaves_the_keys_in_use(desk: Desk) -> None:
    desk.change("a")
    await desk.connector.unlock("correct horse")
    await desk.watch.look()
    vault = Vault.open(desk.file, PASSPHRASE)
    vault.change_passphrase(Passphrase(Secret("another horse"), FLOOR))
    vault.save()
    await desk.watch.look()
    assert "unlock it again" in desk.said[-1]
    assert desk.connector.vault is not None
    assert desk.connector.vault.names() == ("a",)


async def test_a_credential_of_systemd_opens_the_vault_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "hedge-vault").write_text("correct horse\n")
    (given / "hedge-vault").chmod(0o400)
    desk = Desk(tmp_path, '[vault]\nunlock = "credential"\n')
    desk.change("a")
    with pytest.raises(CredentialError, match="hedge engine unit"):
        await desk.connector.unlock_unasked()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    assert "1 key" in await desk.connector.unlock_unasked()


async def test_a_passphrase_can_be_checked_without_opening_and_guessing_is_slow(desk: Desk) -> None:
    desk.change("a")
    await desk.connector.unlock("correct horse", only_check=True)
    assert desk.connector.locked
    for _ in range(3):
        with pytest.raises(CredentialError, match="does not open"):
            await desk.connector.unlock("wrong horse battery", only_check=True)
    with pytest.raises(CredentialError, match="3 wrong passphrases in a row"):
        await desk.connector.unlock("correct horse", only_check=True)


async def test_a_wrong_passphrase(desk: Desk) -> None:
    desk.change("a")
    with pytest.raises(CredentialError, match="does not open"):
        await desk.connector.unlock("wrong horse battery")
    assert desk.connector.locked


def test_keys_of_another_venue_are_not_used(desk: Desk) -> None:
    desk.change("a")
    vault = desk.connector.vault = Vault.open(desk.file, PASSPHRASE)
    vault.add("b", venue="bybit", api_key=Secret("the-key"), secret=Secret("the-secret"), created_ns=1)
    with pytest.raises(CredentialError, match="are for bybit"):
        desk.connector.execution(Account("b", "binance", Mode.SANDBOX))


async def test_the_desktops_keyring_opens_the_vault_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = (sys.executable, "-c", KEYRING, str(tmp_path / "keyring.json"))
    monkeypatch.setattr("hedge_tui.credentials.os_keyring.KeyringDoor.__init__.__defaults__", (5.0, command))
    desk = Desk(tmp_path, '[vault]\nunlock = "keyring"\n')
    Vault.create(desk.file, PASSPHRASE, OsKeyring(str(desk.file))).close()
    assert "0 keys" in await desk.connector.unlock_unasked()
    locked = Desk(tmp_path, '[vault]\nunlock = "keyring"\n')
    locked.change("a")
    await locked.watch.look()
    assert locked.reconnected == [["a", "b"]], "a locked engine opens by itself when there is something new"


async def test_a_command_opens_the_vault_unasked(tmp_path: Path) -> None:
    settings = '[vault]\nunlock = "command"\ncommand = ["printf", "{}"]\n'
    desk = Desk(tmp_path, settings.format("correct horse"))
    desk.change("a")
    assert "1 key" in await desk.connector.unlock_unasked()
    wrong = Desk(tmp_path, settings.format("wrong horse battery"))
    with pytest.raises(CredentialError, match="does not open"):
        await wrong.connector.unlock_unasked()
    with pytest.raises(CredentialError, match="hedge unlock"):
        await Desk(tmp_path).connector.unlock_unasked()
