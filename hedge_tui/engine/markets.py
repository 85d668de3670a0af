"""What the public feeds say now: instruments, quotes, stats; and what an asset is worth."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command.symbol_index import SymbolIndex
from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.market import Book, Funding, MarketStats, Quote, Trade
from hedge_tui.engine.market_memory import MarketMemory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.instrument import Instrument, InstrumentId

MARKET_STALE_S = 5.0
"""A venue whose quotes are silent this long is stale; one calm instrument among busy ones is not."""

DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "TUSD", "USDE", "DAI", "BUSD"})
"""Taken as equal to each other when no market between them is known."""


class Markets:
    """Newest public data by instrument.

    Attributes:
        instruments: everything any venue offers, by id. quotes, stats, books: newest by id.
        changed: ids whose quote or stats changed since `take_changed`.
        index: what typed symbols are looked up in.
        feed_ns: venue -> our time of the newest quote of any of its instruments.
        memory: what they did lately. funding: intervals and last payments of perpetuals.
    """

    def __init__(self, reporting: str) -> None:
        self.reporting = reporting
        self.instruments: dict[InstrumentId, Instrument] = {}
        self.quotes: dict[InstrumentId, Quote] = {}
        self.stats: dict[InstrumentId, MarketStats] = {}
        self.books: dict[InstrumentId, Book] = {}
        self.trades: dict[InstrumentId, list[Trade]] = {}
        self.feed_ns: dict[str, int] = {}
        self.memory = MarketMemory()
        self.funding: dict[InstrumentId, Funding] = {}
        self.changed: set[InstrumentId] = set()
        self.index = SymbolIndex(())
        self._by_pair: dict[tuple[str, str], list[InstrumentId]] = {}

    def set_instruments(self, instruments: Iterable[Instrument]) -> None:
        """Take a venue's instruments in; those it no longer lists stay, inactive, as its list says."""
        for instrument in instruments:
            self.instruments[instrument.id] = instrument
            self.changed.add(instrument.id)
            if instrument.kind in (InstrumentKind.SPOT, InstrumentKind.PERPETUAL):
                ids = self._by_pair.setdefault((instrument.base, instrument.quote), [])
                if instrument.id not in ids:
                    # Spot first: it is what an asset is worth; perpetuals stand in for it.
                    ids.insert(0 if instrument.kind is InstrumentKind.SPOT else len(ids), instrument.id)
        self.index = SymbolIndex(self.instruments.values())

    def quote(self, quote: Quote) -> None:
        """Take the newest best bid and ask in."""
        self.quotes[quote.instrument] = quote
        self.feed_ns[quote.instrument.partition(":")[0]] = quote.local_ns
        self.changed.add(quote.instrument)

    def stat(self, stats: MarketStats) -> None:
        """Take slow facts in; a field the venue left out keeps its last value."""
        old = self.stats.get(stats.instrument)
        self.stats[stats.instrument] = stats if old is None else _merge(old, stats)
        self.changed.add(stats.instrument)
        if old is not None and 0 < old.next_funding_ns < stats.next_funding_ns:
            # The interval is over: what was predicted last is what was paid, until the venue says it exactly.
            known = self.funding.get(stats.instrument) or Funding(stats.instrument)
            paid = replace(known, last_rate=old.funding_rate, last_ns=old.next_funding_ns)
            self.funding[stats.instrument] = paid

    def funding_told(self, funding: Funding) -> None:
        """Take a venue's word on intervals and payments in; what it leaves out keeps its last value."""
        old = self.funding.get(funding.instrument)
        if old is not None:
            newer = funding.last_ns >= old.last_ns
            funding = Funding(
                funding.instrument,
                funding.interval_h or old.interval_h,
                funding.last_rate if newer else old.last_rate,
                max(funding.last_ns, old.last_ns),
            )
        self.funding[funding.instrument] = funding

    def funding_interval_h(self, instrument: InstrumentId) -> int | None:
        """Hours between two payments: as the venue says, else what is usual; None where none are paid."""
        listed, told = self.instruments.get(instrument), self.funding.get(instrument)
        if listed is None or listed.kind is not InstrumentKind.PERPETUAL:
            return None
        return (told.interval_h if told is not None else None) or listed.funding_interval_h

    def take_changed(self) -> set[InstrumentId]:
        """Ids changed since the last call."""
        changed, self.changed = self.changed, set()
        return changed

    def last(self, instrument: InstrumentId) -> float:
        """Last traded price, else the mid, else NaN."""
        stats = self.stats.get(instrument)
        if stats is not None and stats.last == stats.last:
            return stats.last
        quote = self.quotes.get(instrument)
        return quote.mid if quote is not None else math.nan

    def mark(self, instrument: InstrumentId) -> float:
        """The venue's valuation, else the last price."""
        own = self.venue_mark(instrument)
        return self.last(instrument) if math.isnan(own) else own

    def venue_mark(self, instrument: InstrumentId) -> float:
        """The venue's valuation alone; NaN where it says none, as on spot."""
        stats = self.stats.get(instrument)
        return stats.mark if stats is not None else math.nan

    def stale(self, instrument: InstrumentId, now_ns: int) -> float | None:
        """Seconds of silence when the quote cannot be trusted, else None."""
        quote = self.quotes.get(instrument)
        if quote is None:
            return math.inf
        newest = self.feed_ns.get(instrument.partition(":")[0], quote.local_ns)
        age = (now_ns - newest) / 1e9
        return age if age > MARKET_STALE_S else None

    def value(self, asset: str, quantity: Decimal) -> Decimal | None:
        """`quantity` of `asset` in the reporting currency, or None when no market tells."""
        price = self.asset_price(asset)
        return None if price is None else quantity * price

    def asset_price(self, asset: str) -> Decimal | None:
        """One unit of `asset` in the reporting currency, by live prices, or None."""
        if asset == self.reporting:
            return Decimal(1)
        if (direct := self._pair_price(asset, self.reporting)) is not None:
            return direct
        if (inverse := self._pair_price(self.reporting, asset)) is not None:
            return 1 / inverse
        if asset in DOLLARS and self.reporting in DOLLARS:
            return Decimal(1)
        for middle in ("USDT", "USDC", "USD", "BTC"):
            if middle in (asset, self.reporting):
                continue
            first, second = self._pair_price(asset, middle), self._to_reporting(middle)
            if first is not None and second is not None:
                return first * second
        return None

    def instrument_for(self, asset: str, venue: str | None = None) -> InstrumentId | None:
        """The spot market (else perpetual) of `asset` against the reporting currency or a dollar."""
        for quote in (self.reporting, "USDT", "USDC", "USD"):
            for id_ in self._by_pair.get((asset, quote), ()):
                if venue is None or id_.startswith(venue + ":"):
                    return id_
        return None

    def spot_market(self, asset: str, venue: str) -> InstrumentId | None:
        """Where a venue trades `asset` itself against the reporting currency or a dollar; None if nowhere."""
        found = self.instrument_for(asset, venue)
        listed = self.instruments.get(found) if found is not None else None
        return found if listed is not None and listed.kind is InstrumentKind.SPOT else None

    def _to_reporting(self, asset: str) -> Decimal | None:
        if asset in DOLLARS and self.reporting in DOLLARS:
            return Decimal(1)
        return self._pair_price(asset, self.reporting)

    def _pair_price(self, base: str, quote: str) -> Decimal | None:
        for id_ in self._by_pair.get((base, quote), ()):
            price = self.mark(id_)
            if price > 0:
                return Decimal(repr(price))
        return None


def _merge(old: MarketStats, new: MarketStats) -> MarketStats:
    def pick(name: str) -> float:
        value: float = getattr(new, name)
        return value if value == value else getattr(old, name)  # noqa: PLR0124 - NaN test

    return MarketStats(
        new.instrument,
        new.local_ns,
        last=pick("last"),
        mark=pick("mark"),
        index=pick("index"),
        change_24h=pick("change_24h"),
        volume_24h=pick("volume_24h"),
        high_24h=pick("high_24h"),
        low_24h=pick("low_24h"),
        funding_rate=pick("funding_rate"),
        next_funding_ns=new.next_funding_ns or old.next_funding_ns,
        open_interest=pick("open_interest"),
    )
