"""Books kept by hand beside a paper venue, added up independently of it, and the markets they are for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from hedge_tui.domain.instrument import Grid, Instrument, InstrumentKind, instrument_id
from hedge_tui.domain.order import PositionSide

Leg = tuple[str, PositionSide]
D = Decimal
ZERO = D(0)
SPOT = Instrument(
    instrument_id("binance", "ABC/USDT"),
    "ABCUSDT",
    InstrumentKind.SPOT,
    "ABC",
    "USDT",
    "USDT",
    Grid(D("0.01"), D("0.001"), D("0.001")),
    maker_fee=D("0.0007"),
    taker_fee=D("0.0013"),
)
PERP = Instrument(
    instrument_id("binanceusdm", "ABC/USDT:USDT"),
    "ABCUSDT",
    InstrumentKind.PERPETUAL,
    "ABC",
    "USDT",
    "USDT",
    Grid(D("0.01"), D("0.001"), D("0.001")),
    maker_fee=D("-0.0001"),
    taker_fee=D("0.0005"),
    max_leverage=D(50),
)


@dataclass
class Books:
    """What the events say, added up independently of the venue; legs are (account, position side)."""

    position: dict[Leg, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    cost: dict[Leg, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    realized: dict[Leg, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    told: dict[Leg, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    commission: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    wallet: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    trades: int = 0

    def count(self, trade) -> None:
        """One execution, at average cost in exact fractions."""
        leg, price = (trade.account, trade.position_side), Fraction(trade.price)
        signed = Fraction(trade.quantity * trade.side.sign)
        held, cost = Fraction(self.position[leg]), self.cost[leg]
        closed = min(abs(signed), abs(held)) if held * signed < 0 else Fraction(0)
        released = cost * closed / abs(held) if closed else Fraction(0)
        self.realized[leg] += closed * price * (1 if held > 0 else -1) - released
        self.cost[leg] = cost - released + (abs(signed) - closed) * price * trade.side.sign
        self.position[leg] += trade.quantity * trade.side.sign
        self.told[leg] += trade.realized_pnl
        self.commission[trade.account] += trade.commission
        self.trades += 1

    def net(self, account: str) -> Decimal:
        """All legs of an account."""
        return sum((self.position[account, side] for side in PositionSide), ZERO)
