"""Reads the moves of a stress test: `-10%`, `BTC -15% ETH -20%`, or both."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast.desk import Stress
from hedge_tui.command.grammar.numbers import scaled
from hedge_tui.command.refusal import missing, shown, twice
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.command.ast.line import Span
    from hedge_tui.command.grammar.cursor import Cursor

EXAMPLE = "stress BTC -15% ETH -20%"
LEAST, MOST = Decimal(-99), Decimal(1000)
"""Percent: below the least an asset would be worth nothing, and an inverse contract has no price there."""
_MOVE = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?|\.[0-9]+)(%?)")
_ASSET = re.compile(r"[0-9]*[^\W\d_]\w*")


def read_stress(cur: Cursor) -> Stress:
    """Read `[MOVE%] [ASSET MOVE% ...]`; at least one move."""
    start = cur.here[0]
    everything: Decimal | None = None
    by_asset: dict[str, Decimal] = {}
    if not cur.done and _MOVE.fullmatch(cur.low()):
        token = cur.take("a move", EXAMPLE)
        everything = _percent(token.text, token.span)
    while not cur.done:
        token = cur.take("an asset", EXAMPLE)
        asset = token.text.upper()
        if _ASSET.fullmatch(asset) is None:
            hint = f"write the coin alone, such as BTC; for example: {EXAMPLE}"
            raise CommandError(f"{shown(token.text)} is not an asset", token.span, hint)
        if asset in by_asset:
            raise twice(token.text, token.span)
        move = cur.take(f"the move of {asset}", EXAMPLE)
        by_asset[asset] = _percent(move.text, move.span)
    if everything is None and not by_asset:
        raise missing("a move", cur.here, "stress -10%")
    return Stress(everything, tuple(by_asset.items()), cur.since(start))


def _percent(text: str, span: Span) -> Decimal:
    match = _MOVE.fullmatch(text)
    if match is None:
        raise CommandError(f"{shown(text)} is not a move in percent", span, f"for example: {EXAMPLE}")
    if not match[3]:
        raise CommandError(f"a move is a percentage: {shown(text)} has no %", span, f"write {text}%")
    value = scaled(match[2], "", span)
    if match[1] == "-":
        value = -value
    if not LEAST <= value <= MOST:
        raise CommandError(
            f"a move of {text} is out of bounds: it lies from {LEAST}% to +{MOST}%",
            span,
            f"for example: {EXAMPLE}",
        )
    return value
