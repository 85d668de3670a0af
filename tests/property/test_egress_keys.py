"""Whatever is configured and however routes fare: a key leaves over its own trusted routes or not at all."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.traffic.balancer import Balancer
from adapters.traffic.choosing import RouteBudget, RouteHealth, choose
from adapters.traffic.home import Home
from adapters.via_ccxt.egress import Egress
from adapters.via_ccxt.quirk_tables import limits_of
from adapters.via_ccxt.route_sessions import RouteRefused, RouteSessions
from hedge_tui.config.accounts import AccountSettings
from hedge_tui.config.egress import EgressSettings, routes_of
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.ports.pacing import Heard, Lane, Spend, Went
from hedge_tui.domain.route import RouteKind, routes_for_key
from hedge_tui.engine.clock import SystemClock

VENUE = "binanceusdm"
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine that is busy with other tests is no finding."""
NAMES = ("direct", "a", "b", "c")
VENUES = st.sampled_from([("*",), ("binance*",), ("kraken",), ("binanceusdm", "okx")])


@st.composite
def desks(draw: st.DrawFn) -> tuple[tuple[EgressSettings, ...], str]:
    """Routes, and what an account wants of them; not all of it makes sense."""
    egress = tuple(
        EgressSettings(
            name,
            RouteKind.DIRECT if name == "direct" else draw(st.sampled_from(list(RouteKind)[1:])),
            "" if name == "direct" else "127.0.0.1:1",
            venues=draw(VENUES),
            trusted=draw(st.sampled_from([None, True, False])),
        )
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True))
    )
    return egress, draw(st.sampled_from(["", "any", *NAMES, "gone"]))


def allowed(egress: tuple[EgressSettings, ...], wanted: str) -> set[str]:
    """By the rules, said in another way than the program says them."""
    trusted = {"direct"} - {one.name for one in egress}
    trusted |= {
        one.name
        for one in egress
        if (one.trusted or (one.trusted is None and one.name == "direct")) and one.route().serves(VENUE)
    }
    return trusted if wanted == "any" else trusted & {wanted or "direct"}


@CALM
@given(desks())
def test_an_instance_with_keys_opens_no_session_elsewhere(
    desk: tuple[tuple[EgressSettings, ...], str],
) -> None:
    egress, wanted = desk
    account = AccountSettings("main", VENUE, Mode.LIVE, egress=wanted)
    routes = routes_of(egress, VENUE)
    way = Egress(None, None, routes, routes_for_key(account.egress, routes))
    sessions = RouteSessions(way, (), keyed=True, told=lambda *_: None)
    assert set(sessions.names) == allowed(egress, wanted)
    for name in {*NAMES, "gone"} - allowed(egress, wanted):
        try:
            sessions.over(name)
        except RouteRefused:
            continue
        raise AssertionError(f"a key may leave over {name}")


HEALTH = st.builds(RouteHealth, st.booleans(), st.integers(0, 9), st.floats(0, 5))
BUDGET = st.builds(RouteBudget, st.floats(0, 100), st.floats(0, 1))


@CALM
@given(
    st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    st.sampled_from(Lane),
    st.sampled_from(["", "main"]),
    st.dictionaries(st.sampled_from(NAMES), HEALTH),
    st.fixed_dictionaries(dict.fromkeys(NAMES, BUDGET)),
)
def test_the_choice_is_among_what_may_be_taken(
    may: list[str],
    lane: Lane,
    account: str,
    health: dict[str, RouteHealth],
    budgets: dict[str, RouteBudget],
) -> None:
    chosen = choose(may, Spend(lane, account=account), budgets, health)
    assert chosen in may
    sound = [name for name in may if health.get(name, RouteHealth()).up]
    assert chosen in sound or not sound, "a route that is down is taken only when all are"
    if lane > Lane.ORDER and not account and sound:
        assert budgets[chosen].wait_s == min(budgets[name].wait_s for name in sound)


EVENTS = st.lists(
    st.one_of(
        st.builds(
            Went, st.sampled_from(NAMES), st.floats(0, 5), st.sampled_from(["", "dead"]), st.booleans()
        ),
        st.builds(Heard, st.sampled_from([200, 418, 429]), route=st.sampled_from(NAMES)),
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
    ),
    max_size=25,
)


@settings(CALM, max_examples=60)
@given(EVENTS)
def test_the_balancer_names_no_other_route_whatever_it_has_heard(events: list[object]) -> None:
    async def run() -> None:
        balancer = Balancer(limits_of, SystemClock())
        pacer = balancer.pacer(Home(VENUE, routes=NAMES))
        for event in events:
            match event:
                case Went():
                    pacer.went(event)
                case Heard():
                    pacer.heard(event)
                case list():
                    spend = Spend(Lane.ACCOUNT, account="main", patience_s=0.0, over=tuple(event))
                    try:
                        assert await pacer.acquire(spend) in event
                    except HedgeError:
                        continue  # every route of its own is banned: it waits, it goes no other way
        balancer.close()

    asyncio.run(run())
