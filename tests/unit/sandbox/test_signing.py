import hashlib
import hmac

import pytest

from adapters.sandbox.accounts import sandbox_account
from adapters.sandbox.refusal import VenueRefusal
from adapters.sandbox.signing import Keyring, check_signature, check_time, signed_text, sorted_text

ACCOUNT = sandbox_account("alice")
NOW = 1_795_000_000_000


def sign(text: str) -> str:
    return hmac.new(ACCOUNT.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def code_of(error: pytest.ExceptionInfo[VenueRefusal]) -> int:
    return error.value.code


def test_the_signature_is_over_query_and_body_as_they_came():
    query, body = "symbol=BTCUSDT&side=BUY", "quantity=1&timestamp=5"
    text, signature = signed_text(query, body + "&signature=" + sign(query + body))
    assert text == query + body
    check_signature(ACCOUNT, text, signature)


def test_a_signature_in_front_is_cut_out_too():
    text, signature = signed_text("signature=abc&symbol=BTCUSDT", "")
    assert (text, signature) == ("symbol=BTCUSDT", "abc")


def test_one_changed_character_is_refused():
    with pytest.raises(VenueRefusal) as error:
        check_signature(ACCOUNT, "quantity=2", sign("quantity=1"))
    assert code_of(error) == -1022


def test_a_missing_signature_is_a_missing_parameter():
    with pytest.raises(VenueRefusal) as error:
        check_signature(ACCOUNT, "quantity=2", None)
    assert code_of(error) == -1102


def test_web_socket_parameters_are_signed_in_alphabetical_order():
    assert sorted_text({"b": "2", "signature": "x", "a": "1"}) == "a=1&b=2"


@pytest.mark.parametrize(
    ("sent", "window", "code"),
    [
        (NOW - 5_000, None, None),
        (NOW - 5_001, None, -1021),
        (NOW + 999, None, None),
        (NOW + 1_000, None, -1021),
        (NOW - 30_000, "30000", None),
        (NOW, "60001", -1131),
        (NOW, "ten", -1100),
    ],
)
def test_timestamp_and_window(sent: int, window: str | None, code: int | None):
    params = {"timestamp": str(sent)} | ({"recvWindow": window} if window else {})
    if code is None:
        check_time(params, NOW)
        return
    with pytest.raises(VenueRefusal) as error:
        check_time(params, NOW)
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("key", "permission", "code"),
    [
        (None, "read", -2014),
        ("short", "read", -2014),
        ("0" * 64, "read", -2015),
        (ACCOUNT.key, "withdraw", -2015),
    ],
)
def test_keys_that_are_not_let_in(key: str | None, permission: str, code: int):
    with pytest.raises(VenueRefusal) as error:
        Keyring([ACCOUNT]).owner(key, permission)
    assert (code_of(error), error.value.status) == (code, 401)


def test_a_known_key_is_let_in_and_named():
    keyring = Keyring([ACCOUNT])
    assert keyring.owner(ACCOUNT.key, "futures") is ACCOUNT
    assert (keyring.name_of(ACCOUNT.key), keyring.name_of("?")) == ("alice", "")


def test_a_key_that_is_bound_to_addresses_is_let_in_from_them_alone() -> None:
    keyring = Keyring([ACCOUNT])
    keyring.restrict(ACCOUNT.name, frozenset({"203.0.113.7"}))
    assert keyring.owner(ACCOUNT.key, "read", "203.0.113.7").ip_restricted
    with pytest.raises(VenueRefusal):
        keyring.owner(ACCOUNT.key, "read", "127.0.0.1")
    keyring.restrict(ACCOUNT.name, None)
    assert keyring.owner(ACCOUNT.key, "read", "127.0.0.1") is ACCOUNT
