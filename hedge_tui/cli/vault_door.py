"""Opens the vault for a command, as the configuration says: by a typed passphrase or by the OS keyring."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hedge_tui.cli.passphrase import read_passphrase
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from hedge_tui.cli.desk import Desk
    from hedge_tui.config import VaultSettings
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.secret import Secret


def open_vault(desk: Desk, *, make: bool = False, save_new: bool = True, accept_older: bool = False) -> Vault:
    """The open vault of this desk.

    Args:
        desk: whose data directory and settings count.
        make: make one where there is none.
        save_new: write a new one at once; else it is there only when it is saved.
        accept_older: take a copy from a backup though a newer one was seen here.

    Raises:
        ConfigError: there is none, and none is to be made. CredentialError: it does not open.
    """
    from hedge_tui.bootstrap.places import vault_file
    from hedge_tui.config.paths import make_private_folder
    from hedge_tui.credentials.errors import KeyringUnavailableError, UnlockCommandError
    from hedge_tui.credentials.process import harden
    from hedge_tui.credentials.unlocking import OsKeyring, Passphrase
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.secret import Secret

    harden()
    path = vault_file(desk.paths.data_dir)
    settings = desk.settings.vault
    by_keyring = settings.unlock == "keyring"
    if path.exists():
        try:
            unlocker = (
                OsKeyring(str(path))
                if by_keyring
                else Passphrase(_passphrase(settings, "passphrase of the vault: "))
            )
            vault = Vault.open(path, unlocker, accept_rollback=accept_older)
        except (KeyringUnavailableError, UnlockCommandError) as error:
            if not sys.stdin.isatty():
                raise
            sys.stderr.write(f"note: {error}\n")
            typed = Passphrase(Secret(read_passphrase("passphrase of the vault: ")))
            vault = Vault.open(path, typed, accept_rollback=accept_older)
        for notice in vault.notices:
            sys.stderr.write(f"note: {notice}\n")
        return vault
    if not make:
        raise ConfigError(f"there is no vault yet at {path}: `hedge keys add NAME` makes it")
    make_private_folder(desk.paths.data_dir)
    sys.stderr.write("a new vault is made; without its passphrase the keys in it are lost\n")
    first = Passphrase(_passphrase(settings, "new passphrase (8 characters or more): ", twice=True))
    unlockers = (first, OsKeyring(str(path))) if by_keyring else (first,)
    return Vault.create(path, *unlockers, save=save_new)


def _passphrase(settings: VaultSettings, prompt: str, *, twice: bool = False) -> Secret:
    """From the configured command, from systemd inside its unit, or typed."""
    from hedge_tui.credentials.passphrase_command import passphrase_from_command
    from hedge_tui.credentials.systemd_credential import has_credentials, passphrase_from_systemd
    from hedge_tui.domain.secret import Secret

    if settings.unlock == "command":
        return passphrase_from_command(settings.command)
    if settings.unlock == "credential" and has_credentials():
        return passphrase_from_systemd(settings.credential)
    return Secret(read_passphrase(prompt, twice=twice))
