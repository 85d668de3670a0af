"""How prices are bent in a stress test; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.engine.risk.margin_book import Leg, MarginBook

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Moves:
    """By how much assets move against the reporting currency, as fractions: -0.1 falls by a tenth.

    Attributes:
        everything: of every asset that is no cash and is not named. by_asset: of those that are; cash too.
    """

    everything: Decimal = ZERO
    by_asset: Mapping[str, Decimal] = field(default_factory=dict)

    def of(self, asset: str, book: MarginBook) -> Decimal:
        """The move of one asset."""
        if asset in self.by_asset:
            return self.by_asset[asset]
        return ZERO if book.is_cash(asset) else self.everything

    @property
    def nothing(self) -> bool:
        """Whether all stands still."""
        return not self.everything and not any(self.by_asset.values())


@dataclass(frozen=True, slots=True)
class Bent:
    """A book at some part of a move.

    Attributes:
        share: how much of the move has happened, 0 to 1.
    """

    book: MarginBook
    moves: Moves
    share: Decimal = ONE

    def factor(self, asset: str) -> Decimal:
        """Price of an asset there over its price now."""
        return ONE + self.moves.of(asset, self.book) * self.share

    def mark(self, leg: Leg) -> Decimal:
        """Mark of an instrument there: its base moves against its quote."""
        if not self.share:
            return leg.mark
        return leg.mark * self.factor(leg.instrument.base) / self.factor(leg.instrument.quote)

    def worth(self, asset: str) -> Decimal:
        """One unit of an asset there, in the reporting currency."""
        if asset == self.book.reporting:
            return self.book.worth(asset)
        return self.book.worth(asset) * self.factor(asset) / self.factor(self.book.reporting)
