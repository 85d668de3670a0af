"""Takes down what a line is decided on, and makes the planner's view of it again from the journal."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.domain.instrument import InstrumentId, venue_of
from hedge_tui.domain.key_rights import KeyStanding
from hedge_tui.domain.market import MarketStats, Quote
from hedge_tui.domain.sight import SeenAccount, SeenMarket, SeenTerms, Sight
from hedge_tui.engine.accounts import AccountState
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.limits import RiskLimits
from hedge_tui.engine.execution.view import View
from hedge_tui.engine.markets import Markets
from hedge_tui.engine.told import untold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.account import Position
    from hedge_tui.domain.plan import OrderPlan
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import DeskState

_LIMITS = msgspec.json.Encoder(decimal_format="string")


class SeenMarkets(Markets):
    """Markets as a sight has them: what an asset is worth was recorded, not worked out anew."""

    def __init__(self, sight: Sight, state: DeskState) -> None:
        super().__init__(sight.reporting)
        self._worth = dict(sight.worth)
        self.set_instruments(state.told[m.instrument] for m in sight.markets if m.instrument in state.told)
        for seen in sight.markets:
            prices = [
                float(text) if text else math.nan for text in (seen.bid, seen.ask, seen.mark, seen.last)
            ]
            bid, ask, mark, last = prices
            if seen.quoted_ns:
                at = seen.quoted_ns
                self.quote(Quote(seen.instrument, bid, 0.0, ask, 0.0, at, at, seen.bid, seen.ask))
            self.stat(MarketStats(seen.instrument, seen.quoted_ns, last=last, mark=mark))

    def asset_price(self, asset: str) -> Decimal | None:
        """One unit of `asset` in the reporting currency, as it was."""
        return Decimal(1) if asset == self.reporting else self._worth.get(asset)


def look(plan: OrderPlan, desk: Desk, view: View) -> Sight:
    """What the plan was made from; the journal has the terms of its instruments when this returns."""
    names = dict.fromkeys(leg.account for leg in plan.legs)
    accounts = [view.accounts[name] for name in names if name in view.accounts]
    legs = dict.fromkeys(leg.instrument for leg in plan.legs if leg.instrument)
    held = dict.fromkeys(position.instrument for one in accounts for position in one.positions.values())
    working = {order.request.instrument: None for name in names for order in view.state.working_orders(name)}
    markets = [id_ for id_ in legs | held | working if id_ in view.markets.instruments]
    seen = tuple(_account(one, {**legs, **held, **working}) for one in accounts)
    if terms := tuple(untold(view.state, markets, view.now_ns)):
        drop(desk.record(*terms))
    return Sight(
        at_ns=view.now_ns,
        after=desk.journal.last_seq,
        reporting=view.markets.reporting,
        markets=tuple(_market(id_, view.markets) for id_ in markets),
        accounts=seen,
        worth=_worth(view.markets, markets, seen),
        limits=_LIMITS.encode(view.limits).decode(),
        zone=str(view.zone),
        scope=view.scope,
        focus=view.focus or "",
        selection=view.selection,
        locked=view.locked,
    )


def since(then: Sight, now: Sight) -> Sight:
    """`now` without what it has in common with `then`; `over` puts it together again."""
    known = {one.instrument: one for one in then.markets}
    before = {one.account.name: one for one in then.accounts}
    worth = dict(then.worth)
    return replace(
        now,
        markets=tuple(one for one in now.markets if known.get(one.instrument) != one),
        accounts=tuple(one for one in now.accounts if before.get(one.account.name) != one),
        worth=tuple((asset, value) for asset, value in now.worth if worth.get(asset) != value),
        limits="" if now.limits == then.limits else now.limits,
    )


def over(then: Sight, change: Sight) -> Sight:
    """The sight whose difference to `then` is `change`."""
    markets = {one.instrument: one for one in (*then.markets, *change.markets)}
    accounts = {one.account.name: one for one in (*then.accounts, *change.accounts)}
    return replace(
        change,
        markets=tuple(markets.values()),
        accounts=tuple(accounts.values()),
        worth=tuple({**dict(then.worth), **dict(change.worth)}.items()),
        limits=change.limits or then.limits,
    )


def view_of(sight: Sight, state: DeskState) -> View:
    """The planner's view as it was, over the state as it was.

    Args:
        sight: as recorded.
        state: the fold of the journal up to act `sight.after`.

    Raises:
        ValueError: the limits were written by a version that counts otherwise.
    """
    markets = SeenMarkets(sight, state)
    try:
        limits = msgspec.json.decode(sight.limits, type=RiskLimits)
    except msgspec.MsgspecError as error:
        raise ValueError(f"the caps of then cannot be read by this version: {error}") from error
    return View(
        state=state,
        accounts={one.account.name: _account_state(one) for one in sight.accounts},
        markets=markets,
        limits=limits,
        now_ns=sight.at_ns,
        scope=sight.scope,
        focus=InstrumentId(sight.focus) if sight.focus else None,
        selection=sight.selection,
        locked=sight.locked,
        zone=UTC if sight.zone == "UTC" else ZoneInfo(sight.zone),
    )


def _market(id_: InstrumentId, markets: Markets) -> SeenMarket:
    quote = markets.quotes.get(id_)
    mark, last = _text(markets.venue_mark(id_)), _text(markets.last(id_))
    if quote is None:
        return SeenMarket(id_, mark=mark, last=last)
    return SeenMarket(
        id_,
        bid=quote.bid_text or _text(quote.bid),
        ask=quote.ask_text or _text(quote.ask),
        mark=mark,
        last=last,
        quoted_ns=markets.feed_ns.get(venue_of(id_), quote.local_ns),
    )


def _text(price: float) -> str:
    return repr(price) if math.isfinite(price) else ""


def _account(one: AccountState, instruments: Iterable[InstrumentId]) -> SeenAccount:
    terms = (
        SeenTerms(id_, one.leverage.get(id_), one.isolated.get(id_), tuple(one.brackets.get(id_, ())))
        for id_ in instruments
    )
    return SeenAccount(
        account=one.account,
        state=one.state.value,
        snapshot_ns=one.snapshot_ns,
        refusal=one.key.refusal,
        read_only=one.key.read_only,
        hedge_mode=one.hedge_mode,
        initial_margin=one.initial_margin,
        maintenance_margin=one.maintenance_margin,
        balances=tuple(b for b in one.balances.values() if b.total or b.free or b.locked),
        positions=tuple(one.positions.values()),
        terms=tuple(t for t in terms if t.leverage is not None or t.isolated is not None or t.brackets),
        panicking=one.panicking,
    )


def _account_state(seen: SeenAccount) -> AccountState:
    name, venue = seen.account.name, seen.account.venue
    found = AccountState(
        seen.account,
        snapshot_ns=seen.snapshot_ns,
        balances={one.asset: one for one in seen.balances},
        positions={_place(one): one for one in seen.positions},
        initial_margin=seen.initial_margin,
        maintenance_margin=seen.maintenance_margin,
        hedge_mode=seen.hedge_mode,
        health=FeedHealth(f"{name}:private", name, venue, FeedState(seen.state), seen.snapshot_ns),
        brackets={term.instrument: term.brackets for term in seen.terms if term.brackets},
        key=KeyStanding(seen.refusal, seen.read_only),
        panicking=seen.panicking,
    )
    for term in seen.terms:
        if term.leverage is not None:
            found.leverage[term.instrument] = term.leverage
        if term.isolated is not None:
            found.isolated[term.instrument] = term.isolated
    return found


def _place(position: Position) -> tuple[InstrumentId, str]:
    return position.instrument, position.position_side.value


def _worth(
    markets: Markets, instruments: Iterable[InstrumentId], accounts: Iterable[SeenAccount]
) -> tuple[tuple[str, Decimal], ...]:
    listed = [markets.instruments[id_] for id_ in instruments]
    assets = {asset: None for one in listed for asset in (one.base, one.quote, one.settle)}
    assets |= {balance.asset: None for one in accounts for balance in one.balances}
    found = ((asset, markets.asset_price(asset)) for asset in assets if asset != markets.reporting)
    return tuple((asset, price) for asset, price in found if price is not None)
