"""Reads the commands on orders and positions that exist: cancel, amend, close, flatten, panic, lev ..."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.manage import (
    Abort,
    Amend,
    Arm,
    Cancel,
    Close,
    Disarm,
    Equalise,
    Flatten,
    HedgeAsset,
    Lev,
    Margin,
    Panic,
    PositionMode,
)
from hedge_tui.command.ast.order import MarginMode
from hedge_tui.command.grammar.algos import ALGO_WORDS, read_algo
from hedge_tui.command.grammar.attachments import read_trail
from hedge_tui.command.grammar.conditions import FlagReader, read_leverage
from hedge_tui.command.grammar.instruments import names_in, read_symbols
from hedge_tui.command.grammar.numbers import NUMBER, read_duration, read_percent
from hedge_tui.command.grammar.prices import read_price
from hedge_tui.command.grammar.sizes import AMOUNT_ONLY, SizeRules, read_size
from hedge_tui.command.grammar.targets import read_order_target, read_row_target, read_run
from hedge_tui.command.refusal import missing, shown, twice
from hedge_tui.command.words import is_symbol
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.order import PositionSide

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast.amount import Size
    from hedge_tui.command.ast.line import Symbol
    from hedge_tui.command.ast.order import Algo, Flags, Trail
    from hedge_tui.command.grammar.cursor import Cursor

AMEND_EXAMPLE = "amend #3 to 0.5btc at 64000"
CLOSE_EXAMPLE = "close BTC.p 50%"
FLATTEN_EXAMPLE = "flatten BTC.p"
ARM_EXAMPLE = "arm 5m cap 5kusd"
LEV_EXAMPLE = "lev BTC.p 5 iso"
MARGIN_EXAMPLE = "margin BTC.p add 100usdt"
_SIDES = {"longs": PositionSide.LONG, "shorts": PositionSide.SHORT}
_MODES = {mode.value: mode for mode in MarginMode}


def read_cancel(cur: Cursor) -> Cancel:
    """Read what follows `cancel`; bare it is refused."""
    start = cur.here[0]
    if cur.done:
        readings = (
            "cancel all (every order of the accounts in scope)",
            "cancel BTC.p (one instrument)",
            "cancel buys (one side)",
            "cancel #3 (a row)",
        )
        raise CommandError("cancel what?", cur.here, "name it: cancel BTC.p", readings)
    return Cancel(read_order_target(cur, "cancel BTC.p"), cur.since(start))


def read_amend(cur: Cursor) -> Amend:
    """Read what follows `amend`: rows or ids, then `to SIZE`, `at P`, or both."""
    start = cur.here[0]
    target = read_row_target(cur, AMEND_EXAMPLE)
    size: Size | None = None
    price = None
    while not cur.done:
        token = cur.take("to or at", AMEND_EXAMPLE)
        if token.low == "to" and size is None:
            size = read_size(cur, SizeRules(AMEND_EXAMPLE, AMOUNT_ONLY))
            _refuse_spread(size)
        elif token.low == "at" and price is None:
            price = read_price(cur, AMEND_EXAMPLE)
        elif token.low in {"to", "at"}:
            raise twice(token.text, token.span)
        elif NUMBER.match(token.text):
            readings = (
                f"to {token.text}btc (the new quantity)",
                f"at {token.text} (the new price)",
            )
            raise CommandError(
                f"{shown(token.text)} could be a quantity or a price",
                token.span,
                f"write at {token.text}",
                readings,
            )
        else:
            raise CommandError(
                f"{shown(token.text)} is not expected: 'to' a size or 'at' a price", token.span, AMEND_EXAMPLE
            )
    if size is None and price is None:
        raise missing("what to change: 'to' a size or 'at' a price", cur.here, AMEND_EXAMPLE)
    return Amend(target, size, price, cur.since(start))


def read_close(cur: Cursor) -> Close:
    """Read what follows `close`; bare it is refused."""
    start = cur.here[0]
    if cur.done:
        readings = (
            "close all (every position of the accounts in scope)",
            "close BTC.p (one instrument)",
            "close longs (or shorts)",
        )
        raise CommandError("close what?", cur.here, "name it: close BTC.p", readings)
    symbols: tuple[Symbol, ...] = ()
    position: PositionSide | None = None
    if (side := cur.accept(*_SIDES)) is not None:
        position = _SIDES[side.low]
    elif cur.accept("all") is None:
        symbols = read_symbols(cur, CLOSE_EXAMPLE)
        if (word := cur.accept("long", "short")) is not None:
            position = PositionSide(word.low)
    fraction = _read_fraction(cur)
    seen = frozenset().union(*(names_in(symbol.text) for symbol in symbols))
    algo = read_algo(cur, seen)
    waits, trail = FlagReader(), None
    while not cur.done:
        if cur.low().partition(":")[0] in {"stop", "trig"}:
            waits.read(cur)
        elif trail is None and (word := cur.accept("trail")) is not None:
            trail = read_trail(cur, word)
        else:
            raise _unexpected_in_close(cur)
    flags = waits.flags()
    _check_waiting(algo, trail, flags)
    return Close(symbols, position, fraction, algo, flags.stop, flags.trig, trail, cur.since(start))


def _check_waiting(algo: Algo | None, trail: Trail | None, flags: Flags) -> None:
    """A close waits in one way, or is worked in one."""
    waiting = flags.stop or flags.trig
    if algo is not None and (trail is not None or waiting is not None):
        raise CommandError(
            "a close that waits takes the market then, no algo works it", algo.span, f"leave out {algo.kind}"
        )
    if trail is not None and flags.stop is not None:
        raise CommandError(
            "a trailing stop finds its own price",
            flags.span_of("stop"),
            "trig:P says where it begins to follow",
        )


def read_flatten(cur: Cursor) -> Flatten:
    """Read what follows `flatten`; bare it is refused."""
    start = cur.here[0]
    if cur.done:
        readings = ("flatten all (every order and position in scope)", "flatten BTC.p (one instrument)")
        raise CommandError("flatten what?", cur.here, f"name it: {FLATTEN_EXAMPLE}", readings)
    if cur.accept("all"):
        return Flatten((), cur.since(start))
    return Flatten(read_symbols(cur, FLATTEN_EXAMPLE), cur.since(start))


def read_hedge(cur: Cursor) -> HedgeAsset:
    """Read the asset after `hedge`."""
    token = cur.take("an asset", "hedge BTC")
    if not token.text.isalnum() or not is_symbol(token.text):
        raise CommandError(f"{shown(token.text)} is not an asset", token.span, "for example: hedge BTC")
    return HedgeAsset(token.text.upper(), token.span)


def read_equalise(cur: Cursor) -> Equalise:
    """Read the run after `equalise`."""
    run = read_run(cur, "equalise run:4f2a")
    return Equalise(run.run, run.span)


def read_panic(cur: Cursor) -> Panic:
    """Read `panic`, `panic flat` or `panic stop`."""
    start = cur.here[0]
    flat = cur.accept("flat") is not None
    stop = not flat and cur.accept("stop") is not None
    return Panic(flat, stop, cur.since(start))


def read_abort(cur: Cursor) -> Abort:
    """Read nothing: `abort` stands alone."""
    return Abort(cur.since(cur.here[0]))


def read_arm(cur: Cursor) -> Arm:
    """Read `5m cap 5kusd [on BTC.p,ETH.p | on all]` after `arm`; time and cap are needed."""
    start = cur.here[0]
    over = cur.take("for how long", ARM_EXAMPLE)
    duration = read_duration(over.text, over.span, ARM_EXAMPLE)
    if cur.accept("cap") is None:
        raise missing("'cap' with the most to trade", cur.here, ARM_EXAMPLE)
    cap = read_size(cur, SizeRules(ARM_EXAMPLE, AMOUNT_ONLY, money=True))
    _refuse_spread(cap)
    if cur.accept("on") is None:
        return Arm(duration, cap, span=cur.since(start))
    if cur.accept("all") is not None:
        return Arm(duration, cap, (), True, cur.since(start))
    return Arm(duration, cap, read_symbols(cur, f"{ARM_EXAMPLE} on BTC.p"), False, cur.since(start))


def read_disarm(cur: Cursor) -> Disarm:
    """Read nothing: `disarm` stands alone."""
    return Disarm(cur.since(cur.here[0]))


def read_lev(cur: Cursor) -> Lev:
    """Read `lev BTC.p 5 iso`; without a number it asks for the leverage."""
    start = cur.here[0]
    leverage: Decimal | None = None
    mode: MarginMode | None = None
    token = cur.peek()
    if token is not None and NUMBER.fullmatch(token.low.removesuffix("x")):
        cur.at += 1
        leverage = read_leverage(token.text, token.span, LEV_EXAMPLE)
    symbols = read_symbols(cur, LEV_EXAMPLE)
    while not cur.done:
        token = cur.take("a leverage", LEV_EXAMPLE)
        if token.low in _MODES:
            if mode is not None:
                raise twice(token.text, token.span)
            mode = _MODES[token.low]
        elif leverage is not None:
            raise CommandError(
                f"{shown(token.text)} is not expected here", token.span, f"for example: {LEV_EXAMPLE}"
            )
        else:
            leverage = read_leverage(token.text, token.span, LEV_EXAMPLE)
    if leverage is None and mode is not None:
        raise missing(
            "the leverage", cur.here, f"{LEV_EXAMPLE}; the mode alone is: margin BTC.p {mode.value}"
        )
    return Lev(symbols, leverage, mode, cur.since(start))


def read_margin(cur: Cursor) -> Margin:
    """Read `margin BTC.p iso` or `margin BTC.p add 100usdt`."""
    start = cur.here[0]
    symbols = read_symbols(cur, MARGIN_EXAMPLE)
    word = cur.accept("long", "short")
    position = None if word is None else PositionSide(word.low)
    if (mode := cur.accept(*_MODES)) is not None:
        return Margin(symbols, _MODES[mode.low], None, None, position, cur.since(start))
    sign = _read_sign(cur)
    act = None if sign else cur.accept("add", "remove")
    if act is None and not sign:
        if cur.done:
            raise missing("iso, cross, add or remove", cur.here, MARGIN_EXAMPLE)
        raise CommandError("expected iso, cross, add or remove", cur.here, f"for example: {MARGIN_EXAMPLE}")
    seen = frozenset().union(*(names_in(symbol.text) for symbol in symbols))
    change = read_size(cur, SizeRules(MARGIN_EXAMPLE, AMOUNT_ONLY, seen=seen, price_word=""))
    _refuse_spread(change)
    adding = sign == "+" if act is None else act.low == "add"
    return Margin(symbols, None, change, adding, position, cur.since(start))


def _read_sign(cur: Cursor) -> str:
    """Read the sign of `+100usdt`; `+100` alone is dollars, since margin is nothing but money."""
    token = cur.peek()
    if token is None or token.text[0] not in "+-" or len(token.text) == 1:
        return ""
    sign, text = token.text[0], token.text[1:]
    if NUMBER.fullmatch(text) is not None:
        text += "usd"
    cur.tokens[cur.at] = token._replace(text=text, low=text.casefold(), start=token.start + 1)
    return sign


def read_mode(cur: Cursor) -> PositionMode:
    """Read `hedge` or `one-way` after `mode`."""
    start = cur.here[0]
    word = cur.accept("hedge", "one-way", "oneway")
    if word is None:
        readings = ("mode hedge (long and short held apart)", "mode one-way (they net)")
        raise CommandError("which position mode?", cur.here, "mode hedge", readings)
    return PositionMode(word.low == "hedge", cur.since(start))


def _read_fraction(cur: Cursor) -> Decimal | None:
    """Read `50%` (also `50%pos`) after what is closed."""
    token = cur.peek()
    if token is None or not token.text[0].isdigit():
        return None
    text = token.low.removesuffix("pos")
    if not text.endswith("%"):
        if NUMBER.fullmatch(text):
            readings = (
                f"{text}% (of the position)",
                f"sell {text}btc BTC.p reduce (a fixed quantity of a long)",
            )
            raise CommandError(f"{shown(text)} has no unit", token.span, f"write {text}%", readings)
        raise CommandError(
            f"{shown(token.text)} is not a part of the position: expected a percentage",
            token.span,
            f"for example: {CLOSE_EXAMPLE}; a fixed quantity of a long is: sell {token.text} BTC.p reduce",
        )
    cur.at += 1
    return read_percent(text, token.span, "the part", CLOSE_EXAMPLE)


def _unexpected_in_close(cur: Cursor) -> CommandError:
    token = cur.peek()
    text = "" if token is None else token.text
    if text.casefold() == "at":
        return CommandError(
            "close has no price: it takes the market, or is worked by an algo",
            cur.here,
            "close BTC.p chase, or: sell 100%pos BTC.p at ask reduce",
        )
    algos = ", ".join(sorted(ALGO_WORDS))
    return CommandError(
        f"{shown(text)} is not expected after close: a percentage or {algos}", cur.here, CLOSE_EXAMPLE
    )


def _refuse_spread(size: Size) -> None:
    if size.spread is not None:
        raise CommandError("/each and /split belong to buy and sell only", size.spread.span, "leave it out")
