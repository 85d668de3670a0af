"""Plans that wait for their confirmation, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.domain.margin import Term
from hedge_tui.domain.order import OrderType, PositionSide, TimeInForce
from hedge_tui.domain.plan import Act, Leg, OrderPlan
from hedge_tui.engine.execution.limits import PREVIEW_VALID_S
from hedge_tui.wire import messages as m

if TYPE_CHECKING:
    from hedge_tui.domain.order import OrderRequest
    from hedge_tui.domain.sight import Sight
    from hedge_tui.engine.execution.view import View

MAX_WAITING = 64
DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Waiting:
    """One previewed plan.

    Attributes:
        values: reporting values of its placing legs. by: whose it is. sight: what it was made from.
    """

    plan: OrderPlan
    values: tuple[Decimal, ...]
    by: str
    sight: Sight


class Previews:
    """Each plan can be taken once, by the client that asked for it, within 10 s."""

    def __init__(self) -> None:
        self._waiting: dict[str, Waiting] = {}

    def put(self, waiting: Waiting) -> None:
        """Keep a plan until it is confirmed or too old."""
        self._waiting[waiting.plan.hash] = waiting
        while len(self._waiting) > MAX_WAITING:
            del self._waiting[next(iter(self._waiting))]

    def take(self, plan_hash: str, by: str, now_ns: int) -> Waiting | str:
        """The plan with this hash, once; or why there is none."""
        waiting = self._waiting.get(plan_hash)
        if waiting is None or waiting.by != by:
            return "there is no such preview: it was confirmed already, or never made; type the line again"
        del self._waiting[plan_hash]
        age = (now_ns - waiting.plan.created_ns) / 1e9
        if age > PREVIEW_VALID_S:
            return f"the preview is {age:.1f} s old, the limit is {PREVIEW_VALID_S:.0f} s; preview it again"
        return waiting


def as_message(id_: int, plan: OrderPlan, view: View, *, preview_only: bool, asked: str = "") -> m.Preview:
    """A plan as the rows of a confirm dialog; `asked`: why it was not sent at once though it has a !."""
    return m.Preview(
        id=id_,
        hash=plan.hash,
        text=plan.text,
        headline=plan.headline,
        rows=tuple(row_of(leg, view) for leg in plan.legs),
        totals=_totals(plan, view),
        warnings=(*((f"not sent at once: {asked}",) if asked else ()), *plan.warnings),
        sendable=0 if preview_only else len(plan.sendable),
        expires_in_s=PREVIEW_VALID_S,
        preview_only=preview_only,
    )


def row_of(leg: Leg, view: View) -> m.LegRow:
    """One leg as text."""
    request = leg.request
    instrument = view.markets.instruments.get(leg.instrument)
    quantity, price = leg.quantity, leg.price
    if leg.act is Act.PLACE and request is not None:
        quantity, price = request.quantity, request.price
    kind = leg.act.value if request is None or leg.act is not Act.PLACE else request.type.value
    return m.LegRow(
        act=leg.act.value,
        account=leg.account,
        instrument=leg.instrument,
        side=request.side.value if request is not None else "",
        type=kind.replace("_", " "),
        quantity=_change_text(leg) or (f"{quantity:f}" if quantity is not None else ""),
        price=_price_text(leg, price),
        typed_price=leg.typed_price,
        notional=f"{leg.notional:,.2f} {instrument.quote}" if leg.notional is not None and instrument else "",
        fee=f"{leg.fee:,.4f} {leg.fee_asset}" if leg.fee is not None else "",
        effect=leg.effect.value if leg.act is Act.PLACE and not leg.problem else "",
        margin_after=f"{leg.margin_after:,.2f}" if leg.margin_after is not None else "",
        flags=_flags(leg, view),
        problem=leg.problem,
        note=leg.note,
        client_order_id=leg.target.client_order_id if leg.target is not None else "",
        old=leg.change.old if leg.change is not None else "",
        new=leg.change.new if leg.change is not None else "",
    )


def _change_text(leg: Leg) -> str:
    """Old and new of a setting, or the money that moves; "" for orders."""
    change = leg.change
    if change is None:
        return ""
    x = "x" if change.term is Term.LEVERAGE else ""
    if change.term is Term.MARGIN:
        return change.new
    return f"{change.old}{x} -> {change.new}{x}" if change.old else f"{change.new}{x}"


def _until(request: OrderRequest, view: View) -> str:
    if request.expire_ns is None:
        return ""
    at = datetime.fromtimestamp(request.expire_ns / 1e9, view.zone)
    return f" {at:%H:%M:%S}" if request.expire_ns - view.now_ns < DAY_NS else f" {at:%Y-%m-%d %H:%M}"


def _price_text(leg: Leg, price: Decimal | None) -> str:
    if price is not None:
        return f"{price:f}"
    if leg.act is Act.PLACE and leg.request is not None and leg.request.type is OrderType.MARKET:
        return f"market ~{leg.reference_price:f}" if leg.reference_price else "market"
    return ""


def _flags(leg: Leg, view: View) -> str:
    request = leg.request
    if request is None or leg.act is not Act.PLACE:
        return ""
    words = []
    if request.position_side is not PositionSide.NET:
        words.append(request.position_side.value)
    if request.trail_pct is not None:
        words.append(f"trail {request.trail_pct.normalize():f}%@{request.trigger_source.value}")
        words += [f"from {request.trigger_price:f}"] if request.trigger_price is not None else []
    elif request.trigger_price is not None:
        words.append(f"trigger {request.trigger_price:f}@{request.trigger_source.value}")
    if request.post_only:
        words.append("post")
    if request.time_in_force is not TimeInForce.GTC:
        words.append(request.time_in_force.value + _until(request, view))
    if request.close_position:
        words.append("close-position")
    elif request.reduce_only:
        words.append("reduce")
    return " ".join(words)


def _totals(plan: OrderPlan, view: View) -> tuple[tuple[str, int, str, str], ...]:
    """(account, legs, notional, fee) of what will be sent, in the reporting currency."""
    rows: dict[str, list[Decimal]] = {}
    for leg in plan.sendable:
        row = rows.setdefault(leg.account, [Decimal(0), Decimal(0), Decimal(0)])
        instrument = view.markets.instruments.get(leg.instrument)
        quote = instrument.quote if instrument is not None else ""
        row[0] += 1
        row[1] += view.markets.value(quote, leg.notional or Decimal(0)) or Decimal(0)
        row[2] += view.markets.value(quote, leg.fee or Decimal(0)) or Decimal(0)
    currency = view.markets.reporting
    return tuple(
        (name, int(count), f"{notional:,.2f} {currency}", f"{fee:,.4f} {currency}")
        for name, (count, notional, fee) in rows.items()
    )
