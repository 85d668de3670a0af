"""What is said about feeds: their loss, not their coming and going by our own choice."""

from __future__ import annotations

import random

import pytest
from simulated_desk import SimulatedClock, SimulatedLoop

from hedge_tui.domain.health import FeedHealth, FeedState
from hedge_tui.engine.board.feeds import FeedRows
from hedge_tui.engine.desk import Desk
from hedge_tui.engine.feeds import Feeds
from store.journal.memory import MemoryJournal

BOOK = "binanceusdm:book:BTC/USDT:USDT"


@pytest.fixture
async def feeds() -> Feeds:
    desk = Desk(MemoryJournal(), SimulatedClock(SimulatedLoop()), random.Random(1))
    return Feeds(desk)


def say(feeds: Feeds, *states: FeedState) -> list[str]:
    for number, state in enumerate(states):
        feeds.take([FeedHealth(BOOK, "", "binanceusdm", state, number, number)])
    return [note.text for _, note in feeds._desk.state.log]


async def test_a_loss_and_its_end_are_said(feeds: Feeds) -> None:
    notes = say(feeds, FeedState.LIVE, FeedState.STALE, FeedState.LIVE)
    assert len(notes) == 2
    assert "stale" in notes[0]
    assert "live again" in notes[1]


async def test_our_own_choices_are_not(feeds: Feeds) -> None:
    assert say(feeds, FeedState.LIVE, FeedState.STOPPED, FeedState.STARTING, FeedState.LIVE) == []


async def test_a_feed_that_nobody_follows_leaves_the_table(feeds: Feeds) -> None:
    rows = FeedRows(feeds._desk, feeds.health)
    say(feeds, FeedState.LIVE)
    rows.rebuild()
    assert rows.refresh(0.0) == ({BOOK}, set())
    say(feeds, FeedState.STOPPED)
    assert rows.refresh(10.0) == (set(), {BOOK})
