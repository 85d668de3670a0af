"""What the balancer shows of itself, as rows and as notes."""

from __future__ import annotations

from dataclasses import replace

from hedge_tui.domain.traffic import (
    BanState,
    BudgetState,
    LaneState,
    RouteState,
    RouteWord,
    TrafficState,
)
from hedge_tui.engine.board.traffic import TRAFFIC, tables_of
from hedge_tui.engine.traffic_watch import TrafficWatch
from hedge_tui.wire.topics import COLUMNS

SPOT, USDM = "binance at 127.0.0.1:18443", "binanceusdm at 127.0.0.1:18443"
WEIGHT = BudgetState(USDM, "direct", "", "weight_1m", "weight", 900.0, 100.0, 1_920.0, 2_400.0, 60.0, 0.0)
ORDERS = replace(WEIGHT, route="", account="desk-1", name="orders_10s", counts="orders", free_in_s=2.5)
BAN = BanState(USDM, "direct", "", 418, 1_790_000_000_000_000_000, 43.0)
DIRECT = RouteState("binanceusdm", "direct", trusted=True, state=RouteWord.UP, latency_s=0.0184, sent_1m=12)
TOKYO = RouteState("binanceusdm", "tokyo", "http", "proxy.example:3128")
TRAFFIC_NOW = TrafficState(
    1_789_999_957_000_000_000,
    (WEIGHT, ORDERS, replace(WEIGHT, system=SPOT), replace(WEIGHT, route="tokyo")),
    (LaneState("cancel", 0, 0.0, 5, 0.0), LaneState("history", 9, 3.25, 70, 4.125)),
    (DIRECT, TOKYO),
    (BAN,),
)


def rows(topic: str, traffic: TrafficState = TRAFFIC_NOW) -> list[dict[str, object]]:
    return [dict(zip(COLUMNS[topic], row, strict=True)) for row in tables_of(traffic)[topic].values()]


def test_every_topic_has_a_row_for_each_part_in_the_order_of_its_columns() -> None:
    assert [len(rows(topic)) for topic in TRAFFIC] == [4, 2, 2, 1]
    budget = rows("budgets")[0]
    assert (budget["used_pct"], budget["spent"], budget["others"]) == (41.7, 900.0, 100.0)
    assert rows("lanes")[1] == {
        "lane": "history", "order": 1, "waiting": 9, "longest_s": 3.2, "sent_1m": 70, "worst_1m_s": 4.12,
    }  # fmt: skip
    assert rows("routes")[1]["address"] == "proxy.example:3128"


def test_a_ban_stops_the_budgets_and_the_route_of_that_address_alone() -> None:
    assert [row["ban_left_s"] for row in rows("budgets")] == [43.0, 0.0, 0.0, 0.0]
    assert [row["state"] for row in rows("routes")] == ["banned", "untried"]
    of_account = replace(TRAFFIC_NOW, bans=(replace(BAN, route="", account="desk-1", status=429),))
    assert [row["ban_left_s"] for row in rows("budgets", of_account)] == [0.0, 43.0, 0.0, 0.0]
    assert rows("routes", of_account)[0]["state"] == "up"


def test_a_ban_and_a_lost_route_are_told_once_and_so_is_their_end() -> None:
    said: list[tuple[str, str, str]] = []
    now = [replace(TRAFFIC_NOW, bans=())]
    watch = TrafficWatch(lambda: now[0], lambda *words: said.append(words))
    watch.look()
    assert said == []
    lost = replace(TOKYO, failures=3, state=RouteWord.DOWN, problem="proxy refused: 407 No", trusted=True)
    now[0] = replace(TRAFFIC_NOW, routes=(DIRECT, lost))
    for _ in range(3):
        watch.look()
    assert [level for level, _, _ in said] == ["alarm", "warning"]
    assert said[0][2] == (
        "binanceusdm has banned the address of egress direct until 14:13:20 UTC: nothing is sent there before"
    )
    assert "tokyo does not reach binanceusdm: proxy refused: 407 No. Keys that take it wait" in said[1][2]
    now[0] = replace(TRAFFIC_NOW, bans=(), routes=(DIRECT, replace(TOKYO, state=RouteWord.UP)))
    watch.look()
    watch.look()
    assert said[2:] == [("info", "traffic", "egress tokyo reaches binanceusdm again")]
    now[0] = TRAFFIC_NOW
    watch.look()
    assert len(said) == 4, "a new ban is told again"


def test_a_pause_is_no_alarm_and_a_ban_after_it_is() -> None:
    said: list[tuple[str, str, str]] = []
    now = [replace(TRAFFIC_NOW, bans=(replace(BAN, status=429),))]
    watch = TrafficWatch(lambda: now[0], lambda *words: said.append(words))
    watch.look()
    assert said == []
    now[0] = TRAFFIC_NOW
    watch.look()
    assert [level for level, _, _ in said] == ["alarm"]
