"""The risk gate: the only maker of `Approved`. Checks are pure, cheapest first, the first denial wins."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import OrderType
from hedge_tui.domain.plan import Act, Approved, Denied, Leg, OrderPlan
from hedge_tui.engine.execution.prices import touch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)
_MINT = object()


class RiskGate:
    """Reviews every plan twice: when it is previewed, and again when it is confirmed."""

    def review(self, plan: OrderPlan, view: View) -> Approved[OrderPlan] | Denied:
        """Run every check; cancels are never denied."""
        entries = [leg for leg in plan.sendable if leg.act in (Act.PLACE, Act.AMEND)]
        for check in _CHECKS:
            if (denied := check(entries, view)) is not None:
                if denied.leg is None:
                    return denied
                return replace(denied, leg=plan.legs.index(entries[denied.leg]))
        return Approved(plan, _MINT)

    @staticmethod
    def minted(approved: Approved[OrderPlan]) -> bool:
        """Whether this gate made the approval."""
        return approved.mint is _MINT


def reporting_value(leg: Leg, view: View) -> Decimal:
    """Notional of one leg in the reporting currency; in its quote where no market converts."""
    instrument = view.markets.instruments.get(leg.instrument)
    notional = leg.notional or ZERO
    worth = view.markets.value(instrument.quote, notional) if instrument is not None else None
    return notional if worth is None else worth


def _worth(legs: list[Leg], view: View) -> Denied | None:
    """Caps are counted in money: what no market values cannot be held to them."""
    for index, leg in enumerate(legs):
        instrument = view.markets.instruments[leg.instrument]
        if not _reduces(leg) and view.markets.asset_price(instrument.quote) is None:
            return Denied(
                "no_value",
                f"{leg.account}: no market tells what {instrument.quote} is in {view.markets.reporting},"
                " so that the caps cannot be counted",
                index,
            )
    return None


def _count(legs: list[Leg], view: View) -> Denied | None:
    settings = view.limits.settings
    legs = [leg for leg in legs if not _exits(leg)]
    if len(legs) > settings.max_order_count:
        return Denied(
            "order_count", f"{len(legs)} orders are above the cap max_order_count {settings.max_order_count}"
        )
    for name, own in _by_account(legs).items():
        cap = settings.for_account(name).max_order_count
        if len(own) > cap:
            return Denied("order_count", f"{name}: {len(own)} orders are above its max_order_count {cap}")
    return None


def _order_notional(legs: list[Leg], view: View) -> Denied | None:
    settings = view.limits.settings
    for index, leg in enumerate(legs):
        if _reduces(leg) or (leg.act is Act.AMEND and not leg.increase):
            continue
        value = reporting_value(leg, view)
        cap = min(settings.max_order_notional, settings.for_account(leg.account).max_order_notional)
        if value > cap:
            return Denied(
                "order_notional",
                f"{leg.account}: notional {value:,.2f} is above the cap max_order_notional {cap:,f}",
                index,
            )
    return None


def _bulk_notional(legs: list[Leg], view: View) -> Denied | None:
    settings = view.limits.settings
    total = _total(legs, view)
    if total > settings.max_bulk_notional:
        return Denied(
            "bulk_notional",
            f"the line's notional {total:,.2f} is above the cap max_bulk_notional"
            f" {settings.max_bulk_notional:,f}",
        )
    for name, own in _by_account(legs).items():
        cap = settings.for_account(name).max_bulk_notional
        if (value := _total(own, view)) > cap:
            return Denied(
                "bulk_notional", f"{name}: notional {value:,.2f} is above its max_bulk_notional {cap:,f}"
            )
    return None


def _day_notional(legs: list[Leg], view: View) -> Denied | None:
    settings = view.limits.settings
    total = _total(legs, view)
    sent = sum(view.state.day_notional.values(), ZERO)
    if total and sent + total > settings.max_day_notional:
        return Denied(
            "day_notional",
            f"{total:,.2f} on top of {sent:,.2f} sent today is above the cap max_day_notional"
            f" {settings.max_day_notional:,f}",
        )
    for name, own in _by_account(legs).items():
        cap = settings.for_account(name).max_day_notional
        before, value = view.state.day_notional.get(name, ZERO), _total(own, view)
        if value and before + value > cap:
            return Denied(
                "day_notional",
                f"{name}: {value:,.2f} on top of {before:,.2f} sent today is above its max_day_notional"
                f" {cap:,f}",
            )
    return None


def _open_orders(legs: list[Leg], view: View) -> Denied | None:
    for name, own in _by_account([leg for leg in legs if leg.act is Act.PLACE]).items():
        cap = view.limits.settings.for_account(name).max_open_orders
        resting = sum(1 for _ in view.state.working_orders(name))
        new = sum(1 for leg in own if leg.request is not None and leg.request.type is not OrderType.MARKET)
        if new and resting + new > cap:
            return Denied(
                "open_orders", f"{name}: {new} more than {resting} open orders is above max_open_orders {cap}"
            )
    return None


def _collar(legs: list[Leg], view: View) -> Denied | None:
    """A buy far above the ask, or a sell far below the bid, is a slip of the finger."""
    for index, leg in enumerate(legs):
        request = leg.request
        price = leg.price if leg.act is Act.AMEND else (request.price if request is not None else None)
        if request is None or price is None:
            continue
        instrument = view.markets.instruments[request.instrument]
        bid, ask = touch(instrument, view)
        far = ask if request.side.sign > 0 else bid
        if request.trigger_price is not None:
            far = request.trigger_price  # where the market will be when it is released
        mark = view.markets.mark(instrument.id)
        anchor = far if far is not None else (Decimal(repr(mark)) if mark > 0 else None)
        if anchor is None:
            return Denied(
                "collar", f"{leg.account}: no price of {instrument.symbol} to judge {price:f} by", index
            )
        cap = view.limits.settings.for_account(leg.account).price_collar_pct
        through = (price - anchor) * request.side.sign / anchor * 100
        if through > cap:
            at = "trigger" if request.trigger_price is not None else "ask" if request.side.sign > 0 else "bid"
            word = f"{'above' if request.side.sign > 0 else 'below'} the {at}"
            return Denied(
                "collar",
                f"{leg.account}: {price:f} is {through:.1f} % {word} {anchor:f}; price_collar_pct is {cap:f}",
                index,
            )
    return None


_CHECKS: tuple[Callable[[list[Leg], View], Denied | None], ...] = (
    _worth,
    _count,
    _open_orders,
    _order_notional,
    _bulk_notional,
    _day_notional,
    _collar,
)


def _reduces(leg: Leg) -> bool:
    """Reduce-only orders pass the notional caps: a way out is never closed."""
    return leg.request is not None and leg.request.only_reduces


def _exits(leg: Leg) -> bool:
    """Market orders out of a position: their number is that of the positions."""
    return _reduces(leg) and leg.request is not None and leg.request.type is OrderType.MARKET


def _total(legs: Iterable[Leg], view: View) -> Decimal:
    """New notional: of an amendment only what it adds."""
    return sum(
        (
            leg.increase if leg.act is Act.AMEND else reporting_value(leg, view)
            for leg in legs
            if not _reduces(leg)
        ),
        ZERO,
    )


def _by_account(legs: Iterable[Leg]) -> dict[str, list[Leg]]:
    found: dict[str, list[Leg]] = {}
    for leg in legs:
        found.setdefault(leg.account, []).append(leg)
    return found
