"""Everything a verb can be given."""

from __future__ import annotations

from hedge_tui.command.ast.desk import (
    AccountScope,
    Alias,
    Away,
    Chart,
    Draw,
    Help,
    Ind,
    Lock,
    Note,
    Record,
    ScreenLayout,
    Session,
    Set,
    Stress,
    TableView,
    Tag,
    Tour,
    Watch,
)
from hedge_tui.command.ast.manage import ManageBody
from hedge_tui.command.ast.order import Order
from hedge_tui.command.ast.restraint import Hold, Limit
from hedge_tui.command.ast.watchers import Alarm, Rule, Watchers

DeskBody = (
    AccountScope
    | Alias
    | Chart
    | Draw
    | Help
    | Hold
    | Ind
    | Limit
    | Lock
    | Note
    | Session
    | Set
    | Stress
    | ScreenLayout
    | TableView
    | Tag
    | Away
    | Record
    | Tour
    | Watch
)
"""Commands that touch no venue."""

Body = Order | ManageBody | Alarm | Rule | Watchers | DeskBody
"""The body of a command; told apart by class or by its `kind`."""
