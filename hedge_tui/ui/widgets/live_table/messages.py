"""What a `LiveTable` tells its parents, in the words of Textual's own DataTable.

Handlers are named `on_live_table_row_selected` and so on; `LiveTable` carries the classes as attributes, for
`@on(LiveTable.RowSelected)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from hedge_tui.ui.widgets.live_table.widget import LiveTable


class TableMessage(Message, namespace="live_table"):
    """Sent by `table`.

    Attributes:
        table: the sender.
    """

    def __init__(self, table: LiveTable) -> None:
        self.table = table
        super().__init__()

    @property
    def control(self) -> LiveTable:
        """The sender, for selectors in `@on`."""
        return self.table


class RowHighlighted(TableMessage, namespace="live_table"):
    """The cursor stands on another row than before, by a key or because its row went away.

    Attributes:
        row_key: key of the row, None if the view is empty now.
        cursor_row: row number in the view.
    """

    def __init__(self, table: LiveTable, row_key: str | None, cursor_row: int) -> None:
        self.row_key = row_key
        self.cursor_row = cursor_row
        super().__init__(table)


class RowSelected(TableMessage, namespace="live_table"):
    """Enter or a second click on a row.

    Attributes:
        row_key: key of the row.
        cursor_row: row number in the view.
    """

    def __init__(self, table: LiveTable, row_key: str, cursor_row: int) -> None:
        self.row_key = row_key
        self.cursor_row = cursor_row
        super().__init__(table)


class HeaderSelected(TableMessage, namespace="live_table"):
    """A label was clicked, or sorted by from the keyboard; the table has sorted itself already.

    Attributes:
        column_key: key of the column.
        column_index: its place among all columns, hidden ones too.
        label: header text.
    """

    def __init__(self, table: LiveTable, column_key: str, column_index: int, label: str) -> None:
        self.column_key = column_key
        self.column_index = column_index
        self.label = label
        super().__init__(table)


class PickedChanged(TableMessage, namespace="live_table"):
    """Rows were picked or dropped for a bulk action.

    Attributes:
        keys: picked rows in the order of the view.
    """

    def __init__(self, table: LiveTable, keys: list[str]) -> None:
        self.keys = keys
        super().__init__(table)
