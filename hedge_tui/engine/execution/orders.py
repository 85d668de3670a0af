"""Plans `buy` and `sell`: targets, sizes, prices, one leg each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from hedge_tui.command.ast import PriceRef, Share
from hedge_tui.command.grammar.moments import moment_ns
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.instrument import InstrumentId, instrument_id
from hedge_tui.domain.order import OrderType, PositionSide, TimeInForce
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.engine.execution import legs, prices
from hedge_tui.engine.execution.leverage import leverage_leg
from hedge_tui.engine.execution.margin_mode import mode_leg
from hedge_tui.engine.execution.reserve import standing_of
from hedge_tui.engine.execution.sizes import Target, size_up
from hedge_tui.engine.execution.standing import Standing
from hedge_tui.engine.execution.targets import instrument_of, of_venue
from hedge_tui.engine.execution.triggers import Place, Waits, waits

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast import Cmd, Order
    from hedge_tui.command.ast.moment import Moment
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.view import View

Standings = dict[str, Standing]


def plan_order(cmd: Cmd, order: Order, view: View, standings: Standings, origin: str) -> list[Leg]:
    """The legs of one `buy` or `sell`, accounts outermost.

    Raises:
        CommandError: a symbol, size or price that cannot be read, or that no account can carry out.
    """
    _refuse_later(order)
    accounts = view.accounts_of(cmd.scope, cmd.verb_span)
    pairs, missing = _pairs(order, accounts, view)
    drafts = [_draft(order, account, instrument, view) for account, instrument in pairs]
    priced = [i for i, d in enumerate(drafts) if d.working_price > 0]
    targets = [Target(drafts[i].account, drafts[i].instrument, drafts[i].working_price) for i in priced]
    # Asked even when nothing can be priced: a size that does not say how it is shared is refused first.
    sizes = size_up(order, targets, [a.name for a in accounts], view)
    sized = dict(zip(priced, sizes, strict=True))
    rows: list[Leg] = missing
    for index, unsized in enumerate(drafts):
        draft = unsized
        if (size := sized.get(index)) is not None:
            draft = replace(unsized, quantity=size.quantity, problem=unsized.problem or size.problem)
        standing = standing_of(standings, draft.account, view)
        if order.flags.margin_mode is not None:
            modes = mode_leg(draft.account, draft.instrument, order.flags.margin_mode, view)
            rows += modes
            wrong = next((leg.problem for leg in modes if leg.problem), "")
            draft = replace(draft, problem=draft.problem or (wrong and f"margin mode: {wrong}"))
        if order.flags.leverage is not None:
            draft = _with_leverage(draft, order.flags.leverage, standing, view, rows)
        rows.append(legs.make(draft, standing, view, origin))
    return rows


def _with_leverage(
    draft: legs.Draft, leverage: Decimal, standing: Standing, view: View, rows: list[Leg]
) -> legs.Draft:
    """Add the row that changes the leverage, where it is another one; without it the order is not sent."""
    if draft.account.leverage.get(draft.instrument.id) == leverage:
        return draft
    leg = leverage_leg(standing, draft.instrument, leverage, view)
    rows.append(leg)
    if leg.problem:
        return replace(draft, problem=draft.problem or f"leverage: {leg.problem}")
    return draft


def _pairs(
    order: Order, accounts: list[AccountState], view: View
) -> tuple[list[tuple[AccountState, Instrument]], list[Leg]]:
    """(account, instrument) of each leg, and a row for each account whose venue lacks the instrument.

    Raises:
        CommandError: no account's venue has it, or a symbol is ambiguous.
    """
    pairs, missing, first = [], [], None
    spread = order.size.spread
    whole = spread is None or spread.accounts in (None, Share.EACH)
    for account in accounts:
        for symbol in order.symbols:
            if whole and not of_venue(symbol, account) and any(of_venue(symbol, one) for one in accounts):
                continue  # an account of its venue takes it, and nobody's share is lost
            try:
                pairs.append((account, instrument_of(symbol, account, view)))
            except CommandError as error:
                if error.readings:
                    raise
                first = first or error
                here = of_venue(symbol, account)
                name = (
                    instrument_id(account.account.venue, symbol.text) if here else InstrumentId(symbol.text)
                )
                missing.append(Leg(Act.PLACE, account.name, name, problem=error.message))
    if not pairs and first is not None:
        raise first
    return pairs, missing


def expires_ns(moment: Moment, view: View) -> int:
    """A typed moment as UTC nanoseconds; clock times without z are the trader's."""
    at = moment_ns(moment, view.now_ns, view.zone)
    if at <= view.now_ns:
        when = datetime.fromtimestamp(at // 1_000_000_000, view.zone)
        raise CommandError(f"{when:%Y-%m-%d %H:%M:%S %Z} is in the past", moment.span)
    return at


def _draft(order: Order, account: AccountState, instrument: Instrument, view: View) -> legs.Draft:
    flags = order.flags
    problem, notes, reference = "", [], None
    price: Decimal | None = None
    stale = view.markets.stale(instrument.id, view.now_ns)
    working = prices.working_price(instrument, order.side, view)
    if order.price is not None:
        try:
            resolved = prices.resolve(
                order.price, instrument, order.side, view, account.name, position=order.position
            )
            price, reference = resolved.price, resolved.reference
            notes += [resolved.note] if resolved.note else []
        except CommandError as error:
            problem = error.message  # it may be known to the other accounts
    by_market = order.price is None or order.price.reference is not PriceRef.NUMBER
    if by_market and stale is not None and not (order.price is None and _waits(order)):
        problem = problem or ("no quote yet" if working is None else f"its quotes are {stale:.0f} s old")
    position = order.position or PositionSide.NET
    place = Place(account.name, instrument, order.side, position)
    limit = order.price is not None
    wait = waits(flags.stop, flags.trig, place, view, limit=limit)
    if wait is None:
        wait = Waits(OrderType.LIMIT if limit else OrderType.MARKET)
    problem = problem or wait.problem
    at = price or wait.price or working
    if at is None:
        at, problem = prices.ZERO, problem or "no price is known"
    return legs.Draft(
        account=account,
        instrument=instrument,
        side=order.side,
        type=wait.type,
        quantity=prices.ZERO,
        working_price=at,
        price=price,
        trigger_price=wait.price,
        trigger_source=wait.source,
        time_in_force=_time_in_force(order),
        position_side=position,
        post_only=flags.post,
        reduce_only=flags.reduce,
        expire_ns=expires_ns(flags.expires, view) if flags.expires is not None else None,
        reference=reference,
        typed_price=prices.typed(order.price),
        problem=problem,
        notes=(*notes, *wait.notes),
    )


def _waits(order: Order) -> bool:
    return order.flags.stop is not None or order.flags.trig is not None


def _time_in_force(order: Order) -> TimeInForce:
    typed = order.flags.time_in_force
    if order.flags.post and order.price is None:
        raise CommandError(
            "a market order cannot be post-only", order.flags.span_of("post"), hint="add: at bid post"
        )
    if typed is None:
        return TimeInForce.GTC
    if order.flags.post and typed in (TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD):
        raise CommandError(f"post and {typed} exclude each other", order.flags.span_of("post"))
    if order.price is None:
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
