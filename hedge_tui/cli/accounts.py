"""`hedge accounts add|list|test|reset|remove`: the accounts of the configuration."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits, formats
from hedge_tui.cli.asking_person import agrees, line
from hedge_tui.cli.desk import Desk, desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.output import print_json
from hedge_tui.cli.table import figures, print_rows, text
from hedge_tui.domain.errors import CommandError, EngineUnreachable

if TYPE_CHECKING:
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.wire.client import EngineClient

app = command_group("The accounts of this desk; they are set down in the configuration file.")

Name = Annotated[str, typer.Argument(help="The account, as typed after @.")]
COLUMNS = (
    text("account"),
    text("venue"),
    text("mode"),
    text("groups", spare=1),
    text("key", spare=2),
    text("state"),
    figures("equity", formats.money),
    text("detail"),
)
RESTART = "a running engine learns of it when it is started again: hedge engine stop, then hedge"


@app.command("add")
def add(  # noqa: PLR0917 - typer makes options of them
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Letters, digits, dot, dash, underscore.")] = "",
    venue: Annotated[str, typer.Option("--venue", help="A ccxt id, such as binanceusdm.")] = "",
    mode: Annotated[str, typer.Option("--mode", help="live, demo, paper or sandbox.")] = "",
    balance: Annotated[str, typer.Option("--balance", help='Paper: such as "10000 USDT".')] = "",
    connect: Annotated[str, typer.Option("--connect", help="Sandbox: HOST:PORT.")] = "",
    ca_file: Annotated[str, typer.Option("--ca-file", help="Sandbox: its CA certificate.")] = "",
    group: Annotated[list[str] | None, typer.Option("--group", help="May be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="May be repeated.")] = None,
    key: Annotated[str, typer.Option("--key", help="Vault entry; the account's name without it.")] = "",
    read_only: Annotated[bool, typer.Option("--read-only", help="Deny all its orders.")] = False,
) -> int:
    """Add an account to the configuration file; at a terminal it asks for what is missing.

    The rest of the file stays as it is. API keys are not in it: they are asked for afterwards.
    """
    from hedge_tui.bootstrap.config_file import MODES, save_account
    from hedge_tui.bootstrap.venues import check_venue
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.domain.account import Mode

    desk = desk_of(ctx)
    _ = desk.settings  # a file that is wrong is said before anything is asked
    name = name or _asked("name", "name of the account: ")
    venue = venue or _asked("--venue", "venue, a ccxt id such as binanceusdm: ")
    mode = mode or _asked("--mode", f"mode ({', '.join(MODES)}) [live]: ", "live")
    if mode not in MODES:
        raise CommandError(f'mode "{mode}" is not one of: {", ".join(MODES)}')
    check_venue(venue)
    if mode == Mode.SANDBOX:
        connect = connect or _asked("--connect", "where the sandbox listens, such as 127.0.0.1:18443: ")
        ca_file = ca_file or _asked("--ca-file", "its CA certificate: ")
    if mode == Mode.PAPER:
        balance = balance or _asked("--balance", "what it begins with [10000 USDT]: ", "10000 USDT")
    account = AccountSettings(
        name,
        venue,
        Mode(mode),
        connect,
        str(Path(ca_file).expanduser().absolute()) if ca_file else "",
        tuple(group or ()),
        tuple(tag or ()),
        key=key,
        read_only=read_only,
        balance=balance,
    )
    save_account(desk.paths.config_file, account)
    sys.stdout.write(f"{name}: in {desk.paths.config_file}; {RESTART}\n")
    if mode == Mode.PAPER:
        sys.stdout.write(f"it takes no key; trade on it with: @{name} buy 500usd ...\n")
        return exits.DONE
    return _keys(ctx, desk, name, venue)


@app.command("list")
def list_accounts(ctx: typer.Context, json: Json = False) -> int:
    """Print the accounts, and how each is doing when an engine runs."""
    desk = desk_of(ctx)
    live, missing = _live(desk)
    rows: list[dict[str, Any]] = [
        {
            "account": a.name,
            "venue": a.venue,
            "mode": a.mode.value,
            "groups": list(a.groups),
            "tags": list(a.tags),
            "key": a.key_name if a.mode.value != "paper" else None,
            "read_only": a.read_only,
            "state": live.get(a.name, {}).get("state", missing),
            "equity": live.get(a.name, {}).get("equity"),
            "detail": live.get(a.name, {}).get("detail"),
        }
        for a in desk.settings.accounts
    ]
    if json:
        print_json(rows)
    else:
        print_rows(COLUMNS, rows, "no account yet: hedge accounts add, or hedge demo for practice")
    return exits.DONE


@app.command("test")
def test_account(ctx: typer.Context, name: Name) -> int:
    """Sign in with the account's key, read only: prints what the key may do and what the account holds."""
    from hedge_tui.bootstrap.paper_desk import paper_state
    from hedge_tui.cli.keys import sign_in
    from hedge_tui.domain.account import Mode

    desk = desk_of(ctx)
    account = _settings(desk, name)
    if account.mode is Mode.PAPER:
        sys.stdout.write(
            f"{name} trades on paper and takes no key: {paper_state(account, desk.paths.data_dir)}\n"
        )
        return exits.DONE
    return sign_in(ctx, account.key_name)


@app.command("reset")
def reset(ctx: typer.Context, name: Name) -> int:
    """Begin a paper account anew: orders cancelled, positions closed, the balance of the configuration.

    The engine must be stopped. What it remembers of the account's past stays; the reset is no profit or loss.
    """
    from hedge_tui.bootstrap.launch import answers
    from hedge_tui.bootstrap.paper_desk import reset_paper_account

    desk = desk_of(ctx)
    account = _settings(desk, name)
    if answers(desk.socket):
        raise CommandError(
            f"the engine trades on {name} now", hint=f"hedge engine stop, then: hedge accounts reset {name}"
        )
    sys.stdout.write(f"{reset_paper_account(account, desk.paths.data_dir)}\n")
    return exits.DONE


@app.command("remove")
def remove(ctx: typer.Context, name: Name) -> int:
    """Take an account out of the configuration file; its key stays in the vault, its orders at the venue."""
    from hedge_tui.bootstrap.config_file import drop_account

    desk = desk_of(ctx)
    account = _settings(desk, name)
    drop_account(desk.paths.config_file, name)
    sys.stdout.write(f"{name}: out of {desk.paths.config_file}; {RESTART}\n")
    if account.mode.value != "paper":
        sys.stdout.write(f"its key stays in the vault: hedge keys remove {account.key_name}\n")
    return exits.DONE


def _live(desk: Desk) -> tuple[dict[str, dict[str, Any]], str]:
    """What the engine says of each account, and the state of those it says nothing of."""
    from hedge_tui.cli.asking import with_engine

    try:
        accounts, feeds = with_engine(desk, _ask)
    except EngineUnreachable:
        return {}, "no engine"
    details = {row["account"]: row["detail"] for row in feeds if row["account"] and row["detail"]}
    return {
        row["account"]: {
            "state": row["state"],
            # What was never read is not known; the engine counts it as nothing.
            "equity": row["equity"] if row["connected"] else None,
            "detail": row["remark"] or details.get(row["account"]),
        }
        for row in accounts
    }, "not in the engine yet"


async def _ask(client: EngineClient) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return await client.query("accounts"), await client.query("feeds")


def _settings(desk: Desk, name: str) -> AccountSettings:
    """An account of the configuration.

    Raises:
        CommandError: there is no such account.
    """
    account = desk.settings.account(name)
    if account is None:
        from hedge_tui.config.place import nearest

        names = [one.name for one in desk.settings.accounts]
        raise CommandError(f'no account is called "{name}"; {nearest(name, names)}')
    return account


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


def _keys(ctx: typer.Context, desk: Desk, name: str, venue: str) -> int:
    """Offer to keep the key now."""
    if sys.stdin.isatty() and agrees("add its API key now?", default=True):
        from hedge_tui.cli.keys import add as add_key

        ctx.obj = Desk(*desk.given)  # reads the file anew
        return add_key(ctx, name, venue)
    sys.stdout.write(f"next: hedge keys add {name}\n")
    return exits.DONE
