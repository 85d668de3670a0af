"""Writes orders: size, symbols, price, algo, attachments and flags in the grammar's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast.order import Chase, Iceberg, Order, Scale, Shape, Twap
from hedge_tui.command.canonical.prices import distance_text, price_text, trigger_text
from hedge_tui.command.canonical.sizes import size_text
from hedge_tui.command.grammar.moments import moment_text
from hedge_tui.command.grammar.numbers import duration_text, number_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.command.ast.line import Symbol
    from hedge_tui.command.ast.order import Algo, Attach, Flags, Trail


def order_text(order: Order) -> str:
    """Write everything after `buy` or `sell`."""
    parts = [size_text(order.size), symbols_text(order.symbols)]
    if order.position is not None:
        parts.append(order.position.value)
    if order.price is not None:
        parts.append(f"at {price_text(order.price)}")
    if order.algo is not None:
        parts.append(algo_text(order.algo))
    parts += _attach_texts(order.attach)
    parts += _flag_texts(order.flags)
    return " ".join(parts)


def symbols_text(symbols: Iterable[Symbol]) -> str:
    """Write `BTC.p,ETH.p`."""
    return ",".join(symbol.text for symbol in symbols)


def algo_text(algo: Algo) -> str:
    """Write how an order is worked."""
    if isinstance(algo, Scale):
        text = f"scale {algo.count} from {price_text(algo.start)} to {price_text(algo.end)}"
        if algo.skew is not None:
            return f"{text} skew {number_text(algo.skew)}"
        return f"{text} geo" if algo.shape is Shape.GEOMETRIC else text
    if isinstance(algo, Twap):
        text = f"twap {algo.slices} over {duration_text(algo.over)}"
        jitter = "" if algo.jitter is None else f" jitter {number_text(algo.jitter)}%"
        return f"{text}{jitter}{' chase' if algo.chase else ''}"
    if isinstance(algo, Chase):
        return "chase" if algo.limit is None else f"chase to {price_text(algo.limit)}"
    if isinstance(algo, Iceberg):
        return f"iceberg {size_text(algo.show)}"
    return f"swarm {algo.count}"


def _attach_texts(attach: Attach) -> Iterable[str]:
    if attach.tp is not None:
        yield f"tp {trigger_text(attach.tp)}"
    if attach.sl is not None:
        yield f"sl {trigger_text(attach.sl)}"
    if attach.trail is not None:
        yield trail_text(attach.trail)


def trail_text(trail: Trail) -> str:
    """Write `trail 1%` or `ts 2% 0.5%`."""
    source = "" if trail.source is None else f"@{trail.source.value}"
    distance = distance_text(trail.distance) + source
    return f"trail {distance}" if trail.activate is None else f"ts {distance_text(trail.activate)} {distance}"


def _flag_texts(flags: Flags) -> Iterable[str]:
    if flags.post:
        yield "post"
    if flags.expires is not None:
        yield f"gtd:{moment_text(flags.expires)}"
    elif flags.time_in_force is not None:
        yield flags.time_in_force.value
    if flags.reduce:
        yield "reduce"
    if flags.stop is not None:
        yield f"stop:{trigger_text(flags.stop)}"
    if flags.trig is not None:
        yield f"trig:{trigger_text(flags.trig)}"
    if flags.leverage is not None:
        yield f"lev:{number_text(flags.leverage)}"
    if flags.margin_mode is not None:
        yield flags.margin_mode.value
