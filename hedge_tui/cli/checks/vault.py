"""The vault and the way it is opened; nothing is opened here, and no program of the trader's is run."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from hedge_tui.cli.checks.finding import broken, note, ok, skipped
from hedge_tui.credentials.errors import UnlockCredentialError, VaultError, VaultMissingError
from hedge_tui.credentials.systemd_credential import has_credentials, passphrase_from_systemd
from hedge_tui.credentials.vault import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hedge_tui.cli.checks.finding import Finding
    from hedge_tui.config import VaultSettings


def check_vault(path: Path, settings: VaultSettings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The file is whole and ours alone, and what opens it by the configuration is there."""
    try:
        found = describe(path)
    except VaultMissingError:
        yield ok("vault", "none yet; hedge keys add NAME makes it")
        yield skipped("vault opens", "there is no vault")
        return
    except VaultError as error:
        detail, _, remedy = str(error).partition("; ")
        yield broken("vault", detail, remedy or "restore a copy made by hedge backup")
        return
    ways = [word for word, there in (("passphrase", found.passphrase), ("keyring", found.keyring)) if there]
    yield ok("vault", f"generation {found.generation}, has {' and '.join(ways)}")
    match settings.unlock:
        case "command":
            yield _command(settings)
        case "credential":
            yield _credential(settings, environ)
        case "keyring" if found.keyring is None:
            yield broken(
                "vault opens",
                "by the OS keyring, but the vault is not tied to it",
                'set [vault] unlock = "passphrase", or make the vault anew with unlock = "keyring"',
            )
        case "keyring":
            yield ok("vault opens", "by the OS keyring; the passphrase opens it too")
        case _:
            yield ok("vault opens", "by its passphrase, typed when the engine starts or by hedge unlock")


def _command(settings: VaultSettings) -> Finding:
    program = settings.command[0]
    where = shutil.which(program)
    if where is None:
        return broken(
            "vault opens", f"by {program}, which is not found", "install it, or mend [vault] command"
        )
    return ok("vault opens", f"by {where}, which may ask questions of its own; hedge unlock tries it")


def _credential(settings: VaultSettings, environ: Mapping[str, str]) -> Finding:
    if not has_credentials(environ):
        return note(
            "vault opens",
            f"by systemd's credential {settings.credential}, which only its own unit sees",
            "hedge engine unit prints that unit; here the passphrase opens the vault",
        )
    try:
        passphrase_from_systemd(settings.credential, environ)
    except UnlockCredentialError as error:
        detail, _, remedy = str(error).partition("; ")
        return broken("vault opens", detail, remedy or "mend the unit: hedge engine unit prints one")
    return ok("vault opens", f"by systemd's credential {settings.credential}")
