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
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.wire.client import EngineClient


def command(
    ctx: typer.Context,
    topics: Annotated[list[str], typer.Argument(help="Such as positions orders fills.")],
    json: Json = False,
    count: Annotated[int, typer.Option("--count", help="Stop after this many lines; 0 never stops.")] = 0,
) -> int:
    """Print every change of these topics: {"topic", "key", "row"} or {"topic", "key", "removed": true}."""
    del json  # the output is JSON in any case
    from hedge_tui.wire.topics import COLUMNS

    for topic in topics:
        if topic not in COLUMNS:
            raise CommandError(f"{topic} is no topic", hint="one of: " + " ".join(COLUMNS))
    with_engine(desk_of(ctx), lambda client: _follow(client, topics, count))
    return exits.DONE


async def _follow(client: EngineClient, topics: list[str], count: int) -> None:
    ended = asyncio.Event()
    printed = 0

    def show(touched: list[str]) -> None:
        nonlocal printed
        for topic in touched:
            table = client.replica.table(topic)
            changed, removed = table.take_changes()
            for key in table.rows if changed is None else changed:
                if count and printed >= count:
                    break
                row = dict(zip(table.columns, _plain(table.rows[key]), strict=True))
                print_json_line({"topic": topic, "key": key, "row": row})
                printed += 1
            for key in removed:
                print_json_line({"topic": topic, "key": key, "removed": True})
        if count and printed >= count:
            ended.set()

    client.on_frame = show
    client.on_closed = lambda _reason: ended.set()
    client.follow(*topics)
    await ended.wait()


def _plain(row: list[Any]) -> list[Any]:
    """NaN has no place in JSON."""
    return [None if isinstance(value, float) and value != value else value for value in row]  # noqa: PLR0124
