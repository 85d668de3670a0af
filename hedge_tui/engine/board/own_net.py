"""What all accounts hold together of each instrument, counted once for many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.engine.desk import Desk

EVERY_S = 1.0
"""Balances move without a word that names their market."""


class OwnNet:
    """Signed net quantities in venue units; of spot, what is held of the base at its main market."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._net: dict[InstrumentId, Decimal] = {}
        self._counted_s = float("-inf")

    def refresh(self, now_s: float) -> set[str]:
        """Count anew when it is time; gives the instruments whose net changed."""
        if now_s - self._counted_s < EVERY_S:
            return set()
        self._counted_s = now_s
        old, self._net = self._net, self._count()
        return {one for one in old.keys() | self._net.keys() if old.get(one) != self._net.get(one)}

    def touched(self) -> None:
        """A position changed: count anew at the next refresh."""
        self._counted_s = float("-inf")

    def of(self, instrument: InstrumentId) -> Decimal | None:
        """The net, None where nothing is held."""
        return self._net.get(instrument)

    def _count(self) -> dict[InstrumentId, Decimal]:
        net: dict[InstrumentId, Decimal] = {}
        for account in self._desk.accounts.values():
            for (instrument, _), position in account.positions.items():
                net[instrument] = position.quantity + net.get(instrument, 0)
            for asset, balance in account.balances.items():
                if balance.total:
                    main = self._desk.markets.spot_market(asset, account.account.venue)
                    if main is not None:
                        net[main] = balance.total + net.get(main, 0)
        return {instrument: quantity for instrument, quantity in net.items() if quantity}
