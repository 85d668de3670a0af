"""`hedge traffic [test|password]`: rate budgets, lanes, egress routes and bans."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits, formats
from hedge_tui.cli.asking import with_engine
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.output import print_json
from hedge_tui.cli.table import figures, print_rows, text
from hedge_tui.domain.errors import ConfigError
from hedge_tui.domain.traffic import name_of

if TYPE_CHECKING:
    from hedge_tui.wire.client import EngineClient

app = command_group(
    "What is sent to venues, what may still be sent, and by which ways: budgets, lanes, routes, bans."
)

BUDGETS = (
    text("venue"),
    text("of"),
    text("name", "budget"),
    figures("used_pct", formats.exact, "used %"),
    figures("spent", formats.exact, "ours", spare=2),
    figures("others", formats.exact, spare=4),
    figures("planned", formats.exact, spare=1),
    figures("limit", formats.exact),
    figures("window_s", formats.exact, "window s", spare=3),
    figures("free_in_s", formats.exact, "next s"),
    figures("ban_left_s", formats.exact, "ban s"),
)
LANES = (
    text("lane"),
    figures("waiting", formats.plain),
    figures("longest_s", formats.exact, "longest s"),
    figures("sent_1m", formats.plain, "sent/min"),
    figures("worst_1m_s", formats.exact, "worst s"),
)
ROUTES = (
    text("route"),
    text("venue"),
    text("state"),
    figures("latency_ms", formats.exact, "ms"),
    figures("sent_1m", formats.plain, "sent/min"),
    text("address", "leaves from", spare=2),
    text("for", spare=1),
    text("problem", "last error", spare=3),
)
BANS = (
    text("system", "venue"),
    text("route"),
    text("account"),
    figures("status", formats.plain),
    figures("left_s", formats.exact, "left s"),
)
TRIALS = (
    text("route"),
    text("venue"),
    text("result"),
    figures("dial_ms", formats.exact, "dial ms", spare=1),
    figures("answer_ms", formats.exact, "answer ms"),
    text("seen_as", "seen by the venue as"),
    text("address", "leaves from", spare=2),
    text("problem"),
)
NO_BAN = "no venue has told this desk to stop"


@app.callback(invoke_without_command=True)
def show(ctx: typer.Context, json: Json = False) -> int | None:
    """Print every rate budget, lane, egress route and ban of the running engine."""
    if ctx.invoked_subcommand is not None:
        return None

    async def ask(client: EngineClient) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = await client.query("traffic")
        return found

    found = with_engine(desk_of(ctx), ask)
    if json:
        print_json(found)
        return exits.DONE
    budgets = [
        {
            **row,
            "venue": name_of(row["system"]),
            "of": row["account"] or row["route"] or "direct",
            "ban_left_s": row["ban_left_s"] or None,
            "free_in_s": row["free_in_s"] or None,
        }
        for row in sorted(found["budgets"], key=lambda row: -(row["used_pct"] or 0))
    ]
    routes = [{**row, "for": "keys" if row["trusted"] else "public only"} for row in found["routes"]]
    for title, columns, rows, empty in (
        ("Budgets", BUDGETS, budgets, "nothing was sent yet"),
        ("Lanes", LANES, found["lanes"], "nothing was sent yet"),
        ("Egress routes", ROUTES, routes, "no venue is configured: hedge accounts add"),
        ("Bans", BANS, found["bans"], NO_BAN),
    ):
        sys.stdout.write(f"{title}\n")
        print_rows(columns, rows, empty)
        sys.stdout.write("\n")
    return exits.DONE


@app.command("test")
def try_them(ctx: typer.Context, json: Json = False) -> int:
    """Try every egress route to every venue, without a key: reached or not, how fast, seen as which address.

    Needs no engine. Exits 1 when a route does not reach a venue that it is meant for.
    """
    from hedge_tui.bootstrap.route_checks import try_routes
    from hedge_tui.cli.vault_door import open_vault

    desk = desk_of(ctx)
    wanted = any(one.user for one in desk.settings.egress)
    trials = try_routes(desk.settings, open_vault(desk) if wanted else None)
    if json:
        print_json([asdict(one) for one in trials])
    else:
        rows = [
            {
                **asdict(one),
                "result": "reached" if one.reached else "NOT REACHED",
                "seen_as": one.seen_as or ("not told" if one.reached else None),
                "dial_ms": one.dial_ms if one.reached else None,
                "answer_ms": one.answer_ms if one.reached else None,
            }
            for one in trials
        ]
        print_rows(TRIALS, rows, "no venue is configured: hedge accounts add")
    return exits.DONE if all(one.reached for one in trials) else exits.FAILED


@app.command("password")
def password(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The [[egress]] entry.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take it out of the vault.")] = False,
) -> int:
    """Ask for the password at a proxy and keep it in the vault; a running engine takes it over by itself.

    Without a terminal, standard input holds one secret a line: passphrase of the vault, then the password.
    """
    from hedge_tui.cli.passphrase import read_passphrase
    from hedge_tui.cli.vault_door import open_vault
    from hedge_tui.config.place import nearest
    from hedge_tui.domain.secret import Secret

    desk = desk_of(ctx)
    routes = {one.name: one for one in desk.settings.egress}
    route = routes.get(name)
    if route is None:
        raise ConfigError(f'no [[egress]] is called "{name}"; {nearest(name, routes)}')
    if not route.user:
        raise ConfigError(f'egress "{name}" names no user; write user = "..." in its [[egress]] entry first')
    vault = open_vault(desk, make=not remove)
    if remove:
        vault.remove(route.vault_entry)
    else:
        vault.add(
            route.vault_entry,
            venue="egress",
            api_key=Secret("-"),  # the name is no secret, and blanked out it would take words with it
            secret=Secret(read_passphrase(f"password of {route.user} at {route.address}: ", twice=True)),
            created_ns=time.time_ns(),
            replace_existing=True,
        )
    vault.save()
    done = "gone from the vault" if remove else f"kept for {route.user}; try it with: hedge traffic test"
    sys.stdout.write(f"{name}: {done}\n")
    return exits.DONE
