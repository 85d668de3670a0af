"""Reads what protects a filled order: tp, sl, trail, ts. Called by the order grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.order import Attach, Trail
from hedge_tui.command.ast.price import Price, PriceRef, Trigger
from hedge_tui.command.grammar.prices import read_distance, read_source, read_trigger
from hedge_tui.command.refusal import contradiction, twice
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.command.grammar.cursor import Cursor
    from hedge_tui.command.tokens import Token
    from hedge_tui.domain.order import Side

TP_EXAMPLE = "tp 6%"
SL_EXAMPLE = "sl 4%@mark"
TRAIL_EXAMPLE = "trail 1%"
TS_EXAMPLE = "ts 2% 0.5%"
ATTACH_WORDS = frozenset({"tp", "sl", "trail", "ts"})


class AttachReader:
    """Collects the attachments of one order.

    Attributes:
        attach: what was read so far.
    """

    def __init__(self, side: Side) -> None:
        self.attach = Attach()
        self._side = side
        self._words: dict[str, int] = {}

    def read(self, cur: Cursor) -> bool:
        """Read one attachment if its word stands at the cursor."""
        word = cur.accept(*ATTACH_WORDS)
        if word is None:
            return False
        if word.low in self._words:
            raise twice(word.text, word.span)
        if word.low in {"trail", "ts"} and self.attach.trail is not None:
            raise contradiction("ts" if word.low == "trail" else "trail", word.low, word.span)
        self._words[word.low] = word.start
        old = self.attach
        tp, sl, trail = old.tp, old.sl, old.trail
        if word.low == "tp":
            tp = self._sided(read_trigger(cur, TP_EXAMPLE, distance=True), "tp", self._side.sign)
        elif word.low == "sl":
            sl = self._sided(read_trigger(cur, SL_EXAMPLE, distance=True), "sl", -self._side.sign)
        else:
            trail = read_trail(cur, word)
        start = min(self._words.values())
        self.attach = Attach(tp, sl, trail, cur.since(start))
        return True

    def _sided(self, trigger: Trigger, word: str, sign: int) -> Trigger:
        """Refuse a target that lies on the losing side of the entry, or a stop on the winning side."""
        price = trigger.price
        if not isinstance(price, Price) or price.reference is not PriceRef.ENTRY or price.offset is None:
            return trigger
        if (price.offset.value > 0) == (sign > 0):
            return trigger
        where = "above" if sign > 0 else "below"
        raise CommandError(
            f"the {word} of a {self._side.value} lies {where} the entry, this one does not",
            trigger.span,
            f"without a sign the side follows from the order: {TP_EXAMPLE if word == 'tp' else SL_EXAMPLE}",
        )


def read_trail(cur: Cursor, word: Token) -> Trail:
    """Read what follows `trail` or `ts`; the word is taken already."""
    example = TS_EXAMPLE if word.low == "ts" else TRAIL_EXAMPLE
    activate = None
    if word.low == "ts":
        activate = read_distance(cur, example)
    cur.cut_before("@")
    distance = read_distance(cur, example)
    return Trail(distance, activate, read_source(cur), cur.since(word.start))
