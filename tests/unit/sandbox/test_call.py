from decimal import Decimal

import pytest

from adapters.sandbox.call import Call, parse_pairs
from adapters.sandbox.digits import decimals_of, fixed, plain
from adapters.sandbox.refusal import VenueRefusal


def call(**params: str) -> Call:
    return Call("POST", "/x", params, 0)


def test_pairs_are_decoded_and_raw_json_survives():
    assert parse_pairs('batchOrders=[{"a":"b=c"}]&timestamp=5&x=%5B1%5D') == {
        "batchOrders": '[{"a":"b=c"}]',
        "timestamp": "5",
        "x": "[1]",
    }


@pytest.mark.parametrize("text", ["-1", "1e5", "NaN", "1,5", "0x1"])
def test_decimals_are_plain_and_unsigned(text: str):
    with pytest.raises(VenueRefusal) as error:
        call(price=text).decimal("price")
    assert error.value.code == -1100


def test_a_decimal_keeps_its_digits():
    assert str(call(price="64000.10").decimal("price")) == "64000.10"
    assert call().decimal("price") is None


def test_a_missing_parameter_is_named():
    with pytest.raises(VenueRefusal, match="'symbol'"):
        call(symbol="").text("symbol")


def test_limit_is_bounded():
    assert [call(limit=text).limit(500, 1000) for text in ("", "5", "5000")] == [500, 5, 1000]


@pytest.mark.parametrize(
    ("value", "text"), [("1E+2", "100"), ("0.100", "0.1"), ("-0.0", "0"), ("12", "12"), ("0E-8", "0")]
)
def test_plain_numbers(value: str, text: str):
    assert plain(Decimal(value)) == text


def test_fixed_numbers():
    assert fixed(Decimal("1.5")) == "1.50000000"
    assert fixed(Decimal("64000.123"), 2) == "64000.12"
    assert decimals_of(Decimal("0.010")) == 2
