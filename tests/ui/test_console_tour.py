"""The tour: steps that see whether they were done, on a real desk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hedge_tui.ui.tour.sight import Sight
from hedge_tui.ui.tour.steps import STEPS
from hedge_tui.ui.tour.tour import STAY_TICKS, Tour

START = Sight(
    screen="trade", pane="chart", instrument="v:BTC/USDT:USDT", timeframe="5m", orders=3, positions=2
)
DEEDS = {
    1: {"instrument": "v:ETH/USDT:USDT"},
    2: {"timeframe": "1m"},
    3: {"scope": "desk-1"},
    4: {"positions": 3},
    5: {"positions": 4, "holders": 1},
    6: {"orders": 4},
    7: {"orders": 2},
    8: {"dialog": "PanicDialog"},
    9: {"screen": "help"},
}
"""Number of a step -> what its task changes."""


def at_step(number: int) -> Tour:
    tour = Tour()
    tour.begin()
    for _ in range(number):
        tour.next()
    tour.look(START)
    return tour


def test_there_are_ten_steps_and_each_but_the_first_sees_its_deed():
    assert len(STEPS) == 10
    assert [step.done is None for step in STEPS] == [True] + [False] * 9
    assert DEEDS.keys() == set(range(1, 10))


@pytest.mark.parametrize("number", DEEDS)
def test_a_step_is_ticked_by_its_deed_and_by_no_other(number: int):
    for other, deed in DEEDS.items():
        tour = at_step(number)
        tour.look(replace(START, **deed))  # type: ignore[arg-type]
        alike = {number, other} == {4, 5}  # a position opens: both steps ask for one
        assert tour.ticked == (other == number) or alike, (number, other)


@pytest.mark.parametrize("number", DEEDS)
def test_standing_still_ticks_nothing(number: int):
    tour = at_step(number)
    for _ in range(20):
        tour.look(START)
    assert (tour.at, tour.ticked) == (number, False)


def test_a_tick_stays_in_sight_and_waits_for_a_dialog_to_close():
    tour = at_step(8)
    opened = replace(START, dialog="PanicDialog")
    tour.look(opened)
    for _ in range(STAY_TICKS * 2):
        tour.look(opened)
    assert (tour.at, tour.ticked) == (8, True)
    tour.look(START)
    assert (tour.at, tour.ticked) == (9, False)


def test_back_stops_at_the_first_and_on_after_the_last_ends():
    tour = at_step(1)
    tour.next(-1)
    tour.next(-1)
    assert tour.at == 0
    for _ in STEPS:
        tour.next()
    assert not tour.on
    assert tour.step is None


async def test_the_tour_on_a_desk(console):
    panel = console.app.desk_screen().tour
    assert not panel.display
    await console.line("tour")
    await console.until(lambda: panel.display, "the strip")
    assert "Tour 1/10" in panel.render().plain
    await console.press("N")
    await console.until(lambda: "Tour 2/10" in panel.render().plain, "the second step")
    for _ in range(3):
        await console.press("N")
    await console.until(lambda: "Tour 5/10" in panel.render().plain, "the first order")
    await console.send("@desk-1 buy 0.01btc BTC.p")
    await console.until(lambda: console.app.guide.tour.ticked, "seen that it was done")
    await console.until(lambda: "Tour 6/10" in panel.render().plain, "the next one by itself")
    await console.press("O")
    await console.until(lambda: console.app.desk_screen().mode_id == "orders", "another screen")
    await console.until(lambda: console.app.desk_screen().tour.display, "the tour goes along")
    await console.press("Q")
    await console.until(lambda: not console.app.desk_screen().tour.display, "it has ended")
    await console.press("N")
    assert not console.app.guide.tour.on


async def test_letters_of_the_tour_are_letters_in_a_line(console):
    await console.line("tour")
    await console.until(lambda: console.app.guide.tour.on, "it runs")
    await console.press("colon")
    await console.until(lambda: console.bar.is_open, "the bar opens")
    await console.type("note Nothing Quiet")
    assert console.app.guide.tour.at == 0
    assert console.bar.input.value.endswith("note Nothing Quiet")
