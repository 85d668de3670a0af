"""Whole desks under simulated time, with all faults drawn from a seed: every promise is kept at every step.

A seed that fails says so with the command that turns it again; with HEDGE_SEED set, its story is printed.
"""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.tally import Tally, seeds
from faults.world.planted import PLANTED
from faults.world.scenario import draw
from faults.world.show import story
from faults.world.weather import Fault
from faults.world.world import Figures, turn

SEED = os.environ.get("HEDGE_SEED", "")
SEEDS = seeds(short=300, long=10_000)
PART = 100
"""Seeds of one test, so that several processes can share them."""
PLANTED_SEEDS = 100
REMEMBERED = (3179, 7255)
"""Seeds beyond the short run that once found something: spot balances whose event was lost, an execution of
ours taken for one of before."""
SUITE = "simulated time"
SHOW = Path(__file__).parent / "world" / "show.py"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No log lines and few collections: most of the time would go there."""
    logging.disable(logging.CRITICAL)
    gc.freeze()
    threshold = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()
    logging.disable(logging.NOTSET)


def count(tally: Tally, figures: Figures) -> None:
    kinds = Counter(broken.kind for broken in figures.broken)
    tally.add(
        orders=figures.orders,
        lost=kinds["lost"] + kinds["executions lost"],
        doubled=kinds["doubled"],
        false_terminal=kinds["false terminal"],
    )


@pytest.mark.skipif(bool(SEED), reason="one seed is asked for")
@pytest.mark.parametrize("first", range(0, SEEDS, PART))
def test_every_promise_is_kept(first: int) -> None:
    bad: list[str] = []
    with Tally(SUITE, "all faults, drawn together") as tally:
        for seed in range(first, min(first + PART, SEEDS)):
            figures = turn(seed)
            count(tally, figures)
            if figures.broken:
                command = f"HEDGE_SEED={seed} python -m pytest -s {Path(__file__).name}"
                bad.append(f"{command}\n    " + "\n    ".join(map(str, figures.broken[:3])))
        assert not bad, f"{len(bad)} of {PART} seeds failed\n" + "\n".join(bad)


@pytest.mark.skipif(not SEED, reason="HEDGE_SEED names no seed")
def test_the_story_of_one_seed() -> None:
    print(story(int(SEED)))
    assert not turn(int(SEED)).broken


@pytest.mark.parametrize("seed", REMEMBERED)
def test_what_was_once_broken_is_kept(seed: int) -> None:
    assert not turn(seed).broken


def test_every_fault_and_every_act_is_drawn() -> None:
    scenarios = [draw(seed) for seed in range(300)]
    faults = Counter(spell.fault for scenario in scenarios for spell in scenario.spells)
    assert min(faults[fault] for fault in Fault) > 20
    acts = Counter(step.what for scenario in scenarios for step in scenario.steps)
    world = "move thin crash sleep freeze clock leverage mode grid transfer second"
    assert min(acts[what] for what in ["by hand", "disk full", *world.split()]) > 10
    words = " ".join(step.text for scenario in scenarios for step in scenario.steps)
    lines = ("stop:", "trig:", "trail", "reduce", "amend #", "cancel all", "close", "flatten", "lev", "panic")
    for word in (*lines, "panic flat", "arm 5m", " !", "ioc", "post", " long", ".s ", "margin", "mode"):
        assert words.count(word) > 5, word


def test_every_fault_strikes() -> None:
    struck: Counter[Fault] = Counter()
    for seed in range(10_000, 10_080):
        struck.update(turn(seed).counts)
    assert not [fault for fault in Fault if not struck[fault]]


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found_soon(name: str) -> None:
    plant, kinds = PLANTED[name]
    for seed in range(PLANTED_SEEDS):
        if kinds & {broken.kind for broken in turn(seed, plant).broken}:
            print(f"{name}: found by seed {seed}, the {seed + 1}th")
            return
    raise AssertionError(f"{name}: not found by {PLANTED_SEEDS} seeds")


def test_a_seed_tells_the_same_story_in_every_process() -> None:
    told = [
        subprocess.run(
            [sys.executable, str(SHOW), "7"],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    ]
    assert told[0].count("\n") > 50
    assert told[0] == told[1]
