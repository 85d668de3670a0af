"""Why the desk did what it did: one order or one line, from what was typed to the last answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import msgspec

from hedge_tui.domain import acts
from hedge_tui.domain.errors import HedgeError
from hedge_tui.engine.decide_again import plan_again
from hedge_tui.engine.execution.limits import RiskLimits
from hedge_tui.engine.record.words import orders_of, run_of, words_of
from hedge_tui.engine.sight import over

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.account import Account
    from hedge_tui.domain.order import ClientOrderId, Order
    from hedge_tui.domain.sight import SeenMarket
    from hedge_tui.engine.record.words import ActRow, ActWords
    from hedge_tui.engine.state import DeskState
    from hedge_tui.wire.messages import LegRow

_ID = re.compile(r"[0-9a-f]{6,32}")
RUN_LENGTH = 12


class NothingFound(HedgeError):
    """The record holds no such order, line or act."""


class Record(Protocol):
    """The journal, as an explanation reads it."""

    def holding(self, *words: str) -> Iterable[tuple[int, acts.Act]]:
        """Acts in which one of these ids occurs, oldest first."""
        ...

    def act(self, seq: int) -> acts.Act | None:
        """One act, None where there is none."""
        ...

    def state_at(self, seq: int | None) -> DeskState:
        """The fold up to and including act `seq`; None for the newest."""
        ...


@dataclass(slots=True)
class Explanation:
    """Everything about one order or line.

    Attributes:
        title: what it is. outcome: how it stands now. run: of its line, or "".
        line, origin: as typed, and by whom. verdict, reason, message: of the gate.
        planned: prices that the preview was made from; judged: those at the confirmation.
        planned_ns, judged_ns: when those were taken; 0 where the record has no figures.
        rows: of the preview, made again. same: they are those of then; None where nothing was made again.
        problem: why nothing could be made again, or "".
        caps: (account, cap, value) in force. sent_today: (account, notional) counted before.
        timeline: every act about it, oldest first.
    """

    title: str
    outcome: str = ""
    run: str = ""
    line: str = ""
    origin: str = ""
    verdict: str = ""
    reason: str = ""
    message: str = ""
    planned_ns: int = 0
    judged_ns: int = 0
    planned: tuple[SeenMarket, ...] = ()
    judged: tuple[SeenMarket, ...] = ()
    rows: tuple[LegRow, ...] = ()
    same: bool | None = None
    problem: str = ""
    caps: tuple[tuple[str, str, str], ...] = ()
    sent_today: tuple[tuple[str, str], ...] = ()
    timeline: list[ActRow] = field(default_factory=list)


def explain(what: str, record: Record) -> Explanation:
    """Explain an order (`#12`, the beginning of its id), a line (`run:ID`) or the act of that number.

    Raises:
        NothingFound: there is no such thing in the record; says what can be asked.
    """
    now = record.state_at(None)
    words = words_of(now)
    name = what.strip().lower().removeprefix("run:").removeprefix("id:")
    if name.startswith("#"):
        row = name[1:]
        id_ = now.by_row.get(int(row)) if row.isdecimal() else None
        if id_ is None:
            raise NothingFound(f"no order is called {what}, or it was forgotten; ask by its client order id")
        return _order(id_, record, now, words)
    if name.isdecimal() and len(name) < RUN_LENGTH:
        return _act(int(name), record, now, words)
    if not _ID.fullmatch(name):
        raise NothingFound(f"{what} is no order and no line; ask by #12, an id, run:ID or an act's number")
    found = list(record.holding(name))
    runs = {run for _, act in found if (run := run_of(act)).startswith(name)}
    ids = {id_ for _, act in found for id_ in orders_of(act) if id_.startswith(name)}
    if len(ids) + len(runs) > 1:
        raise NothingFound(f"{what} is the beginning of several ids: {', '.join(sorted({*ids, *runs})[:4])}")
    if runs:
        return _run(runs.pop(), record, now, words)
    if ids:
        return _order(ids.pop(), record, now, words)
    raise NothingFound(f"the journal holds no {what}; the newest acts: hedge journal show")


def _act(seq: int, record: Record, now: DeskState, words: ActWords) -> Explanation:
    act = record.act(seq)
    if act is None:
        raise NothingFound(f"the journal has no act {seq}")
    if isinstance(act, acts.LineJudged) and not act.run:
        found = Explanation(f"act {seq}", timeline=[words.row(seq, act)])
        _basis(found, seq, act, record, None)
        return found
    if run := run_of(act):
        return _run(run, record, now, words)
    if len(ids := orders_of(act)) == 1:
        return _order(ids[0], record, now, words)
    return Explanation(f"act {seq}", timeline=[words.row(seq, act)])


def _order(id_: ClientOrderId, record: Record, now: DeskState, words: ActWords) -> Explanation:
    order = now.orders.get(id_)
    needles = [str(id_)]
    if order is not None and order.venue_order_id:
        needles.append(f'"{order.venue_order_id}"')
    own = [
        (seq, only) for seq, act in record.holding(*needles) if (only := _only(act, id_, order)) is not None
    ]
    if not own:
        raise NothingFound(f"the journal holds nothing about order {id_}")
    run = next((run for _, act in own if (run := run_of(act))), "")
    found = Explanation(f"order {words.name(id_)} ({id_})", outcome=_outcome(order), run=run)
    lines = [(seq, act) for seq, act in (record.holding(run) if run else ()) if _of_line(act, run)]
    found.timeline = [words.row(seq, act) for seq, act in sorted((*own, *lines), key=lambda one: one[0])]
    request = next((a.requests[0] for _, a in own if isinstance(a, acts.OrdersIntended)), None)
    where = None if request is None else (request.account, str(request.instrument))
    for seq, act in lines:
        _line(found, seq, act, record, where)
    return found


def _run(run: str, record: Record, now: DeskState, words: ActWords) -> Explanation:
    lines = list(record.holding(run))
    ids = {id_ for _, act in lines if run_of(act) == run for id_ in orders_of(act)}
    about = {seq: act for seq, act in lines if run_of(act) == run}
    if ids:
        about |= {seq: act for seq, act in record.holding(*ids) if ids.intersection(orders_of(act))}
    if not about:
        raise NothingFound(f"the journal holds no line {run}")
    states = [now.orders[id_].status.value for id_ in ids if id_ in now.orders]
    counts = ", ".join(f"{states.count(one)} {one}" for one in sorted(set(states)))
    found = Explanation(f"line {run}", outcome=counts, run=run)
    found.timeline = [words.row(seq, about[seq]) for seq in sorted(about)]
    for seq in sorted(about):
        _line(found, seq, about[seq], record, None)
    return found


def _of_line(act: acts.Act, run: str) -> bool:
    return isinstance(act, acts.LineJudged | acts.LineConfirmed) and act.run == run


def _line(found: Explanation, seq: int, act: acts.Act, record: Record, where: tuple[str, str] | None) -> None:
    if isinstance(act, acts.LineJudged):
        _basis(found, seq, act, record, where)
    elif isinstance(act, acts.LineConfirmed):
        found.line, found.origin = act.text, act.origin


def _basis(
    found: Explanation, seq: int, act: acts.LineJudged, record: Record, where: tuple[str, str] | None
) -> None:
    """What the line was decided on, for one (account, instrument) or for all."""
    sight = act.planned if act.judged is None else over(act.planned, act.judged)
    found.line, found.origin = act.text, act.origin
    found.verdict, found.reason, found.message = act.verdict, act.reason, act.message
    found.planned_ns, found.judged_ns = act.planned.at_ns, sight.at_ns
    mine = None if where is None else where[1]
    found.planned = tuple(one for one in act.planned.markets if mine in (None, one.instrument))
    found.judged = tuple(one for one in sight.markets if mine in (None, one.instrument))
    planned = plan_again(act, record.state_at(act.planned.after))
    rows = (row for row in planned.rows if where in (None, (row.account, row.instrument)))
    found.rows, found.same, found.problem = tuple(rows), planned.same, planned.problem
    seen = [one.account for one in sight.accounts if where is None or one.account.name == where[0]]
    names = [account.name for account in seen]
    found.caps = _caps(sight.limits, seen)
    before = record.state_at(seq - 1).day_notional
    found.sent_today = tuple((name, f"{before[name]:,.2f}") for name in names if name in before)


def _caps(limits: str, accounts: list[Account]) -> tuple[tuple[str, str, str], ...]:
    """The caps over each account; one row for those that are alike."""
    try:
        in_force = msgspec.json.decode(limits, type=RiskLimits)
    except msgspec.MsgspecError:
        return ()
    rows: dict[tuple[str, str], list[str]] = {}
    for account in accounts:
        for cap, value in in_force.over(account).items():
            rows.setdefault((cap, f"{value:f}"), []).append(account.name)
    every = len(accounts)
    return tuple(
        ("" if len(who) == every else ", ".join(who), cap, value) for (cap, value), who in rows.items()
    )


def _only(act: acts.Act, id_: ClientOrderId, order: Order | None) -> acts.Act | None:
    """The part of an act that is about this order; None where it is about others."""
    match act:
        case acts.OrdersIntended():
            requests = tuple(one for one in act.requests if one.client_order_id == id_)
            return replace(act, requests=requests, values=()) if requests else None
        case acts.Filled() if not act.fill.client_order_id and order is not None:
            mine = (act.fill.account, act.fill.venue_order_id) == (
                order.request.account,
                order.venue_order_id,
            )
            return act if mine else None
        case _:
            return act if id_ in orders_of(act) else None


def _outcome(order: Order | None) -> str:
    if order is None:
        return "over; the desk has forgotten it, the journal keeps it"
    done = f", {order.filled.normalize():f} filled" if order.filled else ""
    return f"{order.status.value}{done}{f': {order.reason}' if order.reason else ''}"
