"""What the tour looks at to see whether a step was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.ui.app import HedgeApp


@dataclass(frozen=True, slots=True)
class Sight:
    """The desk as one console shows it, at one moment.

    Attributes:
        screen: mode id. pane: id of the active pane. dialog: class name of the dialog on top, "" for none.
        instrument, timeframe, scope: what is chosen. bar: the command line is open.
        orders, positions: working orders and open positions over all accounts.
        holders: accounts that hold a position.
    """

    screen: str = ""
    pane: str = ""
    dialog: str = ""
    instrument: str = ""
    timeframe: str = ""
    scope: str = ""
    bar: bool = False
    orders: int = 0
    positions: int = 0
    holders: int = 0


def sight_of(app: HedgeApp) -> Sight:
    """Look."""
    desk, state = app.desk_screen(), app.state
    counts: list[tuple[int, int]] = []
    table = app.link.replica.tables.get("accounts")
    if table is not None and table.columns:
        orders, positions = table.columns.index("orders"), table.columns.index("positions")
        counts = [(int(row[orders]), int(row[positions])) for row in table.rows.values()]
    return Sight(
        screen=desk.mode_id,
        pane=desk.grid.active,
        dialog="" if app.screen is desk else type(app.screen).__name__,
        instrument=state.instrument,
        timeframe=state.timeframe,
        scope=state.scope,
        bar=desk.bar.is_open,
        orders=sum(n for n, _ in counts),
        positions=sum(n for _, n in counts),
        holders=sum(1 for _, n in counts if n),
    )
