"""The `armed` topic: the envelope in force, with time and cap left as the engine counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hedge_tui.engine.board.table import LiveRows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.engine.state import Changes


class ArmedRows(LiveRows):
    """One row while the desk is armed, none otherwise."""

    topic = "armed"
    every_s = 0.25

    def touch(self, changes: Changes) -> None:
        """An envelope began, was used or ended."""
        if changes.armed:
            self.dirty.update(self.keys())
            self.dirty.update(self.rows)

    def keys(self) -> Iterable[str]:
        """Its id."""
        armed = self.desk.state.armed
        return (armed.envelope,) if armed is not None else ()

    def row(self, key: str) -> list[Any] | None:
        """Whole seconds, so that a row changes once a second."""
        state = self.desk.state
        armed, left_ns = state.armed, 0
        if armed is not None:
            left_ns = armed.until_ns - self.desk.clock.now_ns()
        if armed is None or armed.envelope != key or left_ns <= 0:
            return None
        return [
            key,
            armed.holder,
            armed.until_ns,
            -(-left_ns // 1_000_000_000),
            float(armed.cap),
            float(armed.cap - state.armed_spent),
            armed.currency,
            " ".join(armed.accounts),
            " ".join(armed.instruments),
            state.armed_lines,
        ]
