"""`hedge journal show|verify|replay`: what the desk did and why, whether an engine runs or not."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json, command_group
from hedge_tui.cli.journal_times import past_ns
from hedge_tui.cli.output import print_json, print_json_line, shown
from hedge_tui.cli.table import print_rows, text
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from hedge_tui.bootstrap.journal_reader import JournalReader
    from hedge_tui.cli.desk import Desk
    from hedge_tui.domain.acts import Act
    from hedge_tui.engine.record.words import ActRow, ActWords

app = command_group("The record of everything the desk did: read it, check it, fold it again.")
FOLLOW_S = 0.25
SAY_EVERY = 20_000
"""Acts between two words about the progress of long work."""


@app.command("show")
def show(  # noqa: PLR0917 - typer calls it by name
    ctx: typer.Context,
    json: Json = False,
    since: Annotated[str, typer.Option("--since", help="2h, 14:00, 2026-11-20 or 2026-11-20T14:00.")] = "",
    until: Annotated[str, typer.Option("--until", help="Likewise.")] = "",
    account: Annotated[str, typer.Option("--account", help="Only acts about this account.")] = "",
    order: Annotated[str, typer.Option("--order", help="Only one order: #12 or its id.")] = "",
    run: Annotated[str, typer.Option("--run", help="Only one confirmed line and its orders.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only these, as reported,filled.")] = "",
    count: Annotated[int, typer.Option("--count", "-n", min=0, help="At most so many; 0: all.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written.")] = False,
) -> int:
    """Print acts in words, the newest first; with --follow the newest last, and what comes after.

    Times are in the desk's time zone. An order's whole story with the figures it was decided on:
    hedge journal replay --explain #12
    """
    desk = desk_of(ctx)
    zone, reader = _reader(desk)
    now = time.time_ns()
    since_ns = past_ns(since, now, zone) if since else 0
    until_ns = past_ns(until, now, zone) if until else 0
    words = reader.words()
    wanted = _Wanted(words, account, order, run, kind, until_ns)
    newest = reader.last_seq()
    rows: list[ActRow] = []
    for seq, act in reader.newest_first(since_ns):
        if seq <= newest and (row := wanted.row(seq, act)) is not None:
            rows.append(row)
            if count and len(rows) == count:
                break
    if not follow:
        _print(rows, zone, json=json)
        return exits.DONE
    say = print_json_line if json else lambda row: sys.stdout.write(_line(row, zone) + "\n")
    for row in reversed(rows):
        say(row)
    _follow(reader, wanted, newest, say)
    return exits.DONE


@app.command("verify")
def verify(ctx: typer.Context, json: Json = False) -> int:
    """Follow the hash chain through the whole journal, archived segments included.

    Exits 1 when a row is missing or was altered, and names the first one.
    """
    from hedge_tui.bootstrap.diagnosis import journal_state

    say = _progress("checked", quiet=json)
    desk = desk_of(ctx)
    report = journal_state(desk.paths.data_dir, say)
    if report is None:
        raise CommandError(
            "there is no journal yet", hint="hedge engine run   starts an engine, which makes it"
        )
    if json:
        print_json(report)
    else:
        kept = ", ".join(f"{seq:,}" for seq in report.checkpoints) or "none"
        sys.stdout.write(
            f"{report.acts:,} acts follow each other, the newest is {report.last_seq:,}\n"
            f"{report.segments} segments hold those up to {report.archived_seq:,};"
            f" the database has {report.bytes:,} bytes\nkept states at acts: {kept}\n"
        )
        for problem in report.problems:
            sys.stdout.write(f"BROKEN  {shown(problem)}\n")
        if report.problems:
            sys.stdout.write(
                "        -> restore a backup, or go on with the rest: hedge doctor --accept-journal\n"
            )
        else:
            sys.stdout.write("the journal is whole\n")
    return exits.FAILED if report.problems else exits.DONE


@app.command("replay")
def replay(
    ctx: typer.Context,
    json: Json = False,
    at: Annotated[str, typer.Option("--at", help="The desk after this act, or at this time.")] = "",
    explain: Annotated[
        str, typer.Option("--explain", help="Why: #12, an order's id, run:ID, or an act's number.")
    ] = "",
    lines: Annotated[bool, typer.Option("--lines", hidden=True)] = False,
) -> int:
    """Fold the record anew and compare: state hashes, the engine's own checkpoints, every decision.

    Exits 1 when something comes out otherwise than the engine had it.
    """
    desk = desk_of(ctx)
    zone, reader = _reader(desk)
    if explain:
        return _explain(reader, explain, zone, json=json, as_lines=lines)
    if at:
        return _state_at(reader, at, zone, json=json)
    from hedge_tui.engine.record.summary import replay_document, replay_lines

    found = reader.replay(_progress("folded", quiet=json))
    if json:
        print_json(replay_document(found))
    else:
        sys.stdout.write("\n".join(replay_lines(found, zone)) + "\n")
    return exits.DONE if found.sound else exits.FAILED


class _Wanted:
    """The filters of `show`."""

    def __init__(  # noqa: PLR0917 - one a filter
        self, words: ActWords, account: str, order: str, run: str, kind: str, until_ns: int
    ) -> None:
        from hedge_tui.domain.acts import ACT_TYPES

        self.words = words
        self._account, self._run, self._until_ns = account, run, until_ns
        self._order = order if order.startswith("#") else order.removeprefix("id:")
        self._kinds = {one.strip().replace("-", "_") for one in kind.split(",") if one.strip()}
        if unknown := self._kinds - ACT_TYPES.keys():
            known = ", ".join(sorted(ACT_TYPES))
            raise CommandError(f"{unknown.pop()} is no kind of act", hint=f"one of: {known}")

    def row(self, seq: int, act: Act) -> ActRow | None:
        """The act in words; None where it is not asked for."""
        if (self._kinds and act.kind not in self._kinds) or (self._until_ns and act.at_ns > self._until_ns):
            return None
        row = self.words.row(seq, act)
        if self._account and row.account != self._account and self._account not in self.words.accounts(act):
            return None
        if self._order and not any(self._is_order(id_) for id_ in row.orders):
            return None
        return row if not self._run or self._of_run(row) else None

    def _is_order(self, id_: str) -> bool:
        from hedge_tui.domain.order import ClientOrderId

        if self._order.startswith("#"):
            return self.words.name(ClientOrderId(id_)) == self._order
        return id_.startswith(self._order)

    def _of_run(self, row: ActRow) -> bool:
        run = self._run.removeprefix("run:")
        return row.run.startswith(run) or any(self.words.run_of(id_).startswith(run) for id_ in row.orders)


def _reader(desk: Desk) -> tuple[tzinfo, JournalReader]:
    from hedge_tui.bootstrap.journal_reader import JournalReader
    from hedge_tui.config import zone

    return zone(desk.settings), JournalReader(desk.paths.data_dir, desk.settings)


def _print(rows: list[ActRow], zone: tzinfo, *, json: bool) -> None:
    if json:
        print_json(rows)
        return
    table = [{"act": row.seq, "time": _when(row.at_ns, zone), **_fields(row)} for row in rows]
    columns = (
        text("act"), text("time"), text("kind", spare=2), text("account", spare=1), text("order"),
        text("what", "what happened"),
    )  # fmt: skip
    print_rows(columns, table, "no act fits; without options the newest are shown: hedge journal show")


def _fields(row: ActRow) -> dict[str, Any]:
    return {
        "kind": row.kind.replace("_", " "),
        "account": row.account,
        "order": row.order,
        "what": row.text,
    }


def _line(row: ActRow, zone: tzinfo) -> str:
    where = f"{row.account} " if row.account else ""
    return shown(f"{row.seq:>7}  {_when(row.at_ns, zone)}  {row.kind.replace('_', ' ')}: {where}{row.text}")


def _when(at_ns: int, zone: tzinfo) -> str:
    from hedge_tui.cli.formats import when

    return f"{when(zone)(at_ns)}.{at_ns // 1_000_000 % 1000:03d}"


def _follow(reader: JournalReader, wanted: _Wanted, seq: int, say: Callable[[ActRow], object]) -> None:
    """Until the reader is interrupted: what the engine writes, as soon as it is durable."""
    while True:
        newest = reader.last_seq()
        if newest > seq:
            wanted.words = reader.words()
            for number, act in reader.after(seq):
                if (row := wanted.row(number, act)) is not None:
                    say(row)
                seq = number
            sys.stdout.flush()
        time.sleep(FOLLOW_S)


def _progress(word: str, *, quiet: bool) -> Callable[[int], None]:
    """Says on standard error how far long work has come, when somebody looks."""
    if quiet or not sys.stderr.isatty():
        return lambda _: None

    def say(seq: int) -> None:
        if seq % SAY_EVERY == 0:
            sys.stderr.write(f"{seq:,} acts {word}\n")

    return say


def _explain(reader: JournalReader, what: str, zone: tzinfo, *, json: bool, as_lines: bool) -> int:
    from hedge_tui.engine.record.explain import explain
    from hedge_tui.engine.record.explained import lines

    found = explain(what, reader)
    if as_lines:  # for the engine, whose console shows them
        print_json(lines(found, zone))
    elif json:
        print_json(found)
    else:
        sys.stdout.write("\n".join(shown(line) if line else "" for line in lines(found, zone)) + "\n")
    return exits.DONE


def _state_at(reader: JournalReader, at: str, zone: tzinfo, *, json: bool) -> int:
    from hedge_tui.engine.record.summary import state_document, state_lines

    last = reader.last_seq()
    seq = int(at) if at.isdecimal() else reader.seq_at(past_ns(at, time.time_ns(), zone))
    if not 0 < seq <= last:
        raise CommandError(f"the journal has acts 1 to {last:,}; there is none at {at}")
    document = state_document(seq, reader.state_at(seq))
    if json:
        print_json(document)
    else:
        sys.stdout.write("\n".join(shown(line) for line in state_lines(document, zone)) + "\n")
    return exits.DONE
