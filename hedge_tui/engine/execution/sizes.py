"""Turns a typed size into quantities: one per (account, instrument), before rounding to the lot."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Distance, Offset, Share, SizeKind
from hedge_tui.command.grammar.spread import require_spread
from hedge_tui.command.grammar.units import UnitRole, unit_role
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.order import PositionSide
from hedge_tui.engine import portfolio
from hedge_tui.engine.execution import prices
from hedge_tui.engine.markets import DOLLARS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.command.ast import Order, Size
    from hedge_tui.domain.instrument import Instrument
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Target:
    """One (account, instrument) of an order line, with the price its size is judged at."""

    account: AccountState
    instrument: Instrument
    price: Decimal


@dataclass(frozen=True, slots=True)
class Sized:
    """Quantity of one target in venue units before rounding, or why there is none."""

    quantity: Decimal
    problem: str = ""


def size_up(order: Order, targets: Sequence[Target], accounts: Sequence[str], view: View) -> list[Sized]:
    """One quantity per target, in the same order.

    Args:
        order: the line's.
        targets: what can be priced now.
        accounts: names of all accounts of the scope. One that cannot take its share leaves it unsent: the
            others never get more than their own.
        view: the desk.

    Raises:
        CommandError: the size does not say how it covers several accounts or symbols, or its unit
            means nothing for the instrument.
    """
    require_spread(order.size, len(accounts), len(order.symbols))
    shares = _shares(order.size, accounts, len(order.symbols), view)
    return [_quantity(order, target, shares[target.account.name], view) for target in targets]


def money_to_units(money: Decimal, asset: str, target: Target, view: View) -> Decimal:
    """Venue units worth `money` of `asset` at the target's price."""
    instrument = target.instrument
    if asset == instrument.base and not instrument.inverse:
        return money / instrument.contract_size
    if instrument.inverse and asset == instrument.base:
        return money * target.price / instrument.contract_size
    in_quote = money
    if asset != instrument.quote and not (asset in DOLLARS and instrument.quote in DOLLARS):
        worth = view.markets.value(asset, money)
        quote_price = view.markets.asset_price(instrument.quote)
        if worth is None or not quote_price:
            raise CommandError(f"no market tells what {money} {asset} is in {instrument.quote}")
        in_quote = worth / quote_price
    if instrument.inverse:
        return in_quote / instrument.contract_size
    return in_quote / (target.price * instrument.contract_size)


def amount_to_units(size: Size, target: Target, view: View) -> Decimal:
    """Venue units of a typed amount; negative for a negative target.

    Raises:
        CommandError: its unit is neither the base nor the quote of the instrument, nor dollars.
    """
    role = unit_role(size, target.instrument.base, target.instrument.quote)
    unit = {UnitRole.BASE: target.instrument.base, UnitRole.QUOTE: target.instrument.quote}.get(role, "USD")
    return money_to_units(size.value, unit, target, view)


def _shares(size: Size, accounts: Sequence[str], symbols: int, view: View) -> dict[str, Fraction]:
    """The part of the typed size that falls on one (account, symbol), by account.

    Exact fractions: a third of 0.3 is 0.1, not one lot less.
    """
    spread = size.spread
    by_symbol = Fraction(1) if spread is None or spread.symbols is not Share.EQUAL else Fraction(1, symbols)
    if spread is None or spread.accounts in (None, Share.EACH):
        return dict.fromkeys(accounts, by_symbol)
    if spread.accounts is Share.EQUAL:
        return dict.fromkeys(accounts, by_symbol / len(accounts))
    if spread.accounts is Share.WEIGHT:
        weights = {name: view.weight(view.accounts[name]) for name in accounts}
    else:
        weights = {name: max(_equity(view.accounts[name], view), ZERO) for name in accounts}
    total = sum(weights.values(), ZERO)
    if total <= 0:
        raise CommandError("no account in the scope has equity to share by", size.span)
    return {name: by_symbol * Fraction(weight) / Fraction(total) for name, weight in weights.items()}


def _part(whole: Decimal, share: Fraction) -> Decimal:
    return whole * share.numerator / share.denominator


def _quantity(order: Order, target: Target, share: Fraction, view: View) -> Sized:
    size = order.size
    match size.kind:
        case SizeKind.AMOUNT:
            return Sized(_part(amount_to_units(size, target, view), share))
        case SizeKind.TARGET:
            return _towards(order, target, share, view)
        case SizeKind.POSITION:
            held = held_quantity(target.account, target.instrument, order.position or PositionSide.NET)
            if not held:
                return Sized(ZERO, f"no position in {target.instrument.symbol} to take {size.value:f} % of")
            return Sized(_part(abs(held) * size.value / 100, share))
        case SizeKind.EQUITY:
            money = _part(_equity(target.account, view) * size.value / 100, share)
            return Sized(money_to_units(money, view.markets.reporting, target, view))
        case SizeKind.FREE:
            return _of_free(order, target, share, view)
        case SizeKind.RISK:
            return _by_risk(order, target, share, view)
        case SizeKind.ORDER:
            raise CommandError("a percentage needs free, eq or pos after it", size.span, "10%free")


def held_quantity(
    account: AccountState, instrument: Instrument, side: PositionSide = PositionSide.NET
) -> Decimal:
    """Signed venue units held: the position, or the balance of the base asset for spot.

    `side` picks one leg of a hedge-mode position; NET is the sum of both.
    """
    if instrument.kind is InstrumentKind.SPOT:
        balance = account.balances.get(instrument.base)
        return balance.total if balance is not None else ZERO
    if side is PositionSide.NET:
        return account.position_quantity(instrument.id)
    position = account.positions.get((instrument.id, side.value))
    return position.quantity if position is not None else ZERO


def _towards(order: Order, target: Target, share: Fraction, view: View) -> Sized:
    """The trade that leads to a target position, if it goes the way the line says."""
    wanted = _part(amount_to_units(order.size, target, view), share)
    held = held_quantity(target.account, target.instrument, order.position or PositionSide.NET)
    missing = wanted - held
    if lost := view.unanswered(target.account.name, target.instrument.id):
        rows = ", ".join(f"#{view.state.rows[one.request.client_order_id]}" for one in lost)
        return Sized(ZERO, f"{rows} may have changed the position: it is in doubt; wait until it is settled")
    if missing * order.side.sign <= 0:
        return Sized(ZERO, f"holds {held:f} already: a {order.side} does not lead to {wanted:f}")
    return Sized(abs(missing))


def _of_free(order: Order, target: Target, share: Fraction, view: View) -> Sized:
    instrument, account = target.instrument, target.account
    percent = order.size.value / 100
    if instrument.kind is InstrumentKind.SPOT and order.side.sign < 0:
        balance = account.balances.get(instrument.base)
        return Sized(_part((balance.free if balance else ZERO) * percent, share))
    asset = instrument.quote if instrument.kind is InstrumentKind.SPOT else instrument.settle
    balance = account.balances.get(asset)
    if balance is None or balance.free <= 0:
        return Sized(ZERO, f"no free {asset}")
    return Sized(money_to_units(_part(balance.free * percent, share), asset, target, view))


def _by_risk(order: Order, target: Target, share: Fraction, view: View) -> Sized:
    """The quantity whose loss between the price and the stop is the typed money."""
    stop = order.attach.sl
    if stop is None:
        raise CommandError("risk: needs a stop", order.size.span, hint="add: sl 4%")
    distance = (
        prices.offset(target.price, Offset(stop.price.value, stop.price.unit), target.instrument)
        - target.price
        if isinstance(stop.price, Distance)
        else prices.resolve(stop.price, target.instrument, order.side, view, target.account.name).price
        - target.price
    )
    if not distance:
        return Sized(ZERO, f"the stop lies at the price {target.price:f}: the risk is 0")
    unit = order.size.unit
    money = _part(order.size.value, share)
    if unit not in (target.instrument.quote, target.instrument.settle, "USD"):
        raise CommandError(f"write the risk in {target.instrument.quote}", order.size.span)
    return Sized(money / (abs(distance) * target.instrument.contract_size))


def _equity(account: AccountState, view: View) -> Decimal:
    return portfolio.summarise(account, view.state, view.markets).equity
