"""Turns a typed line into its tree. The engine, the console and `hedge do` all read lines through here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.command.aliases import Expansion, expand
from hedge_tui.command.ast.line import Cmd, Confirm, Joiner, Line, Scope, ScopeKind
from hedge_tui.command.ast.order import Order
from hedge_tui.command.grammar.cursor import Cursor
from hedge_tui.command.grammar.scopes import read_scope
from hedge_tui.command.grammar.spread import require_spread
from hedge_tui.command.grammar.verbs import read_body
from hedge_tui.command.lines import Segment, segments
from hedge_tui.command.picked import write_picked
from hedge_tui.command.refusal import missing, nearest, shown
from hedge_tui.command.tokens import Kind, Token, tokenize
from hedge_tui.command.words import ACTING, FOREIGN, SCOPED, SHORT_VERBS, TEXT_VERBS, VERBS
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hedge_tui.command.ast.body import Body

MAX_DEPTH = 4
"""Most `do { }` blocks inside one another."""
MAX_COMMANDS = 200
"""Most commands of one line."""
_EXAMPLE = "buy 500usd BTC.p at bid"
_MARKS = {"?": Confirm.PREVIEW, "!": Confirm.SKIP}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line read after its aliases were written out.

    Attributes:
        line: its spans point into `expansion.text`; `expansion.origin(span)` maps them to the typed text.
    """

    line: Line
    expansion: Expansion


def parse(text: str) -> Line:
    """Read one line.

    Raises:
        CommandError: the line cannot be read; its span lies inside `text`.
    """
    tokens = tokenize(text)
    if not tokens:
        raise CommandError(
            "nothing was typed", (0, len(text)), f"for example: {_EXAMPLE}; help lists the commands"
        )
    return _line(text, tokens, 0, len(text), 0)


def parse_expanded(text: str, aliases: Mapping[str, str], picked: Sequence[str] | None = None) -> Parsed:
    """Read one line with the trader's aliases and picked rows.

    Args:
        text: as typed.
        aliases: name in lower case to the line it stands for.
        picked: what `picked` stands for, as it would be typed; None leaves the word alone.

    Raises:
        CommandError: as `parse`; a mistake inside an alias points at its name in the typed text.
    """
    expansion = expand(text, aliases)
    if picked is not None:
        expansion = write_picked(expansion, picked)
    try:
        return Parsed(parse(expansion.text), expansion)
    except CommandError as error:
        raise expansion.blame(error) from None


def _line(text: str, tokens: list[Token], start: int, end: int, depth: int) -> Line:
    parts, joins = segments(text, tokens, start, end)
    if len(parts) > MAX_COMMANDS:
        raise CommandError(
            f"the line has more than {MAX_COMMANDS} commands", (start, end), "send it in parts"
        )
    cmds = tuple(_cmd(text, part, depth) for part in parts)
    joiners = tuple(Joiner(token.low) for token in joins)
    return Line(cmds, joiners, (cmds[0].span[0], cmds[-1].span[1]))


def _cmd(text: str, part: Segment, depth: int) -> Cmd:
    cur = Cursor(text, list(part.tokens), part.start, depth)
    start = cur.here[0]
    scope = read_scope(cur)
    token = cur.peek()
    if token is None or token.kind is not Kind.WORD:
        raise missing("a command", cur.here, _EXAMPLE)
    confirm, mark = _take_mark(cur, token.low)
    token = cur.take("a command", _EXAMPLE)
    verb = SHORT_VERBS.get(token.low, token.low)
    if verb not in VERBS:
        raise _unknown_verb(token, verb)
    _check_scope(verb, scope)
    if confirm is not Confirm.ASK and verb not in ACTING:
        raise CommandError(
            f"'{confirm.value}' has no meaning after {verb}: it has no preview", mark, "leave it out"
        )
    body = read_body(verb, cur, _nested)
    if not cur.done:
        left = cur.peek()
        word = shown(left.text) if left is not None else ""
        hint = "help takes one word" if verb == "help" else f"help {verb} shows how it is written"
        raise CommandError(f"{word} is not expected after {verb}", cur.here, hint)
    _check_spread(scope, body)
    return Cmd(verb, body, scope, confirm, token.span, (start, part.end))


def _nested(cur: Cursor, block: list[Token], depth: int) -> Line:
    """Read the line between the braces of `block`, which are its first and last tokens."""
    opening, closing = block[0], block[-1]
    if depth > MAX_DEPTH:
        raise CommandError(
            f"more than {MAX_DEPTH} actions inside one another", opening.span, "make it two alarms"
        )
    if len(block) == 2:
        raise missing("the line of the action", (opening.start, closing.end), "do { buy 500usd BTC.p }")
    return _line(cur.text, block[1:-1], opening.end, closing.start, depth)


def _take_mark(cur: Cursor, verb: str) -> tuple[Confirm, tuple[int, int]]:
    """Take ? or ! off the end of a command; text verbs keep it as text."""
    last = cur.tokens[-1]
    mark = last.text[-1]
    if verb in TEXT_VERBS or last.kind is not Kind.WORD or mark not in _MARKS:
        return Confirm.ASK, (last.end, last.end)
    span = (last.end - 1, last.end)
    rest = last.text[:-1]
    if rest[-1:] in {*_MARKS} or (not rest and len(cur.tokens) > 1 and cur.tokens[-2].text in _MARKS):
        raise CommandError(
            "a command ends with one ? or one !", span, "? previews only, ! sends at once when armed"
        )
    if rest:
        cur.tokens[-1] = last._replace(text=rest, low=rest.casefold(), end=last.end - 1)
    else:
        cur.tokens.pop()
    return _MARKS[mark], span


def _unknown_verb(token: Token, verb: str) -> CommandError:
    if verb in FOREIGN:
        return CommandError(
            f"{shown(token.text)} is not a command here", token.span, f"write {FOREIGN[verb]}"
        )
    close = nearest(verb, VERBS)
    if close:
        return CommandError(
            f"{shown(token.text)} is not a command", token.span, f"did you mean {' or '.join(close)}?"
        )
    if token.text[0] in "$=.0123456789":
        return CommandError(
            f"{shown(token.text)} is not a command: buy or sell comes first",
            token.span,
            f"for example: buy {token.text} BTC.p",
        )
    return CommandError(
        f"{shown(token.text)} is not a command or an alias",
        token.span,
        f"for example: {_EXAMPLE}; help lists the commands",
    )


def _check_scope(verb: str, scope: Scope | None) -> None:
    if scope is None:
        return
    if verb == "panic":
        if any(item.kind is ScopeKind.ALL for item in scope.items):
            return
        names = ",".join(("#" if item.kind is ScopeKind.TAG else "") + item.text for item in scope.items)
        readings = ("panic (every account)", f"@{names} cancel all (these accounts, stops too)")
        raise CommandError(
            "panic works on every account, whatever the scope", scope.span, "write panic", readings
        )
    if verb not in SCOPED:
        raise CommandError(f"{verb} works on no account", scope.span, "leave out the scope")


def _check_spread(scope: Scope | None, body: Body) -> None:
    """Refuse one size over several accounts or symbols, as far as the line itself shows them."""
    if isinstance(body, Order):
        accounts = len(scope.items) if scope is not None else 1
        require_spread(body.size, accounts, len(body.symbols), counted=False)
