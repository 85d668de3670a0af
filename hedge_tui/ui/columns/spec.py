"""What a table of one topic shows: columns, derived values, and which rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.live_table import Column, Sort, Subtotal
    from hedge_tui.ui.widgets.live_table.subtotal import Total

Row = Mapping[str, Any]
"""Topic column -> value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """One table.

    Attributes:
        topic: of the wire. title: for the pane.
        columns: their keys are topic columns or keys of `derived`.
        derived: column key -> function of the row.
        keep: which rows are shown; None for all.
        sort: at first. totals: column key -> function of the shown values.
        group: key of the column of words that rows are grouped by at first, "" for none.
        folded: begin with the headers of groups only.
        subtotals: column key -> its figure in the header of a group.
        fixed: leading columns that stay when the others scroll.
        empty: what to do when there is nothing to see.
        meanings: column key -> one line for help.
        target: what a row stands for: "order", "position", "instrument", "account" or "".
    """

    topic: str
    title: str
    columns: tuple[Column, ...]
    derived: Mapping[str, Callable[[Row], object]] = field(default_factory=dict)
    keep: Callable[[Row], bool] | None = None
    sort: Sort | None = None
    totals: Mapping[str, Total] = field(default_factory=dict)
    group: str = ""
    folded: bool = False
    subtotals: Mapping[str, Subtotal | Total] = field(default_factory=dict)
    fixed: int = 1
    empty: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
