"""Reads `/each` and `/split:eq` after a size, and checks that a size over many says how.

The parser checks what the line itself shows; the planner calls `require_spread` again once it knows how
many accounts a group or a tag holds.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.command.ast.amount import SPREAD_WORDS, Spread
from hedge_tui.command.canonical.sizes import size_text, spread_text
from hedge_tui.command.refusal import shown, twice, unknown_word
from hedge_tui.command.tokens import Kind
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.command.ast.amount import Size
    from hedge_tui.command.grammar.cursor import Cursor

_PART = re.compile(r"/([^/]*)")


def read_spread(cur: Cursor, attached: str, start: int) -> Spread | None:
    """Read the spread glued to a size (`attached`, from offset `start`) and any that stands apart.

    Raises:
        CommandError: an unknown form, or accounts or symbols said twice.
    """
    found: Spread | None = None
    if attached:
        found = _add(None, attached, start)
    while (token := cur.peek()) is not None and token.kind is Kind.WORD and token.text.startswith("/"):
        cur.at += 1
        found = _add(found, token.text, token.start)
    return found


def _add(found: Spread | None, text: str, start: int) -> Spread:
    for match in _PART.finditer(text):
        span = (start + match.start(), start + match.end())
        shares = SPREAD_WORDS.get(match[1].casefold())
        if shares is None:
            raise unknown_word(
                match[0],
                span,
                "a way to share a size",
                [f"/{s}" for s in SPREAD_WORDS],
                "500usd/each or 500usd/split",
            )
        accounts, symbols = shares
        if found is None:
            found = Spread(accounts, symbols, span)
            continue
        if (found.accounts and accounts) or (found.symbols and symbols):
            raise twice(match[0], span)
        found = Spread(found.accounts or accounts, found.symbols or symbols, (found.span[0], span[1]))
    if found is None:
        raise CommandError(
            f"{shown(text)} is not a way to share a size", (start, start + len(text)), "write /each"
        )
    return found


def require_spread(size: Size, accounts: int, symbols: int, *, counted: bool = True) -> None:
    """Refuse a size over several accounts or symbols that does not say how it is shared.

    Args:
        size: as parsed.
        accounts: how many the command covers, as far as the caller knows; at least 1.
        symbols: the same for symbols.
        counted: the numbers are exact; False when a name may be a group of several accounts.

    Raises:
        CommandError: at the size's span, with both readings and what they come to.
    """
    spread = size.spread
    open_accounts = accounts > 1 and (spread is None or spread.accounts is None)
    open_symbols = symbols > 1 and (spread is None or spread.symbols is None)
    if not open_accounts and not open_symbols:
        return
    if spread is None:
        raise _undecided(size, accounts, symbols, counted=counted)
    word = spread_text(spread)
    if open_accounts:
        forms = [f"{lead}{word}" for lead in ("/each:acct", "/split:acct", "/split:eq", "/split:weight")]
        who = "accounts"
    else:
        forms = [f"{word}/each:sym", f"{word}/split:sym"]
        who = "symbols"
    readings = tuple(_with(size, form) for form in forms)
    raise CommandError(
        f"'{word}' does not say how the {who} share the size", spread.span, f"write {readings[0]}", readings
    )


def _undecided(size: Size, accounts: int, symbols: int, *, counted: bool) -> CommandError:
    counts = ((accounts, "accounts"), (symbols, "symbols"))
    many = " and ".join(f"{n} {word}" if counted else f"several {word}" for n, word in counts if n > 1)
    total = _total(size, accounts * symbols) if counted else f"{_total(size, 0)} on every one"
    readings = (f"{_with(size, '/each')} ({total})", f"{_with(size, '/split')} ({_total(size, 1)})")
    return CommandError(
        f"one size over {many}: on each, or split?", size.span, "add /each or /split", readings
    )


def _with(size: Size, form: str) -> str:
    return size_text(replace(size, spread=None)) + form


def _total(size: Size, count: int) -> str:
    """Say what `count` times the size comes to: 1 is the size in all, 0 the size alone."""
    unit = size.unit or f"%{size.kind.value}"
    if count <= 1:
        return f"{size.value:,f} {unit}{' in all' if count else ''}"
    return f"{count} x {size.value:,f} = {size.value * count:,f} {unit}"
