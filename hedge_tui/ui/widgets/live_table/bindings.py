"""Keys of a `LiveTable`: vim's and arrows side by side, each with an id that a keymap can rebind."""

from __future__ import annotations

from textual.binding import Binding, BindingType


def _bind(keys: str, action: str, name: str, tooltip: str) -> Binding:
    return Binding(keys, action, tooltip, show=False, id=f"table.{name}", tooltip=tooltip)


TABLE_BINDINGS: list[BindingType] = [
    _bind("up,k", "cursor_up", "up", "Cursor up"),
    _bind("down,j", "cursor_down", "down", "Cursor down"),
    _bind("left,h", "cursor_left", "left", "Previous column"),
    _bind("right,l", "cursor_right", "right", "Next column"),
    _bind("pageup,ctrl+b", "page_up", "page_up", "Page up"),
    _bind("pagedown,ctrl+f", "page_down", "page_down", "Page down"),
    _bind("ctrl+u", "half_up", "half_up", "Half a page up"),
    _bind("ctrl+d", "half_down", "half_down", "Half a page down"),
    _bind("home,ctrl+home,g", "scroll_top", "top", "First row"),
    _bind("end,ctrl+end,G", "scroll_bottom", "bottom", "Last row"),
    _bind("enter", "select_cursor", "select", "Open the row; fold or unfold the group"),
    _bind("space", "toggle_row", "toggle", "Pick or drop the row or the group"),
    _bind("shift+up,K", "extend(-1)", "extend_up", "Pick upwards"),
    _bind("shift+down,J", "extend(1)", "extend_down", "Pick downwards"),
    _bind("ctrl+a", "pick_all", "pick_all", "Pick all rows"),
    _bind("escape", "drop_all", "drop_all", "Drop the picked rows"),
    _bind("s", "sort_column", "sort", "Sort by this column"),
    _bind("ctrl+g", "group_column", "group", "Group by this column of words, or no groups"),
    _bind("f", "fold", "fold", "Fold or unfold this group"),
    _bind("ctrl+o", "fold_all", "fold_all", "Fold or unfold all groups"),
    _bind("<", "narrow_column", "narrow", "Narrower column"),
    _bind(">", "widen_column", "widen", "Wider column"),
    _bind("{", "column_left", "column_left", "Move the column left"),
    _bind("}", "column_right", "column_right", "Move the column right"),
    _bind("y", "copy_rows", "copy", "Copy the picked rows"),
]
