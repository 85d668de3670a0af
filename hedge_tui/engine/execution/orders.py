"""Plans `buy` and `sell`: targets, sizes, prices, one leg each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hedge_tui.command.ast import ClockTime, DateTime, Distance, Duration
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.instrument import instrument_id
from hedge_tui.domain.order import OrderType, TimeInForce, TriggerSource
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.engine.execution import legs, prices
from hedge_tui.engine.execution.sizes import Target, size_up
from hedge_tui.engine.execution.standing import Standing
from hedge_tui.engine.execution.targets import instrument_of

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast import Cmd, Order, Trigger
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.view import View

Standings = dict[str, Standing]


def plan_order(cmd: Cmd, order: Order, view: View, standings: Standings, origin: str) -> list[Leg]:
    """The legs of one `buy` or `sell`, accounts outermost.

    Raises:
        CommandError: a symbol, size or price that cannot be read for some account.
    """
    _refuse_later(order)
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    pairs, missing = _pairs(order, accounts, view)
    drafts = [_draft(order, account, instrument, view) for account, instrument in pairs]
    targets = [Target(d.account, d.instrument, d.working_price) for d in drafts]
    priced = [i for i, d in enumerate(drafts) if d.working_price > 0]
    sized = (
        dict(zip(priced, size_up(order, [targets[i] for i in priced], view), strict=True)) if priced else {}
    )
    rows: list[Leg] = missing
    for index, unsized in enumerate(drafts):
        draft = unsized
        if (size := sized.get(index)) is not None:
            draft = replace(unsized, quantity=size.quantity, problem=unsized.problem or size.problem)
        standing = standings.setdefault(draft.account.name, Standing(draft.account))
        if order.flags.leverage is not None:
            rows.append(
                Leg(Act.LEVERAGE, draft.account.name, draft.instrument.id, quantity=order.flags.leverage)
            )
        rows.append(legs.make(draft, standing, view, origin))
    return rows


def _pairs(
    order: Order, accounts: list[AccountState], view: View
) -> tuple[list[tuple[AccountState, Instrument]], list[Leg]]:
    """(account, instrument) of each leg, and a row for each account whose venue lacks the instrument.

    Raises:
        CommandError: no account's venue has it, or a symbol is ambiguous.
    """
    pairs, missing, first = [], [], None
    for account in accounts:
        for symbol in order.symbols:
            try:
                pairs.append((account, instrument_of(symbol, account, view)))
            except CommandError as error:
                if error.readings:
                    raise
                first = first or error
                name = instrument_id(account.account.venue, symbol.text)
                missing.append(Leg(Act.PLACE, account.name, name, problem=error.message))
    if not pairs and first is not None:
        raise first
    return pairs, missing


def expires_ns(moment: Duration | ClockTime | DateTime, view: View) -> int:
    """A typed moment as UTC nanoseconds. Clock times without a zone are read as UTC in this release."""
    from datetime import UTC, datetime, timedelta

    if isinstance(moment, Duration):
        return view.now_ns + moment.ns
    now = datetime.fromtimestamp(view.now_ns / 1e9, UTC)
    if isinstance(moment, ClockTime):
        at = now.replace(hour=moment.hour, minute=moment.minute, second=moment.second, microsecond=0)
        if at <= now:
            at += timedelta(days=1)
    else:
        at = datetime(
            moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, tzinfo=UTC
        )
    if at <= now:
        raise CommandError(f"{at:%Y-%m-%d %H:%M:%S} UTC is in the past", moment.span)
    return int(at.timestamp()) * 1_000_000_000


def _draft(order: Order, account: AccountState, instrument: Instrument, view: View) -> legs.Draft:
    flags = order.flags
    problem, notes, reference = "", [], None
    price: Decimal | None = None
    stale = view.markets.stale(instrument.id, view.now_ns)
    working = prices.working_price(instrument, order.side, view)
    if order.price is not None:
        resolved = prices.resolve(order.price, instrument, order.side, view, account.name)
        price, reference = resolved.price, resolved.reference
        if resolved.note:
            notes.append(resolved.note)
    elif stale is not None:
        problem = "no quote yet" if working is None else f"its quotes are {stale:.0f} s old"
    trigger, source, type_ = _triggered(order, instrument, view, account)
    at = price or trigger or working
    if at is None:
        at, problem = prices.ZERO, problem or "no price is known"
    return legs.Draft(
        account=account,
        instrument=instrument,
        side=order.side,
        type=type_,
        quantity=prices.ZERO,
        working_price=at,
        price=price,
        trigger_price=trigger,
        trigger_source=source,
        time_in_force=_time_in_force(order, type_),
        post_only=flags.post,
        reduce_only=flags.reduce,
        expire_ns=expires_ns(flags.expires, view) if flags.expires is not None else None,
        reference=reference,
        typed_price=prices.typed(order.price),
        problem=problem,
        notes=tuple(notes),
    )


def _triggered(
    order: Order, instrument: Instrument, view: View, account: AccountState
) -> tuple[Decimal | None, TriggerSource, OrderType]:
    """(trigger price, source, order type) by `stop:` and `trig:`."""
    limit = order.price is not None
    typed: Trigger | None = order.flags.stop or order.flags.trig
    if typed is None:
        return None, TriggerSource.LAST, OrderType.LIMIT if limit else OrderType.MARKET
    if isinstance(typed.price, Distance):
        raise CommandError("a trigger needs a price", typed.span)
    resolved = prices.resolve(typed.price, instrument, order.side.opposite, view, account.name)
    if order.flags.stop is not None:
        type_ = OrderType.STOP_LIMIT if limit else OrderType.STOP_MARKET
    else:
        type_ = OrderType.TAKE_PROFIT_LIMIT if limit else OrderType.TAKE_PROFIT_MARKET
    return resolved.price, typed.source or TriggerSource.LAST, type_


def _time_in_force(order: Order, type_: OrderType) -> TimeInForce:
    typed = order.flags.time_in_force
    if typed is None:
        return TimeInForce.GTC
    if type_ is OrderType.MARKET:
        raise CommandError(
            f"a market order knows no {typed}", order.flags.span_of(typed), hint=f"add: at ask {typed}"
        )
    return typed


def _refuse_later(order: Order) -> None:
    """Parts of the grammar that this release reads but does not carry out."""
    if order.algo is not None:
        raise CommandError(f"{order.algo.kind} is not in this release", order.algo.span)
    if order.attach:
        raise CommandError(
            "tp, sl and trail on an order are not in this release",
            order.attach.span,
            hint="send a stop of its own: sell 100%pos BTC.p stop:60000 reduce",
        )
    if order.position is not None:
        raise CommandError("long and short need hedge mode, which is not in this release", order.span)
    if order.flags.margin_mode is not None:
        raise CommandError("iso and cross are not in this release", order.flags.span_of("iso"))
