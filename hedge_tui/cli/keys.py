"""`hedge keys add|import|list|test|rotate|remove|passphrase`: API keys in the vault of this machine."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking_person import agrees, line
from hedge_tui.cli.desk import Desk, desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.key_asking import OnCommandLine, ask_key, known, refuse_on_command_line
from hedge_tui.cli.key_import import import_keys
from hedge_tui.cli.key_rows import COLUMNS, key_line, key_row
from hedge_tui.cli.output import print_json
from hedge_tui.cli.passphrase import read_passphrase
from hedge_tui.cli.table import print_rows
from hedge_tui.cli.vault_door import open_vault
from hedge_tui.config.egress import VAULT_PREFIX
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from hedge_tui.credentials.vault import Vault

app = command_group(
    "API keys in the vault of this machine. Secrets are asked for, or read from standard input."
)

Name = Annotated[str, typer.Argument(help="Name of the entry; take the account's name.")]
Venue = Annotated[str, typer.Option("--venue", help="A ccxt id, such as binanceusdm.")]
RUNNING = "a running engine takes it over by itself"

app.command("import")(import_keys)


@app.command("add")
def add(ctx: typer.Context, name: Name, venue: Venue = "", given: OnCommandLine = "") -> int:
    """Ask for key and secret, and keep them; makes the vault on first use.

    At a terminal nothing that is typed is shown. Without one, standard input holds one secret a line:
    passphrase of the vault, API key, API secret, and the venue's own passphrase where it has one.
    """
    refuse_on_command_line(given)
    desk = desk_of(ctx)
    venue = known(venue or _venue_of(desk, name))
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
        return _check(desk, vault, name)
    else:
        sys.stdout.write(f"check it with: hedge keys test {name}\n")
    return exits.DONE


@app.command("list")
def list_keys(
    ctx: typer.Context,
    json: Json = False,
    accept_older: Annotated[
        bool, typer.Option("--accept-older", help="Take a vault that was put back from a backup.")
    ] = False,
) -> None:
    """Print the entries of the vault: the first letters of each key, what it may do, no secrets."""
    desk = desk_of(ctx)
    vault = open_vault(desk, accept_older=accept_older)
    used = {account.key_name: account for account in desk.settings.accounts}
    now_ns = time.time_ns()
    # Passwords of proxies lie there too; they are no keys.
    names = [name for name in vault.names() if not name.startswith(VAULT_PREFIX)]
    rows = [key_row(vault.credential(name), used.get(name), now_ns) for name in names]
    if json:
        print_json(rows)
        return
    print_rows(COLUMNS, [key_line(row, now_ns) for row in rows], "the vault is empty: hedge keys add NAME")


@app.command("test")
def sign_in(ctx: typer.Context, name: Name) -> int:
    """Sign in with an entry, read only: prints what the key may do and what the account holds.

    Exits 1 when this desk refuses the key: it can move money out, or its venue does not say what it may do.
    """
    desk = desk_of(ctx)
    return _check(desk, open_vault(desk), name)


@app.command("accept")
def accept(ctx: typer.Context, name: Name) -> int:
    """Have a key used that this desk refuses, by typing what it may do; it is shown as a warning ever after.

    Without a terminal the words are read from standard input, behind the passphrase.
    """
    from hedge_tui.bootstrap.key_check import words_of
    from hedge_tui.credentials.key_standing import dangers, phrase_for

    desk = desk_of(ctx)
    vault = open_vault(desk)
    key = vault.credential(name)
    account = next((a for a in desk.settings.accounts if a.key_name == name), None)
    mode = account.mode if account is not None else Mode.LIVE
    if key.rights is None:
        raise ConfigError(f"nothing is known of the key {name!r} yet: hedge keys test {name}")
    phrase = phrase_for(key, mode)
    if not phrase:
        sys.stdout.write(f"{name}: there is nothing to accept, the key may only {words_of(key.rights)}\n")
        return exits.DONE
    sys.stderr.write(
        f"whoever gets hold of this key can take the money. To use it all the same type: {phrase}\n"
    )
    if line("> ") != phrase:
        raise ConfigError("the words differ; the key stays refused")
    vault.accept(name, dangers(key, mode), time.time_ns())
    vault.save()
    sys.stdout.write(f"{name}: accepted, and shown as a warning from now on; {RUNNING}\n")
    return exits.DONE


@app.command("rotate")
def rotate(ctx: typer.Context, name: Name, given: OnCommandLine = "") -> int:
    """Replace key and secret of an entry by new ones; delete the old key at the venue afterwards."""
    refuse_on_command_line(given)
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
    key, secret, kind, extra = ask_key(venue)
    vault.add(
        name,
        venue=venue,
        api_key=key,
        secret=secret,
        created_ns=time.time_ns(),
        passphrase=extra,
        key_type=kind,
        replace_existing=replace,
    )


def _check(desk: Desk, vault: Vault, name: str) -> int:
    from hedge_tui.bootstrap.key_check import check_key

    found = check_key(desk.settings, vault, name)
    for row in found.lines:
        sys.stdout.write(row + "\n")
    for warning in found.standing.warnings:
        sys.stderr.write(f"note: {warning}\n")
    if found.standing.refusal:
        sys.stderr.write(f"hedge: {found.standing.refusal}\n")
        return exits.FAILED
    return exits.DONE


def _venue_of(desk: Desk, name: str) -> str:
    account = next((a for a in desk.settings.accounts if a.key_name == name), None)
    if account is None:
        raise ConfigError(f"no account uses keys called {name!r}; name the venue: --venue binanceusdm")
    return account.venue
