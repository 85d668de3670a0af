"""A market that was recorded, played as if it happened now: the same interface as `MarketSimulation`.

What is recorded is found by file name below one folder: candles as `BTC_USDT_USDT-1m-futures.feather` (USD-M)
or `BTC_USDT-5m.feather` (spot), raw frames as `usdm_btcusdt_20240808.jsonl.gz` or `spot_...`. Built by
`open_replay`. Candle files are read by a loader that the composition root passes in.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adapters.sandbox.market.basis import Basis
from adapters.sandbox.market.columns import CLOSE, OPEN, TURNOVER, VOLUME, WIDTH
from adapters.sandbox.market.listing import VENUE_IDS, Listing, VenueKind, find_listing
from adapters.sandbox.market.recorded_candles import RecordedMinutes, Track, minute_rows
from adapters.sandbox.market.recorded_frames import FramePlayer
from adapters.sandbox.market.simulation import MarketSimulation
from adapters.sandbox.market.sources import Sources
from hedge_tui.domain.candle import MINUTE_NS, Timeframe
from hedge_tui.domain.series import CandleSeries

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.sandbox.market.market_state import MarketState
    from adapters.sandbox.market.noise import IntArray
    from adapters.sandbox.market.schedule import Schedule
    from adapters.sandbox.market.updates import MarketUpdate

CandleLoader = Callable[[Path, str, Timeframe], CandleSeries]
"""(file, instrument id, timeframe) -> its candles, oldest first."""

_CANDLES = {
    "spot": re.compile(r"(?P<base>[A-Z0-9]+)_(?P<quote>[A-Z0-9]+)-(?P<frame>\d+[mh])\.feather"),
    "usdm": re.compile(
        r"(?P<base>[A-Z0-9]+)_(?P<quote>[A-Z0-9]+)_(?P=quote)-(?P<frame>\d+[mh])-futures\.feather"
    ),
}
_FRAMES = re.compile(r"(?P<kind>spot|usdm)_(?P<name>[a-z0-9]+)_\d+\.jsonl\.gz")
_PAST_SHARE = 0.75
"""Of recorded candles that lie in the past when a replay starts."""


class ReplaySimulation(MarketSimulation):
    """A recorded market.

    Args:
        sources: recorded candles laid around the start.
        players: recorded frames by index of the instrument.
        speed: recorded seconds that pass in one.
    """

    def __init__(
        self,
        kind: VenueKind,
        *,
        sources: Sources,
        players: dict[int, FramePlayer],
        start_ns: int,
        speed: float,
    ) -> None:
        self._players = players
        self._speed = speed
        self._begin_ns = start_ns
        super().__init__(
            kind, seed=0, start_ns=start_ns, always_active=len(sources.listings), sources=sources
        )

    def _open(self, start_ns: int) -> None:
        for at, player in self._players.items():
            state = self.states[at]
            state.recorded = True
            state.sides = (player.bids, player.asks)
        super()._open(start_ns)

    def _find_place(self, schedule: Schedule) -> None:
        super()._find_place(schedule)
        for at, player in self._players.items():
            state = self.states[at]
            if state.last_lots == 0:
                state.next_trade_id = player.first_trade_id
                state.last = _ticks(state, player.bids.best())
            self._quote(at)

    def _reveal(self, until_ns: int, updates: list[MarketUpdate], touched: set[int]) -> None:
        super()._reveal(until_ns, updates, touched)
        for at, player in self._players.items():
            state = self.states[at]
            for trade in player.advance(int((until_ns - self._begin_ns) * self._speed)):
                at_ns = self._begin_ns + int(trade.at_ns / self._speed)
                lots = max(1, round(trade.quantity.scaleb(state.listing.lot_decimals)))
                # Ids stay the recorded ones, moved up by the accounts' own trades.
                state.next_trade_id = max(state.next_trade_id, trade.trade_id + len(state.extra))
                updates.append(state.trade(_ticks(state, trade.price), lots, trade.buy, at_ns))
            touched.add(at)
            self._quote(at)

    def _quote(self, at: int) -> None:
        state, player = self.states[at], self._players[at]
        bid, ask = _ticks(state, player.bids.best()), _ticks(state, player.asks.best())
        state.bid, state.ask = bid, ask
        self.marks.hold(at, (bid + ask) / 2)

    def override_price(self, symbol: str, price: Decimal) -> list[MarketUpdate]:
        """As of the simulation; refused where frames are played, which would say another price at once.

        Raises:
            ValueError: the instrument's frames are being played.
        """
        if self.place(symbol) in self._players:
            raise ValueError(f"{symbol} plays recorded frames: its price cannot be moved")
        return super().override_price(symbol, price)


def open_replay(
    kind: VenueKind, folder: Path, *, start_ns: int, speed: float, load: CandleLoader
) -> ReplaySimulation:
    """The recorded market of one venue kind.

    Frames play at `speed`; candles without frames at the nearest whole number of it, 1 at least.

    Raises:
        ValueError: nothing of this kind is recorded there, a file cannot be played, or speed is not above 0.
    """
    if not (math.isfinite(speed) and speed > 0):
        raise ValueError(f"replay speed {speed} is not above 0")
    candles, frames = find_recordings(kind, folder)
    symbols = sorted({*candles, *frames}, key=lambda symbol: find_listing(kind, symbol).rank)
    if not symbols:
        raise ValueError(f"{folder} has no recording of {VENUE_IDS[kind]}")
    listings, tracks, players = [], [], {}
    start_minute = start_ns // MINUTE_NS
    for at, symbol in enumerate(symbols):
        listing = find_listing(kind, symbol)
        if symbol in frames:
            players[at] = FramePlayer(frames[symbol])
        track = _track(listing, candles.get(symbol), players.get(at), load)
        tracks.append(track)
        quotes = 0.0 if at in players else listing.quotes_per_second
        first_minute = start_minute - track.cut
        listings.append(dataclasses.replace(listing, first_minute=first_minute, quotes_per_second=quotes))
    minutes = RecordedMinutes(tracks, start_minute, max(1, round(speed)))
    sources = Sources(listings, minutes, minutes, minutes, Basis(0, listings))
    return ReplaySimulation(kind, sources=sources, players=players, start_ns=start_ns, speed=speed)


def find_recordings(
    kind: VenueKind, folder: Path
) -> tuple[dict[str, tuple[Path, Timeframe]], dict[str, Path]]:
    """Candle files and frame files below a folder, by unified symbol; the finest candles of each."""
    candles: dict[str, tuple[Path, Timeframe]] = {}
    frames: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if (found := _CANDLES[kind].fullmatch(path.name)) is not None:
            symbol = f"{found['base']}/{found['quote']}" + (f":{found['quote']}" if kind == "usdm" else "")
            frame = Timeframe(found["frame"])
            if symbol not in candles or frame.width_ns < candles[symbol][1].width_ns:
                candles[symbol] = (path, frame)
        elif (found := _FRAMES.fullmatch(path.name)) is not None and found["kind"] == kind:
            frames[_symbol_of(kind, found["name"])] = path
    return candles, frames


def _symbol_of(kind: VenueKind, name: str) -> str:
    for quote in ("USDT", "USDC", "BTC"):
        if name.upper().endswith(quote):
            base = name.upper().removesuffix(quote)
            return f"{base}/{quote}" + (f":{quote}" if kind == "usdm" else "")
    raise ValueError(f"recorded instrument {name} has no quote asset that is known here")


def _track(
    listing: Listing, file: tuple[Path, Timeframe] | None, player: FramePlayer | None, load: CandleLoader
) -> Track:
    rows: IntArray = np.empty((0, WIDTH), np.int64)
    if file is not None:
        rows = minute_rows(load(file[0], str(listing.instrument.id), file[1]), listing)
    if player is None:
        return Track(rows, int(len(rows) * _PAST_SHARE), int(rows[0, OPEN]), goes_on=True)
    best = player.bids.best()
    assert best is not None
    now = round(best.scaleb(listing.tick_decimals))
    if len(rows):
        # Candles and frames are of different times: the past is scaled to end where the frames begin.
        ratio = now / int(rows[-1, CLOSE])
        rows[:, : CLOSE + 1] = np.maximum(np.rint(rows[:, : CLOSE + 1] * ratio), 1)
        rows[:, TURNOVER] = rows[:, VOLUME] * rows[:, : CLOSE + 1].sum(axis=1)
    return Track(rows, len(rows), now, goes_on=False)


def _ticks(state: MarketState, price: Decimal | None) -> int:
    if price is None:
        return state.last
    return max(1, round(price.scaleb(state.listing.tick_decimals)))
