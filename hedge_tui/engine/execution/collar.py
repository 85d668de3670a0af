"""The price collar: a buy far above the market, or a sell far below it, is a slip of the finger; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import OrderType
from hedge_tui.domain.plan import Act
from hedge_tui.engine.execution.case import of_whom, reduces
from hedge_tui.engine.execution.prices import touch

if TYPE_CHECKING:
    from hedge_tui.domain.order import OrderRequest
    from hedge_tui.domain.plan import Denied, Leg
    from hedge_tui.engine.execution.case import Case
    from hedge_tui.engine.execution.view import View

_TAKE_PROFITS = (OrderType.TAKE_PROFIT_LIMIT, OrderType.TAKE_PROFIT_MARKET)


def collar(case: Case) -> Denied | None:
    """`price_collar_pct`, against the far side of the book and against the mark; a stop against its trigger.

    A market order is judged by where it would take: a book that has run away from the mark is none to take
    from, unless it is the way out.
    """
    for leg in case.entries:
        request = leg.request
        price = leg.price if leg.act is Act.AMEND else (request.price if request is not None else None)
        if request is None:
            continue
        if price is None and (request.type is not OrderType.MARKET or reduces(leg)):
            continue
        anchors = _anchors(request, case.view)
        if price is None:
            price = dict(anchors).get(_far_word(request))
            anchors = [one for one in anchors if one[0] == "mark"]
            if price is None:
                continue
        elif not anchors:
            symbol = case.instrument(leg).symbol
            return case.denied("collar", f"{leg.account}: no price of {symbol} to judge {price:f} by", leg)
        if (denied := _through(case, leg, request, price, anchors)) is not None:
            return denied
    return None


def _through(
    case: Case, leg: Leg, request: OrderRequest, price: Decimal, anchors: list[tuple[str, Decimal]]
) -> Denied | None:
    cap = case.strictest("price_collar_pct", leg.account)
    for word, anchor in anchors:
        through = (price - anchor) * request.side.sign / anchor * 100
        if through > cap.value:
            way = "above" if request.side.sign > 0 else "below"
            return case.denied(
                "collar",
                f"{leg.account}: {price:f} is {through:.1f} % {way} the {word} {anchor:f};"
                f" price_collar_pct is {cap.value:f} {of_whom(cap)}",
                leg,
            )
    return None


def _anchors(request: OrderRequest, view: View) -> list[tuple[str, Decimal]]:
    """What a price is judged by: (word, price)."""
    instrument = view.markets.instruments[request.instrument]
    bid, ask = touch(instrument, view)
    far = ask if request.side.sign > 0 else bid
    market: list[tuple[str, Decimal]] = [] if far is None else [(_far_word(request), far)]
    mark = view.markets.mark(instrument.id) if far is None else view.markets.venue_mark(instrument.id)
    if mark > 0:
        market.append(("mark", Decimal(repr(mark))))
    trigger = request.trigger_price
    if trigger is None:
        return market
    # Where the market will be when it is released; one that is set off already meets the market of now.
    return [("trigger", trigger), *(market if _set_off(request, trigger, market) else ())]


def _far_word(request: OrderRequest) -> str:
    return "ask" if request.side.sign > 0 else "bid"


def _set_off(request: OrderRequest, trigger: Decimal, market: list[tuple[str, Decimal]]) -> bool:
    """Whether the market is past the trigger now: a stop waits behind it, a take-profit before it."""
    way = -request.side.sign if request.type in _TAKE_PROFITS else request.side.sign
    return any((price - trigger) * way >= 0 for _, price in market)
