"""The visible cells of a `TableModel` as a `Snapshot`, with the figures of group headers as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hedge_tui.ui.widgets.live_table.frame import (
    CURSOR,
    EMPTY,
    FOLDED,
    HEADER,
    MEMBER,
    PARTLY,
    PICKED,
    FlashMemory,
    Snapshot,
    read_decimals,
)

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.live_table.column_set import Span
    from hedge_tui.ui.widgets.live_table.frame import Flags
    from hedge_tui.ui.widgets.live_table.row_store import SlotArray
    from hedge_tui.ui.widgets.live_table.table_model import TableModel


def capture(
    model: TableModel, spans: tuple[Span, ...], lines: int, memory: FlashMemory, now: float
) -> Snapshot:
    """What the body should show now.

    Args:
        model: with its order up to date.
        spans: columns on screen.
        lines: body lines.
        memory: what the trader saw before.
        now: monotonic seconds.
    """
    slots = model.order.slots[model.top : model.top + lines]
    count = len(slots)
    states, members = np.full(lines, EMPTY, np.int8), np.zeros(lines, np.intp)
    states[:count] = np.where(slots == model.cursor_slot, CURSOR, 0)
    picked = model.selection.flags(model.store.capacity)
    states[:count] |= np.where(picked[slots], np.int8(PICKED), np.int8(0))
    digits = {s.column.decimals for s in spans if isinstance(s.column.decimals, str)}
    digits = {key for key in digits if key in model.columns}
    if model.order.groups is not None and count:
        shown = {span.column.key for span in spans if span.column.key in model.order.grouping.subtotals}
        _read_groups(model, slots, states[:count], members[:count], shown | digits)
    shape = (len(spans), lines)
    values, decimals = np.full(shape, np.nan), np.zeros(shape, np.int8)
    flashes = np.zeros(shape, np.int8)
    everyone = np.full(lines, -1, np.intp)
    everyone[:count] = slots
    if count and spans:
        values[:, :count] = model.store.values[np.ix_(np.array([s.index for s in spans]), slots)]
        lookup = {key: model.columns.index(key) for key in digits}
        decimals[:, :count] = read_decimals(model.store, spans, slots, lookup)
        flashes[:, :count] = memory.look(model.store, slots, spans, now)
    return Snapshot(everyone, values, decimals, flashes, states, members)


def _read_groups(
    model: TableModel, slots: SlotArray, states: Flags, members: SlotArray, columns: set[str]
) -> None:
    """Fill in what groups add to `states` and `members`, and the figures of the headers among `slots`."""
    groups, grouping = model.order.groups, model.order.grouping
    assert groups is not None, "called with groups only"
    numbers = groups.numbers[slots]
    above = groups.headers[numbers]
    headed = above == slots
    states |= np.where(headed, HEADER, np.where(above >= 0, MEMBER, 0)).astype(np.int8)
    if not headed.any():
        return
    headers = slots[headed]
    counts = groups.counts[numbers[headed]]
    members[headed] = counts
    rows, starts = groups.members(headers)
    picks = np.add.reduceat(model.selection.flags(model.store.capacity)[rows].astype(np.intp), starts)
    bits = np.where(picks == counts, PICKED, np.where(picks > 0, PARTLY, 0))
    states[headed] |= (bits | np.where(grouping.are_folded(headers), FOLDED, 0)).astype(np.int8)
    grouping.refresh((rows, starts), headers, columns)
