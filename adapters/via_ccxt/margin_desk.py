"""Asks and changes leverage, margin and position mode of one account. Used by `execution`.

Every call raises `Unavailable`, `Refused` or `OutcomeUnknown` when it was not done or nobody knows; what a
venue answers with "no need to change" is done.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.numbers import decimal_of, digits, positive
from adapters.via_ccxt.quirks import Hedge
from hedge_tui.domain.errors import OutcomeUnknown, Refused, VenueError
from hedge_tui.domain.margin import LeverageBracket, MarginTerms
from hedge_tui.domain.order import PositionSide
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from adapters.via_ccxt.caller import VenueCaller
    from adapters.via_ccxt.speech import Speech
    from adapters.via_ccxt.wiring import Wiring
    from hedge_tui.domain.instrument import InstrumentId

_PATIENCE_S = 5.0
_MODE_GOOD_NS = 30 * 1_000_000_000
"""How old the known position mode may be before a snapshot asks it again."""
_ADD, _TAKE = 1, 2


class MarginDesk:
    """The margin settings of one account.

    Args:
        caller, wiring, speech: of the account's instance.
    """

    def __init__(self, caller: VenueCaller, wiring: Wiring, speech: Speech) -> None:
        self._caller = caller
        self._quirks = wiring.quirks
        self._speech = speech
        self._mode: bool | None = None
        self._mode_ns = 0

    async def set_leverage(self, symbol: str, leverage: Decimal) -> None:
        """Change the leverage of one symbol."""
        await self._change(lambda x: x.set_leverage(int(leverage), symbol))

    async def set_margin_mode(self, symbol: str, *, isolated: bool) -> None:
        """Choose isolated or cross margin of one symbol."""
        await self._change(lambda x: x.set_margin_mode("isolated" if isolated else "cross", symbol))

    async def set_hedge_mode(self, *, enabled: bool) -> None:
        """Hold long and short apart, or net them."""
        self.forget_mode()
        await self._change(lambda x: x.set_position_mode(enabled))

    async def change_isolated_margin(self, symbol: str, side: PositionSide, change: Decimal) -> None:
        """Move money into or out of an isolated position."""
        raw, named = self._quirks.margin_call, _named(side, self._quirks.hedge)
        if raw:
            # ccxt would cut the money to the lot of the base asset.
            market = self._caller.instance.market(symbol)["id"]
            words = {"symbol": market, "amount": digits(abs(change)), "type": _ADD if change > 0 else _TAKE}
            await self._change(lambda x: getattr(x, raw)(words | named))
        elif change > 0:
            await self._change(lambda x: x.add_margin(symbol, digits(change), named))
        else:
            await self._change(lambda x: x.reduce_margin(symbol, digits(-change), named))

    async def terms(self) -> list[MarginTerms]:
        """Leverage and margin mode of every symbol that the venue tells them of."""
        if not self._has("fetchLeverages"):
            return []
        found = await self._caller.ask(Lane.ACCOUNT, lambda x: x.fetch_leverages())
        if not isinstance(found, dict):
            raise OutcomeUnknown("the list of leverages is not what was asked for")
        rows = (row for row in found.values() if isinstance(row, dict) and row.get("symbol"))
        return [
            MarginTerms(
                self._speech.account,
                self._speech.instrument(row["symbol"]),
                positive(row.get("longLeverage")) or positive(row.get("shortLeverage")),
                row["marginMode"] == "isolated" if row.get("marginMode") else None,
            )
            for row in rows
        ]

    async def brackets(self) -> dict[InstrumentId, tuple[LeverageBracket, ...]]:
        """Leverage by notional, smallest cap first."""
        if not self._has("fetchLeverageTiers"):
            return {}
        found = await self._caller.ask(Lane.ACCOUNT, lambda x: x.fetch_leverage_tiers())
        if not isinstance(found, dict):
            raise OutcomeUnknown("the leverage brackets are not what was asked for")
        return {
            self._speech.instrument(symbol): tuple(
                LeverageBracket(cap, most, decimal_of(tier.get("maintenanceMarginRate")) or cap * 0)
                for tier in tiers
                if (cap := positive(tier.get("maxNotional"))) is not None
                and (most := positive(tier.get("maxLeverage"))) is not None
            )
            for symbol, tiers in found.items()
        }

    async def hedge_mode(self) -> bool | None:
        """Whether long and short are held apart, asked now."""
        raw = self._quirks.hedge_call
        if not holds_contracts(self._caller.instance) or not (raw or self._has("fetchPositionMode")):
            return None
        answer = await self._caller.ask(
            Lane.ACCOUNT, lambda x: getattr(x, raw)() if raw else x.fetch_position_mode()
        )
        said = answer.get("dualSidePosition" if raw else "hedged") if isinstance(answer, dict) else None
        if said is None:
            raise OutcomeUnknown("the position mode is not in the venue's answer")
        self._mode = said is True or str(said).lower() == "true"
        self._mode_ns = self._speech.now_ns()
        return self._mode

    async def known_mode(self) -> bool | None:
        """The same, asked only when what is known has become old: it can be changed elsewhere."""
        if self._mode is None:
            return await self.hedge_mode()
        if self._speech.now_ns() - self._mode_ns > _MODE_GOOD_NS:
            with contextlib.suppress(VenueError):  # what was said before stands
                return await self.hedge_mode()
        return self._mode

    def forget_mode(self) -> None:
        """Ask again with the next snapshot."""
        self._mode_ns = 0

    def _has(self, method: str) -> bool:
        instance = self._caller.instance
        return holds_contracts(instance) and instance.has.get(method) is True

    async def _change(self, call: Callable[[Any], Any]) -> None:
        try:
            await self._caller.ask(Lane.ORDER, call, patience_s=_PATIENCE_S)
        except Refused as error:
            if error.code not in self._quirks.unchanged_codes:
                raise


def holds_contracts(instance: Any) -> bool:
    """Whether an instance's account has positions; ccxt's `binance` could have, ours is spot alone."""
    spot_only = str(instance.options.get("defaultType")) == "spot" and instance.id == "binance"
    return bool(instance.has.get("fetchPositions")) and not spot_only


def _named(side: PositionSide, hedge: Hedge) -> dict[str, Any]:
    if side is PositionSide.NET:
        return {}
    return {"positionSide": str(side).upper()} if hedge is Hedge.POSITION_SIDE else {"hedged": True}
