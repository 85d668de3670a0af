"""`hedge do LINE`: previews a command line and, when told to, sends it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking import with_engine
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json, print_table
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.wire.client import EngineClient
    from hedge_tui.wire.messages import Done, Preview, Result

COLUMNS = (
    "account",
    "side",
    "quantity",
    "instrument",
    "type",
    "price",
    "notional",
    "fee",
    "effect",
    "problem",
)


def command(
    ctx: typer.Context,
    line: Annotated[
        str, typer.Argument(help='Such as "@desk-1 buy 500usd BTC.p at ask"; - reads standard input.')
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Send the preview that is printed.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Print the preview and stop.")] = False,
    json: Json = False,
) -> int:
    """Carry a command line out: preview, confirm, and what became of each order.

    Sizes need a unit: write 500usd, since a shell would eat $500. Without --yes it asks at a terminal,
    and sends nothing without one. Exit codes: 0 done, 4 denied by risk, 5 unknown outcome.
    """
    text = sys.stdin.readline().strip() if line == "-" else line
    if not text:
        raise CommandError("nothing was typed", hint='hedge do "@desk-1 buy 500usd BTC.p"')
    return with_engine(
        desk_of(ctx), lambda client: _carry_out(client, text, yes=yes, preview=preview, json=json)
    )


async def _carry_out(client: EngineClient, text: str, *, yes: bool, preview: bool, json: bool) -> int:
    from hedge_tui.wire.messages import Done, Preview

    answer = await client.submit(text, origin="cli")
    if isinstance(answer, Done):
        return _say_done(answer, json=json)
    assert isinstance(answer, Preview)
    if not json:
        _print_preview(answer)
    if preview or answer.preview_only or not answer.sendable:
        if json:
            print_json({"preview": answer, "sent": False})
        return exits.DONE if answer.sendable or preview or answer.preview_only else exits.FAILED
    if not yes and not _confirmed(json=json):
        if json:
            print_json({"preview": answer, "sent": False})
        else:
            sys.stdout.write("nothing was sent; add --yes to send\n")
        return exits.DONE
    result = await client.confirm(answer.hash, wait=True)
    if json:
        print_json({"preview": answer, "sent": True, "result": result})
    else:
        _print_result(result)
    return _code(result)


def _say_done(done: Done, *, json: bool) -> int:
    if json:
        print_json({"done": done.text, "action": done.action})
    else:
        sys.stdout.write(done.text + "\n")
    return exits.DONE


def _confirmed(*, json: bool) -> bool:
    if json or not sys.stdin.isatty():
        return False
    return input("send? type yes: ").strip().lower() == "yes"


def _print_preview(answer: Preview) -> None:
    def cell(row: Any, name: str) -> str:
        if name == "price" and row.typed_price:
            return f"{row.price} ({row.typed_price})"
        if name == "problem":
            return (row.problem and f"NOT SENT: {row.problem}") or row.note
        return str(getattr(row, name))

    print_table(
        (*COLUMNS[:-1], "note"),
        [[cell(row, name) or "-" for name in COLUMNS] for row in answer.rows],
        "no legs",
    )
    sys.stdout.write(f"\n{answer.headline}\n")
    for warning in answer.warnings:
        sys.stdout.write(f"! {warning}\n")


def _print_result(result: Result) -> None:
    sys.stdout.write(f"\nrun {result.run}: {result.sent} sent\n")
    print_table(
        ("account", "instrument", "status", "filled", "average_price", "reason"),
        [
            (leg.account, leg.instrument, leg.status, leg.filled, leg.average_price, leg.reason)
            for leg in result.legs
        ],
    )


def _code(result: Result) -> int:
    statuses = {leg.status for leg in result.legs}
    if any(status.endswith("unknown") or status in ("sending", "cancel_no_answer") for status in statuses):
        return exits.UNKNOWN
    if statuses & {"rejected", "denied", "absent"}:
        return exits.FAILED
    return exits.DONE
