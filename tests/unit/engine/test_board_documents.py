"""Documents on the board: a client that missed one gets the whole, never a tail that leaves a hole."""

from __future__ import annotations

import random
from typing import Any

from plan_bench import NOW_NS

from hedge_tui.engine.board.board import Board, Follower
from hedge_tui.engine.desk import Desk


class Chart:
    """A growing list whose refresh tells only its newest item."""

    def __init__(self) -> None:
        self.items: list[int] = []
        self.told = 0
        self.followed: set[str] = set()

    def follow(self, topics: set[str]) -> None:
        self.followed = topics

    def refresh(self, _now_s: float) -> dict[str, Any]:
        if self.told == len(self.items):
            return {}
        tail = {"whole": not self.told, "items": self.items[self.told :] if self.told else list(self.items)}
        self.told = len(self.items)
        return {"chart:x": tail}

    def whole(self, topic: str) -> Any:
        return {"whole": True, "items": list(self.items)} if topic == "chart:x" and self.items else None


class Still:
    dead = ""

    def now_ns(self) -> int:
        return NOW_NS

    def monotonic(self) -> float:
        return 0.0


def board() -> tuple[Board, Chart]:
    chart = Chart()
    still = Still()
    return Board(Desk(still, still, random.Random(1)), [chart], {}), chart  # type: ignore[arg-type]


def read(on: Board, follower: Follower, into: list[int]) -> None:
    for delta in on.take(follower):
        if delta.full or delta.document["whole"]:
            into.clear()
        into.extend(delta.document["items"])


def test_whoever_reads_every_frame_gets_tails() -> None:
    on, chart = board()
    follower, seen = Follower(), []
    on.add(follower)
    on.follow(follower, ["chart:x"])
    for n in range(10):
        chart.items.append(n)
        on.refresh(float(n))
        read(on, follower, seen)
        assert seen == chart.items


def test_whoever_skips_frames_gets_the_whole() -> None:
    rng = random.Random(2)
    on, chart = board()
    followers: list[tuple[Follower, list[int]]] = [(Follower(), []) for _ in range(4)]
    for follower, _ in followers:
        on.add(follower)
        on.follow(follower, ["chart:x"])
    for n in range(300):
        chart.items.append(n)
        on.refresh(float(n))
        for follower, seen in followers:
            if rng.random() < 0.3:
                read(on, follower, seen)
                assert seen == chart.items


def test_a_topic_that_has_nothing_yet_stays_wanted() -> None:
    on, chart = board()
    follower, seen = Follower(), []
    on.add(follower)
    on.follow(follower, ["chart:x"])
    assert on.take(follower) == []
    chart.items.append(1)
    on.refresh(1.0)
    read(on, follower, seen)
    assert seen == [1]
    on.remove(follower)
    assert chart.followed == set()
