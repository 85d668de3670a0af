"""Compiles a parsed line into an OrderPlan; pure: the same line and view give the same plan."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.ast import (
    Amend,
    Cancel,
    Close,
    Flatten,
    Joiner,
    Lev,
    Margin,
    Order,
    PositionMode,
)
from hedge_tui.command.ast.body import DeskBody
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.plan import Act, Leg, OrderPlan
from hedge_tui.engine.execution.exits import plan_close, plan_flatten
from hedge_tui.engine.execution.leverage import plan_lev
from hedge_tui.engine.execution.manage import plan_amend, plan_cancel
from hedge_tui.engine.execution.margin_mode import plan_margin, plan_position_mode
from hedge_tui.engine.execution.modes import name_modes, refuse_mixture
from hedge_tui.engine.execution.orders import plan_order

if TYPE_CHECKING:
    from hedge_tui.command.ast import Cmd, Line
    from hedge_tui.engine.execution.orders import Standings
    from hedge_tui.engine.execution.view import View

WORTH_A_WORD = 1_000
"""A remainder under this part of the whole is only said when it reaches a lot."""


_OTHER_WORDS = (
    (Act.CANCEL, "cancel"),
    (Act.AMEND, "amendment"),
    (Act.LEVERAGE, "leverage change"),
    (Act.MARGIN_MODE, "margin mode change"),
    (Act.MARGIN, "move of margin"),
    (Act.POSITION_MODE, "position mode change"),
)


def plan_line(text: str, line: Line, view: View, origin: str) -> OrderPlan:
    """The plan of a whole line: every leg, those that cannot be sent included.

    Raises:
        CommandError: at the span of what cannot be read or found.
    """
    rows: list[Leg] = []
    groups: list[int] = []
    joiners: list[str] = []
    standings: Standings = {}
    for index, cmd in enumerate(line.cmds):
        joiner = line.joiners[index - 1] if index else Joiner.AFTER
        if joiner is Joiner.WHEN_FILLED:
            raise CommandError("`then` is not in this release", cmd.span, hint="use && (if acknowledged)")
        refuse_mixture(cmd, view)
        for step, legs in enumerate(_plan_cmd(cmd, view, standings, origin)):
            rows += legs
            groups += [len(joiners)] * len(legs)
            joiners.append(Joiner.AFTER.value if step else joiner.value)
    rows, mixed = name_modes(rows, view)
    plan = OrderPlan(
        text=text,
        legs=tuple(rows),
        headline=headline(rows, view),
        created_ns=view.now_ns,
        origin=origin,
        groups=tuple(groups),
        joiners=tuple(joiners),
        warnings=(*mixed, *_warnings(rows), *_dropped(rows, groups, joiners), *_left_over(rows, view)),
    )
    return replace(plan, hash=fingerprint(plan))


def fingerprint(plan: OrderPlan) -> str:
    """32 hex characters that stand for exactly these legs, text and moment."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{plan.created_ns}\0{plan.text}\0{plan.origin}".encode())
    for leg, group in zip(plan.legs, plan.groups, strict=True):
        digest.update(f"\0{group}{leg!r}".encode())
    return digest.hexdigest()


def headline(rows: list[Leg], view: View) -> str:
    """Totals in words: "3 x 500.00 = 1,500.00 USDT"."""
    sendable = [leg for leg in rows if not leg.problem]
    parts = []
    places = [leg for leg in sendable if leg.act is Act.PLACE]
    if places:
        values = [_value(leg, view) for leg in places]
        total = sum(values, Decimal(0))
        currency = view.markets.reporting
        spread = max(values) - min(values)
        if len(places) == 1:
            parts.append(f"1 order, {total:,.2f} {currency}")
        elif spread <= total / 50:
            parts.append(f"{len(places)} x {total / len(places):,.2f} = {total:,.2f} {currency}")
        else:
            parts.append(f"{len(places)} orders, {total:,.2f} {currency}")
    for act, word in _OTHER_WORDS:
        if count := sum(leg.act is act for leg in sendable):
            parts.append(f"{count} {word}{'s' if count > 1 else ''}")
    if problems := len(rows) - len(sendable):
        parts.append(f"{problems} cannot be sent")
    accounts = len({leg.account for leg in sendable})
    if accounts > 1:
        parts.append(f"over {accounts} accounts")
    return ", ".join(parts) or "nothing to send"


def _value(leg: Leg, view: View) -> Decimal:
    """Notional in the reporting currency; in quote where no market converts it."""
    notional = leg.notional or Decimal(0)
    instrument = view.markets.instruments[leg.instrument]
    worth = view.markets.value(instrument.quote, notional)
    return notional if worth is None else worth


def _plan_cmd(cmd: Cmd, view: View, standings: Standings, origin: str) -> list[list[Leg]]:
    """Groups of legs of one command, each to start when the one before is answered."""
    match cmd.body:
        case Order():
            return [plan_order(cmd, cmd.body, view, standings, origin)]
        case Cancel():
            return [plan_cancel(cmd, cmd.body, view)]
        case Amend():
            return [plan_amend(cmd, cmd.body, view)]
        case Close():
            return [plan_close(cmd, cmd.body, view, standings, origin)]
        case Flatten():
            cancels, closes = plan_flatten(cmd, cmd.body, view, standings, origin)
            return [legs for legs in (cancels, closes) if legs]
        case Lev():
            return [plan_lev(cmd, cmd.body, view, standings)]
        case Margin():
            return [plan_margin(cmd, cmd.body, view, standings)]
        case PositionMode():
            return [plan_position_mode(cmd, cmd.body, view)]
        case other if isinstance(other, DeskBody):
            raise CommandError(f"`{cmd.verb}` sends nothing: put it on a line of its own", cmd.verb_span)
        case _:
            raise CommandError(f"`{cmd.verb}` is not in this release", cmd.verb_span)


def _warnings(rows: list[Leg]) -> tuple[str, ...]:
    problems = sum(bool(leg.problem) for leg in rows)
    if not problems or problems == len(rows):
        return ()
    return (f"{problems} of {len(rows)} legs cannot be sent; the others will be",)


def _dropped(rows: list[Leg], groups: list[int], joiners: list[str]) -> list[str]:
    """A command behind && is not sent when one before it cannot be."""
    for group, joiner in enumerate(joiners):
        if joiner != Joiner.IF_ACKED.value:
            continue
        if any(leg.problem for leg, g in zip(rows, groups, strict=True) if g < group):
            return ["what stands behind && will not be sent: a leg before it cannot be"]
    return []


def _left_over(rows: list[Leg], view: View) -> list[str]:
    """What rounding to the lots leaves unsent, by base asset, where it is worth a word."""
    lost: dict[str, Decimal] = {}
    asked: dict[str, Decimal] = {}
    lots: dict[str, Decimal] = {}
    for leg in rows:
        if leg.problem or leg.wanted is None or leg.request is None:
            continue
        instrument = view.markets.instruments[leg.instrument]
        unit = f"contracts of {instrument.symbol}" if instrument.inverse else instrument.base
        size = Decimal(1) if instrument.inverse else instrument.contract_size
        lost[unit] = lost.get(unit, Decimal(0)) + (leg.wanted - leg.request.quantity) * size
        asked[unit] = asked.get(unit, Decimal(0)) + leg.wanted * size
        lots[unit] = max(lots.get(unit, Decimal(0)), instrument.grid.lot * size)
    return [
        f"left over by rounding to the lot: {_short(lost[unit])} of {_short(asked[unit])} {unit}"
        for unit in lost
        if lost[unit] >= lots[unit] or lost[unit] * WORTH_A_WORD > asked[unit]
    ]


def _short(value: Decimal) -> str:
    return f"{value:.8f}".rstrip("0").rstrip(".")
