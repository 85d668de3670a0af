"""Lines that a trader of a simulated world types.

`{BTC-1.5}` stands for a price that far (in percent) from the venue's at the time of typing, `{row}` for
the number of an order that works then.
"""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Desk:
    """Names of the accounts by what may be said to them."""

    one_way: list[str]
    hedge: list[str]
    spot: list[str]

    def only(self, name: str) -> Desk:
        """The same desk with one account left."""
        return Desk(*([n for n in kind if n == name] for kind in (self.one_way, self.hedge, self.spot)))


def draw_line(rng: random.Random, desk: Desk) -> str:
    """One line."""
    kind = rng.choice([k for k in ("one_way", "hedge", "spot") if getattr(desk, k)])
    names = getattr(desk, kind)
    scope = rng.sample(names, rng.randrange(1, len(names) + 1))
    coin = rng.choice(("BTC", "BTC", "ETH"))
    symbol = f"{coin}.{'s' if kind == 'spot' else 'p'}"
    leg = rng.choice((" long", " short")) if kind == "hedge" else ""
    market = kind != "spot"
    draw = rng.random()
    if draw < 0.34:
        return _entries(rng, scope, coin, symbol, leg)
    if draw < 0.46:
        return f"{_at(scope)} {_entry(rng, scope, coin, symbol, leg)}"
    if draw < 0.53:
        side, sign = rng.choice((("buy", "+"), ("sell", "-")))
        way = f"stop:{{{coin}{sign}{rng.choice((0.3, 1, 2))}}}"
        return (
            f"{_at(scope)} {side} {_size(rng, coin, scope)} {symbol}{leg} {way}"
            if market
            else (f"{_at(scope)} {_entry(rng, scope, coin, symbol, leg)}")
        )
    if draw < 0.63:
        return f"{_at(scope[:1])} {_exit(rng, coin, symbol, leg, market=market)}"
    if draw < 0.74:
        return f"amend #{{row}} {rng.choice(('at mid-1%', 'at mid-0.2%', 'at mid+0.3%', 'to {size}'))}"
    if draw < 0.9:
        return rng.choice(
            (
                f"{_at(scope)} cancel {symbol}",
                f"{_at(scope)} cancel all",
                f"{_at(scope)} cancel {rng.choice(('buys', 'sells'))}",
                "cancel #{row}",
                "cancel #{row}",
            )
        )
    if draw < 0.95 or not market:
        return rng.choice(
            (
                f"{_at(scope)} close {symbol}{leg}",
                f"{_at(scope)} close {symbol}{leg} 50%",
                f"{_at(scope)} flatten {symbol}",
                f"{_at(scope)} close all",
            )
        )
    return rng.choice(
        (
            f"{_at(scope)} lev {symbol} {rng.randrange(2, 40)}",
            f"{_at(scope[:1])} margin {symbol} {rng.choice(('iso', 'cross'))}",
            f"{_at(scope[:1])} mode {rng.choice(('hedge', 'oneway'))}",
        )
    )


def opening_line(rng: random.Random, desk: Desk) -> str:
    """A market order of one account, so that there is something to guard, shrink and close."""
    kind = next(k for k in ("one_way", "hedge", "spot") if getattr(desk, k))
    coin = rng.choice(("BTC", "ETH"))
    side, leg = rng.choice((("buy", " long"), ("sell", " short")))
    scope, symbol = getattr(desk, kind), f"{coin}.{'s' if kind == 'spot' else 'p'}"
    return f"{_at(scope)} {side} {_size(rng, coin, scope)} {symbol}{leg if kind == 'hedge' else ''}"


def _at(scope: list[str]) -> str:
    return "@" + ",".join(sorted(scope))


def _size(rng: random.Random, coin: str, scope: list[str]) -> str:
    quantity = rng.choice((2, 5, 10, 30, 100, 300)) / 1000 * (1 if coin == "BTC" else 10)
    if rng.random() < 0.02:
        quantity *= 100  # a slip of the finger, for the gate
    each = "/each" if len(scope) > 1 else ""
    return f"{quantity:g}{coin.lower()}{each}"


def _entry(rng: random.Random, scope: list[str], coin: str, symbol: str, leg: str) -> str:
    """A market order, or one at the touch."""
    side = rng.choice(("buy", "sell"))
    how = rng.choice(("", "", " at ask", " at bid", " at mid ioc", " at bid-0.1% post"))
    return f"{side} {_size(rng, coin, scope)} {symbol}{leg}{how}"


def _entries(rng: random.Random, scope: list[str], coin: str, symbol: str, leg: str) -> str:
    """A bulk of limit orders."""
    parts = []
    side, sign = rng.choice((("buy", "-"), ("sell", "+")))
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        away = f"{{{coin}{sign}{rng.choice((0.1, 0.3, 0.9, 2.5))}}}"
        parts.append(f"{_at(scope)} {side} {_size(rng, coin, scope)} {symbol}{leg} at {away}")
    return rng.choice((" & ", " & ", " ; ")).join(parts)


def _exit(rng: random.Random, coin: str, symbol: str, leg: str, *, market: bool) -> str:
    """What guards or shrinks a position."""
    if not market:
        return f"sell 50%pos {symbol} at {{{coin}+{rng.choice((0.2, 1))}}}"
    return rng.choice(
        (
            f"close {symbol}{leg} stop:{{{coin}-2}}",
            f"close {symbol}{leg} stop:{{{coin}+2}}@mark",
            f"close {symbol}{leg} trail 1%",
            f"sell 50%pos {symbol}{leg} at {{{coin}+0.4}} reduce",
            f"buy 50%pos {symbol}{leg} at {{{coin}-0.4}} reduce",
            f"sell 50%pos {symbol}{leg} trig:{{{coin}+1}} reduce",
        )
    )
