"""`hedge accounts list|test`: the accounts of the configuration."""

from __future__ import annotations

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.output import print_json, print_table
from hedge_tui.domain.errors import EngineUnreachable

app = command_group("The accounts of this desk; they are set down in the configuration file.")


@app.command("list")
def list_accounts(ctx: typer.Context, json: Json = False) -> int:
    """Print the accounts, and how each is doing when an engine runs."""
    from hedge_tui.cli.asking import ask

    desk = desk_of(ctx)
    try:
        live = {row["account"]: row for row in ask(desk, "accounts")}
    except EngineUnreachable:
        live = {}
    rows = [
        {
            "account": a.name,
            "venue": a.venue,
            "mode": a.mode.value,
            "groups": list(a.groups),
            "tags": list(a.tags),
            "key": a.key_name,
            "read_only": a.read_only,
            "state": live.get(a.name, {}).get("state", "no engine"),
            "equity": live.get(a.name, {}).get("equity"),
        }
        for a in desk.settings.accounts
    ]
    if json:
        print_json(rows)
    else:
        columns = ("account", "venue", "mode", "groups", "key", "state", "equity")
        empty = f"no account yet: add [[accounts]] to {desk.paths.config_file}, then `hedge keys add NAME`"
        print_table(columns, [[row[c] for c in columns] for row in rows], empty)
    return exits.DONE
