"""Where a trader is in the tour; pure, so that it is tested without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.ui.tour.steps import STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.ui.tour.sight import Sight
    from hedge_tui.ui.tour.steps import Step

STAY_TICKS = 5
"""Looks for which a step that is done stays in sight, so that its tick is seen."""


class Tour:
    """Off until it is begun.

    Attributes:
        at: number of the step, from 0; -1 while it is off. ticked: the step is done and about to go.
    """

    def __init__(self, steps: Sequence[Step] = STEPS) -> None:
        self._steps = steps
        self._before: Sight | None = None
        self._left = 0
        self.at = -1
        self.ticked = False

    @property
    def on(self) -> bool:
        """Whether it runs."""
        return self.at >= 0

    @property
    def step(self) -> Step | None:
        """The step in sight."""
        return self._steps[self.at] if self.on else None

    @property
    def count(self) -> int:
        """Number of steps."""
        return len(self._steps)

    def begin(self) -> None:
        """From the first step."""
        self._to(0)

    def end(self) -> None:
        """Skip the rest."""
        self._to(-1)

    def next(self, way: int = 1) -> None:
        """The next step, or the one before; after the last it ends."""
        if self.on:
            at = max(0, self.at + way)
            self._to(at if at < len(self._steps) else -1)

    def look(self, now: Sight) -> bool:
        """See whether the step is done; True when what is shown has changed. Call it a few times a second."""
        before, self._before = self._before, now
        step = self.step
        if step is None or before is None:
            return False
        if self.ticked:
            self._left -= 1
            if self._left <= 0 and not now.dialog and not now.bar:
                self.next()
                return True
            return False
        if step.done is not None and step.done(before, now):
            self.ticked, self._left = True, STAY_TICKS
            return True
        return False

    def _to(self, at: int) -> None:
        self.at, self.ticked, self._before, self._left = at, False, None, 0
