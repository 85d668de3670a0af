"""exchangeInfo against the documents that the venue really sent in 2021: same fields, same filter forms."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from adapters.sandbox.limits import SPOT_LIMITS, USDM_LIMITS
from adapters.sandbox.market.listing import list_instruments
from adapters.sandbox.spot import exchange_info as spot
from adapters.sandbox.usdm import exchange_info as usdm

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.realdata

SINCE_DROPPED = {"PERCENT_PRICE", "MIN_NOTIONAL"}
"""Spot filters of 2021 that PERCENT_PRICE_BY_SIDE and NOTIONAL have replaced."""


def recorded(realdata: Path, name: str) -> dict[str, Any]:
    with gzip.open(realdata / "binance_exchangeinfo" / name) as file:
        document: dict[str, Any] = json.load(file)
    return document


def ours(kind: str) -> dict[str, Any]:
    instruments = [item.instrument for item in list_instruments(kind, 40)]  # type: ignore[arg-type]
    if kind == "spot":
        return spot.exchange_info(instruments, SPOT_LIMITS, 1)
    return usdm.exchange_info(instruments, USDM_LIMITS, 1)


def filters(row: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["filterType"]: one for one in row["filters"]}


@pytest.mark.parametrize(
    ("kind", "name", "dropped"),
    [
        ("spot", "spot_exchangeInfo_20211011.json.gz", SINCE_DROPPED),
        ("usdm", "fapi_exchangeInfo_20210722.json.gz", set()),
    ],
)
def test_every_recorded_field_is_there(realdata: Path, kind: str, name: str, dropped: set[str]):
    theirs, mine = recorded(realdata, name), ours(kind)
    assert set(theirs) <= set(mine)
    known = next(row for row in theirs["symbols"] if row["symbol"] == "BTCUSDT")
    for row in mine["symbols"]:
        assert set(known) <= set(row)
        assert {field: type(row[field]) for field in known} == {field: type(known[field]) for field in known}
        form = {kind_: set(one) for kind_, one in filters(known).items() if kind_ not in dropped}
        assert {kind_: set(filters(row)[kind_]) for kind_ in form} == form
        for kind_ in form:
            for field, value in filters(known)[kind_].items():
                assert isinstance(filters(row)[kind_][field], type(value)), (kind_, field)


@pytest.mark.parametrize("kind", ["spot", "usdm"])
def test_grids_are_sane(kind: str):
    for row in ours(kind)["symbols"]:
        by_type = filters(row)
        price, lot = by_type["PRICE_FILTER"], by_type["LOT_SIZE"]
        assert 0 < Decimal(price["tickSize"]) <= Decimal(price["minPrice"]) < Decimal(price["maxPrice"])
        assert 0 < Decimal(lot["stepSize"]) <= Decimal(lot["minQty"]) < Decimal(lot["maxQty"])


def test_the_rate_limits_of_futures_are_those_recorded(realdata: Path):
    theirs = recorded(realdata, "fapi_exchangeInfo_20210722.json.gz")["rateLimits"]

    def order(row: dict[str, Any]) -> tuple[str, int]:
        return (row["rateLimitType"], row["limit"])

    assert sorted(ours("usdm")["rateLimits"], key=order) == sorted(theirs, key=order)
