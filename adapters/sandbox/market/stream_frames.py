"""The bodies of public stream frames in the venue's exact fields. `StreamHub` has each built once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.sandbox.market.candles import next_open
from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TAKER_BUY, TURNOVER, VOLUME
from hedge_tui.domain.candle import DAY_NS
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from adapters.sandbox.market.book_ledger import BookLedger, DepthDiff
    from adapters.sandbox.market.market import Market
    from adapters.sandbox.market.updates import Level, MarkUpdate, TradePrint
    from hedge_tui.domain.order import Side as TakerSide

_MS = 1_000_000
Frame = dict[str, Any]


class StreamFrames:
    """Frames of one venue kind; `E` is the time of the newest step."""

    def __init__(self, market: Market, books: BookLedger) -> None:
        self._market = market
        self._books = books
        self._spot = market.kind == "spot"
        self._names = [one.venue_symbol for one in market.instruments]

    def book_ticker(self, index: int) -> Frame | None:
        """A `bookTicker` frame; None when neither best level changed or one side is empty."""
        update_id, bid, ask, changed = self._books.top(index)
        if not changed or bid is None or ask is None:
            return None
        texts = self._market.texts[index]
        best = {
            "b": texts.price(bid[0]),
            "B": texts.quantity(bid[1]),
            "a": texts.price(ask[0]),
            "A": texts.quantity(ask[1]),
        }
        if self._spot:
            return {"u": update_id, "s": self._names[index], **best}
        now_ms = self._market.now_ns // _MS
        head = {"e": "bookTicker", "u": update_id, "s": self._names[index], "ps": self._names[index]}
        return {**head, **best, "T": now_ms, "E": now_ms, "st": 1}

    def trade(self, index: int, trade: TradePrint) -> Frame:
        """A `trade` frame."""
        frame = self._trade_head("trade", trade)
        frame |= {"s": self._names[index], "t": trade.trade_id, **self._printed(index, trade)}
        if self._spot:
            return {**frame, "M": True}
        return {**frame, "X": "MARKET"}

    def agg_trade(self, index: int, trade: TradePrint) -> Frame:
        """An `aggTrade` frame: every aggregate holds one trade and has its id."""
        frame = self._trade_head("aggTrade", trade)
        frame |= {"s": self._names[index], "a": trade.trade_id, **self._printed(index, trade)}
        frame |= {"f": trade.trade_id, "l": trade.trade_id}
        return {**frame, "M": True} if self._spot else {**frame, "st": 1}

    def _trade_head(self, event: str, trade: TradePrint) -> Frame:
        return {"e": event, "E": self._market.now_ns // _MS, "T": trade.at_ns // _MS}

    def _printed(self, index: int, trade: TradePrint) -> Frame:
        texts = self._market.texts[index]
        return {
            "p": texts.price(trade.price),
            "q": texts.quantity(trade.quantity),
            "m": trade.taker_side is Side.SELL,
        }

    def depth(self, index: int, diff: DepthDiff) -> Frame:
        """A `depthUpdate` of a diff stream."""
        now_ms = self._market.now_ns // _MS
        frame: Frame = {"e": "depthUpdate", "E": now_ms}
        if not self._spot:
            frame["T"] = now_ms
        frame |= {"s": self._names[index], "U": diff.first_id, "u": diff.last_id}
        if not self._spot:
            frame |= {"pu": diff.previous_id, "ps": self._names[index], "st": 1}
        return {**frame, "b": self._levels(index, diff.bids), "a": self._levels(index, diff.asks)}

    def partial(self, index: int, depth: int) -> Frame:
        """The best levels, whole."""
        update_id, bids, asks = self._books.snapshot(index, depth)
        if self._spot:
            return {
                "lastUpdateId": update_id,
                "bids": self._levels(index, bids),
                "asks": self._levels(index, asks),
            }
        now_ms = self._market.now_ns // _MS
        return {
            "e": "depthUpdate",
            "E": now_ms,
            "T": now_ms,
            "s": self._names[index],
            "U": update_id,
            "u": update_id,
            "pu": update_id - 1,
            "b": self._levels(index, bids),
            "a": self._levels(index, asks),
        }

    def kline(
        self, index: int, timeframe: str, open_ns: int, row: Sequence[int], closed: bool, *, pair: bool
    ) -> Frame:
        """A `kline` or `continuousKline` frame."""
        texts, name, count = self._market.texts[index], self._names[index], int(row[COUNT])
        last_id = self._market.last_trade_id(index)
        bought = int(row[TURNOVER]) * int(row[TAKER_BUY]) / int(row[VOLUME]) if row[VOLUME] else 0
        candle: Frame = {"t": open_ns // _MS, "T": next_open(timeframe, open_ns) // _MS - 1}
        if not pair:
            candle["s"] = name
        candle |= {
            "i": timeframe,
            "f": last_id - count + 1 if count else -1,
            "L": last_id if count else -1,
            "o": texts.ticks(row[OPEN]),
            "c": texts.ticks(row[CLOSE]),
            "h": texts.ticks(row[HIGH]),
            "l": texts.ticks(row[LOW]),
            "v": texts.lots(row[VOLUME]),
            "n": count,
            "x": closed,
            "q": texts.turnover(row[TURNOVER]),
            "V": texts.lots(row[TAKER_BUY]),
            "Q": texts.turnover(bought),
            "B": "0",
        }
        now_ms = self._market.now_ns // _MS
        if pair:
            return {"e": "continuous_kline", "E": now_ms, "ps": name, "ct": "PERPETUAL", "k": candle}
        return {"e": "kline", "E": now_ms, "s": name, "k": candle}

    def ticker(self, index: int) -> Frame:
        """A `24hrTicker` frame."""
        market, texts = self._market, self._market.texts[index]
        day, last_id, now_ms = market.day(index), market.last_trade_id(index), market.now_ns // _MS
        change = day[CLOSE] - day[OPEN]
        frame: Frame = {
            "e": "24hrTicker",
            "E": now_ms,
            "s": self._names[index],
            "p": texts.ticks(change),
            "P": f"{100 * change / day[OPEN]:.3f}",
            "w": texts.mean(day[TURNOVER] / 4 / max(1, day[VOLUME])),
        }
        if self._spot:
            frame["x"] = texts.ticks(day[OPEN])
        frame |= {"c": texts.ticks(day[CLOSE]), "Q": texts.lots(market.last_lots(index))}
        if self._spot:
            frame |= self._best(index)
        frame |= self._day(index, day)
        frame |= {"O": (market.now_ns - DAY_NS) // _MS, "C": now_ms}
        frame |= {"F": last_id - day[COUNT] + 1, "L": last_id, "n": day[COUNT]}
        return frame if self._spot else {**frame, "st": 1}

    def mini_ticker(self, index: int) -> Frame:
        """A `24hrMiniTicker` frame."""
        texts, day = self._market.texts[index], self._market.day(index)
        head = {"e": "24hrMiniTicker", "E": self._market.now_ns // _MS, "s": self._names[index]}
        return {**head, "c": texts.ticks(day[CLOSE]), **self._day(index, day)}

    def mark(self, index: int, mark: MarkUpdate) -> Frame:
        """A `markPriceUpdate` frame."""
        return {
            "e": "markPriceUpdate",
            "E": self._market.now_ns // _MS,
            "s": self._names[index],
            "p": f"{mark.mark:.8f}",
            "i": f"{mark.index:.8f}",
            "P": f"{mark.settle:.8f}",
            "r": f"{mark.funding_rate:.8f}",
            "T": mark.next_funding_ns // _MS,
            "st": 1,
        }

    def force_order(
        self, index: int, side: TakerSide, quantity: Decimal, *, price: Decimal, average: Decimal, at_ns: int
    ) -> Frame:
        """A `forceOrder` frame: a position of an account was liquidated."""
        texts = self._market.texts[index]
        size = texts.quantity(quantity)
        order = {
            "s": self._names[index],
            "S": side.value.upper(),
            "o": "LIMIT",
            "f": "IOC",
            "q": size,
            "p": texts.price(price),
            "ap": texts.price(average),
            "X": "FILLED",
            "l": size,
            "z": size,
            "T": at_ns // _MS,
        }
        return {"e": "forceOrder", "E": self._market.now_ns // _MS, "o": order}

    def _day(self, index: int, day: Sequence[int]) -> Frame:
        texts = self._market.texts[index]
        return {
            "o": texts.ticks(day[OPEN]),
            "h": texts.ticks(day[HIGH]),
            "l": texts.ticks(day[LOW]),
            "v": texts.lots(day[VOLUME]),
            "q": texts.turnover(day[TURNOVER]),
        }

    def _best(self, index: int) -> Frame:
        bid, ask = self._books.look(index)
        texts = self._market.texts[index]
        return {
            "b": texts.price(bid[0]) if bid else "0",
            "B": texts.quantity(bid[1]) if bid else "0",
            "a": texts.price(ask[0]) if ask else "0",
            "A": texts.quantity(ask[1]) if ask else "0",
        }

    def _levels(self, index: int, levels: Sequence[Level]) -> list[list[str]]:
        texts = self._market.texts[index]
        return [[texts.price(price), texts.quantity(quantity)] for price, quantity in levels]
