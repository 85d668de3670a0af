"""Which orders and positions a management command means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast import OnAll, OnIds, OnRows, OnRun, OnSide, OnSymbols, OrderTarget
from hedge_tui.command.symbols import Resolved, Unknown, resolve_symbol, symbol_error
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.command.ast import Symbol
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.domain.order import Order
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.view import View


def instrument_of(symbol: Symbol, account: AccountState, view: View) -> Instrument:
    """The instrument a typed symbol means for one account.

    Raises:
        CommandError: unknown (with the three nearest) or ambiguous (with the readings).
    """
    venue = account.account.venue
    found = resolve_symbol(symbol.text, view.markets.index, venue)
    if not isinstance(found, Resolved):
        if not any(i.venue == venue for i in view.markets.instruments.values()):
            raise CommandError(
                f"{venue} has not told its instruments yet", symbol.span, hint="wait for its feed, see Feeds"
            )
        raise symbol_error(found, symbol.span)
    if found.instrument.venue != venue:
        raise CommandError(
            f"{found.id} is at {found.instrument.venue}, {account.name} trades at {venue}", symbol.span
        )
    return found.instrument


def instrument_anywhere(symbol: Symbol, view: View) -> Instrument:
    """The instrument a typed symbol means for looking at: the active account's venue first, then any.

    Raises:
        CommandError: unknown or ambiguous.
    """
    active = view.accounts.get(view.scope)
    venue = active.account.venue if active is not None else None
    found = resolve_symbol(symbol.text, view.markets.index, venue)
    if isinstance(found, Unknown) and venue is not None:
        found = resolve_symbol(symbol.text, view.markets.index, None)
    if isinstance(found, Resolved):
        return found.instrument
    raise symbol_error(found, symbol.span)


def orders_of(target: OrderTarget, accounts: Sequence[AccountState], view: View) -> list[Order]:
    """The working orders a target names, in these accounts, oldest first.

    Raises:
        CommandError: a row or an id names no order, or an id names several.
    """
    names = {a.name for a in accounts}
    working = [o for o in view.state.working_orders() if o.request.account in names]
    match target:
        case OnAll():
            return working
        case OnSide(side=side):
            return [o for o in working if o.request.side is side]
        case OnSymbols(symbols=symbols, side=side):
            wanted = {instrument_of(s, a, view).id for s in symbols for a in accounts if _has(s, a)}
            return [o for o in working if o.request.instrument in wanted and side in (None, o.request.side)]
        case OnRun(run=run):
            return [o for o in working if o.request.run.startswith(run)]
        case OnRows():
            return [_row(row.number, row.span, view) for row in target.rows]
        case OnIds():
            return [_by_id(word.text, word.span, view) for word in target.ids]


def _has(symbol: Symbol, account: AccountState) -> bool:
    """Whether a symbol with a written venue belongs to the account's; the others belong to all."""
    venue, colon, _ = symbol.text.partition(":")
    return not colon or "/" in venue or venue == account.account.venue


def _row(number: int, span: tuple[int, int], view: View) -> Order:
    id_ = view.state.by_row.get(number)
    order = view.state.orders.get(id_) if id_ is not None else None
    if order is None:
        raise CommandError(f"#{number} is no order", span, hint="see the # column of Orders")
    if not order.status.working:
        raise CommandError(f"#{number} is {order.status} already", span)
    return order


def _by_id(text: str, span: tuple[int, int], view: View) -> Order:
    found = [
        o
        for o in view.state.orders.values()
        if o.request.client_order_id.startswith(text) or o.venue_order_id == text
    ]
    if not found:
        raise CommandError(f"no order has an id that begins with {text}", span)
    if len(found) > 1:
        raise CommandError(
            f"{len(found)} orders have an id that begins with {text}",
            span,
            readings=tuple(f"id:{o.request.client_order_id}" for o in found[:5]),
        )
    if not found[0].status.working:
        raise CommandError(f"{text} is {found[0].status} already", span)
    return found[0]
