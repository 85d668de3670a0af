"""From a ccxt market to an `Instrument`. One that cannot be read is reported and left out."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.numbers import decimal_of, ns_of_ms, positive
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentKind, instrument_id

if TYPE_CHECKING:
    from collections.abc import Iterable

_log = logging.getLogger(__name__)
_KINDS = {
    "spot": InstrumentKind.SPOT,
    "swap": InstrumentKind.PERPETUAL,
    "future": InstrumentKind.FUTURE,
}
_DECIMAL_PLACES = 2
_SIGNIFICANT_DIGITS = 3
_USUAL_FUNDING_H = 8


def instruments_of(venue: str, markets: Iterable[Any], precision_mode: int) -> list[Instrument]:
    """All spot markets, perpetuals and futures among ccxt's `markets`.

    Args:
        venue: ccxt id.
        markets: ccxt market structures.
        precision_mode: ccxt's `precisionMode` (2 decimal places, 3 significant digits, 4 tick size).
    """
    found: list[Instrument] = []
    for market in markets:
        try:
            instrument = instrument_of(venue, market, precision_mode)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            _log.warning("%s: a market that cannot be read is left out: %r", venue, error)
            continue
        if instrument is not None:
            found.append(instrument)
    return found


def instrument_of(venue: str, market: Any, precision_mode: int) -> Instrument | None:
    """One instrument; None for what this desk does not trade (options, margin doubles, no grid)."""
    kind = _KINDS.get(str(market.get("type")))
    tick = _step((market.get("precision") or {}).get("price"), precision_mode)
    lot = _step((market.get("precision") or {}).get("amount"), precision_mode)
    if kind is None or tick is None or lot is None:
        return None
    info = market.get("info")
    spot = kind is InstrumentKind.SPOT
    perpetual = kind is InstrumentKind.PERPETUAL
    types = info.get("orderTypes") if isinstance(info, dict) else None
    quote = str(market["quote"])
    return Instrument(
        id=instrument_id(venue, str(market["symbol"])),
        venue_symbol=str(market["id"]),
        kind=kind,
        base=str(market["base"]),
        quote=quote,
        settle=quote if spot else str(market.get("settle") or quote),
        grid=_grid(market, tick, lot),
        contract_size=(positive(market.get("contractSize")) or Decimal(1)) if not spot else Decimal(1),
        inverse=bool(market.get("inverse")),
        maker_fee=_fee(market.get("maker")),
        taker_fee=_fee(market.get("taker")),
        max_leverage=positive(_limit(market, "leverage", "max")),
        funding_interval_h=_USUAL_FUNDING_H if perpetual else None,
        active=market.get("active") is not False,
        order_types=tuple(str(kind) for kind in types) if isinstance(types, list) else (),
        expiry_ns=None if perpetual else ns_of_ms(market.get("expiry")) or None,
    )


def _grid(market: Any, tick: Decimal, lot: Decimal) -> Grid:
    return Grid(
        tick=tick,
        lot=lot,
        min_quantity=positive(_limit(market, "amount", "min")) or Decimal(0),
        max_quantity=positive(_limit(market, "amount", "max")),
        max_market_quantity=positive(_limit(market, "market", "max")),
        min_notional=positive(_limit(market, "cost", "min")) or Decimal(0),
        min_price=positive(_limit(market, "price", "min")) or Decimal(0),
        max_price=positive(_limit(market, "price", "max")),
    )


def _limit(market: Any, of: str, end: str) -> Any:
    return ((market.get("limits") or {}).get(of) or {}).get(end)


def _fee(value: Any) -> Decimal:
    fee = decimal_of(value)
    return fee if fee is not None else Decimal("0.001")


def _step(value: Any, mode: int) -> Decimal | None:
    """A step from ccxt's precision, whichever way the venue states it."""
    number = decimal_of(value)
    if number is None:
        return None
    if mode == _DECIMAL_PLACES:
        return Decimal(1).scaleb(-int(number))
    if mode == _SIGNIFICANT_DIGITS:
        # No fixed step exists; the finest one that any price of such a venue uses.
        return Decimal("0.00000001")
    return number if number > 0 else None
