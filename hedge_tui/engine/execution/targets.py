"""Which orders and positions a management command means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.command.ast import OnAll, OnIds, OnRows, OnRun, OnSide, OnSymbols, OrderTarget, RowTarget
from hedge_tui.command.symbols import Resolved, Unknown, resolve_symbol, symbol_error
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
            wanted = {i.id for pairs in named(symbols, accounts, view).values() for i in pairs}
            return [o for o in working if o.request.instrument in wanted and side in (None, o.request.side)]
        case OnRun(run=run):
            return [o for o in working if o.request.run.startswith(run)]
        case OnRows():
            found = [_scoped(_row(row.number, row.span, view), row.span, names) for row in target.rows]
            return _once(found)
        case OnIds():
            found = [_scoped(_by_id(word.text, word.span, view), word.span, names) for word in target.ids]
            return _once(found)


def every_order_of(target: RowTarget, view: View) -> list[Order]:
    """The orders that rows or ids name, at work or over, in any account.

    Raises:
        CommandError: a row or an id names no order, or an id names several.
    """
    if isinstance(target, OnRows):
        return _once(_row(row.number, row.span, view, over=True) for row in target.rows)
    return _once(_by_id(word.text, word.span, view, over=True) for word in target.ids)


def named(
    symbols: Iterable[Symbol], accounts: Sequence[AccountState], view: View
) -> dict[str, list[Instrument]]:
    """The instruments that symbols mean, by account; an account whose venue lacks one is passed over.

    Raises:
        CommandError: a symbol is ambiguous, or no account's venue has it.
    """
    found: dict[str, list[Instrument]] = {account.name: [] for account in accounts}
    for symbol in symbols:
        first: CommandError | None = None
        known = False
        for account in accounts:
            if not of_venue(symbol, account):
                continue
            try:
                found[account.name].append(instrument_of(symbol, account, view))
                known = True
            except CommandError as error:
                if error.readings:
                    raise
                first = first or error
        if not known:
            raise first or CommandError(f"no account of the scope trades {symbol.text}", symbol.span)
    return found


def _scoped(order: Order, span: tuple[int, int], names: set[str]) -> Order:
    if order.request.account not in names:
        raise CommandError(f"that order is of {order.request.account}, which is not in the scope", span)
    return order


def _once(orders: Iterable[Order]) -> list[Order]:
    return list({order.request.client_order_id: order for order in orders}.values())


def of_venue(symbol: Symbol, account: AccountState) -> bool:
    """Whether a symbol with a written venue belongs to the account's; the others belong to all."""
    venue, colon, _ = symbol.text.partition(":")
    return not colon or "/" in venue or venue == account.account.venue


def _row(number: int, span: tuple[int, int], view: View, *, over: bool = False) -> Order:
    id_ = view.state.by_row.get(number)
    order = view.state.orders.get(id_) if id_ is not None else None
    if order is None:
        raise CommandError(f"#{number} is no order", span, hint="see the # column of Orders")
    if not over and not order.status.working:
        raise CommandError(f"#{number} is {order.status} already", span)
    return order


def _by_id(text: str, span: tuple[int, int], view: View, *, over: bool = False) -> Order:
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
    if not over and not found[0].status.working:
        raise CommandError(f"{text} is {found[0].status} already", span)
    return found[0]
