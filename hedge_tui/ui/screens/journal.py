"""The Journal screen: what the desk did, as it does it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.geometry import Region

from hedge_tui.domain.errors import HedgeError
from hedge_tui.ui.columns.journal import JOURNAL
from hedge_tui.ui.modals.reader import ReaderDialog
from hedge_tui.ui.screens.desk_screen import DeskScreen
from hedge_tui.ui.widgets.inert import inert_lines
from hedge_tui.ui.widgets.live_table import LiveTable
from hedge_tui.ui.widgets.pane import Pane
from hedge_tui.ui.widgets.pane_layout import Slot
from hedge_tui.ui.widgets.topic_table import TopicTable

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.live_table.messages import RowSelected


class JournalScreen(DeskScreen):
    """One table of acts; enter explains the order or line of one."""

    mode_id = "journal"

    def make_panes(self) -> list[Pane]:
        """The table."""
        self.table = TopicTable(JOURNAL, self.desk.grid_of)
        return [Pane("journal", "Journal", self.table, hints=("table.select", "table.copy"))]

    def arrange_panes(self, width: int, height: int) -> list[Slot]:
        """All the room there is."""
        return [Slot(Region(0, 0, width, height), ("journal",))]

    def describe(self) -> None:
        """How far the record goes, in the title."""
        table = self.desk.link.replica.tables.get("journal")
        last = max((int(key) for key in table.rows), default=0) if table is not None else 0
        words = f"{self.table.row_count:,} of {last:,} acts; enter explains, older ones: hedge journal show"
        self.grid.pane("journal").detail = words if last else ""

    @on(LiveTable.RowSelected)
    def _opened(self, event: RowSelected) -> None:
        """Enter: why it was done, from the line that was typed to the last answer."""
        about = self.desk.link.replica.table("journal").get(event.row_key, "about")
        if about:
            self.run_worker(self._explain(str(about)), group="explain", exclusive=True)

    async def _explain(self, about: str) -> None:
        self.grid.pane("journal").detail = f"reading the journal about {about} ..."
        try:
            lines = await self.desk.link.client.query("explain", about=about)
        except HedgeError as error:
            self.desk.say(str(error), "warning")
            return
        finally:
            self.describe()
        words = inert_lines("\n".join(str(line) for line in lines))
        self.desk.push_screen(ReaderDialog(f"Journal: {about}", Content(words), wide=True))
