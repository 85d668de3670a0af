"""Other venues' ways to say yes, no and don't know, judged from complete answers."""

from __future__ import annotations

import json

import pytest

from adapters.via_ccxt.attempt import Attempt, Stage
from adapters.via_ccxt.errors import Blame, judge, judge_answer, retry_after_s, venue_code, venue_words
from adapters.via_ccxt.quirk_tables import QUIRKS, quirks_of
from adapters.via_ccxt.quirks import Depth, Lookup
from adapters.via_ccxt.redaction import Redactor

NO_SECRETS = Redactor()


def answered(venue: str, body, status: int = 200, error: Exception | None = None):
    attempt = Attempt(stage=Stage.ANSWERED, status=status, json=body, acts_sent=1, requests=1, method="POST")
    return judge(error or RuntimeError("ccxt says something"), attempt, quirks_of(venue), NO_SECRETS)


@pytest.mark.parametrize(
    ("venue", "body", "blame", "code"),
    [
        ("bybit", {"retCode": 10016, "retMsg": "Server error"}, Blame.UNKNOWN, "10016"),
        ("bybit", {"retCode": 10000, "retMsg": "Server Timeout"}, Blame.UNKNOWN, "10000"),
        ("bybit", {"retCode": 170146, "retMsg": "Order creation timeout"}, Blame.UNKNOWN, "170146"),
        ("bybit", {"retCode": 110007, "retMsg": "ab not enough"}, Blame.REFUSED, "110007"),
        ("bybit", {"retCode": 10006, "retMsg": "Too many visits"}, Blame.BUSY, "10006"),
        ("okx", {"code": "1", "data": [{"sCode": "51008", "sMsg": "no margin"}]}, Blame.REFUSED, "51008"),
        ("okx", {"code": "50004", "msg": "Endpoint request timeout"}, Blame.UNKNOWN, "50004"),
        ("okx", {"code": "50011", "msg": "Too Many Requests"}, Blame.BUSY, "50011"),
        ("kraken", {"error": ["EOrder:Insufficient funds"]}, Blame.REFUSED, "EOrder:Insufficient funds"),
        ("kraken", {"error": ["EService:Unavailable"]}, Blame.UNKNOWN, "EService:Unavailable"),
        ("gate", {"label": "BALANCE_NOT_ENOUGH", "message": "no"}, Blame.REFUSED, "BALANCE_NOT_ENOUGH"),
        ("deribit", {"error": {"code": 10009, "message": "not_enough_funds"}}, Blame.REFUSED, "10009"),
        ("bitget", {"code": "43012", "msg": "Insufficient balance"}, Blame.REFUSED, "43012"),
        ("kucoin", {"code": "200004", "msg": "Balance insufficient!"}, Blame.REFUSED, "200004"),
        ("binance", {"code": -1007, "msg": "Timeout"}, Blame.UNKNOWN, "-1007"),
        ("binance", {"code": 200, "msg": "ok"}, Blame.UNKNOWN, ""),
    ],
)
def test_the_venues_own_code_decides(venue, body, blame, code):
    verdict = answered(venue, body)
    assert (verdict.blame, verdict.code) == (blame, code)


def test_no_such_order_is_told_by_code_or_by_ccxts_class():
    class OrderNotFound(Exception):
        pass

    assert answered("binance", {"code": -2013, "msg": "Order does not exist."}, 400).absent
    assert answered("okx", {"code": "51603", "msg": "Order does not exist"}).absent
    assert answered("deribit", {"error": {"code": 4242}}, 400, OrderNotFound("no")).absent
    assert not answered("binance", {"code": -2019, "msg": "Margin is insufficient."}, 400).absent
    assert not answered("binance", {"code": -1007, "msg": "timeout"}, 400, OrderNotFound("no")).absent


def test_a_truncated_answer_is_unknown_whatever_its_status():
    attempt = Attempt(stage=Stage.HEAD, status=400, acts_sent=1, requests=1)
    assert judge(RuntimeError("cut"), attempt, quirks_of("binance"), NO_SECRETS).blame is Blame.UNKNOWN


def test_an_act_that_left_before_a_later_request_failed_is_unknown():
    attempt = Attempt()
    attempt.begin("POST")
    attempt.left()
    attempt.stage = Stage.ANSWERED
    attempt.begin("POST")
    assert judge(OSError("refused"), attempt, quirks_of("binance"), NO_SECRETS).blame is Blame.UNKNOWN
    reading = Attempt()
    reading.begin("GET")
    reading.left()
    reading.begin("POST")
    assert judge(OSError("refused"), reading, quirks_of("binance"), NO_SECRETS).blame is Blame.NOT_SENT


def test_a_batch_row_without_an_order_and_without_a_code_is_unknown():
    assert (
        judge_answer({"code": -2019, "msg": "m"}, quirks_of("binanceusdm"), NO_SECRETS).blame is Blame.REFUSED
    )
    assert judge_answer({"code": -1007}, quirks_of("binanceusdm"), NO_SECRETS).blame is Blame.UNKNOWN
    assert judge_answer({}, quirks_of("binanceusdm"), NO_SECRETS).blame is Blame.UNKNOWN
    assert judge_answer(None, quirks_of("binanceusdm"), NO_SECRETS).blame is Blame.UNKNOWN


def test_a_duplicate_answer_means_that_the_order_is_there():
    for venue, body in (
        ("binanceusdm", {"code": -4116, "msg": "ClientOrderId is duplicated."}),
        ("binance", {"code": -2010, "msg": "Duplicate order sent."}),
        ("okx", {"sCode": "51016", "sMsg": "Client order ID already exists"}),
    ):
        verdict = judge_answer({"data": [body]} if venue == "okx" else body, quirks_of(venue), NO_SECRETS)
        assert verdict.blame is Blame.UNKNOWN, venue
        assert "already" in verdict.reason
    short = {"code": -2010, "msg": "Account has insufficient balance for requested action."}
    assert judge_answer(short, quirks_of("binance"), NO_SECRETS).blame is Blame.REFUSED


@pytest.mark.parametrize("body", [None, 7, "text", [], [1, 2], {"code": None}, {"error": []}, {"data": [7]}])
def test_rubbish_has_no_code_and_no_words(body):
    assert venue_code(body) == ""
    assert venue_words(body) in ("", "text")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("soon", None), ("-1", None), ("inf", None), ("nan", None)],
)
def test_retry_after(value, seconds):
    assert retry_after_s({"retry-AFTER": value}) == seconds
    assert retry_after_s({}) is None


def test_secrets_and_signatures_leave_no_text():
    redact = Redactor(["topsecretkey", "p4ssphrase!"])
    text = redact(
        "GET /x?timestamp=1&signature=abcdef0123 failed: "
        "{'X-MBX-APIKEY': 'topsecretkey', 'pass': 'p4ssphrase!'}\n"
        + json.dumps({"listenKey": "pqia91ma19a5s61cv6a81va65sdf19v8a65a1"})
    )
    for secret in ("topsecretkey", "p4ssphrase!", "abcdef0123", "pqia91ma19a5"):
        assert secret not in text
    assert "\n" not in text
    assert len(redact("x" * 10_000)) == 400


def test_every_table_is_sound():
    for venue, quirks in QUIRKS.items():
        assert quirks.venue == venue
        assert quirks.max_batch >= 1
        assert quirks.limits
        assert not quirks.unknown_codes & quirks.absent_codes
        assert not quirks.unknown_codes & quirks.busy_codes
        assert quirks.create_id_param
        if quirks.lookup is Lookup.CLIENT_ID:
            assert quirks.fetch_id_param
    proven = {venue for venue, quirks in QUIRKS.items() if quirks.depth is Depth.PROVEN}
    assert proven == {"binance", "binanceusdm"}
    assert set(QUIRKS) >= {
        "binance",
        "binanceusdm",
        "bybit",
        "okx",
        "kraken",
        "krakenfutures",
        "coinbase",
        "hyperliquid",
        "bitget",
        "gate",
        "kucoin",
        "deribit",
    }


def test_a_venue_without_a_table_gets_careful_defaults():
    quirks = quirks_of("bitfinex")
    assert (quirks.depth, quirks.max_batch, quirks.cancel_batch) == (Depth.UNPROVEN, 1, 0)
    assert quirks.lookup is Lookup.SCAN
