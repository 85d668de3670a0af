"""Public websocket streams: who listens to what, and frames built once for all of them.

The server makes one `StreamHub` a venue, one `StreamClient` a connection, and calls `publish` with the
updates of each step of the market (and with the trade that `own_trade` returns).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from adapters.sandbox.market import stream_names
from adapters.sandbox.market.candles import next_open, open_times
from adapters.sandbox.market.stream_frames import StreamFrames
from adapters.sandbox.market.stream_names import ALL, StreamName
from adapters.sandbox.market.updates import BookUpdate, CandleUpdate, MarkUpdate, TradePrint
from hedge_tui.domain.candle import MINUTE_NS, SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal

    from adapters.sandbox.market.book_ledger import BookLedger
    from adapters.sandbox.market.market import Market
    from adapters.sandbox.market.updates import MarketUpdate
    from hedge_tui.domain.order import Side

_MS = 1_000_000


class Channel:
    """One stream that somebody listens to, with the queues of those who do."""

    __slots__ = ("due_ns", "listeners", "name")

    def __init__(self, name: StreamName) -> None:
        self.name = name
        self.listeners: dict[StreamClient, None] = {}
        self.due_ns = 0

    def send(self, body: bytes) -> None:
        """Give a frame to all listeners, wrapped for those of combined streams."""
        wrapped: bytes | None = None
        for client in self.listeners:
            if client.combined:
                if wrapped is None:
                    wrapped = b'{"stream":"' + self.name.text.encode() + b'","data":' + body + b"}"
                client.send(wrapped)
            else:
                client.send(body)


class StreamClient:
    """One public websocket connection.

    Attributes:
        send: takes one text frame, at once and without waiting.
        combined: frames are wrapped with their stream's name.
    """

    def __init__(self, hub: StreamHub, send: Callable[[bytes], None], *, combined: bool) -> None:
        self.send = send
        self.combined = combined
        self.names: dict[str, None] = {}
        self._hub = hub

    def subscribe(self, names: Iterable[str]) -> None:
        """Listen to more streams; unknown names are kept and stay silent, as at the venue."""
        for name in names:
            self._hub.add(self, name)

    def unsubscribe(self, names: Iterable[str]) -> None:
        """Stop listening to some."""
        for name in names:
            self._hub.remove(self, name)

    def end(self) -> None:
        """The connection is gone."""
        self.unsubscribe(list(self.names))

    def receive(self, text: str) -> None:
        """Answer one JSON-RPC message of the client."""
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            self.send(b'{"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}}')
            return
        self.send(orjson.dumps(self._answer(message)))

    def _answer(self, message: Any) -> dict[str, Any]:
        method = message.get("method") if isinstance(message, dict) else None
        if not isinstance(message, dict) or not isinstance(method, str):
            return _refused(2, "Invalid request: missing field `method` at line 1 column 1", None)
        params, asked = message.get("params"), message.get("id")
        names = params if isinstance(params, list) and all(isinstance(one, str) for one in params) else None
        if method in ("SUBSCRIBE", "UNSUBSCRIBE"):
            if names is None:
                return _refused(2, "Invalid request: params must be an array of stream names", asked)
            (self.subscribe if method == "SUBSCRIBE" else self.unsubscribe)(names)
            return {"result": None, "id": asked}
        if method == "LIST_SUBSCRIPTIONS":
            return {"result": list(self.names), "id": asked}
        if method == "GET_PROPERTY" and params == ["combined"]:
            return {"result": self.combined, "id": asked}
        if method == "SET_PROPERTY" and isinstance(params, list) and params[:1] == ["combined"]:
            self.combined = params[-1] is True
            return {"result": None, "id": asked}
        if method in ("GET_PROPERTY", "SET_PROPERTY"):
            return _refused(0, "Unknown property", asked)
        return _refused(2, f"Invalid request: unknown variant {method}", asked)


def _refused(code: int, text: str, asked: Any) -> dict[str, Any]:
    return {"error": {"code": code, "msg": text}, "id": asked}


class StreamHub:
    """All public streams of one venue kind."""

    def __init__(self, market: Market, books: BookLedger) -> None:
        self._market = market
        self._books = books
        self._frames = StreamFrames(market, books)
        self._places = {one.venue_symbol.lower(): at for at, one in enumerate(market.instruments)}
        self._channels: dict[str, Channel] = {}
        self._by_topic: dict[tuple[str, int], list[Channel]] = {}
        self._moved: set[int] = set()
        self._ticked_ns = 0

    def connect(
        self, send: Callable[[bytes], None], names: Sequence[str] = (), *, combined: bool = False
    ) -> StreamClient:
        """A new connection: `/ws/NAME` and `/ws` are raw, `/stream?streams=A/B` is combined."""
        client = StreamClient(self, send, combined=combined)
        client.subscribe(names)
        return client

    def add(self, client: StreamClient, text: str) -> None:
        """Let a client listen to a stream."""
        client.names[text] = None
        channel = self._channels.get(text)
        if channel is None:
            name = stream_names.parse(text, self._market.kind, self._places)
            channel = self._channels[text] = Channel(name)
            self._by_topic.setdefault((name.what, name.index), []).append(channel)
            if name.what in ("depth", "partial"):
                self._market.activate([self._market.instruments[name.index].symbol])
            if name.what == "depth":
                self._books.open(name.index, text)
        channel.listeners[client] = None

    def remove(self, client: StreamClient, text: str) -> None:
        """Let a client listen to it no longer; a stream without listeners ends."""
        client.names.pop(text, None)
        channel = self._channels.get(text)
        if channel is None:
            return
        channel.listeners.pop(client, None)
        if not channel.listeners:
            del self._channels[text]
            name = channel.name
            self._by_topic[name.what, name.index].remove(channel)
            if name.what == "depth":
                self._books.close(name.index, text)

    def publish(self, updates: Iterable[MarketUpdate]) -> None:
        """Send the frames of a step, in the order of the updates, then what is due by the clock."""
        marks: list[MarkUpdate] = []
        for update in updates:
            if isinstance(update, BookUpdate):
                self._book(self._market.place(update.instrument))
            elif isinstance(update, TradePrint):
                self._trade(update)
            elif isinstance(update, CandleUpdate):
                self._candle(update)
            elif isinstance(update, MarkUpdate):
                marks.append(update)
        if marks:
            self._marks(marks)
        self._clock()

    def book_changed(self, symbol: str) -> None:
        """An account's order changed the merged book between steps."""
        self._book(self._market.place(symbol))

    def liquidated(  # noqa: PLR0917 - the frame's own fields, in its order
        self, symbol: str, side: Side, quantity: Decimal, price: Decimal, average: Decimal, at_ns: int
    ) -> None:
        """Tell of the liquidation of an account's position."""
        index = self._market.place(symbol)
        channels = [*self._of("forceOrder", index), *self._of("forceOrder", ALL)]
        if channels:
            body = orjson.dumps(
                self._frames.force_order(index, side, quantity, price=price, average=average, at_ns=at_ns)
            )
            for channel in channels:
                channel.send(body)

    def _of(self, what: str, index: int) -> list[Channel]:
        return self._by_topic.get((what, index), [])

    def _book(self, index: int) -> None:
        channels = [*self._of("bookTicker", index), *self._of("bookTicker", ALL)]
        if channels and (frame := self._frames.book_ticker(index)) is not None:
            body = orjson.dumps(frame)
            for channel in channels:
                channel.send(body)

    def _trade(self, update: TradePrint) -> None:
        index = self._market.place(update.instrument)
        self._moved.add(index)
        for what, build in (("trade", self._frames.trade), ("aggTrade", self._frames.agg_trade)):
            if channels := self._of(what, index):
                body = orjson.dumps(build(index, update))
                for channel in channels:
                    channel.send(body)

    def _candle(self, update: CandleUpdate) -> None:
        index = self._market.place(update.instrument)
        for channel in self._of("kline", index):
            name = channel.name
            open_ns, row, closed = update.open_ns, update.row, update.closed
            if name.timeframe != "1m":
                open_ns = open_times(name.timeframe, update.open_ns, update.open_ns)[0]
                closed = closed and next_open(name.timeframe, open_ns) == update.open_ns + MINUTE_NS
                row = tuple(
                    self._market.candles.series(index, name.timeframe, open_ns, open_ns)[1][0].tolist()
                )
            frame = self._frames.kline(index, name.timeframe, open_ns, row, closed, pair=name.pair)
            channel.send(orjson.dumps(frame))

    def _marks(self, marks: Sequence[MarkUpdate]) -> None:
        second = self._market.now_ns // SECOND_NS
        everyone = [
            channel for channel in self._of("markPrice", ALL) if second * 1000 % channel.name.every_ms == 0
        ]
        bodies = []
        for update in marks:
            index = self._market.place(update.instrument)
            channels = [one for one in self._of("markPrice", index) if second * 1000 % one.name.every_ms == 0]
            if not everyone and not channels:
                continue
            body = orjson.dumps(self._frames.mark(index, update))
            bodies.append(body)
            for channel in channels:
                channel.send(body)
        if everyone and bodies:
            whole = b"[" + b",".join(bodies) + b"]"
            for channel in everyone:
                channel.send(whole)

    def _clock(self) -> None:
        now_ns = self._market.now_ns
        for (what, index), channels in list(self._by_topic.items()):
            if what not in ("depth", "partial"):
                continue
            for channel in channels:
                if now_ns >= channel.due_ns:
                    channel.due_ns = now_ns + channel.name.every_ms * _MS
                    self._send_depth(what, index, channel)
        if now_ns // SECOND_NS != self._ticked_ns // SECOND_NS:
            self._ticked_ns = now_ns
            self._tickers("ticker", self._frames.ticker)
            self._tickers("miniTicker", self._frames.mini_ticker)
            self._moved.clear()

    def _send_depth(self, what: str, index: int, channel: Channel) -> None:
        if what == "partial":
            channel.send(orjson.dumps(self._frames.partial(index, channel.name.depth)))
        elif (diff := self._books.diff(index, channel.name.text)) is not None:
            channel.send(orjson.dumps(self._frames.depth(index, diff)))

    def _tickers(self, what: str, build: Callable[[int], dict[str, Any]]) -> None:
        everyone = self._of(what, ALL)
        bodies = []
        for index in sorted(self._moved):
            channels = self._of(what, index)
            if not channels and not everyone:
                continue
            body = orjson.dumps(build(index))
            bodies.append(body)
            for channel in channels:
                channel.send(body)
        if everyone and bodies:
            whole = b"[" + b",".join(bodies) + b"]"
            for channel in everyone:
                channel.send(whole)
