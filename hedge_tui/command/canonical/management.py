"""Writes the commands on orders and positions that exist."""

from __future__ import annotations

from functools import singledispatch
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
from hedge_tui.command.ast.target import OnAll, OnIds, OnRows, OnRun, OnSide
from hedge_tui.command.canonical.orders import algo_text, symbols_text, trail_text
from hedge_tui.command.canonical.prices import price_text, trigger_text
from hedge_tui.command.canonical.sizes import size_text
from hedge_tui.command.grammar.numbers import duration_text, number_text

if TYPE_CHECKING:
    from hedge_tui.command.ast.manage import ManageBody
    from hedge_tui.command.ast.target import OrderTarget


def target_text(target: OrderTarget) -> str:
    """Write which orders are meant."""
    if isinstance(target, OnAll):
        return "all"
    if isinstance(target, OnSide):
        return f"{target.side.value}s"
    if isinstance(target, OnRows):
        return ",".join(f"#{row.number}" for row in target.rows)
    if isinstance(target, OnIds):
        return ",".join(f"id:{word.text}" for word in target.ids)
    if isinstance(target, OnRun):
        return f"run:{target.run}"
    symbols = symbols_text(target.symbols)
    return symbols if target.side is None else f"{symbols} {target.side.value}s"


def manage_text(body: ManageBody) -> str:
    """Write everything after the verb; "" when it stands alone."""
    return _text(body)


@singledispatch
def _text(body: object) -> str:
    raise TypeError(f"no text for {type(body).__name__}")


@_text.register
def _(body: Cancel) -> str:
    return target_text(body.target)


@_text.register
def _(body: Amend) -> str:
    size = "" if body.size is None else f" to {size_text(body.size)}"
    price = "" if body.price is None else f" at {price_text(body.price)}"
    return target_text(body.target) + size + price


@_text.register
def _(body: Close) -> str:
    if body.symbols:
        text = symbols_text(body.symbols) + (f" {body.position.value}" if body.position else "")
    else:
        text = f"{body.position.value}s" if body.position else "all"
    if body.fraction is not None:
        text += f" {number_text(body.fraction)}%"
    if body.algo is not None:
        text += f" {algo_text(body.algo)}"
    if body.trail is not None:
        text += f" {trail_text(body.trail)}"
    if body.stop is not None:
        text += f" stop:{trigger_text(body.stop)}"
    return text if body.trig is None else f"{text} trig:{trigger_text(body.trig)}"


@_text.register
def _(body: Flatten) -> str:
    return symbols_text(body.symbols) or "all"


@_text.register
def _(body: HedgeAsset) -> str:
    return body.asset


@_text.register
def _(body: Equalise) -> str:
    return f"run:{body.run}"


@_text.register
def _(body: Panic) -> str:
    return "flat" if body.flat else "stop" if body.stop else ""


@_text.register
def _(_body: Abort) -> str:
    return ""


@_text.register
def _(body: Arm) -> str:
    text = f"{duration_text(body.over)} cap {size_text(body.cap)}"
    if body.everywhere:
        return f"{text} on all"
    return f"{text} on {symbols_text(body.symbols)}" if body.symbols else text


@_text.register
def _(_body: Disarm) -> str:
    return ""


@_text.register
def _(body: Lev) -> str:
    text = symbols_text(body.symbols)
    if body.leverage is not None:
        text += f" {number_text(body.leverage)}"
    return text if body.margin_mode is None else f"{text} {body.margin_mode.value}"


@_text.register
def _(body: Margin) -> str:
    text = symbols_text(body.symbols) + (f" {body.position.value}" if body.position else "")
    if body.margin_mode is not None:
        return f"{text} {body.margin_mode.value}"
    change = "" if body.change is None else size_text(body.change)
    return f"{text} {'add' if body.adding else 'remove'} {change}"


@_text.register
def _(body: PositionMode) -> str:
    return "hedge" if body.hedge else "one-way"
