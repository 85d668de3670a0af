"""Which route a request takes, and when one that is down is left and tried again."""

from __future__ import annotations

import pytest

from adapters.traffic.choosing import RouteBudget, RouteHealth, choose
from adapters.traffic.route_book import LONGEST_PAUSE_S, RouteBook
from hedge_tui.domain.ports.pacing import Lane, Spend, Went
from hedge_tui.domain.route import DIRECT, Route, RouteKind

CRAWL = Spend(Lane.HISTORY)
CANCEL = Spend(Lane.CANCEL, account="desk-1")
ROUTES = ("direct", "tokyo", "second")


def budgets(**waits: float) -> dict[str, RouteBudget]:
    return {name: RouteBudget(waits.get(name, 0.0), 1.0) for name in ROUTES}


def test_the_first_is_taken_where_nothing_speaks_against_it() -> None:
    assert choose(ROUTES, CRAWL, budgets(), {}) == "direct"
    assert choose(ROUTES, CANCEL, budgets(), {}) == "direct"


def test_a_crawl_goes_where_it_need_not_wait_and_where_most_is_left() -> None:
    assert choose(ROUTES, CRAWL, budgets(direct=2.0, tokyo=1.0), {}) == "second"
    left = budgets() | {"direct": RouteBudget(0.0, 0.2), "tokyo": RouteBudget(0.0, 0.5)}
    assert choose(ROUTES[:2], CRAWL, left, {}) == "tokyo"


def test_all_addresses_are_used_up_evenly() -> None:
    spent = dict.fromkeys(ROUTES, 0)
    for _ in range(300):
        left = {name: RouteBudget(0.0, 1 - count / 200) for name, count in spent.items()}
        spent[choose(ROUTES, CRAWL, left, {"tokyo": RouteHealth(latency_s=0.2)})] += 1
    assert max(spent.values()) - min(spent.values()) <= 20


def test_what_cannot_wait_takes_the_faster_and_never_a_trial() -> None:
    slow = {"direct": RouteHealth(latency_s=0.3), "tokyo": RouteHealth(latency_s=0.1)}
    assert choose(ROUTES[:2], CANCEL, budgets(), slow) == "tokyo"
    trial = {"direct": RouteHealth(up=True, failures=1, latency_s=0.01)}
    assert choose(ROUTES[:2], CANCEL, budgets(tokyo=0.5), trial) == "tokyo"


def test_a_route_that_is_down_is_taken_only_when_all_are() -> None:
    down = RouteHealth(up=False, failures=2)
    assert choose(ROUTES, CRAWL, budgets(tokyo=9.0), {"direct": down, "second": down}) == "tokyo"
    worse = RouteHealth(up=False, failures=5)
    assert choose(ROUTES, CRAWL, budgets(), {"direct": worse, "tokyo": worse, "second": down}) == "second"


@pytest.mark.parametrize("name", ROUTES)
def test_a_pinned_key_never_gets_another_route(name: str) -> None:
    down = {one: RouteHealth(up=False, failures=9) for one in ROUTES}
    assert choose((name,), CANCEL, {name: RouteBudget(60.0, 0.0)}, down) == name


def book() -> RouteBook:
    return RouteBook((DIRECT, Route("tokyo", RouteKind.HTTP, "proxy.example", 3128)))


def test_one_failed_dial_is_enough_and_pauses_double() -> None:
    kept, now, pauses = book(), 100.0, []
    for _ in range(8):
        assert kept.health(now)["tokyo"].up
        kept.took("tokyo", now)
        kept.went(Went("tokyo", 0.1, "refused"), now)
        assert not kept.health(now)["tokyo"].up
        pauses.append(kept.down_for_s("tokyo", now))
        now += pauses[-1]
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert kept.health(now)["direct"].up


def test_one_request_is_the_trial_and_success_forgives() -> None:
    kept = book()
    kept.went(Went("tokyo", 0.1, "refused"), 0.0)
    kept.took("tokyo", 1.5)
    assert not kept.health(1.6)["tokyo"].up, "a trial runs"
    assert kept.health(9.0)["tokyo"].up, "nobody heard of that trial any more"
    kept.went(Went("tokyo", 0.2), 9.1)
    health = kept.health(9.1)["tokyo"]
    assert (health.up, health.failures) == (True, 0)
    assert kept.record("tokyo").problem == "refused"


def test_an_address_that_a_venue_does_not_serve_is_left_for_long() -> None:
    kept = book()
    kept.went(Went("tokyo", 0.1, "HTTP 403", pause_s=600.0), 0.0)
    assert kept.down_for_s("tokyo", 0.0) == 600.0


def test_failures_of_what_left_before_do_not_lengthen_the_pause() -> None:
    kept = book()
    for _ in range(20):
        kept.went(Went("tokyo", 4.0, "no connection"), 5.0)
    assert kept.down_for_s("tokyo", 5.0) == 1.0


def test_connections_that_carry_no_answer_are_left_too() -> None:
    kept = book()
    kept.went(Went("tokyo", 10.0, "no answer in 10 s", dial=False), 0.0)
    assert kept.health(0.0)["tokyo"].up
    kept.went(Went("tokyo", 0.1), 0.1)
    kept.went(Went("tokyo", 10.0, "no answer in 10 s", dial=False), 10.0)
    assert not kept.health(10.0)["tokyo"].up
    kept.went(Went("tokyo", 0.1, dial=False), 12.0)
    assert kept.health(12.0)["tokyo"].up


def test_requests_of_the_last_minute_are_counted() -> None:
    kept = book()
    for second in range(90):
        kept.took("direct", float(second))
    assert kept.record("direct").sent_1m(89.5) == 60
