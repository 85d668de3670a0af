"""Fields of rows and frames against the venue's documented and recorded ones, which nobody here wrote."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from adapters.sandbox.market.listing import list_instruments
from tests.unit.sandbox_market.market_desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata


def documented(realdata: Path, name: str) -> Any:
    found = json.loads((realdata / "venue_payloads" / "binance" / name).read_text())
    return found[0] if isinstance(found, list) else found


def frames(desk: Desk, *names: str, steps: int = 700) -> dict[str, Any]:
    found: dict[str, Any] = {}
    desk.hub.connect(
        lambda frame: found.update({orjson.loads(frame)["stream"]: orjson.loads(frame)["data"]}),
        names,
        combined=True,
    )
    desk.run(steps)
    return found


def kinds(body: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in body.items()}


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("depth_response.json", lambda rows: rows.depth("BTCUSDT", 5)),
        ("trades_response.json", lambda rows: rows.trades("BTCUSDT", 1)[0]),
        ("ticker_24hr_response.json", lambda rows: rows.ticker_24h("BTCUSDT")),
        ("ticker_price_response.json", lambda rows: rows.ticker_price("BTCUSDT")),
        ("book_ticker_response.json", lambda rows: rows.book_ticker("BTCUSDT")),
        ("avg_price_response.json", lambda rows: rows.average_price("BTCUSDT")),
    ],
)
def test_rest_rows_have_the_documented_fields(realdata: Path, name: str, row: Any) -> None:
    assert kinds(row(Desk("spot").rows)) == kinds(documented(realdata, f"spot/http_json/{name}"))


def test_candle_rows_have_the_documented_cells(realdata: Path) -> None:
    row = Desk("spot").rows.klines("BTCUSDT", "1m", None, None, 1)[0]
    assert [type(cell) for cell in row] == [
        type(cell) for cell in documented(realdata, "spot/http_json/klines_response.json")
    ]


@pytest.mark.parametrize(
    ("name", "stream"),
    [
        ("agg_trade_stream.json", "btcusdt@aggTrade"),
        ("book_ticker_stream.json", "btcusdt@bookTicker"),
        ("depth_update_stream.json", "btcusdt@depth@100ms"),
        ("mark_price_stream.json", "btcusdt@markPrice@1s"),
        ("ticker_stream.json", "btcusdt@ticker"),
        ("kline_stream_open.json", "btcusdt@kline_1m"),
    ],
)
def test_frames_have_the_documented_fields(realdata: Path, name: str, stream: str) -> None:
    body = frames(Desk("usdm"), stream, steps=30)[stream]
    expected = documented(realdata, f"futures/market_data_json/{name}")
    assert kinds(body) == kinds(expected)
    if "k" in expected:
        assert kinds(body["k"]) == kinds(expected["k"])


def test_frames_have_the_recorded_fields(realdata: Path) -> None:
    for kind, folder_name in (("spot", "spot_btcusdt_20240808"), ("usdm", "usdm_btcusdt_20240808")):
        recorded: dict[str, Any] = {}
        with gzip.open(realdata / "binance_raw_ws" / f"{folder_name}.jsonl.gz", "rt") as lines:
            for line, _ in zip(lines, range(400), strict=False):
                body = json.loads(line.partition(" ")[2])
                if "stream" in body:
                    recorded[body["stream"]] = body["data"]
                else:
                    recorded["snapshot"] = body
        desk = Desk(kind)
        ours = frames(desk, *(name for name in recorded if name != "snapshot"), steps=30)
        ours["snapshot"] = desk.rows.depth("BTCUSDT", 100)
        # The venue has added these fields since the recording; see its documented payloads.
        newer = {"st", "ps"}
        for name, expected in recorded.items():
            assert kinds({key: value for key, value in ours[name].items() if key not in newer}) == kinds(
                expected
            ), name


def test_grids_are_like_the_venues(realdata: Path) -> None:
    with gzip.open(realdata / "binance_exchangeinfo" / "fapi_exchangeInfo_20210722.json.gz") as file:
        recorded = {one["symbol"]: one for one in json.load(file)["symbols"]}
    shared = 0
    for listing in list_instruments("usdm", 150):
        one = recorded.get(listing.instrument.venue_symbol)
        if one is None:
            continue
        shared += 1
        tick = float(one["filters"][0]["tickSize"])
        assert listing.tick / 100 <= tick <= listing.tick * 100
    assert shared > 50
