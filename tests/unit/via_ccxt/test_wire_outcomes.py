"""Every row of the table "what is on the wire, and was the order placed?", with a real TLS server."""

from __future__ import annotations

import json
import socket

import pytest

from adapters.via_ccxt.attempt import Stage, attempting
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.errors import Blame, judge
from adapters.via_ccxt.instance import bare_instance, close_instance, open_instance
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.wiring import FreePacer, Wiring
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Lane
from tests.unit.via_ccxt.raw_venue import drop, http, never, raw_venue, reset, truncated

KEY, SECRET = "k" * 64, "s" * 64
MARKET = {
    "id": "BTCUSDT",
    "lowercaseId": "btcusdt",
    "symbol": "BTC/USDT:USDT",
    "base": "BTC",
    "quote": "USDT",
    "settle": "USDT",
    "baseId": "BTC",
    "quoteId": "USDT",
    "settleId": "USDT",
    "type": "swap",
    "spot": False,
    "margin": False,
    "swap": True,
    "future": False,
    "option": False,
    "active": True,
    "contract": True,
    "linear": True,
    "inverse": False,
    "contractSize": "1",
    "precision": {"amount": "0.001", "price": "0.1"},
    "limits": {"amount": {}, "price": {}, "cost": {}},
    "info": {"orderTypes": ["LIMIT", "MARKET"]},
}


def instance_at(egress: Egress, pacer=None):
    wiring = Wiring(quirks_of("binanceusdm"), pacer or FreePacer(), Redactor([KEY, SECRET]))
    instance = open_instance(wiring, egress, keys={"apiKey": KEY, "secret": SECRET})
    instance.timeout = 400
    instance.set_markets([MARKET])
    return instance


async def place(instance):
    """The verdict on one order, or the order when the venue named one."""
    with attempting(Lane.ORDER, orders=1) as attempt:
        try:
            order = await instance.create_order(
                "BTC/USDT:USDT", "limit", "buy", "0.01", "60000", {"clientOrderId": "0" * 32}
            )
        except Exception as error:  # noqa: BLE001 - any failure is to be judged
            return judge(error, attempt, instance.desk.quirks, instance.desk.redact), attempt
    if not order.get("id"):
        return judge(None, attempt, instance.desk.quirks, instance.desk.redact), attempt
    return order, attempt


def refusal(code: int, message: str = "words of the venue") -> str:
    return json.dumps({"code": code, "msg": message})


ROWS = [
    ("time-out", never, Blame.UNKNOWN, ""),
    ("dropped", drop, Blame.UNKNOWN, ""),
    ("reset", reset, Blame.UNKNOWN, ""),
    ("truncated", truncated('{"orderId": 1'), Blame.UNKNOWN, ""),
    ("200 with HTML", http("<html>hello</html>"), Blame.UNKNOWN, ""),
    ("200 with nothing", http(""), Blame.UNKNOWN, ""),
    ("200 without an id", http("{}"), Blame.UNKNOWN, ""),
    ("500", http("<html>", "500 Internal Server Error"), Blame.UNKNOWN, ""),
    ("502", http("<html>", "502 Bad Gateway"), Blame.UNKNOWN, ""),
    ("503 unknown", http(refusal(-1000), "503 Service Unavailable"), Blame.UNKNOWN, "-1000"),
    ("504", http("", "504 Gateway Timeout"), Blame.UNKNOWN, ""),
    ("-1000", http(refusal(-1000), "400 Bad Request"), Blame.UNKNOWN, "-1000"),
    ("-1001", http(refusal(-1001), "400 Bad Request"), Blame.UNKNOWN, "-1001"),
    ("-1006", http(refusal(-1006), "400 Bad Request"), Blame.UNKNOWN, "-1006"),
    ("-1007", http(refusal(-1007), "408 Request Timeout"), Blame.UNKNOWN, "-1007"),
    ("-1007 in a 200", http(refusal(-1007)), Blame.UNKNOWN, "-1007"),
    ("redirect", http("", "302 Found", "Location: https://evil.example/\r\n"), Blame.UNKNOWN, ""),
    ("403 HTML", http("<html>blocked</html>", "403 Forbidden"), Blame.BUSY, "403"),
    ("429", http(refusal(-1003), "429 Too Many", "Retry-After: 7\r\n"), Blame.BUSY, "-1003"),
    ("418", http(refusal(-1003), "418 I'm a teapot", "Retry-After: 90\r\n"), Blame.BUSY, "-1003"),
    ("-1015", http(refusal(-1015), "400 Bad Request"), Blame.BUSY, "-1015"),
    ("-1021", http(refusal(-1021), "400 Bad Request"), Blame.REFUSED, "-1021"),
    ("-2019", http(refusal(-2019), "400 Bad Request"), Blame.REFUSED, "-2019"),
    ("-2015", http(refusal(-2015), "401 Unauthorized"), Blame.REFUSED, "-2015"),
    ("-4116", http(refusal(-4116), "400 Bad Request"), Blame.UNKNOWN, "-4116"),
    ("-5022", http(refusal(-5022), "400 Bad Request"), Blame.REFUSED, "-5022"),
    ("401 HTML", http("<html>", "401 Unauthorized"), Blame.REFUSED, "401"),
]


@pytest.mark.parametrize(("reply", "blame", "code"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
async def test_a_failed_order_is_judged_by_what_reached_the_wire(tmp_path, reply, blame, code):
    async with raw_venue(tmp_path) as venue:
        venue.reply = reply
        instance = instance_at(venue.egress)
        verdict, attempt = await place(instance)
        await close_instance(instance)
    assert verdict.blame is blame, verdict
    assert verdict.code == code
    assert attempt.acts_sent == 1
    assert len(venue.requests) == 1, "an order must never be sent twice"
    assert KEY not in verdict.reason
    assert SECRET not in verdict.reason
    assert "signature=" not in verdict.reason.replace("signature=…", "")


async def test_words_and_waits_of_the_venue_are_kept(tmp_path):
    async with raw_venue(tmp_path) as venue:
        venue.reply = http(refusal(-1003, "Way too many requests"), "429 Too Many", "Retry-After: 7\r\n")
        instance = instance_at(venue.egress)
        verdict, _ = await place(instance)
        await close_instance(instance)
    assert verdict.retry_after_s == 7
    assert verdict.reason == "Way too many requests"
    assert isinstance(verdict.error(), Unavailable)


async def test_a_complete_answer_is_an_order_with_the_venues_digits(tmp_path):
    answer = {
        "orderId": 7,
        "symbol": "BTCUSDT",
        "status": "NEW",
        "clientOrderId": "0" * 32,
        "price": "60000.10",
        "origQty": "0.010",
        "executedQty": "0.000",
        "positionSide": "BOTH",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "updateTime": 1,
        "extra": 0.10000000000000000001,
    }
    async with raw_venue(tmp_path) as venue:
        venue.reply = http(json.dumps(answer).replace("0.1}", "0.10000000000000000001}"))
        instance = instance_at(venue.egress)
        order, _ = await place(instance)
        await close_instance(instance)
    assert order["id"] == "7"
    assert order["price"] == "60000.10"
    assert order["info"]["extra"] == "0.10000000000000000001"
    body = venue.requests[0]
    assert "POST /fapi/v1/order" in body


async def test_refused_connection_means_not_sent(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    async with raw_venue(tmp_path) as venue:
        instance = instance_at(Egress(f"127.0.0.1:{port}", venue.ca_file))
        verdict, attempt = await place(instance)
        await close_instance(instance)
    assert verdict.blame is Blame.NOT_SENT
    assert attempt.stage is Stage.OPENING


async def test_unresolvable_host_means_not_sent(monkeypatch):
    async def fail(*_args, **_kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", fail)
    monkeypatch.setattr("aiohttp.resolver.DefaultResolver.resolve", fail)
    instance = instance_at(Egress())
    verdict, _ = await place(instance)
    await close_instance(instance)
    assert verdict.blame is Blame.NOT_SENT


async def test_an_untrusted_certificate_means_not_sent(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with raw_venue(tmp_path / "a") as venue, raw_venue(tmp_path / "b") as other:
        venue.reply = http("{}")
        instance = instance_at(Egress(venue.egress.connect, other.ca_file))
        verdict, _ = await place(instance)
        await close_instance(instance)
    assert verdict.blame is Blame.NOT_SENT
    assert venue.requests == []


async def test_what_ccxt_refuses_by_itself_was_not_sent(tmp_path):
    async with raw_venue(tmp_path) as venue:
        instance = instance_at(venue.egress)
        with attempting(Lane.ORDER) as attempt:
            try:
                await instance.create_order("NO/SUCH:SUCH", "limit", "buy", "1", "1")
            except Exception as error:  # noqa: BLE001 - any failure is to be judged
                verdict = judge(error, attempt, instance.desk.quirks, instance.desk.redact)
        await close_instance(instance)
    assert verdict.blame is Blame.NOT_SENT
    assert verdict.code == "local"
    assert venue.requests == []


async def test_a_pacer_that_says_no_keeps_the_order_here(tmp_path):
    class Never(FreePacer):
        async def acquire(self, spend):
            raise Unavailable("a ban of this address runs", "", 42.0)

    async with raw_venue(tmp_path) as venue:
        instance = instance_at(venue.egress, Never())
        verdict, attempt = await place(instance)
        await close_instance(instance)
    assert (verdict.blame, verdict.retry_after_s) == (Blame.NOT_SENT, 42.0)
    assert attempt.requests == 0
    assert venue.requests == []


@pytest.mark.parametrize("method", ["put", "delete"])
async def test_amendments_and_cancels_are_not_repeated_on_a_kept_connection(tmp_path, method):
    answers = [http("{}"), drop]

    async with raw_venue(tmp_path) as venue:

        async def reply(writer):
            await answers[min(len(venue.requests), 2) - 1](writer)

        venue.reply = reply
        instance = instance_at(venue.egress)
        await instance.fapiPublicGetTime()
        with pytest.raises(Exception, match=r"ServerDisconnected|reset"):
            await getattr(instance, f"fapiPrivate{method.capitalize()}Order")({"symbol": "BTCUSDT"})
        await close_instance(instance)
    assert len(venue.requests) == 2


def test_a_credential_is_in_no_text_of_an_instance():
    wiring = Wiring(quirks_of("binanceusdm"), FreePacer(), Redactor([KEY, SECRET]))
    instance = bare_instance(wiring, keys={"apiKey": KEY, "secret": SECRET})
    text = f"{instance!r} {instance} {wiring!r} {wiring.redact!r}"
    assert KEY not in text
    assert SECRET not in text
