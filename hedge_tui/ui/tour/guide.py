"""Leads through the tour: looks whether a step is done, and tells the screen in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.ui.tour.sight import sight_of
from hedge_tui.ui.tour.tour import Tour

if TYPE_CHECKING:
    from hedge_tui.ui.app import HedgeApp

LOOK_EVERY_S = 0.25


class TourGuide:
    """The tour of one console.

    Attributes:
        tour: where it stands.
    """

    def __init__(self, app: HedgeApp) -> None:
        self._app = app
        self.tour = Tour()

    def begin(self) -> None:
        """From the first step."""
        self.tour.begin()
        self.show()

    def end(self) -> None:
        """No more of it."""
        if self.tour.on:
            self.tour.end()
            self.show()
            self._app.say("the tour has ended; :tour begins it again")

    def step(self, way: int) -> None:
        """The next step, or the one before."""
        self.tour.next(way)
        self.show()
        if not self.tour.on:
            self._app.say("that was the tour; :tour begins it again")

    def look(self) -> None:
        """Called a few times a second."""
        if not self.tour.on:
            return
        at = self.tour.at
        self.tour.look(sight_of(self._app))
        self.show()
        if at >= 0 and not self.tour.on:
            self._app.say("that was the tour; :tour begins it again")

    def show(self) -> None:
        """Tell the screen in sight."""
        screen = self._app.desk_screen()
        if screen.is_mounted:
            screen.tour.show(self.tour, self._keys(), covered=bool(screen.banner.text))

    def _keys(self) -> str:
        words = {name: key for key, _, name in self._app.bound_here() if name.startswith("tour.")}
        return f"{words.get('tour.next', 'N')} next, {words.get('tour.end', 'Q')} ends the tour"
