"""`hedge accounts add|list|test|reset|remove`: the accounts of the configuration."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits, formats
from hedge_tui.cli.account_add import RESTART, add_account
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
    figures("differences", formats.plain, "differed", spare=3),
    text("detail"),
)

app.command("add")(add_account)


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
            "reconciled_ns": live.get(a.name, {}).get("reconciled_ns"),
            "differences": live.get(a.name, {}).get("differences"),
            "in_doubt": live.get(a.name, {}).get("in_doubt"),
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
            "reconciled_ns": row["reconciled_ns"],
            "differences": row["differences"],
            "in_doubt": row["in_doubt"],
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
