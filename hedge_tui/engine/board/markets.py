"""Markets: quotes that move all the time, and the slower figures beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.instrument import Instrument, InstrumentKind
from hedge_tui.engine import market_figures as figures
from hedge_tui.engine.board.own_net import OwnNet
from hedge_tui.engine.board.table import NAN, LiveRows, number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.market import MarketStats, Quote
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.state import Changes

SLIPPAGE_WORTH = 10_000.0
"""Reporting currency: the order whose slippage is shown."""
WORTHS_EVERY_S = 2.0


class InstrumentRows(LiveRows):
    """`instruments`: every instrument, with its newest quote and stats."""

    topic = "instruments"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._own = OwnNet(desk)
        self._fixed: dict[str, tuple[Instrument, list[Any], list[int]]] = {}

    def touch(self, changes: Changes) -> None:
        if changes.positions:
            self._own.touched()

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        self.dirty.update(self.desk.markets.take_changed())
        self.dirty.update(self._own.refresh(now_s))
        return super().refresh(now_s)

    def keys(self) -> Iterable[str]:
        return list(self.desk.markets.instruments)

    def row(self, key: str) -> list[Any] | None:
        markets = self.desk.markets
        instrument = markets.instruments.get(key)  # type: ignore[call-overload]
        if instrument is None or not instrument.active:
            return None
        fixed = self._fixed.get(key)
        if fixed is None or fixed[0] is not instrument:
            fixed = self._fixed[key] = (instrument, *_fixed(instrument))
        id_ = instrument.id
        quote, stats = markets.quotes.get(id_), markets.stats.get(id_)
        bid, ask = (quote.bid, quote.ask) if quote is not None else (NAN, NAN)
        return [
            *fixed[1],
            markets.last(id_),
            stats.change_24h if stats else NAN,
            bid,
            ask,
            round((ask - bid) / bid * 10_000, 2) if bid > 0 else NAN,
            stats.mark if stats else NAN,
            stats.volume_24h if stats else NAN,
            stats.funding_rate if stats else NAN,
            stats.next_funding_ns if stats else 0,
            self._held(id_, stats),
            number(self._own.of(id_)),
            *fixed[2],
        ]

    def _held(self, instrument: InstrumentId, stats: MarketStats | None) -> float:
        """Open interest in venue units: of the stream, else as it was asked last."""
        if stats is not None and stats.open_interest == stats.open_interest:
            return stats.open_interest
        return self.desk.markets.memory.open_interest(instrument, self.desk.clock.now_ns())[0]


class MarketRows(LiveRows):
    """`markets`: the slower figures of what is followed, each row made anew every two seconds."""

    topic = "markets"
    every_s = 2.0

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._own = OwnNet(desk)
        self._worths: dict[str, float] = {}
        self._worths_s = float("-inf")

    def touch(self, changes: Changes) -> None:
        if changes.positions:
            self._own.touched()

    def refresh(self, now_s: float) -> tuple[set[str], set[str]]:
        self.dirty.update(self._own.refresh(now_s))
        if now_s - self._worths_s >= WORTHS_EVERY_S:
            self._worths, self._worths_s = {}, now_s
        return super().refresh(now_s)

    def keys(self) -> Iterable[str]:
        return list(self.desk.markets.quotes)

    def row(self, key: str) -> list[Any] | None:
        markets = self.desk.markets
        instrument = markets.instruments.get(key)  # type: ignore[call-overload]
        if instrument is None or not instrument.active or instrument.id not in markets.quotes:
            return None
        id_, memory, now = instrument.id, markets.memory, self.desk.clock.now_ns()
        quote, stats = markets.quotes.get(id_), markets.stats.get(id_)
        last, worth = markets.last(id_), self._worth(instrument.quote)
        mark, index = (stats.mark, stats.index) if stats else (NAN, NAN)
        low, high = (stats.low_24h, stats.high_24h) if stats else (NAN, NAN)
        unit = figures.unit_value(instrument, mark if mark > 0 else last) * worth
        dated = instrument.kind is InstrumentKind.FUTURE
        held, held_1h, held_24h = memory.open_interest(id_, now)
        paid, hours = markets.funding.get(id_), markets.funding_interval_h(id_)
        return [
            key,
            memory.change(id_, last, 5, now),
            memory.change(id_, last, 60, now),
            figures.day_position(last, low, high),
            high,
            low,
            round(stats.volume_24h * worth, 0) if stats else NAN,
            memory.relative_volume(id_, now),
            *self._depth(instrument, quote, worth),
            index,
            figures.premium_bp(mark, index) if not dated else NAN,
            figures.basis_apr(last, index, instrument.expiry_ns, now) if dated else NAN,
            instrument.expiry_ns or 0,
            paid.last_rate if paid is not None else NAN,
            paid.last_ns if paid is not None else 0,
            hours or NAN,
            figures.funding_apr(stats.funding_rate, hours) if stats else NAN,
            round(held * unit, 0),
            held_1h,
            held_24h,
            _signed_value(self._own.of(id_), unit),
            round(markets.stale(id_, now) or 0),
        ]

    def _depth(self, instrument: Instrument, quote: Quote | None, worth: float) -> list[float]:
        """Worth of what rests at the best bid and at the best ask, and the slippage of a usual order."""
        if quote is None or not worth > 0:
            return [NAN, NAN, NAN]
        book = self.desk.markets.books.get(instrument.id)
        sides: list[float] = []
        for price, quantity, levels in (
            (quote.bid, quote.bid_quantity, book.bids if book is not None else ()),
            (quote.ask, quote.ask_quantity, book.asks if book is not None else ()),
        ):
            # The touch alone is enough where it holds as much; else a book that is followed tells.
            resting = [(price, figures.unit_value(instrument, price) * quantity)]
            if len(levels) > 1 and resting[0][1] * worth < SLIPPAGE_WORTH:
                resting = [(p, figures.unit_value(instrument, p) * q) for p, q in levels]
            sides.append(figures.slippage_bp(resting, quote.mid, SLIPPAGE_WORTH / worth))
        return [
            round(figures.unit_value(instrument, quote.bid) * quote.bid_quantity * worth, 0),
            round(figures.unit_value(instrument, quote.ask) * quote.ask_quantity * worth, 0),
            round(max(sides), 2) if sides[0] == sides[0] and sides[1] == sides[1] else NAN,
        ]

    def _worth(self, asset: str) -> float:
        """One unit of `asset` in the reporting currency, NaN when no market tells."""
        found = self._worths.get(asset)
        if found is None:
            found = self._worths[asset] = number(self.desk.markets.asset_price(asset))
        return found


def _fixed(instrument: Instrument) -> tuple[list[Any], list[int]]:
    """The first and the last cells of a row, which do not move."""
    head = [
        instrument.id,
        instrument.venue,
        instrument.symbol,
        instrument.kind.value,
        instrument.base,
        instrument.quote,
    ]
    return head, [decimals(instrument.grid.tick), decimals(instrument.grid.lot)]


def _signed_value(net: Decimal | None, unit: float) -> float:
    return NAN if net is None else round(float(net) * unit, 2)


def decimals(step: Decimal) -> int:
    """Digits after the point that a step needs."""
    exponent = step.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
