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
    from collections.abc import Iterator

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
    fields: Annotated[
        str,
        typer.Option(
            "--fields", help="Only these of each row, as name,equity; a change of others is silent."
        ),
    ] = "",
) -> int:
    """Print all rows of these topics, then every change: one JSON object a line.

    {"topic", "key", "row"} or {"topic", "key", "removed": true}; books and trades {"topic", "document"}.
    A reader that is slow misses states in between, never the newest. Ends with exit code 3 when the engine
    ends.
    """
    del json  # the output is JSON in any case
    wanted = list(dict.fromkeys(topics))
    chosen = tuple(dict.fromkeys(field.strip() for field in fields.split(",") if field.strip()))
    _check(wanted, chosen)
    with_engine(desk_of(ctx), lambda client: _follow(client, wanted, count, chosen))
    return exits.DONE


def _check(topics: list[str], fields: tuple[str, ...]) -> None:
    """Refuse what does not exist, before the engine is asked.

    Raises:
        CommandError: names the nearest topic or field there is.
    """
    from hedge_tui.config.place import nearest
    from hedge_tui.wire.topics import COLUMNS

    documents = [f"{kind}:INSTRUMENT" for kind in DOCUMENTS]
    for topic in topics:
        kind, _, instrument = topic.partition(":")
        if topic in COLUMNS or (kind in DOCUMENTS and instrument):
            continue
        if topic in DOCUMENTS:
            raise CommandError(
                f"{topic} of which instrument?", hint=f"such as {topic}:binanceusdm:BTC/USDT:USDT"
            )
        raise CommandError(
            f"{topic} is no topic; {nearest(topic, COLUMNS)}",
            hint="one of: " + " ".join([*COLUMNS, *documents]),
        )
    for field in fields:
        for topic in topics:
            if topic in COLUMNS and field not in COLUMNS[topic]:
                hint = "one of: " + " ".join(COLUMNS[topic])
                raise CommandError(
                    f"{topic} has no field {field}; {nearest(field, COLUMNS[topic])}", hint=hint
                )


async def _follow(client: EngineClient, topics: list[str], count: int, fields: tuple[str, ...] = ()) -> None:
    """Print until `count` lines are out.

    Args:
        client: connected.
        topics: to follow.
        count: 0 for no end.
        fields: of each row; none for all. A row that changed in none of them is not printed again.

    Raises:
        EngineUnreachable: the engine ended. OSError: standard output cannot be written.
    """
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    printed = 0
    chosen = _Chosen(fields)

    def show(touched: list[str]) -> None:
        nonlocal printed
        if ended.done():
            return
        try:
            for topic in touched:
                for line in chosen.of(_lines(topic, client.replica.table(topic))):
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


class _Chosen:
    """Cuts rows down to the fields that are wanted, and leaves out those that say nothing new."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._fields = fields
        self._said: dict[tuple[str, str], dict[str, Any]] = {}

    def of(self, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The lines that are left."""
        for line in lines:
            if not self._fields or "document" in line:
                yield line
                continue
            place = (line["topic"], line["key"])
            if "row" not in line:
                self._said.pop(place, None)
                yield line
                continue
            row = {field: line["row"][field] for field in self._fields}
            if self._said.get(place) != row:
                self._said[place] = row
                yield {**line, "row": row}


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
