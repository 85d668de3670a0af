"""The Markets screen: every instrument of every venue in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual import on
from textual.geometry import Region
from textual.widgets import Input

from hedge_tui.domain.instrument import InstrumentId, venue_of
from hedge_tui.ui.keys import MARKET_BINDINGS, bind
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.live_table import LiveTable
from hedge_tui.ui.widgets.markets_table import GROUPED_BY, MarketsTable
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot

if TYPE_CHECKING:
    from textual.binding import BindingType

    from hedge_tui.ui.frame_pump import TopicView
    from hedge_tui.ui.widgets.live_table.messages import RowSelected
    from hedge_tui.wire.replica import Table

EVERY_S = 1.0


class MarketsScreen(DeskScreen):
    """Where markets are found, compared and picked."""

    mode_id = "markets"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "g",
            "group_assets",
            "group",
            "markets.group",
            "All markets of an asset under one header",
            at_once=True,
        ),
        *MARKET_BINDINGS,
    ]

    def make_panes(self) -> list[Pane]:
        """One table."""
        self.table = MarketsTable(self.desk.grid_of, lambda: self._rows_of("markets"))
        hints = ("table.select", "order.buy", "order.sell", "markets.group", "table.toggle", "table.sort")
        return [Pane("markets", "Markets", self.table, hints=hints)]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """It fills the screen."""
        return [Slot(Region(0, 0, width, height), ("markets",))]

    def more_views(self) -> list[TopicView]:
        """The slower figures of the same rows."""
        return [self.table.slow]

    def on_mount(self) -> None:
        """Count down to the next funding."""
        super().on_mount()
        self.set_interval(EVERY_S, self.count_down)

    def count_down(self) -> None:
        """Move the clock's column."""
        rows = self._rows_of("instruments")
        if rows is not None and self.is_current:
            self.table.count_down(rows, self.desk.now_ns())

    def _rows_of(self, topic: str) -> Table | None:
        return self.desk.link.replica.tables.get(topic)

    def silence(self, pane: Pane) -> str:
        """Venues whose quotes are too old to trade on."""
        del pane
        rows = self._rows_of("markets")
        if rows is None:
            return ""
        place = rows.columns.index("silent_s")
        found: dict[str, int] = {}
        for key, row in rows.rows.items():
            if row[place]:
                venue = venue_of(InstrumentId(key))
                found[venue] = max(found.get(venue, 0), row[place])
        return ", ".join(f"{venue} SILENT {seconds} s" for venue, seconds in sorted(found.items()))

    def describe(self) -> None:
        """How many rise and fall, and what is held, in the title."""
        table, welcome = self.table, self.desk.link.welcome
        picked = len(table.picked_keys())
        parts = [f"{table.row_count:,}"] if table.row_count else []
        parts += [f"{picked} picked"] * bool(picked)
        changes, own = table.shown_values("change_24h"), table.shown_values("net_value")
        if len(changes):
            up, down = int((changes > 0).sum()), int((changes < 0).sum())
            parts.append(f"{up:,} up, {down:,} down in 24h")
        if held := int(np.isfinite(own).sum()):
            currency = welcome.reporting_currency if welcome is not None else ""
            parts.append(f"own net {np.nansum(own):+,.0f} {currency} in {held}")
        self.grid.pane("markets").detail = "   ".join(parts)

    @on(LiveTable.RowSelected)
    def _opened(self, event: RowSelected) -> None:
        """Enter on a market opens it on Trade."""
        self.desk.state.instrument = event.row_key
        self.desk.choices_changed()
        self.desk.action_screen_named("trade")

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the filter is typed, g is a letter."""
        if action == "group_assets" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    def action_group_assets(self) -> None:
        """Group by asset, or no groups."""
        self.table.group_by(None if self.table.group else GROUPED_BY)

    def action_watch_row(self) -> None:
        """Put the picked markets, or that under the cursor, on the watchlist."""
        self._watch("")

    def action_unwatch_row(self) -> None:
        """Take them off."""
        self._watch("off ")

    def _watch(self, word: str) -> None:
        if names := self.table.target_keys():
            self.desk.lines.chosen(f"watch {word}{','.join(names)}")

    def action_cancel_rows(self) -> None:
        """Cancel the orders in these markets, with a preview."""
        if names := self.table.target_keys():
            self.desk.lines.chosen(f"cancel {','.join(names)}")

    def action_close_rows(self) -> None:
        """Close what is held in these markets, with a preview."""
        if names := self.table.target_keys():
            self.desk.lines.chosen(f"close {','.join(names)}")

    def action_buy(self) -> None:
        """Begin a buy."""
        self._order("buy")

    def action_sell(self) -> None:
        """Begin a sell."""
        self._order("sell")

    def _order(self, verb: str) -> None:
        """Begin a line; the size is typed before the symbols that stand there already."""
        targets = self.table.target_keys()
        symbols = "picked" if len(targets) > 1 else "".join(targets)
        self.open_bar(f"{verb}  {symbols}", cursor=len(verb) + 1)
