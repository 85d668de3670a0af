"""`hedge keys import FILE`: many keys, and the accounts that use them, from one file."""

from __future__ import annotations

import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.account_add import write_both
from hedge_tui.cli.asking_person import agrees, line
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.key_rows import prefix_of
from hedge_tui.cli.table import print_rows, text
from hedge_tui.cli.vault_door import open_vault
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.bootstrap.key_check import KeyReading
    from hedge_tui.cli.desk import Desk
    from hedge_tui.cli.key_file import KeyEntry
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.credentials.credential import Credential
    from hedge_tui.credentials.vault import Vault

PREVIEW = (
    text("name"),
    text("venue"),
    text("mode"),
    text("key"),
    text("type", spare=2),
    text("groups", spare=1),
    text("account"),
    text("may", "permissions"),
    text("outcome"),
)
HOST = Annotated[str, typer.Option("--connect", help="Sandbox: HOST:PORT of rows that say none.")]
CA = Annotated[str, typer.Option("--ca-file", help="Sandbox: CA certificate of rows that say none.")]


def import_keys(  # noqa: PLR0917 - typer makes options of them
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, TOML or JSON.")],
    replace: Annotated[bool, typer.Option("--replace", help="Entries that exist are changed.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")
    ] = False,
    unchecked: Annotated[
        bool,
        typer.Option("--unchecked", help="Do not ask the venues now; the engine does before it connects."),
    ] = False,
    keys_only: Annotated[
        bool, typer.Option("--keys-only", help="Leave the configuration alone; add no accounts.")
    ] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="The accounts take no orders.")] = False,
    mode: Annotated[
        str, typer.Option("--mode", help="live, demo or sandbox, of rows that say none.")
    ] = "live",
    connect: HOST = "",
    ca_file: CA = "",
    group: Annotated[list[str] | None, typer.Option("--group", help="Of rows that say none.")] = None,
    egress: Annotated[str, typer.Option("--egress", help="Route of the keys of rows that say none.")] = "",
    yes_shred: Annotated[bool, typer.Option("--yes-shred", help="Destroy the file afterwards.")] = False,
) -> int:
    """Take the keys of a file into the vault and their accounts into the configuration.

    Columns: name, venue, key, secret; if wanted passphrase, mode, groups, tags, weight, read_only,
    egress, connect and ca_file. A CSV with a heading line, or a list of tables called `keys` or
    `accounts` in TOML or JSON. A secret is a text, a private key in PEM form, or file:PATH of one. Each
    key is checked at its venue, read only; one that can move money out, or of which nothing is known, is
    left out unless you type that you want it. A cell that is wrong stops everything before anything is
    written.
    """
    from hedge_tui.cli.key_file import Defaults, read_key_file

    desk = desk_of(ctx)
    ca = str(Path(ca_file).expanduser().absolute()) if ca_file else ""
    defaults = Defaults(mode, connect, ca, tuple(group or ()), read_only, egress)
    entries = read_key_file(file, defaults, time.time_ns())
    new = [] if keys_only else _new_accounts(desk, entries)
    _warn_of_readers(file)
    if dry_run:
        readings = {} if unchecked else _ask_venues(desk, entries, None)
        print_rows(PREVIEW, [_row(desk, entry, readings) for entry in entries], "")
        sys.stdout.write("nothing was written; without --dry-run it will be\n")
        return exits.DONE
    vault = open_vault(desk, make=True, save_new=False)
    taken = sorted({entry.name for entry in entries} & set(vault.names()))
    if taken and not replace:
        raise ConfigError(f"the vault has keys named {', '.join(taken)} already; --replace changes them")
    readings = {} if unchecked else _ask_venues(desk, entries, vault)
    kept = [key for entry in entries if (key := _judged(desk, entry, readings, unchecked=unchecked))]
    if kept:
        names = {key.name for key in kept}
        write_both(desk, vault, kept, [account for account in new if account.name in names])
    _report(desk, entries, kept, new)
    _shred(file, ask=len(kept) == len(entries), at_once=yes_shred)
    return exits.DONE if len(kept) == len(entries) else exits.FAILED


def _new_accounts(desk: Desk, entries: Sequence[KeyEntry]) -> list[AccountSettings]:
    """Accounts that the configuration lacks; what would not fit into it is said before anything is done.

    Raises:
        ConfigError: an account is at another venue than its key, or the new ones would be wrong.
    """
    from hedge_tui.bootstrap.config_file import check_fit

    new = []
    for entry in entries:
        account = _account_of(desk, entry.name)
        if account is None:
            new.append(entry.account)
        elif account.venue != entry.key.venue:
            raise ConfigError(
                f"{entry.name}: the file says {entry.key.venue}, account {account.name} is at {account.venue}"
            )
    check_fit(desk.paths.config_file, new)
    return new


def _account_of(desk: Desk, key_name: str) -> AccountSettings | None:
    return next((a for a in desk.settings.accounts if key_name in (a.key_name, a.name)), None)


def _ask_venues(desk: Desk, entries: Sequence[KeyEntry], vault: Vault | None) -> dict[str, KeyReading]:
    """What each venue says of its key; progress goes to standard error."""
    from hedge_tui.bootstrap.key_check import read_keys, words_of
    from hedge_tui.bootstrap.ways import Ways

    done = 0

    def tell(found: KeyReading) -> None:
        nonlocal done
        done += 1
        words = found.problem or words_of(found.rights)
        sys.stderr.write(f"{done}/{len(entries)} {found.account}: {words}\n")

    keys = [(_account_of(desk, entry.name) or entry.account, entry.key) for entry in entries]
    readings = read_keys(keys, tell, ways=Ways(desk.settings.egress, lambda: vault))
    return {entry.name: found for entry, found in zip(entries, readings, strict=True)}


def _judged(
    desk: Desk, entry: KeyEntry, readings: dict[str, KeyReading], *, unchecked: bool
) -> Credential | None:
    """The key as it is to be kept, or None; a key that this desk refuses is asked for at a terminal."""
    from dataclasses import replace

    from hedge_tui.credentials.key_standing import dangers, phrase_for, standing_of

    if unchecked:
        return entry.key
    found = readings[entry.name]
    if found.rights is None:
        sys.stderr.write(f"{entry.name}: LEFT OUT: {found.problem}\n")
        return None
    key = replace(entry.key, rights=found.rights, checked_ns=time.time_ns())
    mode = (_account_of(desk, entry.name) or entry.account).mode
    standing = standing_of(key, mode)
    for warning in standing.warnings:
        sys.stderr.write(f"note: {warning}\n")
    if not standing.refusal:
        return key
    phrase = phrase_for(key, mode)
    if sys.stdin.isatty():
        sys.stderr.write(
            f"{standing.refusal}\nto take it all the same type: {phrase} (empty leaves it out)\n"
        )
        if line("> ") == phrase:
            return replace(key, accepted=dangers(key, mode), accepted_ns=time.time_ns())
    sys.stderr.write(f"{entry.name}: LEFT OUT: {standing.refusal.partition(';')[0]}\n")
    return None


def _report(
    desk: Desk, entries: Sequence[KeyEntry], kept: list[Credential], new: list[AccountSettings]
) -> None:
    names = {key.name for key in kept}
    added = [account.name for account in new if account.name in names]
    sys.stdout.write(
        f"{len(kept)} of {len(entries)} keys kept: {', '.join(key.name for key in kept) or 'none'}\n"
    )
    if added:
        watching = sum(account.read_only for account in new if account.name in names)
        sys.stdout.write(
            f"{len(added)} accounts added to {desk.paths.config_file}"
            f"{f', {watching} of them read-only' if watching else ''}\n"
            "next: hedge (an engine that runs learns of them when it is started again: hedge engine stop)\n"
        )
    elif kept:
        sys.stdout.write("a running engine takes them over by itself\n")


def _row(desk: Desk, entry: KeyEntry, readings: dict[str, KeyReading]) -> dict[str, object]:
    from dataclasses import replace

    from hedge_tui.bootstrap.key_check import words_of
    from hedge_tui.credentials.key_standing import standing_of

    known = _account_of(desk, entry.name)
    account, found = known or entry.account, readings.get(entry.name)
    key = replace(entry.key, rights=found.rights if found else None)
    standing = standing_of(key, account.mode)
    outcome = standing.refusal or "; ".join(standing.warnings) or "kept"
    return {
        "name": entry.name,
        "venue": entry.key.venue,
        "mode": account.mode.value,
        "key": prefix_of(entry.key),
        "type": entry.key.key_type.value,
        "groups": " ".join(account.groups),
        "account": "known" if known is not None else "new",
        "may": words_of(key.rights),
        "outcome": found.problem if found is not None and found.problem else outcome,
    }


def _warn_of_readers(file: Path) -> None:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        sys.stderr.write(
            f"note: {file} has mode {mode:04o}: others on this machine may have read the secrets in it\n"
        )


def _shred(file: Path, *, ask: bool, at_once: bool) -> None:
    from hedge_tui.cli.shredding import shred, what_shredding_cannot_do

    if at_once or (ask and sys.stdin.isatty() and agrees(f"overwrite and delete {file}?", default=False)):
        limits = what_shredding_cannot_do(file)
        shred(file)
        sys.stdout.write(f"{file} is overwritten and gone; {limits}\n")
    else:
        sys.stdout.write(f"{file} still holds the secrets: delete it, and its copies\n")
