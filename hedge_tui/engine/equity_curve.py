"""Equity over time without the money that was moved in or out, and its drawdown; pure.

A deposit is no gain and a withdrawal no loss: both are taken out of the line, and the drawdown is that of
what was earned on the money that was there at each moment. Points next to a movement are passed over, since
balance and movement need not become known in the same second.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ZERO = Decimal(0)
ONE = Decimal(1)
BEFORE_NS = 60_000_000_000
AFTER_NS = 120_000_000_000
"""How long before and after a movement points are passed over."""

Point = tuple[int, Decimal]
"""UTC nanoseconds, equity in the reporting currency."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Money moved in (> 0) or out.

    Attributes:
        value: in the reporting currency; None where it was no cash: then it is what equity jumped by.
    """

    at_ns: int
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Step:
    """One point of one account.

    Attributes:
        equity: as recorded. net: without what was moved in since the first point.
    """

    at_ns: int
    equity: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of the line.

    Attributes:
        equity: as it was. net: with all money in that is there today, so that the newest equals the equity.
        drawdown: below the highest point before, a fraction from 0 down to -1.
    """

    at_ns: int
    equity: Decimal
    net: Decimal
    drawdown: Decimal


@dataclass(frozen=True, slots=True)
class Curve:
    """The line of one account or of several.

    Attributes:
        drawdown: now. max_drawdown: the deepest of the span; max_drawdown_ns: when.
        loss: below the highest net point now, money, <= 0. max_loss: the deepest.
        earned: net change over the span. moved: money moved in over it.
    """

    points: tuple[CurvePoint, ...]
    drawdown: Decimal = ZERO
    max_drawdown: Decimal = ZERO
    max_drawdown_ns: int = 0
    loss: Decimal = ZERO
    max_loss: Decimal = ZERO
    earned: Decimal = ZERO
    moved: Decimal = ZERO


def steps_of(points: Sequence[Point], movements: Iterable[Movement]) -> list[Step]:
    """One account's line without its movements; points oldest first."""
    waiting = sorted(movements, key=lambda one: one.at_ns)
    found: list[Step] = []
    taken, at = ZERO, 0
    for at_ns, equity in points:
        due: list[Movement] = []
        while at < len(waiting) and waiting[at].at_ns <= at_ns + BEFORE_NS:
            due.append(waiting[at])
            at += 1
        if due and not found and due[-1].at_ns + AFTER_NS < at_ns:
            due = []  # before the first point: part of it
        if due:
            near = due[-1].at_ns + AFTER_NS >= at_ns
            if near:
                at -= len(due)
                continue
            values = [one.value for one in due]
            if found and any(value is None for value in values):
                taken += equity - found[-1].equity
            else:
                taken += sum((value for value in values if value is not None), ZERO)
        found.append(Step(at_ns, equity, equity - taken))
    return found


def curve_of(lines: Mapping[str, Sequence[Step]]) -> Curve:
    """The line over several accounts: each counts from its first point on, with its last word carried on.

    An account that joins later is money moved in, not a gain.
    """
    events = sorted(
        (step.at_ns, name, index) for name, line in lines.items() for index, step in enumerate(line)
    )
    equity: dict[str, Decimal] = {}
    net: dict[str, Decimal] = {}
    rows: list[tuple[int, Decimal, Decimal]] = []
    worth = earned = ZERO
    index_now = ONE
    indexes: list[Decimal] = []
    for place, (at_ns, name, index) in enumerate(events):
        step = lines[name][index]
        gain = step.net - net[name] if name in net else ZERO
        if worth > 0:
            index_now = max(index_now * (1 + gain / worth), ZERO)
        earned += gain
        worth += step.equity - equity.get(name, ZERO)
        equity[name], net[name] = step.equity, step.net
        if place + 1 == len(events) or events[place + 1][0] != at_ns:
            rows.append((at_ns, worth, earned))
            indexes.append(index_now)
    return _curve(rows, indexes)


def _curve(rows: list[tuple[int, Decimal, Decimal]], indexes: list[Decimal]) -> Curve:
    if not rows:
        return Curve(())
    shift = rows[-1][1] - rows[-1][2]
    peak, peak_net = indexes[0], rows[0][2]
    deepest, deepest_ns, max_loss = ZERO, 0, ZERO
    points = []
    for (at_ns, worth, earned), index in zip(rows, indexes, strict=True):
        peak, peak_net = max(peak, index), max(peak_net, earned)
        drawdown = index / peak - 1 if peak else ZERO
        if drawdown < deepest:
            deepest, deepest_ns = drawdown, at_ns
        max_loss = min(max_loss, earned - peak_net)
        points.append(CurvePoint(at_ns, worth, earned + shift, drawdown))
    earned = rows[-1][2] - rows[0][2]
    return Curve(
        tuple(points),
        drawdown=points[-1].drawdown,
        max_drawdown=deepest,
        max_drawdown_ns=deepest_ns,
        loss=rows[-1][2] - peak_net,
        max_loss=max_loss,
        earned=earned,
        moved=rows[-1][1] - rows[0][1] - earned,
    )
