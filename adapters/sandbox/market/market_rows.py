"""Answers to public REST requests in Binance's exact format, for the server's handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adapters.sandbox.market.columns import CLOSE, COUNT, HIGH, LOW, OPEN, TURNOVER, VOLUME
from adapters.sandbox.market.funding import INTERVAL_H
from adapters.sandbox.market.kline_rows import kline_rows
from adapters.sandbox.market.trade_rows import agg_trade_rows, trade_rows
from hedge_tui.domain.candle import DAY_NS, HOUR_NS, MINUTE_NS, Timeframe

if TYPE_CHECKING:
    from adapters.sandbox.market.book_ledger import BookLedger
    from adapters.sandbox.market.market import Market
    from adapters.sandbox.market.updates import Level

_MS = 1_000_000
_INTEREST = "0.00010000"
_KEPT_NS = 30 * DAY_NS
"""How far back open interest is told."""


class MarketRows:
    """REST rows of one venue kind.

    Args:
        market: where prices, candles and trades come from.
        books: the merged books with their update ids, shared with the streams.

    Symbols may be unified, ids or the venue's own; an unknown one raises KeyError. Times are milliseconds.
    """

    def __init__(self, market: Market, books: BookLedger) -> None:
        self._market = market
        self._books = books
        self._spot = market.kind == "spot"

    def klines(  # noqa: PLR0917 - the request's own parameters, in its order
        self,
        symbol: str,
        interval: str,
        start_ms: int | None,
        end_ms: int | None,
        limit: int,
        price: str = "last",
    ) -> list[list[Any]]:
        """GET klines, markPriceKlines (`price="mark"`), indexPriceKlines (`price="index"`)."""
        index = self._market.place(symbol)
        return kline_rows(
            self._market, index, interval, start_ms=start_ms, end_ms=end_ms, limit=limit, price=price
        )

    def trades(self, symbol: str, limit: int, from_id: int | None = None) -> list[dict[str, Any]]:
        """GET trades and historicalTrades."""
        return trade_rows(self._market, self._market.place(symbol), limit, from_id)

    def agg_trades(
        self, symbol: str, from_id: int | None, start_ms: int | None, end_ms: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """GET aggTrades; every aggregate holds one trade and has its id."""
        index = self._market.place(symbol)
        return agg_trade_rows(
            self._market, index, from_id=from_id, start_ms=start_ms, end_ms=end_ms, limit=limit
        )

    def depth(self, symbol: str, limit: int) -> dict[str, Any]:
        """GET depth; `lastUpdateId` belongs to the diff streams."""
        market = self._market
        index = market.place(symbol)
        market.activate([symbol])
        update_id, bids, asks = self._books.snapshot(index, limit)
        row: dict[str, Any] = {"lastUpdateId": update_id}
        if not self._spot:
            row["E"] = row["T"] = market.now_ns // _MS
        row["bids"] = [self._level(index, level) for level in bids]
        row["asks"] = [self._level(index, level) for level in asks]
        return row

    def ticker_24h(self, symbol: str) -> dict[str, Any]:
        """GET ticker/24hr."""
        market = self._market
        index = market.place(symbol)
        texts, day, last_id = market.texts[index], market.day(index), market.last_trade_id(index)
        change = day[CLOSE] - day[OPEN]
        row: dict[str, Any] = {
            "symbol": market.instruments[index].venue_symbol,
            "priceChange": texts.ticks(change),
            "priceChangePercent": f"{100 * change / day[OPEN]:.3f}",
            "weightedAvgPrice": texts.mean(day[TURNOVER] / 4 / max(1, day[VOLUME])),
        }
        if self._spot:
            row["prevClosePrice"] = texts.ticks(day[OPEN])
        row["lastPrice"] = texts.ticks(day[CLOSE])
        row["lastQty"] = texts.lots(market.last_lots(index))
        if self._spot:
            row.update(self._best(index))
        row |= {
            "openPrice": texts.ticks(day[OPEN]),
            "highPrice": texts.ticks(day[HIGH]),
            "lowPrice": texts.ticks(day[LOW]),
            "volume": texts.lots(day[VOLUME]),
            "quoteVolume": texts.turnover(day[TURNOVER]),
            "openTime": (market.now_ns - DAY_NS) // _MS,
            "closeTime": market.now_ns // _MS,
            "firstId": last_id - day[COUNT] + 1,
            "lastId": last_id,
            "count": day[COUNT],
        }
        return row

    def ticker_price(self, symbol: str) -> dict[str, Any]:
        """GET ticker/price."""
        index = self._market.place(symbol)
        price = self._market.texts[index].ticks(self._market.last_ticks(index))
        row: dict[str, Any] = {"symbol": self._market.instruments[index].venue_symbol, "price": price}
        if not self._spot:
            row["time"] = self._market.now_ns // _MS
        return row

    def book_ticker(self, symbol: str) -> dict[str, Any]:
        """GET ticker/bookTicker."""
        index = self._market.place(symbol)
        row = {"symbol": self._market.instruments[index].venue_symbol, **self._best(index)}
        if not self._spot:
            row["time"] = self._market.now_ns // _MS
            row["lastUpdateId"] = self._books.last_id(index)
        return row

    def average_price(self, symbol: str) -> dict[str, Any]:
        """GET avgPrice: five minutes, weighted by volume."""
        market = self._market
        index = market.place(symbol)
        minute = market.now_ns // MINUTE_NS
        total = market.candles.minutes(index, minute - 4, minute + 1).sum(axis=0).tolist()
        mean = total[TURNOVER] / 4 / total[VOLUME] if total[VOLUME] else float(market.last_ticks(index))
        return {"mins": 5, "price": market.texts[index].mean(mean), "closeTime": market.now_ns // _MS}

    def premium_index(self, symbol: str) -> dict[str, Any]:
        """GET premiumIndex."""
        market = self._market
        index = market.place(symbol)
        value = market.valuation(index)
        return {
            "symbol": market.instruments[index].venue_symbol,
            "markPrice": f"{value.mark:.8f}",
            "indexPrice": f"{value.index:.8f}",
            "estimatedSettlePrice": f"{value.index:.8f}",
            "lastFundingRate": f"{value.funding_rate:.8f}",
            "interestRate": _INTEREST,
            "nextFundingTime": value.next_funding_ns // _MS,
            "time": market.now_ns // _MS,
        }

    def funding_history(
        self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """GET fundingRate: the first `limit` from a start, else the last `limit`."""
        market = self._market
        index = market.place(symbol)
        period = INTERVAL_H * HOUR_NS
        last = min(market.now_ns, end_ms * _MS if end_ms is not None else market.now_ns) // period
        first = market.listings[index].first_minute // (60 * INTERVAL_H) + 1
        if start_ms is not None:
            first = max(first, -(-start_ms * _MS // period))
            last = min(last, first + limit - 1)
        else:
            first = max(first, last - limit + 1)
        if first > last:
            return []
        due_hours = np.arange(first, last + 1) * INTERVAL_H
        rates = market.funding_paid(index, due_hours).tolist()
        _, candles = market.candles.series(index, "8h", first * period, last * period)
        texts, name = market.texts[index], market.instruments[index].venue_symbol
        return [
            {
                "symbol": name,
                "fundingTime": hour * 3_600_000,
                "fundingRate": f"{rate:.8f}",
                "markPrice": texts.ticks(mark),
            }
            for hour, rate, mark in zip(due_hours.tolist(), rates, candles[:, OPEN].tolist(), strict=True)
        ]

    def open_interest(self, symbol: str) -> dict[str, Any]:
        """GET openInterest."""
        market = self._market
        index = market.place(symbol)
        lots = market.open_interest_lots(index, np.array([market.now_ns // MINUTE_NS]))
        return {
            "symbol": market.instruments[index].venue_symbol,
            "openInterest": market.texts[index].lots(int(lots[0])),
            "time": market.now_ns // _MS,
        }

    def open_interest_history(
        self, symbol: str, period: str, start_ms: int | None, end_ms: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """GET openInterestHist: the first `limit` from a start, else the last `limit`, oldest first."""
        market = self._market
        index = market.place(symbol)
        width = Timeframe(period).width_ns
        last = min(market.now_ns, end_ms * _MS if end_ms is not None else market.now_ns) // width
        first = max(market.listings[index].first_minute * MINUTE_NS, market.now_ns - _KEPT_NS) // width + 1
        if start_ms is not None:
            first = max(first, -(-start_ms * _MS // width))
            last = min(last, first + limit - 1)
        else:
            first = max(first, last - limit + 1)
        if first > last:
            return []
        at = np.arange(first, last + 1) * width
        lots = market.open_interest_lots(index, at // MINUTE_NS).tolist()
        _, candles = market.candles.series(index, period, int(at[0]), int(at[-1]))
        texts, name = market.texts[index], market.instruments[index].venue_symbol
        return [
            {
                "symbol": name,
                "sumOpenInterest": texts.lots(held),
                "sumOpenInterestValue": texts.turnover(4 * held * price),
                "CMCCirculatingSupply": "0.00000000",
                "timestamp": moment // _MS,
            }
            for held, price, moment in zip(lots, candles[:, OPEN].tolist(), at.tolist(), strict=True)
        ]

    def _best(self, index: int) -> dict[str, Any]:
        bid, ask = self._books.look(index)
        bid_price, bid_quantity = self._level(index, bid) if bid else ("0", "0")
        ask_price, ask_quantity = self._level(index, ask) if ask else ("0", "0")
        return {"bidPrice": bid_price, "bidQty": bid_quantity, "askPrice": ask_price, "askQty": ask_quantity}

    def _level(self, index: int, level: Level) -> list[str]:
        texts = self._market.texts[index]
        return [texts.price(level[0]), texts.quantity(level[1])]
