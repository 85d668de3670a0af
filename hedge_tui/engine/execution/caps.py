"""Caps of one order, of a line and of a day, by notional, quantity and count; pure."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.order import OrderType
from hedge_tui.domain.plan import Act
from hedge_tui.domain.trading import scope_words
from hedge_tui.engine.execution.case import base_units, exits, of_whom, reduces, reporting_value, units_added
from hedge_tui.engine.execution.limits import RATE, meant
from hedge_tui.engine.execution.reach import leg_price

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.plan import Denied, Leg
    from hedge_tui.engine.execution.case import Case
    from hedge_tui.engine.execution.limits import Limit
    from hedge_tui.engine.execution.view import View

ZERO = Decimal(0)


# -- one order


def order_notional(case: Case) -> Denied | None:
    """`max_order_notional`; an amendment is held to it with the whole order, if it makes it worth more."""
    for leg in case.growing:
        if leg.act is Act.AMEND and not leg.increase:
            continue
        value = reporting_value(leg, case.view)
        cap = case.strictest("max_order_notional", leg.account)
        if value > cap.value:
            return case.denied(
                "order_notional",
                f"{leg.account}: notional {value:,.2f} is above the cap max_order_notional {cap.value:,f}"
                f" {of_whom(cap)}",
                leg,
            )
    return None


def order_quantity(case: Case) -> Denied | None:
    """`max_order_quantity`, base units."""
    limits = case.view.limits
    for name in limits.quantities("max_order_quantity"):
        what = name.partition(".")[2]
        for leg in case.growing:
            instrument, account = case.instrument(leg), case.accounts[leg.account]
            if not meant(what, instrument) or not units_added(leg):
                continue
            units = (leg.quantity if leg.act is Act.AMEND else units_added(leg)) or ZERO
            quantity = base_units(instrument, units, leg_price(leg))
            cap = min(limits.scopes_with(name, [account]), key=lambda one: one.value, default=None)
            if cap is not None and quantity > cap.value:
                return case.denied(
                    "order_quantity",
                    f"{leg.account}: {short(quantity)} {instrument.base} is above the cap {name}"
                    f" {cap.value:f} {of_whom(cap)}",
                    leg,
                )
    return None


# -- one line


def bulk_count(case: Case) -> Denied | None:
    """`max_order_count`: orders and amendments of the line, market exits left out."""
    legs = [leg for leg in case.entries if not exits(leg)]
    for cap in case.view.limits.scopes_with("max_order_count", case.concerned):
        if (count := len(case.within(cap, legs))) > cap.value:
            return case.denied(
                "order_count",
                f"{_whose(cap)}{count} orders are above the cap max_order_count {cap.value:f} {of_whom(cap)}",
            )
    return None


def bulk_notional(case: Case) -> Denied | None:
    """`max_bulk_notional`."""
    for cap in case.view.limits.scopes_with("max_bulk_notional", case.concerned):
        total = added_notional(case.within(cap, case.growing), case.view)
        if total > cap.value:
            return case.denied(
                "bulk_notional",
                f"{_whose(cap)}the line's notional {total:,.2f} is above the cap max_bulk_notional"
                f" {cap.value:,f} {of_whom(cap)}",
            )
    return None


def bulk_quantity(case: Case) -> Denied | None:
    """`max_bulk_quantity`, base units."""
    limits = case.view.limits
    for name in limits.quantities("max_bulk_quantity"):
        for cap in limits.scopes_with(name, case.concerned):
            total = added_quantity(case.within(cap, case.growing), name, case)
            if total > cap.value:
                return case.denied(
                    "bulk_quantity",
                    f"{_whose(cap)}the line's {short(total)} {_of(name)} is above the cap {name}"
                    f" {cap.value:f} {of_whom(cap)}",
                )
    return None


# -- one day


def day_count(case: Case) -> Denied | None:
    """`max_day_count`: exits count, and are not stopped by it."""
    new = [leg for leg in case.adding if leg.act is Act.PLACE]
    for cap in case.view.limits.scopes_with("max_day_count", case.concerned):
        count, before = len(case.within(cap, new)), sent_count(cap, case.view)
        if count and before + count > cap.value:
            return case.denied(
                "day_count",
                f"{_whose(cap)}{count} orders on top of {before} sent today are above the cap max_day_count"
                f" {cap.value:f} {of_whom(cap)}",
            )
    return None


def day_notional(case: Case) -> Denied | None:
    """`max_day_notional`."""
    for cap in case.view.limits.scopes_with("max_day_notional", case.concerned):
        total, before = (
            added_notional(case.within(cap, case.growing), case.view),
            sent_notional(cap, case.view),
        )
        if total and before + total > cap.value:
            return case.denied(
                "day_notional",
                f"{_whose(cap)}{total:,.2f} on top of {before:,.2f} sent today is above the cap"
                f" max_day_notional {cap.value:,f} {of_whom(cap)}",
            )
    return None


def day_quantity(case: Case) -> Denied | None:
    """`max_day_quantity`, base units."""
    limits = case.view.limits
    for name in limits.quantities("max_day_quantity"):
        for cap in limits.scopes_with(name, case.concerned):
            total = added_quantity(case.within(cap, case.growing), name, case)
            before = sent_quantity(cap, case.view)
            if total and before + total > cap.value:
                return case.denied(
                    "day_quantity",
                    f"{_whose(cap)}{short(total)} {_of(name)} on top of {short(before)} sent today is above"
                    f" the cap {name} {cap.value:f} {of_whom(cap)}",
                )
    return None


# -- one account, one source


def open_orders(case: Case) -> Denied | None:
    """`max_open_orders`: what protects a position counts, and is not stopped by it."""
    new: dict[str, int] = {}
    for leg in case.entries:
        request = leg.request
        if leg.act is not Act.PLACE or request is None or request.type is OrderType.MARKET:
            continue
        if not reduces(leg):
            new[leg.account] = new.get(leg.account, 0) + 1
    resting_now = resting_orders(case.view) if new else Counter()
    for name, count in new.items():
        cap = case.strictest("max_open_orders", name)
        resting = resting_now[name]
        if resting + count > cap.value:
            return case.denied(
                "open_orders",
                f"{name}: {count} more than {resting} open orders is above the cap max_open_orders"
                f" {cap.value:f} {of_whom(cap)}",
            )
    return None


def order_rate(case: Case) -> Denied | None:
    """`max_order_rate`: orders and amendments of one source within the window; exits left out."""
    cap = case.view.limits.own(RATE)
    if cap is None or not case.adding:
        return None
    origin, window_s = case.plan.origin, case.view.limits.settings.order_rate_window_s
    before, count = sent_by(origin, case.view), len(case.adding)
    if before + count > cap.value:
        return case.denied(
            "order_rate",
            f"{origin}: {count} orders on top of {before} in the last {window_s} s are above the cap"
            f" max_order_rate {cap.value:f}",
        )
    return None


# -- what is used up


def added_notional(legs: Iterable[Leg], view: View) -> Decimal:
    """New notional: of an amendment only what it adds."""
    return sum((leg.increase if leg.act is Act.AMEND else reporting_value(leg, view) for leg in legs), ZERO)


def added_quantity(legs: Iterable[Leg], name: str, case: Case) -> Decimal:
    """New quantity of what a quantity cap is about, base units."""
    what, total = name.partition(".")[2], ZERO
    for leg in legs:
        instrument = case.instrument(leg)
        if meant(what, instrument):
            total += base_units(instrument, units_added(leg), leg_price(leg))
    return total


def sent_count(cap: Limit, view: View) -> int:
    """Orders of a scope since the day began."""
    return sum(count for name, count in view.state.restraints.day_counts.items() if _in(name, cap, view))


def sent_notional(cap: Limit, view: View) -> Decimal:
    """Notional of a scope sent since the day began."""
    sent = view.state.day_notional.items()
    return sum((value for name, value in sent if _in(name, cap, view)), ZERO)


def sent_quantity(cap: Limit, view: View) -> Decimal:
    """Quantity of a scope sent since the day began, base units; inverse contracts at the mark of now."""
    what, total = cap.name.partition(".")[2], ZERO
    for (name, id_), units in view.state.restraints.day_quantity.items():
        instrument = view.markets.instruments.get(id_)
        if _in(name, cap, view) and instrument is not None and meant(what, instrument):
            mark = view.markets.mark(id_)
            total += base_units(instrument, units, Decimal(repr(mark)) if mark > 0 else ZERO)
    return total


def resting_orders(view: View) -> Counter[str]:
    """Orders by account that may rest at the venue: those in doubt and those about to leave with them."""
    state = view.state
    found = Counter(state.orders[id_].request.account for id_ in state.working)
    for id_ in state.intents:
        request = state.orders[id_].request
        found[request.account] += request.type is not OrderType.MARKET
    return found


def sent_by(origin: str, view: View) -> int:
    """Orders and amendments of a source within the window."""
    window_ns = view.limits.settings.order_rate_window_s * 10**9
    return sum(
        count for at, count in view.state.restraints.sent.get(origin, ()) if view.now_ns - at < window_ns
    )


def short(value: Decimal) -> str:
    """A quantity without endless digits."""
    text = f"{value:.8f}"
    return text.rstrip("0").rstrip(".") if value >= Decimal("0.00000001") or not value else f"{value:f}"


def _in(account: str, cap: Limit, view: View) -> bool:
    """Whether a cap counts an account."""
    kind, _, name = cap.scope.partition(":")
    if kind == "group":
        return account in view.limits.members.get(name, ())
    return not kind or account == name


def _of(name: str) -> str:
    return name.partition(".")[2]


def _whose(cap: Limit) -> str:
    return f"{scope_words(cap.scope)}: " if cap.scope else ""
