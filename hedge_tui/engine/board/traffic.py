"""Budgets, lanes, routes and bans: what the balancer shows of itself, as tables and as one document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.domain.traffic import BANNED, TrafficState, name_of
from hedge_tui.engine.board.table import NAN, LiveRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hedge_tui.domain.traffic import BanState, BudgetState, LaneState, RouteState
    from hedge_tui.engine.desk import Desk

    Traffic = Callable[[], TrafficState]

TRAFFIC = ("budgets", "lanes", "routes", "bans")
"""The topics, which are also the parts of the query `traffic`."""
FRESH_NS = 200_000_000
"""So long one snapshot serves all four tables."""
Rows = dict[str, list[Any]]


def no_traffic() -> TrafficState:
    """Of a desk that sends nothing."""
    return TrafficState(0)


class TrafficBook:
    """The latest snapshot, by table and key; taken anew only when somebody looks."""

    def __init__(self, desk: Desk, traffic: Traffic) -> None:
        self._desk = desk
        self._traffic = traffic
        self._at_ns = 0
        self._tables: dict[str, Rows] = {}

    def rows(self, topic: str) -> Rows:
        """The rows of a table."""
        now_ns = self._desk.clock.now_ns()
        if not self._tables or not 0 <= now_ns - self._at_ns < FRESH_NS:
            self._at_ns = now_ns
            self._tables = tables_of(self._traffic())
        return self._tables[topic]


def tables_of(traffic: TrafficState) -> dict[str, Rows]:
    """All four tables of a snapshot, rows in the order of `COLUMNS`."""
    made: dict[str, Iterable[list[Any]]] = {
        "budgets": (_budget(one, traffic.bans) for one in traffic.budgets),
        "lanes": (_lane(place, one) for place, one in enumerate(traffic.lanes)),
        "routes": (_route(one, traffic.bans) for one in traffic.routes),
        "bans": map(_ban, traffic.bans),
    }
    return {topic: {row[0]: row for row in rows} for topic, rows in made.items()}


class TrafficRows(LiveRows):
    """`budgets`, `lanes`, `routes` or `bans`."""

    every_s = 1.0

    def __init__(self, desk: Desk, book: TrafficBook, topic: str) -> None:
        self.topic = topic
        super().__init__(desk)
        self._book = book

    def keys(self) -> Iterable[str]:
        # Rows shown so far too: a ban that is over leaves the table.
        return dict.fromkeys([*self._book.rows(self.topic), *self.rows])

    def row(self, key: str) -> list[Any] | None:
        return self._book.rows(self.topic).get(key)


def place_of(row: Mapping[str, Any]) -> tuple[int, str]:
    """Where a row stands in its table: lanes by their rank, the others by name."""
    return int(row.get("order", 0)), str(next(iter(row.values())))


def _budget(one: BudgetState, bans: Iterable[BanState]) -> list[Any]:
    used = one.spent + one.others
    return [
        f"{one.system}|{one.route}|{one.account}|{one.name}",
        one.system,
        one.route,
        one.account,
        one.name,
        one.counts,
        round(100 * used / one.limit, 1) if one.limit else NAN,
        round(one.spent, 1),
        round(one.others, 1),
        round(one.planned, 1),
        one.limit,
        one.window_s,
        round(one.free_in_s, 1),
        round(max((ban.left_s for ban in bans if _stops(ban, one)), default=0.0), 1),
    ]


def _stops(ban: BanState, budget: BudgetState) -> bool:
    """Whether a ban is about what this budget counts: the whole address, or this account alone."""
    if ban.system != budget.system:
        return False
    if ban.account or budget.account:
        return ban.account == budget.account
    return ban.route == budget.route


def _lane(place: int, one: LaneState) -> list[Any]:
    return [
        one.name,
        place,
        one.waiting,
        round(one.longest_s, 1),
        one.sent_1m,
        round(one.worst_1m_s, 2),
    ]


def _route(one: RouteState, bans: Iterable[BanState]) -> list[Any]:
    banned = any(
        (name_of(ban.system), ban.route, ban.account, ban.status) == (one.venue, one.name, "", BANNED)
        for ban in bans
    )
    return [
        f"{one.venue}|{one.name}",
        one.venue,
        one.name,
        one.kind,
        one.address,
        one.trusted,
        "banned" if banned else one.state.value,
        round(one.latency_s * 1000, 1) if one.latency_s else NAN,
        one.sent_1m,
        one.failures,
        round(one.retry_in_s, 1),
        one.problem,
        one.problem_ns,
    ]


def _ban(one: BanState) -> list[Any]:
    return [
        f"{one.system}|{one.route}|{one.account}",
        one.system,
        one.route,
        one.account,
        one.status,
        one.until_ns,
        round(one.left_s, 1),
    ]
