import pytest

from adapters.sandbox.limits import SPOT_LIMITS, STRIKES, USDM_LIMITS, RateLimiter
from adapters.sandbox.refusal import VenueRefusal

MINUTE_MS = 60_000
START = 1_795_000_020_000 // MINUTE_MS * MINUTE_MS


def test_weight_is_counted_per_address_and_minute():
    limiter = RateLimiter(SPOT_LIMITS, enforce=True)
    assert limiter.charge("a", 20, START) == 20
    assert limiter.charge("a", 5, START + 1) == 25
    assert limiter.charge("b", 5, START + 1) == 5
    assert limiter.charge("a", 1, START + MINUTE_MS) == 1


def test_over_the_limit_is_429_until_the_minute_turns():
    limiter = RateLimiter(USDM_LIMITS, enforce=True)
    limiter.charge("a", 2400, START + 15_000)
    with pytest.raises(VenueRefusal) as error:
        limiter.charge("a", 1, START + 15_000)
    assert (error.value.status, error.value.code) == (429, -1003)
    assert error.value.headers["Retry-After"] == "45"
    assert limiter.charge("a", 1, START + MINUTE_MS) == 1


def test_going_on_after_429_is_banned_and_the_ban_outlasts_the_minute():
    limiter = RateLimiter(USDM_LIMITS, enforce=True)
    limiter.charge("a", 2400, START)
    statuses = []
    for _ in range(STRIKES + 1):
        with pytest.raises(VenueRefusal) as error:
            limiter.charge("a", 1, START)
        statuses.append(error.value.status)
    assert statuses == [429] * STRIKES + [418]
    with pytest.raises(VenueRefusal) as error:
        limiter.charge("a", 1, START + MINUTE_MS)
    assert (error.value.status, error.value.headers["Retry-After"]) == (418, "60")
    assert limiter.charge("a", 1, START + 2 * MINUTE_MS) == 1


def test_orders_are_counted_per_account_in_every_window():
    limiter = RateLimiter(USDM_LIMITS, enforce=True)
    assert limiter.count_orders("desk-1", 5, START) == {
        "X-MBX-ORDER-COUNT-10S": "5",
        "X-MBX-ORDER-COUNT-1M": "5",
    }
    assert limiter.count_orders("desk-1", 1, START + 10_000) == {
        "X-MBX-ORDER-COUNT-10S": "1",
        "X-MBX-ORDER-COUNT-1M": "6",
    }


def test_too_many_orders_are_refused_and_not_counted():
    limiter = RateLimiter(SPOT_LIMITS, enforce=True)
    limiter.count_orders("desk-9", 100, START)
    with pytest.raises(VenueRefusal) as error:
        limiter.count_orders("desk-9", 1, START)
    assert (error.value.code, error.value.status) == (-1015, 429)
    assert [used for _, used in limiter.used_orders("desk-9", START)] == [100, 100]


def test_limits_that_are_off_count_and_refuse_nothing():
    limiter = RateLimiter(SPOT_LIMITS, enforce=False)
    assert limiter.charge("a", 10_000, START) == 10_000
    assert limiter.count_orders("desk-9", 500, START)["X-MBX-ORDER-COUNT-10S"] == "500"
