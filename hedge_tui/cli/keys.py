"""`hedge keys add|import|list|test|rotate|remove|passphrase`: API keys in the vault of this machine."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking_person import agrees
from hedge_tui.cli.desk import Desk, desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.output import print_json
from hedge_tui.cli.passphrase import read_passphrase
from hedge_tui.cli.table import print_rows, text
from hedge_tui.cli.vault_door import open_vault
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.secret import Secret

app = command_group(
    "API keys in the vault of this machine. Secrets are asked for, or read from standard input."
)

Name = Annotated[str, typer.Argument(help="Name of the entry; take the account's name.")]
Venue = Annotated[str, typer.Option("--venue", help="A ccxt id, such as binanceusdm.")]
Allow = Annotated[
    bool, typer.Option("--allow-withdraw", help="Accept a key that can move money out of the account.")
]
RUNNING = "a running engine takes it over by itself"


@app.command("add")
def add(ctx: typer.Context, name: Name, venue: Venue = "") -> int:
    """Ask for key and secret, and keep them; makes the vault on first use.

    At a terminal nothing that is typed is shown. Without one, standard input holds one secret a line:
    passphrase of the vault, API key, API secret, and the venue's own passphrase where it has one.
    """
    desk = desk_of(ctx)
    venue = _known(venue or _venue_of(desk, name))
    vault = open_vault(desk, make=True)
    if name in vault.names():
        raise ConfigError(
            f"the vault has keys named {name!r} already; change them by: hedge keys rotate {name}"
        )
    _take(vault, name, venue)
    vault.save()
    sys.stdout.write(f"{name}: kept for {venue}; {RUNNING}\n")
    if desk.settings.account(name) is None:
        sys.stdout.write(f"no account uses it yet: hedge accounts add {name} --venue {venue}\n")
    elif sys.stdin.isatty() and agrees("check it now, read only?", default=True):
        return _check(desk, vault, name, allow=False)
    else:
        sys.stdout.write(f"check it with: hedge keys test {name}\n")
    return exits.DONE


@app.command("import")
def import_keys(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="TOML, JSON or CSV with name, venue, key, secret, passphrase.")
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Entries that exist are changed.")] = False,
    yes_shred: Annotated[bool, typer.Option("--yes-shred", help="Destroy the file afterwards.")] = False,
) -> int:
    """Take all keys of a file into the vault, then offer to destroy the file.

    A list of tables called `keys` or `accounts` (TOML, JSON), or a CSV with a heading line. All entries are
    taken or none.
    """
    from hedge_tui.cli.key_file import read_key_file, shred

    desk = desk_of(ctx)
    entries = read_key_file(file)
    for entry in entries:
        _known(entry.venue)
    vault = open_vault(desk, make=True)
    taken = sorted({entry.name for entry in entries} & set(vault.names()))
    if taken and not replace:
        raise ConfigError(f"the vault has keys named {', '.join(taken)} already; --replace changes them")
    for entry in entries:
        vault.add(
            entry.name,
            venue=entry.venue,
            api_key=entry.key,
            secret=entry.secret,
            passphrase=entry.passphrase,
            created_ns=time.time_ns(),
            replace_existing=replace,
        )
    vault.save()
    sys.stdout.write(f"{len(entries)} keys kept: {', '.join(entry.name for entry in entries)}; {RUNNING}\n")
    if yes_shred or (sys.stdin.isatty() and agrees(f"overwrite and delete {file}?", default=False)):
        shred(file)
        sys.stdout.write(f"{file} is gone; backups, snapshots and some disks may still hold its content\n")
    else:
        sys.stdout.write(f"{file} still holds the secrets: delete it, and its copies\n")
    return exits.DONE


@app.command("list")
def list_keys(
    ctx: typer.Context,
    json: Json = False,
    accept_older: Annotated[
        bool, typer.Option("--accept-older", help="Take a vault that was put back from a backup.")
    ] = False,
) -> None:
    """Print the entries of the vault, without secrets."""
    desk = desk_of(ctx)
    vault = open_vault(desk, accept_older=accept_older)
    used = {account.key_name: account.name for account in desk.settings.accounts}
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
                "account": used.get(name),
            }
        )
    if json:
        print_json(rows)
        return
    columns = (
        text("name"),
        text("venue"),
        text("created", spare=1),
        text("type", spare=2),
        text("permissions"),
        text("account", "used by"),
    )
    print_rows(columns, rows, "the vault is empty: hedge keys add NAME")


@app.command("test")
def sign_in(ctx: typer.Context, name: Name, allow_withdraw: Allow = False) -> int:
    """Sign in with an entry, read only: prints what the key may do and what the account holds.

    Exits 1 when the key can move money out: this desk does not use such a key unless it was accepted.
    """
    desk = desk_of(ctx)
    return _check(desk, open_vault(desk), name, allow=allow_withdraw)


@app.command("rotate")
def rotate(ctx: typer.Context, name: Name) -> int:
    """Replace key and secret of an entry by new ones; delete the old key at the venue afterwards."""
    vault = open_vault(desk_of(ctx))
    venue = vault.credential(name).venue
    _take(vault, name, venue, replace=True)
    vault.save()
    sys.stdout.write(f"{name}: changed; {RUNNING}\n")
    sys.stdout.write(f"check it with: hedge keys test {name}; then delete the old key at {venue}\n")
    return exits.DONE


@app.command("remove")
def remove(ctx: typer.Context, name: Name) -> int:
    """Take an entry out of the vault; the key stays valid at the venue until you delete it there."""
    vault = open_vault(desk_of(ctx))
    vault.remove(name)
    vault.save()
    sys.stdout.write(f"{name}: gone from the vault; delete the key at the venue too\n")
    return exits.DONE


@app.command("passphrase")
def passphrase(ctx: typer.Context) -> int:
    """Change the vault's passphrase; a running engine keeps the keys it has until `hedge unlock`."""
    from hedge_tui.bootstrap.places import vault_file
    from hedge_tui.credentials.unlocking import OsKeyring, Passphrase
    from hedge_tui.credentials.vault import describe
    from hedge_tui.domain.secret import Secret

    desk = desk_of(ctx)
    path = vault_file(desk.paths.data_dir)
    vault = open_vault(desk)
    keyring = OsKeyring(str(path)) if describe(path).keyring else None
    new = read_passphrase("new passphrase (8 characters or more): ", twice=True)
    vault.change_passphrase(Passphrase(Secret(new)), keyring)
    vault.save()
    sys.stdout.write("the passphrase is changed; copies of the old file still open with the old one\n")
    return exits.DONE


def _take(vault: Vault, name: str, venue: str, *, replace: bool = False) -> None:
    """Ask for the secrets of an entry and put them into the vault, unsaved."""
    from hedge_tui.domain.secret import Secret

    key = Secret(read_passphrase("API key: ").strip())
    secret = Secret(read_passphrase("API secret: ").strip())
    vault.add(
        name,
        venue=venue,
        api_key=key,
        secret=secret,
        created_ns=time.time_ns(),
        passphrase=_extra(venue),
        replace_existing=replace,
    )


def _check(desk: Desk, vault: Vault, name: str, *, allow: bool) -> int:
    from hedge_tui.bootstrap.key_check import check_key

    found = check_key(desk.settings, vault, name, allow_withdraw=allow)
    for line in found.lines:
        sys.stdout.write(line + "\n")
    if found.refusal:
        sys.stderr.write(f"hedge: {found.refusal}\n")
        return exits.FAILED
    return exits.DONE


def _known(venue: str) -> str:
    from hedge_tui.bootstrap.venues import check_venue

    check_venue(venue)
    return venue


def _venue_of(desk: Desk, name: str) -> str:
    account = next((a for a in desk.settings.accounts if a.key_name == name), None)
    if account is None:
        raise ConfigError(f"no account uses keys called {name!r}; name the venue: --venue binanceusdm")
    return account.venue


def _extra(venue: str) -> Secret | None:
    """The passphrase that some venues give with a key."""
    from adapters.via_ccxt.quirk_tables import quirks_of
    from hedge_tui.domain.secret import Secret

    return (
        Secret(read_passphrase(f"{venue}'s passphrase of the key: ")) if quirks_of(venue).password else None
    )
