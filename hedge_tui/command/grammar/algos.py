"""Reads how an order is worked: scale, twap, chase, iceberg, swarm. For orders and `close`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.order import Algo, Chase, Iceberg, Scale, Shape, Swarm, Twap
from hedge_tui.command.ast.price import PriceRef
from hedge_tui.command.grammar.numbers import NUMBER, read_count, read_duration, read_percent, scaled
from hedge_tui.command.grammar.prices import read_price
from hedge_tui.command.grammar.sizes import SHOW_KINDS, SizeRules, read_size
from hedge_tui.command.refusal import missing, shown
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from hedge_tui.command.grammar.cursor import Cursor
    from hedge_tui.command.tokens import Token

SCALE_EXAMPLE = "scale 20 from mid-0.2% to mid-3%"
TWAP_EXAMPLE = "twap 10 over 30m jitter 20%"
CHASE_EXAMPLE = "chase to mid+0.5%"
ICEBERG_EXAMPLE = "iceberg 0.05btc"
SWARM_EXAMPLE = "swarm 8"


def read_algo(cur: Cursor, seen: frozenset[str]) -> Algo | None:
    """Read an algo if its word stands at the cursor.

    Args:
        cur: at any word of an order's tail.
        seen: base and quote names in the line, see `SizeRules`.
    """
    reader = _READERS.get(cur.low())
    token = cur.peek()
    if reader is None or token is None:
        return None
    cur.at += 1
    return reader(cur, token, seen)


def _scale(cur: Cursor, word: Token, _seen: frozenset[str]) -> Scale:
    count = cur.take("the number of orders", SCALE_EXAMPLE)
    orders = read_count(count.text, count.span, "the number of orders", 2, SCALE_EXAMPLE)
    if cur.accept("from") is None:
        raise missing("'from' with the first price", cur.here, SCALE_EXAMPLE)
    start = read_price(cur, SCALE_EXAMPLE)
    if cur.accept("to") is None:
        raise missing("'to' with the last price", cur.here, SCALE_EXAMPLE)
    end = read_price(cur, SCALE_EXAMPLE)
    if start == end:
        raise CommandError(
            "the ladder starts and ends at the same price", end.span, f"for example: {SCALE_EXAMPLE}"
        )
    shape, skew = Shape.LINEAR, None
    if cur.accept("geo"):
        shape = Shape.GEOMETRIC
    elif cur.accept("skew"):
        shape, skew = Shape.SKEWED, _skew(cur)
    else:
        cur.accept("linear")
    return Scale(orders, start, end, shape, skew, cur.since(word.start))


def _skew(cur: Cursor) -> Decimal:
    example = f"{SCALE_EXAMPLE} skew 3"
    token = cur.take("the skew", example)
    if NUMBER.fullmatch(token.text) is None or not (value := scaled(token.text, "", token.span)):
        raise CommandError(
            f"{shown(token.text)} is not a skew: a number above 0, last quantity over first",
            token.span,
            f"for example: {example}",
        )
    return value


def _twap(cur: Cursor, word: Token, _seen: frozenset[str]) -> Twap:
    count = cur.take("the number of slices", TWAP_EXAMPLE)
    slices = read_count(count.text, count.span, "the number of slices", 2, TWAP_EXAMPLE)
    if cur.accept("over") is None:
        raise missing("'over' with how long it takes", cur.here, TWAP_EXAMPLE)
    over = cur.take("how long it takes", TWAP_EXAMPLE)
    duration = read_duration(over.text, over.span, TWAP_EXAMPLE)
    jitter = None
    if cur.accept("jitter"):
        token = cur.take("the jitter", TWAP_EXAMPLE)
        jitter = read_percent(token.text, token.span, "jitter", TWAP_EXAMPLE)
    chase = cur.accept("chase") is not None
    if chase and cur.low() == "to":
        raise CommandError(
            "in a twap each slice is chased; its limit is the order's price",
            cur.here,
            "write at 64000 instead of to 64000",
        )
    return Twap(slices, duration, jitter, chase, cur.since(word.start))


def _chase(cur: Cursor, word: Token, _seen: frozenset[str]) -> Chase:
    limit = read_price(cur, CHASE_EXAMPLE) if cur.accept("to") else None
    if limit is not None and limit.reference is PriceRef.ENTRY:
        raise CommandError("an order that is not filled has no entry to chase to", limit.span, CHASE_EXAMPLE)
    return Chase(limit, cur.since(word.start))


def _iceberg(cur: Cursor, word: Token, seen: frozenset[str]) -> Iceberg:
    show = read_size(cur, SizeRules(ICEBERG_EXAMPLE, SHOW_KINDS, seen=seen, price_word="at"))
    if show.spread is not None:
        raise CommandError(
            "/each and /split belong to the order's own size", show.spread.span, "leave it out"
        )
    return Iceberg(show, cur.since(word.start))


def _swarm(cur: Cursor, word: Token, _seen: frozenset[str]) -> Swarm:
    token = cur.take("the number of orders", SWARM_EXAMPLE)
    count = read_count(token.text, token.span, "the number of orders", 2, SWARM_EXAMPLE)
    return Swarm(count, cur.since(word.start))


_READERS: dict[str, Callable[[Cursor, Token, frozenset[str]], Algo]] = {
    "scale": _scale,
    "twap": _twap,
    "chase": _chase,
    "iceberg": _iceberg,
    "swarm": _swarm,
}
ALGO_WORDS = frozenset(_READERS)
"""The words an algo starts with."""
