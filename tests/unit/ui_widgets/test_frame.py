"""Flashes, and the budget of bytes."""

import numpy as np

from hedge_tui.ui.widgets import frame_clock
from hedge_tui.ui.widgets.glyphs import UNICODE
from hedge_tui.ui.widgets.live_table import Column, Kind
from hedge_tui.ui.widgets.live_table.column_set import Span
from hedge_tui.ui.widgets.live_table.frame import CHANGED, FELL, ROSE, STEADY, FlashMemory
from hedge_tui.ui.widgets.live_table.row_store import RowStore
from hedge_tui.ui.widgets.live_table.text_pool import TextPool
from hedge_tui.ui.widgets.paint_budget import BURST_S, CEILING_BYTES_PER_S, FLOOR_BYTES_PER_S, PaintBudget


def scene():
    store = RowStore(TextPool(UNICODE))
    store.add_column(is_text=False)
    store.add_column(is_text=True)
    slots = store.insert(["a", "b", "c"])
    store.put(slots, 0, [1.0, 2.0, np.nan])
    store.put(slots, 1, ["x", "y", "z"])
    spans = (
        Span(Column(key="n", label="", flash=True), 0, 0, 5),
        Span(Column(key="t", label="", kind=Kind.TEXT, flash=True), 1, 6, 5),
    )
    return store, slots, spans, FlashMemory(0.4)


def test_direction_of_change_is_lit_for_a_while():
    store, slots, spans, memory = scene()
    assert not memory.look(store, slots, spans, 1.0).any(), "nothing was seen before"
    store.put(slots, 0, [5.0, 1.0, 7.0])
    store.put(slots[:1], 1, "other")
    lit = memory.look(store, slots, spans, 2.0)
    assert lit.tolist() == [[ROSE, FELL, STEADY], [CHANGED, STEADY, STEADY]]
    assert memory.look(store, slots, spans, 2.3).any()
    assert not memory.look(store, slots, spans, 2.5).any()


def test_rows_that_move_flash_and_rows_that_scroll_in_do_not():
    store, slots, spans, memory = scene()
    memory.look(store, slots[:2], spans, 1.0)
    store.put(slots, 0, [5.0, 1.0, 7.0])
    lit = memory.look(store, slots[::-1], spans, 1.1)
    assert lit[0].tolist() == [STEADY, FELL, ROSE], "slot c was not on screen, b and a changed places"
    memory.look(store, slots[:1], spans, 1.2)
    store.put(slots, 0, [5.0, 9.0, 7.0])
    assert memory.look(store, slots, spans, 1.3)[0].tolist()[1] == STEADY


def test_a_new_row_in_an_old_slot_does_not_flash():
    store, slots, spans, memory = scene()
    memory.look(store, slots, spans, 1.0)
    store.remove(["b"])
    again = store.insert(["d"])
    assert again[0] == slots[1]
    store.put(again, 0, 99.0)
    assert memory.look(store, slots, spans, 1.1)[0, 1] == STEADY


def test_columns_without_flash_stay_dark():
    store, slots, _, memory = scene()
    spans = (Span(Column(key="n", label=""), 0, 0, 5),)
    memory.look(store, slots, spans, 1.0)
    store.put(slots, 0, 50.0)
    assert not memory.look(store, slots, spans, 1.1).any()


def test_a_slow_terminal_gets_no_frames_but_keys_are_answered(monkeypatch):
    waiting = [0]
    monkeypatch.setattr(frame_clock, "writes_waiting", lambda app: waiting[0])

    class Widget:
        painted = 0

        def paint(self) -> int:
            self.painted += 1
            return 100

    class AnApp:
        timers = 0

        def set_interval(self, *_args, **_options):
            self.timers += 1
            return object()

    app, widget, other = AnApp(), Widget(), Widget()
    clock = frame_clock.FrameClock.of(app)
    assert frame_clock.FrameClock.of(app) is clock
    clock.join(widget)
    clock.join(other)
    assert app.timers == 1
    clock.tick()
    assert (widget.painted, other.painted) == (1, 1)
    waiting[0] = 10
    clock.tick()
    assert (widget.painted, clock.skipped) == (1, 1)
    clock.urgent(widget)
    assert widget.painted == 2
    waiting[0] = 25
    clock.urgent(widget)
    assert widget.painted == 2, "the next write would block the event loop"
    clock.leave(widget)
    waiting[0] = 0
    clock.budget.spend(-10_000_000)
    clock.tick()
    assert (widget.painted, other.painted) == (2, 2)


def test_budget_halves_when_the_terminal_is_behind_and_recovers():
    budget = PaintBudget(1_000_000)
    budget.refill(0.0)
    assert not budget.exhausted
    budget.spend(300_000)
    assert budget.exhausted
    budget.refill(0.2)
    assert not budget.exhausted
    for step in range(40):
        budget.slow_down(1.0 + step)
    assert budget.bytes_per_s == FLOOR_BYTES_PER_S
    assert budget.exhausted
    now = 50.0
    for _ in range(400):
        now += 0.5
        budget.refill(now)
    assert budget.bytes_per_s == CEILING_BYTES_PER_S
    budget.spend(int(CEILING_BYTES_PER_S * BURST_S) - 1)
    assert not budget.exhausted


def test_budget_is_not_halved_by_every_frame_of_one_jam():
    budget = PaintBudget(800_000)
    for step in range(6):
        budget.slow_down(step / 30)
    assert budget.bytes_per_s == 400_000
