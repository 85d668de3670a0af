"""Rings of samples: gaps stay unknown, old samples are forgotten, memory is bounded."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hedge_tui.domain.candle import MINUTE_NS
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.engine.rings import Ring

A, B = InstrumentId("v:A/USDT"), InstrumentId("v:B/USDT")


def known(ring: Ring, instrument: InstrumentId, moments: range) -> dict[int, float]:
    return {m: v for m in moments if not math.isnan(v := ring.at(instrument, m))}


def test_what_nobody_sampled_is_unknown():
    ring = Ring(MINUTE_NS, 8)
    ring.put(A, 100, 1.0)
    ring.put(A, 104, 5.0)
    assert known(ring, A, range(90, 110)) == {100: 1.0, 104: 5.0}
    assert known(ring, B, range(90, 110)) == {}
    assert ring.newest(A) == 104
    assert ring.newest(B) == -1


def test_a_slot_that_is_used_again_does_not_show_what_was_there():
    """B knows moment 100; ten moments later its slot stands for another one."""
    ring = Ring(MINUTE_NS, 8)
    ring.put(B, 100, 7.0)
    for moment in range(101, 111):
        ring.put(A, moment, float(moment))
    assert known(ring, B, range(90, 120)) == {}
    assert ring.newest(B) == -1
    assert known(ring, A, range(90, 120)) == {m: float(m) for m in range(103, 111)}


def test_after_a_long_silence_only_the_new_is_known():
    ring = Ring(MINUTE_NS, 8)
    for moment in range(8):
        ring.put(A, moment, 1.0)
    ring.put(A, 5_000, 2.0)
    assert known(ring, A, range(6_000)) == {5_000: 2.0}


def test_the_past_is_filled_in_and_what_is_too_old_is_not_kept():
    ring = Ring(MINUTE_NS, 8)
    ring.put(A, 100, 1.0)
    ring.put(A, 95, 0.5)
    ring.put(A, 92, 0.1)
    assert known(ring, A, range(80, 110)) == {95: 0.5, 100: 1.0}
    assert np.array_equal(
        ring.span(A, 94, 8), [math.nan, 0.5, *[math.nan] * 4, 1.0, math.nan], equal_nan=True
    )


def test_the_nearest_sample_within_a_bound():
    ring = Ring(MINUTE_NS, 8)
    ring.put(A, 100, 1.0)
    ring.put(A, 103, 4.0)
    assert ring.near(A, 101, 1) == 1.0
    assert ring.near(A, 102, 1) == 4.0
    assert math.isnan(ring.near(A, 97, 2))


def test_complete_means_every_moment():
    ring = Ring(MINUTE_NS, 8)
    for moment in range(100, 106):
        ring.put(A, moment, 1.0)
        if moment != 103:
            ring.put(B, moment, 1.0)
    assert ring.complete(100, 6) == {A}
    assert ring.complete(104, 2) == {A, B}
    assert ring.complete(104, 3) == set()


def test_memory_is_bounded_by_instruments_and_slots():
    ring = Ring(MINUTE_NS, 8)
    for moment in range(10_000):
        ring.put(InstrumentId(f"v:{moment % 200}"), moment, 1.0)
    assert len(ring) == 200
    assert ring._values.shape == (256, 8)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((A, B)), st.integers(0, 60), st.integers(1, 9)), max_size=60))
def test_a_ring_equals_a_dictionary_that_forgets(words: list[tuple[InstrumentId, int, int]]):
    ring, truth, newest = Ring(MINUTE_NS, 12), {}, -1
    for instrument, moment, value in words:
        ring.put(instrument, moment, float(value))
        if moment > newest - 12:
            truth[instrument, moment] = float(value)
            newest = max(newest, moment)
        truth = {key: v for key, v in truth.items() if key[1] > newest - 12}
    for instrument in (A, B):
        assert known(ring, instrument, range(80)) == {m: v for (i, m), v in truth.items() if i == instrument}
        assert ring.newest(instrument) == max((m for i, m in truth if i == instrument), default=-1)
