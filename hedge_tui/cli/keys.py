"""`hedge keys add|list|test|remove|passphrase`: API keys in the vault of this machine."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import Desk, desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.output import print_json, print_table
from hedge_tui.cli.passphrase import read_passphrase
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.secret import Secret

app = command_group(
    "API keys in the vault of this machine. Secrets are asked for, never taken from arguments."
)

Name = Annotated[str, typer.Argument(help="Name of the entry; take the account's name.")]


@app.command("add")
def add(
    ctx: typer.Context,
    name: Name,
    venue: Annotated[str, typer.Option("--venue", help="A ccxt id, such as binanceusdm.")] = "",
) -> int:
    """Ask for key and secret, and keep them; makes the vault on first use.

    At a terminal nothing that is typed is shown. Without one, standard input holds one secret a line:
    passphrase of the vault, API key, API secret, and the venue's own passphrase where it has one.
    """
    from hedge_tui.domain.secret import Secret

    desk = desk_of(ctx)
    venue = venue or _venue_of(desk, name)
    vault = _open(desk, make=True)
    if name in vault.names():
        raise ConfigError(f"the vault has keys named {name!r} already; `hedge keys remove {name}` first")
    key = Secret(read_passphrase("API key: "))
    secret = Secret(read_passphrase("API secret: "))
    vault.add(
        name,
        venue=venue,
        api_key=key,
        secret=secret,
        created_ns=time.time_ns(),
        passphrase=_extra(venue),
    )
    vault.save()
    sys.stdout.write(f"{name}: kept for {venue}; check it with: hedge keys test {name}\n")
    return exits.DONE


@app.command("list")
def list_keys(ctx: typer.Context, json: Json = False) -> None:
    """Print the entries of the vault, without secrets."""
    vault = _open(desk_of(ctx))
    rows = []
    for name in vault.names():
        entry = vault.credential(name)
        made = time.strftime("%Y-%m-%d", time.gmtime(entry.created_ns / 1e9))
        rows.append(
            {
                "name": name,
                "venue": entry.venue,
                "created": made,
                "type": entry.key_type.value,
                "permissions": entry.permissions or "not checked",
            }
        )
    if json:
        print_json(rows)
    else:
        columns = ("name", "venue", "created", "type", "permissions")
        print_table(
            columns, [[row[c] for c in columns] for row in rows], "the vault is empty: hedge keys add NAME"
        )


@app.command("remove")
def remove(ctx: typer.Context, name: Name) -> int:
    """Take an entry out of the vault; the key stays valid at the venue until you delete it there."""
    vault = _open(desk_of(ctx))
    vault.remove(name)
    vault.save()
    sys.stdout.write(f"{name}: gone from the vault; delete the key at the venue too\n")
    return exits.DONE


@app.command("test")
def test(ctx: typer.Context, name: Name) -> int:
    """Sign in with an entry, read only: prints what the account holds."""
    from hedge_tui.bootstrap.key_check import check_key

    desk = desk_of(ctx)
    vault = _open(desk)
    for line in check_key(desk.settings, vault, name):
        sys.stdout.write(line + "\n")
    return exits.DONE


@app.command("passphrase")
def passphrase(ctx: typer.Context) -> int:
    """Change the vault's passphrase."""
    from hedge_tui.credentials.unlocking import Passphrase
    from hedge_tui.domain.secret import Secret

    vault = _open(desk_of(ctx))
    vault.change_passphrase(Passphrase(Secret(read_passphrase("new passphrase: ", twice=True))))
    vault.save()
    sys.stdout.write("the passphrase is changed\n")
    return exits.DONE


def _open(desk: Desk, *, make: bool = False) -> Vault:
    """The vault, opened as the configuration says; made when `make` is set and there is none."""
    from hedge_tui.bootstrap.places import vault_file
    from hedge_tui.config.paths import make_private_folder
    from hedge_tui.credentials.process import harden
    from hedge_tui.credentials.unlocking import OsKeyring, Passphrase
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.secret import Secret

    harden()
    path = vault_file(desk.paths.data_dir)
    if not path.exists() and not make:
        raise ConfigError(f"there is no vault yet at {path}: `hedge keys add NAME` makes it")
    make_private_folder(desk.paths.data_dir)
    by_keyring = desk.settings.vault.unlock == "keyring"
    if path.exists():
        unlocker = (
            OsKeyring(str(path))
            if by_keyring
            else Passphrase(Secret(read_passphrase("passphrase of the vault: ")))
        )
        return Vault.open(path, unlocker)
    sys.stderr.write("a new vault is made; without its passphrase the keys in it are lost\n")
    first = Passphrase(Secret(read_passphrase("new passphrase (8 characters or more): ", twice=True)))
    return Vault.create(path, *((first, OsKeyring(str(path))) if by_keyring else (first,)))


def _venue_of(desk: Desk, name: str) -> str:
    account = desk.settings.account(name)
    if account is None:
        raise ConfigError(f"no account is called {name!r}; name the venue: --venue binanceusdm")
    return account.venue


def _extra(venue: str) -> Secret | None:
    """The passphrase that some venues give with a key."""
    from adapters.via_ccxt.quirk_tables import quirks_of
    from hedge_tui.domain.secret import Secret

    return (
        Secret(read_passphrase(f"{venue}'s passphrase of the key: ")) if quirks_of(venue).password else None
    )
