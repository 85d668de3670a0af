"""Whether painting a widget makes sense: in sight, behind a dialog, or hidden."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from textual.dom import NoScreen

if TYPE_CHECKING:
    from textual.widget import Widget


class Visibility(Enum):
    """What the trader sees of a widget."""

    SHOWN = "shown"
    BEHIND = "behind"
    """Its screen shows through below a modal one."""
    HIDDEN = "hidden"


def visibility(widget: Widget) -> Visibility:
    """Ask the screen stack; a widget that takes no cells on its screen counts as shown here."""
    if not widget.is_attached:
        return Visibility.HIDDEN
    try:
        own = widget.screen
    except NoScreen:
        return Visibility.HIDDEN
    stack = widget.app.screen_stack
    if stack and stack[-1] is own:
        return Visibility.SHOWN
    for screen in reversed(stack):
        if screen is own:
            return Visibility.BEHIND
        if not screen.is_modal:
            break
    return Visibility.HIDDEN
