"""The files of the demo desk: a configuration and a vault for the sandbox's twelve accounts."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.places import vault_file
from hedge_tui.config.paths import write_private_file

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.sandbox.accounts import AccountSpec

MARKER = "demo"
"""A file of this name says that the folder is a demo's."""


def write_desk(data_dir: Path, port: int, ca_file: str, passphrase: str) -> None:
    """Write `config.toml` and the vault into `data_dir`.

    Args:
        data_dir: the demo's folder; it exists.
        port: of the sandbox's TLS side.
        ca_file: the sandbox's CA certificate.
        passphrase: opens the vault.
    """
    from adapters.sandbox.accounts import demo_accounts
    from hedge_tui.credentials.kdf import FLOOR
    from hedge_tui.credentials.unlocking import Passphrase
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.key_rights import KeyRights
    from hedge_tui.domain.secret import Secret

    vault = Vault.create(vault_file(data_dir), Passphrase(Secret(passphrase), FLOOR))
    lines = ["# Written by `hedge demo`: simulated money at a venue on this machine.", ""]
    for number, account in enumerate(demo_accounts()):
        vault.add(
            account.name,
            venue=_venue(account),
            api_key=Secret(account.key),
            secret=Secret(account.secret),
            created_ns=time.time_ns(),
        )
        # The engine asks the venue again as soon as it is connected.
        words = tuple(sorted(account.permissions))
        may_trade = bool(account.permissions & {"futures" if account.usdm else "spot"})
        vault.note_rights(
            account.name, KeyRights(words, may_trade=may_trade, ip_restricted=True), time.time_ns()
        )
        lines += _entry(account, number, port, ca_file)
    vault.save()
    vault.close()
    write_private_file(data_dir / "config.toml", "\n".join(lines).encode())


def _venue(account: AccountSpec) -> str:
    return "binanceusdm" if account.usdm else "binance"


def _entry(account: AccountSpec, number: int, port: int, ca_file: str) -> list[str]:
    groups = ["core"] if number < 4 else ["swing"] if account.usdm else ["spot"]
    if account.dual_side:
        groups = ["hedged"]
    return [
        "[[accounts]]",
        f'name = "{account.name}"',
        f'venue = "{_venue(account)}"',
        'mode = "sandbox"',
        f'connect = "127.0.0.1:{port}"',
        f"ca_file = {json.dumps(ca_file)}",
        f"groups = {json.dumps(groups)}",
        "",
    ]
