"""`hedge accounts add`: a dialogue that ends in a read-only look at the new account, and only then writes."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking_person import agrees, line
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.key_asking import OnCommandLine, ask_key, known, refuse_on_command_line
from hedge_tui.cli.vault_door import open_vault
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import CommandError, ConfigError, CredentialError

if TYPE_CHECKING:
    from hedge_tui.cli.desk import Desk
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.credentials.credential import Credential
    from hedge_tui.credentials.vault import Vault

RESTART = "a running engine learns of it when it is started again: hedge engine stop, then hedge"
Words = list[str] | None


def add_account(  # noqa: PLR0917 - typer makes options of them
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Letters, digits, dot, dash, underscore.")] = "",
    venue: Annotated[str, typer.Option("--venue", help="A ccxt id, such as binanceusdm.")] = "",
    mode: Annotated[str, typer.Option("--mode", help="live, demo, paper or sandbox.")] = "",
    balance: Annotated[str, typer.Option("--balance", help='Paper: such as "10000 USDT".')] = "",
    connect: Annotated[str, typer.Option("--connect", help="Sandbox: HOST:PORT.")] = "",
    ca_file: Annotated[str, typer.Option("--ca-file", help="Sandbox: its CA certificate.")] = "",
    group: Annotated[Words, typer.Option("--group", help="May be repeated.")] = None,
    tag: Annotated[Words, typer.Option("--tag", help="May be repeated.")] = None,
    key: Annotated[str, typer.Option("--key", help="Vault entry; the account's name without it.")] = "",
    egress: Annotated[
        str, typer.Option("--egress", help='Route of its key: a trusted [[egress]], "any" for all of them.')
    ] = "",
    read_only: Annotated[bool, typer.Option("--read-only", help="Deny all its orders.")] = False,
    key_stdin: Annotated[
        bool,
        typer.Option("--key-stdin", help="Read passphrase of the vault, API key and secret, a line each."),
    ] = False,
    given: OnCommandLine = "",
) -> int:
    """Add an account: asks what is missing, signs in read only, shows what it finds, and then writes.

    Nothing is written before the key has been checked and the account's balances and positions were seen;
    when a step fails, configuration and vault are as they were. Without a terminal everything comes by
    options, the key by --key-stdin, or later by hedge keys add.
    """
    refuse_on_command_line(given)
    desk = desk_of(ctx)
    _ = desk.settings  # a file that is wrong is said before anything is asked
    account = _described(name, venue, mode, connect, ca_file, group, tag, key)
    account = replace(account, read_only=read_only, egress=egress)
    if account.mode is Mode.PAPER:
        begins = balance or _asked("--balance", "what it begins with [10000 USDT]: ", "10000 USDT")
        account = replace(account, balance=begins)
    from hedge_tui.bootstrap.config_file import check_fit, save_account

    check_fit(desk.paths.config_file, [account])
    if account.mode is Mode.PAPER or not (key_stdin or (sys.stdin.isatty() and _wants_key(account))):
        save_account(desk.paths.config_file, account)
        sys.stdout.write(f"{account.name}: in {desk.paths.config_file}; {RESTART}\n")
        if account.mode is Mode.PAPER:
            sys.stdout.write(f"it takes no key; trade on it with: @{account.name} buy 500usd ...\n")
        else:
            sys.stdout.write(f"next: hedge keys add {account.key_name}\n")
        return exits.DONE
    return _with_key(desk, account)


def _wants_key(account: AccountSettings) -> bool:
    return agrees(f"sign in now with the API key of {account.name}, read only?", default=True)


def _described(  # noqa: PLR0917 - the options as they came
    name: str, venue: str, mode: str, connect: str, ca_file: str, group: Words, tag: Words, key: str
) -> AccountSettings:
    """The account from options, and at a terminal from questions."""
    from hedge_tui.bootstrap.config_file import MODES
    from hedge_tui.config.accounts import AccountSettings

    asked = sys.stdin.isatty() and not (name and venue and mode)
    name = name or _asked("name", "name of the account, as you will type it after @: ")
    venue = known(venue or _asked("--venue", "venue, a ccxt id such as binanceusdm: "))
    mode = mode or _asked("--mode", f"mode ({', '.join(MODES)}) [live]: ", "live")
    if mode not in MODES:
        raise CommandError(f'mode "{mode}" is not one of: {", ".join(MODES)}')
    if mode == Mode.SANDBOX:
        connect = connect or _asked("--connect", "where the sandbox listens, such as 127.0.0.1:18443: ")
        ca_file = ca_file or _asked("--ca-file", "its CA certificate: ")
    groups = tuple(group or ())
    if asked and group is None:
        groups = tuple(line("groups, such as core (empty for none): ").replace(",", " ").split())
    return AccountSettings(
        name,
        venue,
        Mode(mode),
        connect,
        str(Path(ca_file).expanduser().absolute()) if ca_file else "",
        groups,
        tuple(tag or ()),
        key=key,
    )


def _asked(what: str, prompt: str, default: str = "") -> str:
    """What was not on the command line, from the person at the terminal.

    Raises:
        CommandError: there is nobody to ask, or nothing was typed.
    """
    if not sys.stdin.isatty():
        if default:
            return default
        raise CommandError(
            f"{what} is missing", hint="hedge accounts add NAME --venue binanceusdm --mode live"
        )
    given = line(prompt, default)
    if not given:
        raise CommandError(f"{what} is missing")
    return given


def _with_key(desk: Desk, account: AccountSettings) -> int:
    """Ask for the key, look with it, and write both files."""
    vault = open_vault(desk, make=True, save_new=False)
    credential = _credential(vault, account)
    checked, listed = _looked(desk, vault, account, credential)
    sys.stdout.write("\n".join(listed) + "\n")
    if sys.stdin.isatty() and not agrees(f"keep {account.name}?", default=True):
        sys.stdout.write("nothing was written\n")
        return exits.FAILED
    write_both(desk, vault, [checked], [account])
    sys.stdout.write(f"{account.name}: in {desk.paths.config_file}, its key in the vault; {RESTART}\n")
    sys.stdout.write(f"next: hedge, then for its positions: @{account.name}\n")
    return exits.DONE


def _credential(vault: Vault, account: AccountSettings) -> Credential:
    """The key of the vault if it has one of that name, or what is typed."""
    from hedge_tui.credentials.credential import Credential

    if account.key_name in vault.names():
        found = vault.credential(account.key_name)
        if found.venue != account.venue:
            raise ConfigError(
                f"the keys {found.name!r} are for {found.venue}, the account is at {account.venue}"
            )
        sys.stderr.write(f"the vault has keys named {found.name!r} already: they are used\n")
        return found
    key, secret, kind, extra = ask_key(account.venue)
    return Credential(account.key_name, account.venue, key, secret, extra, time.time_ns(), key_type=kind)


def _looked(
    desk: Desk, vault: Vault, account: AccountSettings, credential: Credential
) -> tuple[Credential, tuple[str, ...]]:
    """The key with what its venue says of it, and what the account holds, in words.

    Raises:
        CredentialError: the venue does not take the key, or this desk refuses it and nobody wants it all the
            same; nothing was written.
    """
    from hedge_tui.bootstrap.key_check import lines_of, read_keys
    from hedge_tui.bootstrap.ways import Ways
    from hedge_tui.credentials.key_standing import dangers, phrase_for, standing_of

    sys.stderr.write(f"signing in at {account.venue}, read only ...\n")
    ways = Ways(desk.settings.egress, lambda: vault)
    (found,) = read_keys([(account, credential)], ways=ways, holdings=True)
    if found.rights is None:
        raise CredentialError(f"{account.name}: {found.problem}; nothing was written")
    checked = replace(credential, rights=found.rights, checked_ns=time.time_ns())
    standing = standing_of(checked, account.mode)
    if standing.refusal:
        phrase = phrase_for(checked, account.mode)
        sys.stderr.write(f"{standing.refusal}\nto use it all the same type: {phrase}\n")
        if line("> ") != phrase:
            raise CredentialError(
                f"{account.name}: {standing.refusal.partition(';')[0]}; nothing was written"
            )
        checked = replace(checked, accepted=dangers(checked, account.mode), accepted_ns=time.time_ns())
    notes = tuple(f"note: {warning}" for warning in standing_of(checked, account.mode).warnings)
    return checked, (*lines_of(account, found), *notes)


def write_both(desk: Desk, vault: Vault, kept: list[Credential], accounts: list[AccountSettings]) -> None:
    """Vault first, then the configuration; when that fails the vault is put back as it was."""
    from hedge_tui.bootstrap.config_file import save_accounts

    fresh = not vault.generation
    before = [vault.credential(key.name) for key in kept if key.name in vault.names()]
    for key in kept:
        vault.keep(key)
    vault.save()
    try:
        if accounts:
            save_accounts(desk.paths.config_file, accounts)
    except BaseException:
        for key in kept:
            vault.remove(key.name)
        for key in before:
            vault.keep(key)
        if fresh:
            vault.discard()
        else:
            vault.save()
        raise
