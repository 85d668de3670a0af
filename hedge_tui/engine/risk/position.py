"""All figures of one open position, worked out in one place for the screen and for `--json`; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.engine import portfolio
from hedge_tui.engine.risk.break_even import break_even
from hedge_tui.engine.risk.carry import next_payment
from hedge_tui.engine.risk.protection import protected_share, stops_in_doubt, unprotected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.order import ClientOrderId, Order
    from hedge_tui.engine.markets import Markets
    from hedge_tui.engine.open_part import OpenPart
    from hedge_tui.engine.state import DeskState

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PositionFigures:
    """One position, now; None where something is not known.

    Attributes:
        settle: asset that PnL and funding are paid in.
        base_quantity: signed base units. mark: quote. notional: signed, quote.
        unrealized: settle. break_even: quote, after fees, funding and the taker fee of leaving.
        liquidation_distance: how far the mark is from the liquidation price as a fraction of the mark; below
            zero when it is already behind. atr_distance: the same in average true ranges of hourly candles.
        funding_next: the next payment in settle, > 0 received. funding_next_ns: when; 0 when not known.
        adl: place in the deleveraging queue, 0 (last) to 4 (next).
        protected: fraction that working stops would close. unprotected: no stop is sure to close it, or a
            part of it hangs on one in doubt. stops_in_doubt: their client order ids.
        opened_ns: since when it is open; 0: not known.
        tags: of its account.
    """

    settle: str
    base_quantity: Decimal
    mark: Decimal | None
    notional: Decimal
    unrealized: Decimal
    break_even: Decimal | None
    liquidation_distance: Decimal | None
    atr_distance: Decimal | None
    funding_next: Decimal | None
    funding_next_ns: int
    adl: int | None
    protected: Decimal
    unprotected: bool
    stops_in_doubt: tuple[ClientOrderId, ...]
    opened_ns: int
    tags: tuple[str, ...]


def figures_of(
    position: Position,
    state: DeskState,
    markets: Markets,
    *,
    stops: Iterable[Order] = (),
    atr: float = math.nan,
    tags: tuple[str, ...] = (),
) -> PositionFigures:
    """Work all figures of one position out.

    Args:
        position: an open one.
        state: what it has cost so far.
        markets: prices.
        stops: working orders in its instrument and account; others are passed over.
        atr: average true range of hourly candles in quote; NaN when not known.
        tags: of its account.
    """
    instrument = markets.instruments.get(position.instrument)
    mark = portfolio.mark_of(position, markets)
    stats = markets.stats.get(position.instrument)
    part = state.open_parts.get((position.account, position.instrument, position.position_side))
    if part is not None and part.quantity != position.quantity:
        part = None  # the venue holds something else than our fills explain
    even = payment = None
    if instrument is not None:
        even = _break_even(position, part, markets)
        if stats is not None:
            payment = next_payment(position.quantity, mark, stats.funding_rate, instrument)
    distance = liquidation_distance(position, mark)
    in_atr = None
    if distance is not None and mark and atr > 0:
        in_atr = distance * mark / Decimal(repr(atr))
    return PositionFigures(
        settle=instrument.settle if instrument is not None else markets.reporting,
        base_quantity=(
            portfolio.base_quantity(position, instrument, markets) if instrument else position.quantity
        ),
        mark=mark,
        notional=portfolio.notional_of(position, markets),
        unrealized=portfolio.unrealized(position, instrument, markets),
        break_even=even,
        liquidation_distance=distance,
        atr_distance=in_atr,
        funding_next=payment,
        funding_next_ns=stats.next_funding_ns if stats is not None else 0,
        adl=position.adl,
        protected=protected_share(position, stops),
        unprotected=unprotected(position, stops),
        stops_in_doubt=tuple(one.request.client_order_id for one in stops_in_doubt(position, stops)),
        opened_ns=part.opened_ns if part is not None else 0,
        tags=tags,
    )


def liquidation_distance(position: Position, mark: Decimal | None) -> Decimal | None:
    """How far the mark may go against the position, as a fraction of it; None without a liquidation price."""
    if not mark or not position.liquidation_price:
        return None
    away = position.liquidation_price / mark - 1
    return -away if position.quantity > 0 else away


def _break_even(position: Position, part: OpenPart | None, markets: Markets) -> Decimal | None:
    """By our own books; by the venue's figure where they do not know every fee and payment; else None."""
    if part is None or not part.complete:
        said = position.break_even
        known = markets.instruments[position.instrument]
        return None if said is None else break_even(position.quantity, said, known)
    instrument = markets.instruments[position.instrument]
    fees = _in_settle(part.fees, instrument.settle, markets)
    funding = _in_settle(part.funding, instrument.settle, markets)
    if fees is None or funding is None:
        return None
    return break_even(position.quantity, position.entry_price, instrument, fees=fees, funding=funding)


def _in_settle(parts: Mapping[str, Decimal], settle: str, markets: Markets) -> Decimal | None:
    """A sum over assets in one of them, at today's prices; None when one of them has no price."""
    total = ZERO
    for asset, quantity in parts.items():
        if asset == settle:
            total += quantity
            continue
        own, unit = markets.asset_price(asset), markets.asset_price(settle)
        if own is None or not unit:
            return None
        total += quantity * own / unit
    return total
