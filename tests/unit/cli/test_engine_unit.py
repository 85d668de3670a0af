"""The systemd unit: it is what systemd accepts, it names this machine's paths and the credential."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from hedge_tui.cli import main
from hedge_tui.cli.checks.finding import Status
from hedge_tui.cli.checks.vault import check_vault
from hedge_tui.config import VaultSettings
from hedge_tui.credentials.kdf import FLOOR
from hedge_tui.credentials.unlocking import Passphrase
from hedge_tui.credentials.vault import Vault
from hedge_tui.domain.secret import Secret


def test_the_unit_is_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "my 100% data"
    assert main.run(["engine", "unit", "--data-dir", str(data)]) == 0
    text = capsys.readouterr().out
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    service = unit["Service"]
    assert f'"{tmp_path}/my 100%% data"' in service["ExecStart"]
    assert service["LoadCredentialEncrypted"].startswith("hedge-vault:")
    assert (service["UMask"], service["LimitCORE"]) == ("0077", "0")
    if shutil.which("systemd-analyze"):
        file = tmp_path / "hedge-engine.service"
        file.write_text(text)
        done = subprocess.run(
            ["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False
        )
        ours = [line for line in done.stderr.splitlines() if "hedge-engine.service" in line]
        assert ours == []


def test_doctor_says_how_the_vault_opens(tmp_path: Path) -> None:
    path = tmp_path / "vault.hedge"
    passphrase = VaultSettings()
    assert [one.status for one in check_vault(path, passphrase, {})] == [Status.OK, Status.SKIPPED]
    Vault.create(path, Passphrase(Secret("correct horse"), FLOOR))

    def second(settings: VaultSettings, environ: dict[str, str] | None = None) -> tuple[str, str]:
        _, found = check_vault(path, settings, environ or {})
        return found.status.value, found.detail

    assert second(passphrase) == ("ok", "by its passphrase, typed when the engine starts or by hedge unlock")
    assert second(VaultSettings(unlock="keyring"))[0] == "broken"
    assert second(VaultSettings(unlock="command", command=("sh",)))[0] == "ok"
    assert second(VaultSettings(unlock="command", command=("no-such-program",)))[0] == "broken"
    by_systemd = VaultSettings(unlock="credential")
    assert second(by_systemd)[0] == "note"
    assert second(by_systemd, {"CREDENTIALS_DIRECTORY": str(tmp_path)})[0] == "broken"
    (tmp_path / "hedge-vault").write_text("correct horse")
    (tmp_path / "hedge-vault").chmod(0o400)
    assert second(by_systemd, {"CREDENTIALS_DIRECTORY": str(tmp_path)})[0] == "ok"
    path.chmod(0o644)
    (broken,) = check_vault(path, passphrase, {})
    assert (broken.status, broken.remedy) == (Status.BROKEN, "restore a copy made by hedge backup")
