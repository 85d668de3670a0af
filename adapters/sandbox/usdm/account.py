"""USD-M account handlers: balances, positions, margins, commission rates, leverage brackets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.sandbox.digits import fixed, plain
from adapters.sandbox.usdm.exchange_info import bracket_row
from adapters.sandbox.usdm.position_payload import flat_risk, position_v2, position_v3, risk_v2, risk_v3

if TYPE_CHECKING:
    from adapters.paper.records import PaperMargin, PaperPosition
    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue

ZERO = Decimal(0)
FEE_TIER = 0


@dataclass(frozen=True, slots=True)
class _State:
    """An account's figures, read once per request with fresh marks."""

    margins: dict[str, PaperMargin]
    positions: list[PaperPosition]
    isolated: dict[str, Decimal]

    def cross_wallet(self, asset: str) -> Decimal:
        """Wallet balance less what isolated positions hold."""
        return self.margins[asset].wallet - self.isolated.get(asset, ZERO)

    def cross_unrealized(self, venue: ServedVenue, asset: str) -> Decimal:
        """Unrealized PnL of cross positions in an asset."""
        return sum(
            (p.unrealized for p in self.positions if not p.isolated and _settle(venue, p) == asset),
            start=ZERO,
        )


def balance_v2(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET v2 and v3 balance."""
    state = _state(venue, call)
    return [
        {
            "accountAlias": "SgsR",
            "asset": asset,
            "balance": fixed(margin.wallet),
            "crossWalletBalance": fixed(state.cross_wallet(asset)),
            "crossUnPnl": fixed(state.cross_unrealized(venue, asset)),
            "availableBalance": fixed(margin.available),
            "maxWithdrawAmount": fixed(min(margin.available, margin.wallet)),
            "marginAvailable": True,
            "updateTime": call.now_ms,
        }
        for asset, margin in state.margins.items()
    ]


def account_v2(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET v2 account: with settings, and one row for every instrument, held or not."""
    state = _state(venue, call)
    held = {(str(p.instrument), p.side.value): p for p in state.positions}
    touched = {key[0] for key in held}
    rows = [position_v2(venue, call, venue.by_id[str(p.instrument)], p) for p in state.positions]
    rows += [
        position_v2(venue, call, one, None)
        for one in venue.instruments.values()
        if str(one.id) not in touched
    ]
    return {
        "feeTier": FEE_TIER,
        "feeBurn": True,
        "canTrade": "futures" in call.owner.permissions,
        "canDeposit": True,
        "canWithdraw": "withdraw" in call.owner.permissions,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
        **_totals(venue, state),
        "assets": [_asset(venue, state, asset, call.now_ms, v2=True) for asset in state.margins],
        "positions": rows,
    }


def account_v3(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET v3 account: only what is held or has orders."""
    state = _state(venue, call)
    return {
        **_totals(venue, state),
        "assets": [_asset(venue, state, asset, call.now_ms, v2=False) for asset in state.margins],
        "positions": [position_v3(venue, p) for p in state.positions if _shown(p)],
    }


def position_risk_v2(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET v2 positionRisk: every instrument, held or not."""
    state = _state(venue, call)
    wanted = venue.chosen(call)
    by_instrument: dict[str, list[PaperPosition]] = {}
    for position in state.positions:
        by_instrument.setdefault(str(position.instrument), []).append(position)
    rows: list[dict[str, Any]] = []
    for instrument in wanted:
        held = by_instrument.get(str(instrument.id))
        if held:
            rows += [risk_v2(instrument, position) for position in held]
        else:
            rows.append(flat_risk(venue, call, instrument))
    return rows


def position_risk_v3(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET v3 positionRisk: only what is held or has orders."""
    state = _state(venue, call)
    wanted = {str(one.id) for one in venue.chosen(call)}
    return [
        risk_v3(venue, position)
        for position in state.positions
        if str(position.instrument) in wanted and _shown(position)
    ]


def commission_rate(venue: ServedVenue, call: Call) -> dict[str, str]:
    """GET commissionRate of one symbol."""
    instrument = venue.instrument(call)
    return {
        "symbol": instrument.venue_symbol,
        "makerCommissionRate": plain(instrument.maker_fee),
        "takerCommissionRate": plain(instrument.taker_fee),
        "rpiCommissionRate": plain(instrument.maker_fee),
    }


def leverage_bracket(venue: ServedVenue, call: Call) -> Any:
    """GET leverageBracket, of one symbol (an object, as at the venue) or of all."""
    if call.params.get("symbol"):
        return [bracket_row(venue.instrument(call))]
    return [bracket_row(one) for one in venue.instruments.values()]


def _state(venue: ServedVenue, call: Call) -> _State:
    account = call.owner.name
    venue.feed.refresh_account(account)
    positions = venue.paper.positions(account)
    isolated: dict[str, Decimal] = {}
    for position in positions:
        if position.isolated:
            asset = _settle(venue, position)
            isolated[asset] = isolated.get(asset, ZERO) + position.isolated_wallet
    margins = {asset: venue.paper.margin(account, asset) for asset in venue.paper.balances(account)}
    return _State(margins, positions, isolated)


def _settle(venue: ServedVenue, position: PaperPosition) -> str:
    return venue.by_id[str(position.instrument)].settle


def _shown(position: PaperPosition) -> bool:
    return bool(position.quantity or position.order_margin)


def _totals(venue: ServedVenue, state: _State) -> dict[str, str]:
    """Account sums in USD: both settle assets are dollars here."""
    every = list(state.margins.values())
    cross_wallet = sum((state.cross_wallet(asset) for asset in state.margins), start=ZERO)
    cross_unrealized = sum((state.cross_unrealized(venue, asset) for asset in state.margins), start=ZERO)
    available = sum((m.available for m in every), start=ZERO)
    return {
        "totalInitialMargin": fixed(sum((m.initial for m in every), start=ZERO)),
        "totalMaintMargin": fixed(sum((m.maintenance for m in every), start=ZERO)),
        "totalWalletBalance": fixed(sum((m.wallet for m in every), start=ZERO)),
        "totalUnrealizedProfit": fixed(sum((m.unrealized for m in every), start=ZERO)),
        "totalMarginBalance": fixed(sum((m.margin_balance for m in every), start=ZERO)),
        "totalPositionInitialMargin": fixed(sum((m.position_initial for m in every), start=ZERO)),
        "totalOpenOrderInitialMargin": fixed(sum((m.order_initial for m in every), start=ZERO)),
        "totalCrossWalletBalance": fixed(cross_wallet),
        "totalCrossUnPnl": fixed(cross_unrealized),
        "availableBalance": fixed(available),
        "maxWithdrawAmount": fixed(available),
    }


def _asset(venue: ServedVenue, state: _State, asset: str, now_ms: int, *, v2: bool) -> dict[str, Any]:
    margin = state.margins[asset]
    row: dict[str, Any] = {
        "asset": asset,
        "walletBalance": fixed(margin.wallet),
        "unrealizedProfit": fixed(margin.unrealized),
        "marginBalance": fixed(margin.margin_balance),
        "maintMargin": fixed(margin.maintenance),
        "initialMargin": fixed(margin.initial),
        "positionInitialMargin": fixed(margin.position_initial),
        "openOrderInitialMargin": fixed(margin.order_initial),
        "crossWalletBalance": fixed(state.cross_wallet(asset)),
        "crossUnPnl": fixed(state.cross_unrealized(venue, asset)),
        "availableBalance": fixed(margin.available),
        "maxWithdrawAmount": fixed(min(margin.available, margin.wallet)),
    }
    if v2:
        row["marginAvailable"] = True
    row["updateTime"] = now_ms
    return row
