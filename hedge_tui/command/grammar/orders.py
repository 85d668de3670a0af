"""Reads `buy` and `sell`: size, symbols, then price, algo, attachments and flags in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.amount import SizeKind
from hedge_tui.command.ast.order import Iceberg, Order, Scale
from hedge_tui.command.grammar.algos import ALGO_WORDS, read_algo
from hedge_tui.command.grammar.attachments import ATTACH_WORDS, AttachReader
from hedge_tui.command.grammar.conditions import PLAIN_FLAGS, VALUE_FLAGS, FlagReader
from hedge_tui.command.grammar.instruments import names_in, read_symbols
from hedge_tui.command.grammar.numbers import NUMBER
from hedge_tui.command.grammar.prices import read_price
from hedge_tui.command.grammar.sizes import ORDER_KINDS, SizeRules, read_size
from hedge_tui.command.refusal import contradiction, missing, shown, twice, unknown_word
from hedge_tui.command.words import SYMBOL
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import PositionSide, Side

if TYPE_CHECKING:
    from hedge_tui.command.ast.line import Span
    from hedge_tui.command.ast.order import Algo
    from hedge_tui.command.ast.price import Price
    from hedge_tui.command.grammar.cursor import Cursor
    from hedge_tui.command.tokens import Token

AT_EXAMPLE = "at 64000"
TAIL_WORDS = (
    "at",
    "long",
    "short",
    *sorted(ALGO_WORDS),
    *sorted(ATTACH_WORDS),
    *PLAIN_FLAGS,
    *(f"{word}:" for word in VALUE_FLAGS),
)
"""Everything that may start a clause after the symbols."""


def read_order(cur: Cursor, verb: str) -> Order:
    """Read everything after `buy` or `sell`."""
    side = Side(verb)
    example = f"{verb} 500usd BTC.p at {'bid' if side is Side.BUY else 'ask'}"
    start = cur.here[0]
    if cur.done:
        raise missing("a size", cur.here, example)
    seen = names_in(cur.low(1)) | names_in(cur.low(2))
    size = read_size(cur, SizeRules(example, ORDER_KINDS, symbol_follows=True, seen=seen))
    symbols = read_symbols(cur, example)
    tail = _Tail(side, frozenset().union(*(names_in(symbol.text) for symbol in symbols)))
    while not cur.done:
        tail.read(cur)
    order = Order(
        side,
        size,
        symbols,
        tail.position,
        tail.price,
        tail.algo,
        tail.attaching.attach,
        tail.flagging.flags(),
        cur.since(start),
    )
    _check(order, tail, example)
    return order


class _Tail:
    """What follows the symbols, in whatever order it is typed."""

    def __init__(self, side: Side, seen: frozenset[str]) -> None:
        self.position: PositionSide | None = None
        self.price: Price | None = None
        self.price_span: Span = (0, 0)
        self.algo: Algo | None = None
        self.attaching = AttachReader(side)
        self.flagging = FlagReader()
        self._seen = seen

    def read(self, cur: Cursor) -> None:
        """Read one clause."""
        token = cur.peek()
        if token is None:
            return
        if token.low == "at":
            self._read_price(cur, token)
        elif token.low in {"long", "short"}:
            self._read_position(cur, token)
        elif token.low in ALGO_WORDS:
            if self.algo is not None:
                raise contradiction(self.algo.kind, token.low, token.span, "an order is worked in one way")
            self.algo = read_algo(cur, self._seen)
        elif not self.attaching.read(cur) and not self.flagging.read(cur):
            raise _unexpected(token, cur)

    def _read_price(self, cur: Cursor, token: Token) -> None:
        if self.price is not None:
            raise twice("at", token.span)
        cur.at += 1
        self.price = read_price(cur, AT_EXAMPLE)
        self.price_span = cur.since(token.start)

    def _read_position(self, cur: Cursor, token: Token) -> None:
        position = PositionSide(token.low)
        if self.position is not None:
            if self.position is position:
                raise twice(token.text, token.span)
            raise contradiction(self.position.value, token.low, token.span)
        cur.at += 1
        self.position = position


def _check(order: Order, tail: _Tail, example: str) -> None:
    """Refuse what no venue could carry out, whatever the account."""
    flags, algo = order.flags, order.algo
    if order.size.kind is SizeKind.RISK and order.attach.sl is None:
        raise CommandError(
            "a risk needs a stop to be measured against: sl is missing",
            order.size.span,
            "add sl 4%, or write the size itself",
        )
    if order.price is not None and algo is not None and algo.kind in {"scale", "chase"}:
        raise _refuse_price(algo, tail.price_span)
    if isinstance(algo, Iceberg) and order.price is None:
        raise CommandError("an iceberg rests at a price: 'at' is missing", algo.span, "add at 64000")
    rests = order.price is not None or (algo is not None and algo.kind in {"scale", "chase", "twap"})
    for word, given in (("post", flags.post), ("gtd", flags.expires is not None)):
        if given and not rests:
            raise CommandError(
                f"{shown(word)} is for an order that rests: a market order does not",
                flags.span_of(word),
                f"give it a price: {example}",
            )
    if flags.reduce and order.attach:
        raise CommandError(
            "an order that only reduces opens nothing to protect",
            order.attach.span,
            "leave out reduce, or the tp, sl and trail",
        )


def _refuse_price(algo: Algo, span: Span) -> CommandError:
    """Explain why an algo that finds its own price takes none."""
    if isinstance(algo, Scale):
        return CommandError(
            "a ladder brings its own prices", span, "leave out 'at'; its range is from P to P"
        )
    readings = ("chase to P (never past P)", "at P without chase (rests there)")
    return CommandError(
        "a chase follows the market, it has no price of its own", span, "write chase to P", readings
    )


_STRAYS = {
    "limit": ("'limit' is no word of an order", "a limit price is written at 64000"),
    "price": ("'price' is no word of an order", "a limit price is written at 64000"),
    "market": ("an order without a price is a market order", "leave out 'market'"),
    "mkt": ("an order without a price is a market order", "leave out 'mkt'"),
    "linear": ("'linear' belongs right after a ladder's range", "scale 20 from P to P linear"),
    "geo": ("'geo' belongs right after a ladder's range", "scale 20 from P to P geo"),
    "skew": ("'skew' belongs right after a ladder's range", "scale 20 from P to P skew 3"),
    "from": ("'from' belongs to scale, which does not stand before it", "scale 20 from P to P"),
    "to": ("'to' belongs to scale or chase, which does not stand before it", "chase to mid+0.5%"),
    "over": ("'over' belongs to twap, which does not stand before it", "twap 10 over 30m"),
    "jitter": ("'jitter' belongs to twap, which does not stand before it", "twap 10 over 30m jitter 20%"),
}


def _unexpected(token: Token, cur: Cursor) -> CommandError:
    """Explain a word that starts no clause."""
    if token.low in _STRAYS:
        message, hint = _STRAYS[token.low]
        return CommandError(message, token.span, hint)
    text = token.text
    if text.startswith("/"):
        return CommandError(
            f"{shown(text)} belongs right after the size", token.span, f"for example: buy 500usd{text} BTC.p"
        )
    if NUMBER.match(text.lstrip("$=+-")) is not None:
        return _second_number(token)
    if text.startswith("@"):
        follower = cur.peek(1)
        price = text[1:] or (follower.text if follower is not None else "64000")
        return CommandError(
            f"{shown(text)}: @ names accounts and stands before the command; a price follows 'at'",
            token.span,
            f"write at {price}",
        )
    error = unknown_word(text, token.span, "a word of an order", TAIL_WORDS)
    if not error.hint:
        error.hint = "expected at, long, short, tp, sl, scale, twap, chase, post, reduce ..."
        if SYMBOL.fullmatch(text):
            error.hint = f"several symbols are joined by commas: BTC.p,{text}; else {error.hint}"
    return error


def _second_number(token: Token) -> CommandError:
    """Explain a number where a clause should start."""
    text = token.text
    if NUMBER.fullmatch(text) is None:
        return CommandError(
            f"{shown(text)} is not expected here: the size stands before the symbol, and once",
            token.span,
            "for example: buy 500usd BTC.p at 64000",
        )
    readings = (f"at {text} (the price)", f"tp {text} (the target)", f"sl {text} (the stop)")
    return CommandError(
        f"{shown(text)} could be a price, a target or a stop", token.span, f"write at {text}", readings
    )
