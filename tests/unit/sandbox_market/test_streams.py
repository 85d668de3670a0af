"""Public streams: who gets what, in which form, and books that can be rebuilt from diffs."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import orjson
import pytest

from adapters.sandbox.market.stream_names import ALL, parse
from hedge_tui.domain.order import Side
from tests.unit.sandbox_market.market_desk import TICK_NS, Desk


class Ear:
    """A client that keeps what it is sent."""

    def __init__(self, desk: Desk, *names: str, combined: bool = False) -> None:
        self.frames: list[Any] = []
        self.client = desk.hub.connect(
            lambda frame: self.frames.append(orjson.loads(frame)), names, combined=combined
        )

    def answers(self, message: Any) -> Any:
        self.client.receive(message if isinstance(message, str) else orjson.dumps(message).decode())
        return self.frames.pop()


def rebuilt(
    snapshot: dict[str, Any], diffs: list[dict[str, Any]], *, spot: bool
) -> dict[str, dict[Decimal, Decimal]]:
    """The book by the venue's own instructions; asserts that no diff is missing."""
    last = snapshot["lastUpdateId"]
    book = {
        side: {Decimal(price): Decimal(size) for price, size in snapshot[name]}
        for side, name in (("b", "bids"), ("a", "asks"))
    }
    previous = None
    for diff in diffs:
        if diff["u"] < last or (spot and diff["u"] == last):
            continue
        if previous is None:
            assert diff["U"] <= last + 1
            assert diff["u"] >= last
        elif spot:
            assert diff["U"] == previous + 1
        else:
            assert diff["pu"] == previous
        previous = diff["u"]
        for side in ("b", "a"):
            for price, size in diff[side]:
                book[side].pop(Decimal(price), None)
                if Decimal(size):
                    book[side][Decimal(price)] = Decimal(size)
    return book


@pytest.mark.parametrize("kind", ["spot", "usdm"])
@pytest.mark.parametrize("speed", ["@100ms", ""])
def test_a_snapshot_and_diffs_give_the_book(kind: Any, speed: str) -> None:
    desk = Desk(kind)
    ear = Ear(desk, f"btcusdt@depth{speed}")
    desk.run(37)
    snapshot = desk.rows.depth("BTCUSDT", 1000)
    desk.run(203)
    desk.run(1, 10 * TICK_NS)
    book = rebuilt(snapshot, ear.frames, spot=kind == "spot")
    now = desk.market.book("BTC/USDT" if kind == "spot" else "BTC/USDT:USDT")
    assert book["b"] == dict(now.bids)
    assert book["a"] == dict(now.asks)
    assert len(ear.frames) > 20


def test_resting_orders_of_accounts_are_in_diffs_and_snapshot() -> None:
    desk = Desk("spot")
    ear = Ear(desk, "btcusdt@depth@100ms")
    desk.run(3)
    before = desk.rows.depth("BTCUSDT", 1000)
    own = (Decimal("1000.00"), Decimal("0.12345"))
    desk.resting[0] = ([own], [])
    desk.hub.book_changed("BTC/USDT")
    desk.run(2)
    assert ["1000.00000000", "0.12345000"] in [level for frame in ear.frames for level in frame["b"]]
    assert desk.rows.depth("BTCUSDT", 1000)["bids"][-1] == ["1000.00000000", "0.12345000"]
    desk.resting.clear()
    desk.run(2)
    assert ["1000.00000000", "0.00000000"] in [level for frame in ear.frames[-2:] for level in frame["b"]]
    book = rebuilt(before, ear.frames, spot=True)
    assert own[0] not in book["b"]


def test_an_own_best_quote_is_told_between_steps() -> None:
    desk = Desk("usdm")
    ear = Ear(desk, "btcusdt@bookTicker")
    desk.run(1)
    ear.frames.clear()
    quote = desk.market.quote(0)
    better = quote.bids[0][0] + Decimal("0.1")
    desk.resting[0] = ([(better, Decimal("0.001"))], [])
    desk.hub.book_changed("BTC/USDT:USDT")
    assert len(ear.frames) == 1
    assert Decimal(ear.frames[0]["b"]) == better
    desk.hub.book_changed("BTC/USDT:USDT")
    assert len(ear.frames) == 1


def test_update_ids_of_quotes_rise() -> None:
    desk = Desk("spot")
    ear = Ear(desk, "!bookTicker")
    desk.run(100)
    ids = defaultdict(list)
    for frame in ear.frames:
        ids[frame["s"]].append(frame["u"])
    assert len(ids) == 12
    assert all(seen == sorted(set(seen)) for seen in ids.values())
    assert len(ids["BTCUSDT"]) > 60


def test_frames_are_wrapped_for_combined_clients_only() -> None:
    desk = Desk("spot")
    raw, combined = Ear(desk, "btcusdt@trade"), Ear(desk, "btcusdt@trade", combined=True)
    desk.run(20)
    assert raw.frames
    assert [frame["data"] for frame in combined.frames] == raw.frames
    assert {frame["stream"] for frame in combined.frames} == {"btcusdt@trade"}


def test_trades_are_told_in_order_with_the_fields_of_the_update() -> None:
    desk = Desk("usdm")
    ear = Ear(desk, "btcusdt@trade")
    desk.run(50)
    ids = [frame["t"] for frame in ear.frames]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert all(frame["T"] <= frame["E"] for frame in ear.frames)
    told = desk.market.own_trade(
        "BTC/USDT:USDT", Decimal("60000.1"), Decimal("0.5"), Side.SELL, desk.market.now_ns
    )
    desk.hub.publish([told])
    assert (ear.frames[-1]["t"], ear.frames[-1]["p"], ear.frames[-1]["q"], ear.frames[-1]["m"]) == (
        told.trade_id,
        "60000.10",
        "0.500",
        True,
    )


@pytest.mark.parametrize("timeframe", ["1m", "5m", "1h"])
def test_candle_frames_equal_the_rest_candles(timeframe: str) -> None:
    desk = Desk("spot")
    ear = Ear(desk, f"ethusdt@kline_{timeframe}")
    desk.run(440)
    desk.run(1, 3 * TICK_NS)
    closed = [frame["k"] for frame in ear.frames if frame["k"]["x"]]
    assert len(closed) == (1 if timeframe == "1m" else 0)
    last = ear.frames[-1]["k"]
    row = desk.rows.klines("ETHUSDT", timeframe, None, None, 1)[0]
    assert [last[name] for name in ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q")] == row[:11]
    assert last["L"] - last["f"] + 1 == last["n"]
    for one in closed:
        row = desk.rows.klines("ETHUSDT", timeframe, one["t"], None, 1)[0]
        assert [one[name] for name in ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q")] == row[:11]


def test_an_hour_closes_once_and_says_so() -> None:
    hour_ns = 1_795_168_800_000_000_000
    desk = Desk("usdm", start_ns=hour_ns - 2_000_000_000)
    ear = Ear(desk, "btcusdt@kline_1h", "btcusdt@kline_5m", "btcusdt@kline_4h")
    desk.run(40)
    closed = [(frame["k"]["i"], frame["k"]["t"]) for frame in ear.frames if frame["k"]["x"]]
    assert closed == [("1h", hour_ns // 1_000_000 - 3_600_000), ("5m", hour_ns // 1_000_000 - 300_000)]
    row = desk.rows.klines("BTCUSDT", "1h", closed[0][1], None, 1)[0]
    body = next(frame["k"] for frame in ear.frames if frame["k"]["x"])
    assert [body["o"], body["h"], body["l"], body["c"], body["v"]] == row[1:6]


def test_tickers_come_each_second_for_what_traded() -> None:
    desk = Desk("usdm")
    ear = Ear(desk, "!ticker@arr", "!miniTicker@arr", "btcusdt@ticker", "btcusdt@miniTicker", combined=True)
    desk.run(31)
    by_name = defaultdict(list)
    for frame in ear.frames:
        by_name[frame["stream"]].append(frame["data"])
    assert 3 <= len(by_name["!ticker@arr"]) <= 4
    assert len(by_name["btcusdt@ticker"]) == len(by_name["!ticker@arr"])
    newest, mini = by_name["btcusdt@ticker"][-1], by_name["btcusdt@miniTicker"][-1]
    assert newest in by_name["!ticker@arr"][-1]
    assert {name: newest[name] for name in "cohlvq"} == {name: mini[name] for name in "cohlvq"}


def test_marks_come_each_second_or_every_three() -> None:
    desk = Desk("usdm")
    ear = Ear(desk, "btcusdt@markPrice", "btcusdt@markPrice@1s", "!markPrice@arr@1s", combined=True)
    desk.run(95)
    by_name = defaultdict(list)
    for frame in ear.frames:
        by_name[frame["stream"]].append(frame["data"])
    # The first step also tells the marks of the start, within the same or the second before.
    assert 9 <= len(by_name["btcusdt@markPrice@1s"]) <= 11
    assert 3 <= len(by_name["btcusdt@markPrice"]) <= 4
    assert len(by_name["!markPrice@arr@1s"][-1]) == 12
    assert all(one["E"] // 1000 % 3 == 0 for one in by_name["btcusdt@markPrice"])


def test_partial_books_are_whole() -> None:
    desk = Desk("spot")
    ear = Ear(desk, "btcusdt@depth5@100ms", "btcusdt@depth20")
    desk.run(30)
    depths = [len(frame["bids"]) for frame in ear.frames]
    assert depths.count(5) == 30
    assert depths.count(20) == 3
    now = desk.rows.depth("BTCUSDT", 5)
    assert next(frame for frame in reversed(ear.frames) if len(frame["bids"]) == 5)["bids"] == now["bids"]


def test_a_liquidation_is_told_to_both_streams() -> None:
    desk = Desk("usdm")
    ear = Ear(desk, "btcusdt@forceOrder", "!forceOrder@arr")
    desk.hub.liquidated(
        "BTC/USDT:USDT",
        Side.SELL,
        Decimal("0.014"),
        Decimal("59910.0"),
        Decimal("59905.5"),
        desk.market.now_ns,
    )
    assert len(ear.frames) == 2
    assert ear.frames[0]["o"] | {"T": 0} == {
        "s": "BTCUSDT",
        "S": "SELL",
        "o": "LIMIT",
        "f": "IOC",
        "q": "0.014",
        "p": "59910.00",
        "ap": "59905.50",
        "X": "FILLED",
        "l": "0.014",
        "z": "0.014",
        "T": 0,
    }


def test_the_protocol_of_subscriptions() -> None:
    desk = Desk("spot")
    ear = Ear(desk)
    assert ear.answers({"method": "SUBSCRIBE", "params": ["btcusdt@trade", "nosuch@trade"], "id": 1}) == {
        "result": None,
        "id": 1,
    }
    assert ear.answers({"method": "LIST_SUBSCRIPTIONS", "id": 2})["result"] == [
        "btcusdt@trade",
        "nosuch@trade",
    ]
    desk.run(5)
    assert ear.frames
    assert all("stream" not in frame for frame in ear.frames)
    assert ear.answers({"method": "SET_PROPERTY", "params": ["combined", True], "id": 3}) == {
        "result": None,
        "id": 3,
    }
    assert ear.answers({"method": "GET_PROPERTY", "params": ["combined"], "id": 4}) == {
        "result": True,
        "id": 4,
    }
    assert ear.answers({"method": "UNSUBSCRIBE", "params": ["btcusdt@trade"], "id": 5}) == {
        "result": None,
        "id": 5,
    }
    ear.frames.clear()
    desk.run(5)
    assert ear.frames == []


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{nonsense", 3),
        ("[]", 2),
        ({"id": 1}, 2),
        ({"method": "DANCE", "id": 1}, 2),
        ({"method": "SUBSCRIBE", "id": 1}, 2),
        ({"method": "SUBSCRIBE", "params": "btcusdt@trade", "id": 1}, 2),
        ({"method": "GET_PROPERTY", "params": ["nosuch"], "id": 1}, 0),
    ],
)
def test_bad_messages_are_refused_and_the_client_goes_on(message: Any, code: int) -> None:
    desk = Desk("spot")
    ear = Ear(desk)
    assert ear.answers(message)["error"]["code"] == code
    assert ear.answers({"method": "LIST_SUBSCRIPTIONS", "id": 9}) == {"result": [], "id": 9}


def test_a_client_that_ends_is_forgotten() -> None:
    desk = Desk("usdm")
    stays, goes = Ear(desk, "btcusdt@depth@100ms"), Ear(desk, "btcusdt@depth@100ms", "ethusdt@depth")
    goes.client.end()
    desk.run(5)
    assert stays.frames
    assert goes.frames == []
    stays.client.end()
    assert desk.run(3)


@pytest.mark.parametrize(
    ("text", "what", "index"),
    [
        ("btcusdt@depth", "depth", 0),
        ("btcusdt@depth@0ms", "depth", 0),
        ("btcusdt@depth20@500ms", "partial", 0),
        ("ethusdt@kline_1w", "kline", 1),
        ("btcusdt_perpetual@continuousKline_1m", "kline", 0),
        ("!markPrice@arr", "markPrice", ALL),
        ("!bookTicker", "bookTicker", ALL),
        ("btcusdt@kline_7m", "", ALL),
        ("btcusdt@depth7", "", ALL),
        ("btcusdt@depth@333ms", "", ALL),
        ("btcusdt", "", ALL),
        ("@", "", ALL),
        ("nosuch@trade", "", ALL),
    ],
)
def test_names_of_streams(text: str, what: str, index: int) -> None:
    found = parse(text, "usdm", {"btcusdt": 0, "ethusdt": 1})
    assert (found.what, found.index) == (what, index)


def test_spot_has_no_marks() -> None:
    assert parse("btcusdt@markPrice", "spot", {"btcusdt": 0}).what == ""
    assert parse("btcusdt@depth@500ms", "spot", {"btcusdt": 0}).what == ""
