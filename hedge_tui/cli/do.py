"""`hedge do LINE`: previews a command line and, when told to, sends it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking import with_engine
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.loosening import loosen
from hedge_tui.cli.output import print_json
from hedge_tui.cli.preview import preview_document, print_preview, print_result, result_document
from hedge_tui.domain.errors import CommandError, HedgeError

if TYPE_CHECKING:
    from hedge_tui.wire.client import EngineClient
    from hedge_tui.wire.messages import Done, Failure, Preview, Result

_IN_DOUBT = frozenset({"sending", "cancel_no_answer"})
_FAILED = frozenset({"rejected", "absent", "not sent", "failed", "cancel_refused", "amend_refused"})


def command(
    ctx: typer.Context,
    line: Annotated[
        str, typer.Argument(help='Such as "@desk-1 buy 500usd BTC.p at ask"; - reads standard input.')
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Send the preview that is printed.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Print the preview and stop.")] = False,
    again: Annotated[
        str, typer.Option("--again", help="The value, or resume, once more: for a line that loosens a limit.")
    ] = "",
    json: Json = False,
) -> int:
    """Carry a command line out: preview, confirm, and what became of each order.

    What loosens a limit or lifts a halt asks for the value, or the word, to be typed again; without a
    terminal give it twice: hedge do "limit max_order_notional 5000" --again 5000.
    Sizes need a unit. Write 500usd: a shell eats the $5 of "$500", unless it stands in single quotes or
    comes by standard input. Without --yes it asks at a terminal, and sends nothing without one.
    Exit codes: 0 done, 1 a leg failed, 4 denied by risk, 5 unknown outcome.
    """
    if yes and preview:
        raise CommandError("--yes sends, --preview does not", hint="leave one of them out")
    text = sys.stdin.readline().strip() if line == "-" else line.strip()
    if not text:
        raise CommandError("nothing was typed", hint='hedge do "@desk-1 buy 500usd BTC.p"')
    try:
        return with_engine(
            desk_of(ctx),
            lambda client: _carry_out(client, text, yes=yes, preview=preview, again=again, json=json),
        )
    except HedgeError as error:
        failure = getattr(error, "failure", None)
        if failure is None:
            raise
        raise RefusedLine(failure, text) from error


class RefusedLine(HedgeError):
    """The engine refused a typed line.

    Attributes:
        failure: its answer. typed: the line, so that marks can stand under the place of the mistake.
    """

    def __init__(self, failure: Failure, typed: str) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.typed = typed


async def _carry_out(
    client: EngineClient, text: str, *, yes: bool, preview: bool, again: str, json: bool
) -> int:
    from hedge_tui.wire.messages import Done, Preview

    answer = await client.submit(text, origin="cli")
    if isinstance(answer, Done):
        return _say_done(text, answer, json=json)
    assert isinstance(answer, Preview)
    if answer.retype:
        result = await loosen(client, answer, again, json=json)
        return _say_done(text, Done(answer.id, result.text), json=json)
    if not json:
        print_preview(answer)
    if preview or answer.preview_only:
        return _unsent(text, answer, "", json=json)
    if not answer.sendable:
        return _unsent(text, answer, "nothing can be sent", json=json, code=exits.FAILED)
    if not yes and not _confirmed(json=json):
        return _unsent(text, answer, "nothing was sent; add --yes to send", json=json)
    result = await client.confirm(answer.hash, wait=True)
    if json:
        print_json(_document(text, preview=answer, result=result))
    else:
        print_result(result)
    return code_of(result)


def _say_done(text: str, done: Done, *, json: bool) -> int:
    if json:
        print_json(_document(text, done=done))
    else:
        sys.stdout.write(done.text + "\n")
    return exits.DONE


def _unsent(text: str, answer: Preview, words: str, *, json: bool, code: int = exits.DONE) -> int:
    if json:
        print_json(_document(text, preview=answer))
    elif words:
        sys.stdout.write(words + "\n")
    return code


def _document(
    text: str, *, preview: Preview | None = None, result: Result | None = None, done: Done | None = None
) -> dict[str, Any]:
    """What `--json` prints, always with the same fields."""
    return {
        "line": text,
        "sent": result is not None,
        "preview": preview_document(preview) if preview else None,
        "result": result_document(result) if result else None,
        "done": {"text": done.text, "action": done.action} if done else None,
    }


def _confirmed(*, json: bool) -> bool:
    if json or not sys.stdin.isatty():
        return False
    try:
        return input("send? type yes: ").strip().lower() == "yes"
    except EOFError:
        return False


def code_of(result: Result) -> int:
    """The exit code for what became of the legs; the worst one decides."""
    statuses = {leg.status.partition(":")[0] for leg in result.legs}
    if any(status.endswith("unknown") for status in statuses) or statuses & _IN_DOUBT:
        return exits.UNKNOWN
    if statuses & _FAILED:
        return exits.FAILED
    return exits.DENIED if "denied" in statuses else exits.DONE
