"""`hedge stream TOPIC ...`: follows topics, one JSON object a line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking import with_engine
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json_line
from hedge_tui.domain.errors import CommandError, EngineUnreachable

if TYPE_CHECKING:
    from hedge_tui.wire.client import EngineClient
    from hedge_tui.wire.replica import Table

DOCUMENTS = ("book", "trades")


def command(
    ctx: typer.Context,
    topics: Annotated[
        list[str], typer.Argument(help="Such as positions orders fills; book:INSTRUMENT, trades:INSTRUMENT.")
    ],
    json: Json = False,
    count: Annotated[int, typer.Option("--count", min=0, help="Stop after so many lines; 0: never.")] = 0,
) -> int:
    """Print all rows of these topics, then every change: one JSON object a line.

    {"topic", "key", "row"} or {"topic", "key", "removed": true}; books and trades {"topic", "document"}.
    A reader that is slow misses states in between, never the newest. Ends with exit code 3 when the engine
    ends.
    """
    del json  # the output is JSON in any case
    from hedge_tui.wire.topics import COLUMNS

    for topic in topics:
        if topic not in COLUMNS and topic.partition(":")[0] not in DOCUMENTS:
            hint = "one of: " + " ".join([*COLUMNS, *(f"{kind}:INSTRUMENT" for kind in DOCUMENTS)])
            raise CommandError(f"{topic} is no topic", hint=hint)
    with_engine(desk_of(ctx), lambda client: _follow(client, topics, count))
    return exits.DONE


async def _follow(client: EngineClient, topics: list[str], count: int) -> None:
    """Print until `count` lines are out.

    Raises:
        EngineUnreachable: the engine ended. OSError: standard output cannot be written.
    """
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    printed = 0

    def show(touched: list[str]) -> None:
        nonlocal printed
        if ended.done():
            return
        try:
            for topic in touched:
                for line in _lines(topic, client.replica.table(topic)):
                    print_json_line(line)
                    printed += 1
                    if printed == count:
                        ended.set_result(None)
                        return
        except OSError as error:
            # Raised here it would only end the connection's reader: whoever waits has to hear it.
            ended.set_exception(error)

    def closed(reason: str) -> None:
        if not ended.done():
            ended.set_exception(EngineUnreachable(f"the stream has ended: {reason}"))

    client.on_frame = show
    client.on_closed = closed
    client.follow(*topics)
    await ended


def _lines(topic: str, table: Table) -> list[dict[str, Any]]:
    """What has changed since the last look."""
    if not table.columns:
        return [{"topic": topic, "document": one} for one in table.take_documents()]
    changed, removed = table.take_changes()
    rows = [
        {"topic": topic, "key": key, "row": dict(zip(table.columns, _plain(table.rows[key]), strict=True))}
        for key in (list(table.rows) if changed is None else changed)
    ]
    return [*rows, *({"topic": topic, "key": key, "removed": True} for key in removed)]


def _plain(row: list[Any]) -> list[Any]:
    """NaN has no place in JSON."""
    return [None if isinstance(value, float) and value != value else value for value in row]  # noqa: PLR0124 - NaN
