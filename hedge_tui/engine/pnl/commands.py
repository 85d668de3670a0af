"""Carries out what PnL is told apart by: `session start` and `tag`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.command.ast import OnIds, OnRows, OnRun, Session, Tag
from hedge_tui.domain import acts
from hedge_tui.domain.errors import CommandError
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.targets import every_order_of
from hedge_tui.engine.pnl.booking import TAG

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.view import View


class PnlCommands:
    """One function per command, by its kind in `known`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.known: dict[str, Callable[[Any, View], tuple[str, dict[str, Any]]]] = {
            Session.kind: self._session,
            Tag.kind: self._tag,
        }

    def _session(self, body: Session, view: View) -> tuple[str, dict[str, Any]]:
        del view
        drop(self._desk.record(acts.SessionStarted(self._desk.clock.now_ns(), body.name)))
        name = f" {body.name}" if body.name else ""
        return f"session{name} has begun; what it earns: hedge pnl --by session", {}

    def _tag(self, body: Tag, view: View) -> tuple[str, dict[str, Any]]:
        if len(body.tags) > 1:
            named = ", ".join(f"#{tag}" for tag in body.tags)
            raise CommandError(f"an order has one tag, not {len(body.tags)}: {named}", body.span)
        names = self._names(body, view)
        tag = "" if body.off else body.tags[0]
        at = self._desk.clock.now_ns()
        drop(self._desk.record(*(acts.SettingChanged(at, TAG, name, tag, "keyboard") for name in names)))
        what = f"{len(names)} orders" if len(names) > 1 else _shown(names[0])
        return f"{what}: tag off" if body.off else f"{what}: #{tag}; what it earns: hedge pnl --by tag", {}

    def _names(self, body: Tag, view: View) -> list[str]:
        """What the settings call the orders or the run.

        Raises:
            CommandError: nothing of that name was sent.
        """
        match body.on:
            case OnRun(run=run):
                found = [name for name in view.state.run_orders if name.startswith(run)]
                if len(found) != 1:
                    why = "is no run" if not found else f"could be {len(found)} runs"
                    raise CommandError(f"{run} {why}", body.on.span, "the Orders screen lists the runs")
                return [f"run:{found[0]}"]
            case OnRows() | OnIds():
                return [str(order.request.client_order_id) for order in every_order_of(body.on, view)]
            case _:
                raise CommandError(
                    "a tag is put on orders or on a run",
                    body.on.span,
                    "tag #3 #breakout, tag run:4f2a #breakout",
                )


def _shown(name: str) -> str:
    return name if name.startswith("run:") else f"order {name[:8]}"
