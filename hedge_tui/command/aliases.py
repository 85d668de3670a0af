"""Writes out the trader's aliases before a line is parsed, keeping for every character where it was typed.

`alias dip { buy $1 BTC.p at bid-1% }` makes `dip 500usd` read `buy 500usd BTC.p at bid-1%`. $1 to $9 are the
words after the alias, $* all of them. A scope, a ? or a ! typed with it holds for each of its commands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.command.lines import Segment, segments, verb_index
from hedge_tui.command.refusal import shown
from hedge_tui.command.tokens import MAX_LENGTH, Kind, Token, tokenize
from hedge_tui.command.traced import Traced
from hedge_tui.command.words import ACTING, SHORT_VERBS, VERBS
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.command.ast.line import Span

MAX_NESTED = 8
"""Most aliases inside one another."""
_PARAMETER = re.compile(r"\$(\*|[1-9])(?![0-9.])")
_AMBIGUOUS = re.compile(r"\$[1-9](?:k|mm)(?![A-Za-z0-9])", re.IGNORECASE)
_NEVER_ALIASES = frozenset({*VERBS, *SHORT_VERBS})


@dataclass(frozen=True, slots=True)
class Expansion:
    """A line with its aliases written out.

    Attributes:
        typed: the line as typed.
        text: the line to parse; equal to `typed` when it names no alias.
        note: what was written out, for hints; "" for the alias itself.
    """

    typed: str
    text: str
    traced: Traced | None = None
    note: str = ""

    def origin(self, span: Span) -> Span:
        """Where in the typed line the characters `span` of `text` come from.

        What comes from an alias's own words is the alias's name; what came from a typed value is the value.
        """
        return span if self.traced is None else self.traced.span(*span)

    def blame(self, error: CommandError) -> CommandError:
        """Point an error in `text` at what was typed, saying what the line became."""
        if self.traced is None:
            return error
        hint = f"{error.hint} ({self.note or f'the alias makes it: {self.text}'})".strip()
        return CommandError(error.message, self.origin(error.span), hint, error.readings)


def expand(text: str, aliases: Mapping[str, str]) -> Expansion:
    """Write out the aliases in `text`.

    Args:
        text: as typed.
        aliases: name in lower case to the line it stands for.

    Raises:
        CommandError: values missing or left over, an alias that calls itself, more than 8 inside one
            another, a result that is too long, or one whose joiners would mix with those around it.
    """
    if not aliases:
        return Expansion(text, text)
    tokens = tokenize(text)
    if not any(token.low in aliases for token in tokens):
        return Expansion(text, text)
    result = _expand(Traced.typed(text), aliases, (), (0, len(text)))
    if result.text == text:
        return Expansion(text, text)
    return Expansion(text, result.text, result)


def check_parameters(body: str, span: Span) -> int:
    """Check the $1 .. $9 of an alias's line and return the highest one used.

    Raises:
        CommandError: `$1k` (a value with k behind it, or a thousand dollars?), or `$2` without `$1`.
    """
    if (match := _AMBIGUOUS.search(body)) is not None:
        typed = match[0]
        readings = (f"{typed[1:]}usd (dollars)", f"{typed[:2]} (the value as given, k and unit with it)")
        raise CommandError(f"{shown(typed)} in an alias can be read in two ways", span, readings[0], readings)
    used = {int(match[1]) for match in _PARAMETER.finditer(body) if match[1] != "*"}
    for number in range(1, max(used, default=0)):
        if number not in used:
            last = max(used)
            readings = (f"{last}usd (dollars)", f"${last} (value number {last}; then use ${number} too)")
            raise CommandError(f"the alias uses ${last} but not ${number}", span, readings[0], readings)
    return max(used, default=0)


def _cut(source: Traced, origin: Span) -> tuple[list[Segment], list[Token]]:
    """Cut text into commands; what is wrong with an alias's line is blamed on where it was typed."""
    try:
        return segments(source.text, tokenize(source.text), 0, len(source.text))
    except CommandError as error:
        raise CommandError(
            error.message, source.span(*error.span, origin), error.hint, error.readings
        ) from None


def _expand(source: Traced, aliases: Mapping[str, str], chain: tuple[str, ...], origin: Span) -> Traced:
    """Expand every command of `source`, blocks in braces included; `origin` is blamed for empty text."""
    parts, joins = _cut(source, origin)
    written = Traced.empty()
    at, grown = 0, False
    for part in parts:
        written += source[at : part.start]
        piece, several = _expand_part(source, part, aliases, chain)
        grown = grown or several
        written += piece
        if len(written.text) > MAX_LENGTH:
            raise CommandError(
                f"with its aliases written out the line has more than {MAX_LENGTH} characters",
                source.span(part.start, part.end),
            )
        at = part.end
    written += source[at:]
    if grown and joins:
        _refuse_mixed_joiners(source, written, parts[0])
    return written


def _expand_part(
    source: Traced, part: Segment, aliases: Mapping[str, str], chain: tuple[str, ...]
) -> tuple[Traced, bool]:
    """Expand one command; also say whether it became several."""
    index = verb_index(part.tokens)
    whole = source[part.start : part.end]
    if index >= len(part.tokens):
        return whole, False
    verb = part.tokens[index]
    if verb.low in {"alarm", "rule"}:
        return _expand_block(source, part, aliases, chain), False
    if verb.low in _NEVER_ALIASES or verb.low not in aliases:
        return whole, False
    if verb.low in chain:
        path = " > ".join((*chain, verb.low))
        raise CommandError(
            f"the alias calls itself: {path}", source.span(verb.start, verb.end), "change its line"
        )
    if len(chain) >= MAX_NESTED:
        raise CommandError(
            f"more than {MAX_NESTED} aliases inside one another",
            source.span(verb.start, verb.end),
            "write one out",
        )
    body = _instantiate(source, part, index, aliases[verb.low])
    origin = source.span(verb.start, verb.end)
    inner = _expand(body, aliases, (*chain, verb.low), origin)
    return inner, len(_cut(inner, origin)[0]) > 1


def _expand_block(
    source: Traced, part: Segment, aliases: Mapping[str, str], chain: tuple[str, ...]
) -> Traced:
    """Expand the line inside `do { }`, leaving the condition alone."""
    opening = next((token for token in part.tokens if token.kind is Kind.OPEN), None)
    closing = part.tokens[-1]
    if (
        opening is None
        or closing.kind is not Kind.CLOSE
        or not source.text[opening.end : closing.start].strip()
    ):
        return source[part.start : part.end]
    origin = source.span(opening.start, closing.end)
    inner = _expand(source[opening.end : closing.start], aliases, chain, origin)
    return source[part.start : opening.end] + inner + source[closing.start : part.end]


def _instantiate(source: Traced, part: Segment, index: int, body: str) -> Traced:
    """Put the typed values, scope and mark into the alias's line."""
    name = part.tokens[index]
    origin = source.span(name.start, name.end)
    words = part.tokens[index + 1 :]
    mark, words = _mark(words)
    for word in words:
        if word.kind is not Kind.WORD:
            raise CommandError(
                f"{shown(word.text)} cannot be a value of an alias",
                source.span(word.start, word.end),
                "quote it",
            )
    values = [source[word.start : word.end] for word in words]
    filled = _fill(body, values, name.text, origin)
    lead = source[part.start : part.tokens[index - 1].end] if index else Traced.empty()
    if not lead.text and not mark:
        return filled
    return _distribute(filled, lead, mark, origin)


def _mark(words: list[Token]) -> tuple[str, list[Token]]:
    """Take a ? or ! off the end of the typed values."""
    if not words or words[-1].kind is not Kind.WORD or words[-1].text[-1] not in "?!":
        return "", words
    last = words[-1]
    mark, rest = last.text[-1], last.text[:-1]
    kept = [last._replace(text=rest, low=rest.casefold(), end=last.end - 1)] if rest else []
    return mark, [*words[:-1], *kept]


def _fill(body: str, values: list[Traced], name: str, origin: Span) -> Traced:
    """Replace the parameters of an alias's line by the typed values."""
    needed = check_parameters(body, origin)
    takes_all = "*" in {match[1] for match in _PARAMETER.finditer(body)}
    if len(values) < needed:
        raise CommandError(
            f"{shown(name)} needs {needed} {'value' if needed == 1 else 'values'}, {len(values)} given",
            origin,
            f"it stands for: {body}",
        )
    if len(values) > needed and not takes_all:
        raise CommandError(
            f"{shown(name)} takes {needed or 'no'} values, {shown(values[needed].text)} is one too many",
            values[needed].span(0, len(values[needed].text)),
            f"it stands for: {body}",
        )
    filled = Traced.empty()
    at = 0
    for match in _PARAMETER.finditer(body):
        filled += Traced.at(body[at : match.start()], origin)
        if match[1] == "*":
            for place, value in enumerate(values):
                filled += Traced.at(" ", origin) + value if place else value
        else:
            filled += values[int(match[1]) - 1]
        at = match.end()
    return filled + Traced.at(body[at:], origin)


def _distribute(filled: Traced, lead: Traced, mark: str, origin: Span) -> Traced:
    """Write the typed scope before, and the mark after, each command of an alias's line."""
    parts, _ = _cut(filled, origin)
    written = Traced.empty()
    at = 0
    for part in parts:
        index = verb_index(part.tokens)
        if lead.text and index:
            raise CommandError(
                f"the alias names its own accounts: {shown(part.tokens[0].text)}",
                origin,
                "leave out the scope",
            )
        written += filled[at : part.start]
        if lead.text:
            written += lead + Traced.at(" ", origin)
        written += filled[part.start : part.end]
        verb = part.tokens[index].low if index < len(part.tokens) else ""
        if mark and (verb in ACTING or verb in SHORT_VERBS or verb not in VERBS):
            written += Traced.at(f" {mark}", origin)
        at = part.end
    return written + filled[at:]


def _refuse_mixed_joiners(source: Traced, written: Traced, part: Segment) -> None:
    """Refuse `a && dip` where dip is `b ; c`: c would run whatever became of a."""
    origin = source.span(part.start, len(source.text))
    _, joins = _cut(written, origin)
    kinds = {join.low for join in joins}
    if len(kinds) > 1:
        raise CommandError(
            f"an alias of several commands cannot stand among others joined by {' and '.join(sorted(kinds))}",
            origin,
            "give the alias a line of its own",
        )
