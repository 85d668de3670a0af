"""Instruments, quotes, stats, topics and numbers."""

from __future__ import annotations

import json
from decimal import Decimal

import msgspec
import pytest

from adapters.via_ccxt.binance_quotes import BinanceQuotes
from adapters.via_ccxt.instruments import instruments_of
from adapters.via_ccxt.numbers import decimal_of, digits, float_of, ns_of_ms, positive
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.speech import Speech
from adapters.via_ccxt.topics import Topic, parse_topic
from hedge_tui.domain.candle import Timeframe
from hedge_tui.domain.instrument import InstrumentId, InstrumentKind
from hedge_tui.domain.order import (
    ClientOrderId,
)

OURS = ClientOrderId("0123456789abcdef" * 2)
NOW = 1_700_000_000_000_000_000
BTC = InstrumentId("binanceusdm:BTC/USDT:USDT")


def speech(venue: str = "binanceusdm") -> Speech:
    symbols = (
        {"BTCUSDT": "BTC/USDT", "ETHBTC": "ETH/BTC"}
        if venue == "binance"
        else {"BTCUSDT": "BTC/USDT:USDT", "BNBUSDT": "BNB/USDT:USDT"}
    )
    return Speech("desk-1", quirks_of(venue), lambda: NOW, symbols)


def test_instruments_by_every_precision_mode():
    market = {
        "symbol": "A/B",
        "id": "AB",
        "type": "spot",
        "base": "A",
        "quote": "B",
        "active": True,
        "precision": {"price": "2", "amount": "3"},
        "limits": {"cost": {"min": "5"}},
        "maker": "0.0001",
    }
    (places,) = instruments_of("x", [market, {"type": "option"}, {}, None, {"type": "spot"}], 2)
    assert (places.grid.tick, places.grid.lot, places.grid.min_notional) == (
        Decimal("0.01"),
        Decimal("0.001"),
        Decimal(5),
    )
    (ticks,) = instruments_of("x", [market | {"precision": {"price": "1e-8", "amount": "10"}}], 4)
    assert (digits(ticks.grid.tick), ticks.grid.lot) == ("0.00000001", Decimal(10))
    assert ticks.maker_fee == Decimal("0.0001")
    swap = market | {"type": "swap", "settle": "B", "contractSize": "100", "inverse": True, "symbol": "A/B:B"}
    (inverse,) = instruments_of("x", [swap], 4)
    assert (inverse.kind, inverse.contract_size, inverse.inverse) == (
        InstrumentKind.PERPETUAL,
        Decimal(100),
        True,
    )


def test_quotes_keep_the_venues_digits_and_only_the_newest():
    fast = BinanceQuotes("binanceusdm", {"BTCUSDT": "BTC/USDT:USDT"}, lambda: NOW)
    frame = '{"e":"bookTicker","u":1,"s":"%s","b":"%s","B":"1","a":"0","A":"0","T":9,"E":9}'
    assert fast.raw("", frame % ("BTCUSDT", "60000.10"))
    assert fast.raw("", frame % ("BTCUSDT", "60000.20"))
    assert fast.raw("", frame % ("NOTOURS", "1"))
    assert not fast.raw("", '{"e":"kline"}')
    assert not fast.raw("", b"bytes")
    (quote,) = fast.take()
    assert (quote.bid_text, quote.bid, quote.ask_text) == ("60000.20", 60000.2, "")
    assert quote.ask != quote.ask
    assert quote.venue_ns == 9_000_000
    assert fast.take() == []
    for bad in ('{"e":"bookTicker","s":7}', '{"u":', '{"e":"24hrTicker"}'):
        with pytest.raises(msgspec.DecodeError):
            fast.raw("", bad)


def test_stats_gather_what_different_streams_say():
    fast = BinanceQuotes("binanceusdm", {"BTCUSDT": "BTC/USDT:USDT"}, lambda: NOW)
    fast.raw("", '{"e":"24hrTicker","s":"BTCUSDT","P":"-2.5","c":"7","h":"8","l":"6","q":"900"}')
    fast.raw("", '[{"e":"markPriceUpdate","s":"BTCUSDT","p":"7.1","i":"7.2","r":"0.0001","T":4}]')
    (stats,) = fast.take()
    assert (stats.last, stats.change_24h, stats.low_24h, stats.volume_24h) == (7.0, -0.025, 6.0, 900.0)
    assert (stats.mark, stats.index, stats.funding_rate, stats.next_funding_ns) == (
        7.1,
        7.2,
        0.0001,
        4_000_000,
    )


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["usdm_btcusdt_20240808", "spot_btcusdt_20240808"])
def test_recorded_frames_go_the_fast_path(realdata, name):
    import gzip

    fast = BinanceQuotes("binance", {"BTCUSDT": "BTC/USDT"}, lambda: NOW)
    taken = 0
    with gzip.open(realdata / "binance_raw_ws" / f"{name}.jsonl.gz", "rt") as lines:
        for line, _ in zip(lines, range(20_000), strict=False):
            body = line.split(" ", 1)[1]
            data = json.loads(body).get("data", json.loads(body))
            if data.get("e") == "bookTicker" or ("e" not in data and "b" in data and "u" in data):
                assert fast.raw("", json.dumps(data, separators=(",", ":")))
                taken += 1
    (quote,) = fast.take()
    assert taken > 100
    assert quote.bid < quote.ask


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("quotes", Topic("quotes")),
        ("book:BTC/USDT:USDT", Topic("book", "BTC/USDT:USDT")),
        ("candles:BTC/USDT:USDT:1h", Topic("candles", "BTC/USDT:USDT", Timeframe.H1)),
        ("candles:BTC/USDT:1h", Topic("candles", "BTC/USDT", Timeframe.H1)),
    ],
)
def test_topics(text, topic):
    assert parse_topic(text) == topic
    assert str(topic) == text


@pytest.mark.parametrize("value", [None, "", "x", True, "nan", "inf", [], {}, object()])
def test_rubbish_is_no_number(value):
    assert decimal_of(value) is None
    assert positive(value) is None
    assert value is True or float_of(value) != float_of(value) or value == "inf"
    assert value is True or ns_of_ms(value) == 0
