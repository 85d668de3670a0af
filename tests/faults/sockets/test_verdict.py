"""The judge itself: it lets nothing through that breaks a promise, and blames nothing that keeps them."""

from __future__ import annotations

import pytest
from faults.sockets import verdict as v
from faults.sockets.record import Fact, Seen

OURS = "0" * 31 + "a"
S = 1_000_000_000
END = 100 * S


def shown(*rows: tuple[float, str, float]) -> dict[str, list[Seen]]:
    return {"a": [Seen(int(at * S), status, filled, "desk-1") for at, status, filled in rows]}


def facts(*rows: tuple[float, str, float], order_id: str = "1") -> dict[str, list[Fact]]:
    first = int(rows[0][0] * S) if rows else 0
    return {"a": [Fact(int(at * S), first, status, done, order_id) for at, status, done in rows]}


LIVED = facts((10, "NEW", 0), (50, "CANCELED", 0))
FILLED = facts((10, "NEW", 0), (50, "FILLED", 1))


@pytest.mark.parametrize(
    ("seen", "true", "wrong"),
    [
        (shown((9, "sending", 0), (11, "live", 0), (51, "cancelled", 0)), LIVED, False),
        (shown((11, "live", 0), (49, "cancelled", 0)), LIVED, True),
        (shown((11, "live", 0), (59, "cancelled", 0)), LIVED, False),
        (shown((11, "live", 0), (61, "cancelled", 0)), LIVED, True),
        (shown((11, "live", 0), (59, "unknown", 0), (90, "cancelled", 0)), LIVED, False),
        (shown((11, "rejected", 0), (15, "live", 0), (51, "cancelled", 0)), LIVED, True),
        (shown((9, "absent", 0), (15, "live", 0), (51, "cancelled", 0)), LIVED, False),
        (shown((9, "absent", 0), (21, "live", 0), (51, "cancelled", 0)), LIVED, True),
        (shown((9, "live", 0), (51, "cancelled", 0)), LIVED, True),
        (shown((11, "live", 0), (51, "filled", 1)), FILLED, False),
        (shown((11, "partial", 0.5), (51, "filled", 1)), FILLED, True),
        (shown((11, "live", 0), (51, "cancelled", 0)), FILLED, True),
        (shown((11, "live", 0), (51, "cancelled", 0), (55, "filled", 1)), FILLED, False),
        (shown((11, "cancelled", 0)), {}, True),
        (shown((11, "rejected", 0)), {}, False),
    ],
)
def test_false_certainty(seen: dict[str, list[Seen]], true: dict[str, list[Fact]], wrong: bool) -> None:
    assert bool(v.false_certainty(seen, true, END)) is wrong


def test_a_sleeping_engine_claims_nothing_new() -> None:
    seen = shown((11, "live", 0), (70, "cancelled", 0))
    assert v.false_certainty(seen, LIVED, END)
    assert not v.false_certainty(seen, LIVED, END, [(48 * S, 65 * S)])


def test_doubled_and_lost() -> None:
    once = {"kind": "order", "client_order_id": OURS, "order_id": 1}
    assert v.doubled([once, {**once, "order_id": 2}])
    assert not v.doubled([once, once])
    assert not v.doubled([once, {**once, "order_id": 2}], {"2"}), "somebody else used our id again"
    assert v.lost({}, facts((10, "NEW", 0)))
    assert v.lost({}, {OURS: FILLED["a"]})
    assert not v.lost({}, FILLED), "a stranger's order that came and went"
    assert v.lost(shown((11, "live", 0)), {})
    assert not v.lost(shown((11, "absent", 0)), {})


def request(at: float, path: str = "/fapi/v1/order", **fields: object) -> dict[str, object]:
    plain = {"kind": "request", "venue": "binanceusdm", "method": "POST", "path": path, "account": "desk-1"}
    return {**plain, "real_ns": int(at * S), "params": {"newClientOrderId": "a"}, **fields}


def test_what_arrives_before_its_sending_is_written_is_too_early() -> None:
    assert v.sent_too_early([request(10)], {}, ["a"])
    assert v.sent_too_early([request(10)], {"a": 11 * S}, ["a"])
    assert not v.sent_too_early([request(10)], {"a": 9 * S}, ["a"])
    assert not v.sent_too_early([request(10)], {}, ["b"]), "somebody else's order"
    batch = request(10, params={"batchOrders": '[{"newClientOrderId":"a"},{"newClientOrderId":"b"}]'})
    assert len(v.sent_too_early([batch], {"a": 9 * S}, ["a", "b"])) == 1


def test_a_request_during_a_ban_is_found() -> None:
    banned = request(10, retry_after_s=5.0)
    assert not v.sent_while_banned([banned, request(10.1), request(15.1)])
    assert v.sent_while_banned([banned, request(11)])
    assert v.sent_while_banned([banned, request(10.1, retry_after_s=5.0), request(14.9)])
    assert not v.sent_while_banned([banned, request(11, venue="binance", path="/api/v3/order")])
