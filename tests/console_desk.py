"""A real desk with a console on it, both in this process, talking over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from paper_desk import PaperDesk, paper_desk
from textual import events

from hedge_tui.ui.app import HedgeApp
from hedge_tui.ui.link import attach_to
from hedge_tui.ui.modals.arming import ARM_S

KEYS = {
    " ": "space", ".": "full_stop", ",": "comma", "/": "slash", "#": "number_sign", "@": "at", ":": "colon",
    "-": "minus", "+": "plus", "%": "percent_sign", "=": "equals_sign", "&": "ampersand",
    "?": "question_mark",
}  # fmt: skip
CHARACTERS = {name: character for character, name in KEYS.items()}


async def press_keys(pilot: Any, *keys: str) -> None:
    """Press keys or characters; not the pilot's own way, which waits for a quiet machine after each."""
    for key in keys:
        name = KEYS.get(key, key)
        character = CHARACTERS.get(name) or (name if len(name) == 1 else None)
        pilot.app._driver.send_message(events.Key(name, character))
        await pilot.pause(0)


@dataclass
class Console:
    """One console under a pilot."""

    app: HedgeApp
    pilot: Any
    desk: PaperDesk

    async def until(self, told: Callable[[], object], what: str = "", timeout_s: float = 15.0) -> None:
        """Let the app run until `told` is true; the time-out only ends a test that fails anyway."""
        try:
            async with asyncio.timeout(timeout_s):
                while not told():
                    await self.pilot.pause(0.01)
        except TimeoutError:
            pytest.fail(f"never came true: {what or told}")

    async def press(self, *keys: str) -> None:
        """Press keys or characters one after the other."""
        await press_keys(self.pilot, *keys)

    async def type(self, text: str) -> None:
        await self.press(*text)

    async def line(self, text: str) -> None:
        """Open the bar, type, enter."""
        await self.press("colon")
        await self.until(lambda: self.bar.is_open, "the bar opens")
        await self.type(text)
        await self.press("enter")

    async def send(self, text: str) -> None:
        """A line that is previewed and confirmed, as a trader does it."""
        await self.line(text)
        await self.until(lambda: self.dialog("ConfirmDialog"), "the preview opens")
        await self.armed()
        await self.press("enter")
        await self.until(lambda: not self.dialog("ConfirmDialog"), "the dialog closes")

    async def armed(self) -> None:
        """Wait until the dialog on top takes keys in earnest."""
        dialog: Any = self.app.screen
        await self.until(lambda: dialog._arming.armed(dialog._now()), "armed", ARM_S + 5)

    def dialog(self, name: str) -> Any:
        """The dialog on top if it is of that class, else None."""
        top = self.app.screen
        return top if type(top).__name__ == name and top.is_mounted else None

    @property
    def bar(self) -> Any:
        return self.app.desk_screen().bar

    def pane(self, name: str) -> Any:
        return self.app.desk_screen().grid.pane(name)

    def orders(self) -> list[Any]:
        """Working orders as the engine knows them."""
        return list(self.desk.engine.desk.state.working_orders())

    def positions(self) -> list[Any]:
        """Open positions as the engine knows them."""
        return [p for account in self.desk.engine.desk.accounts.values() for p in account.positions.values()]

    def said(self, words: str) -> bool:
        """Whether a toast says so."""
        return any(words in notification.message for notification in self.app._notifications)

    def fills(self) -> list[Any]:
        return list(self.desk.engine.desk.state.fills)


@asynccontextmanager
async def console_on(
    desk: PaperDesk,
    size: tuple[int, int] = (160, 48),
    *,
    history: Path | None = None,
    kept: Path | None = None,
    exports: Path | None = None,
) -> AsyncIterator[Console]:
    app = HedgeApp(attach_to(desk.socket), history=history, kept=kept, exports=exports)
    async with app.run_test(size=size, notifications=True) as pilot:
        console = Console(app, pilot, desk)
        await console.until(lambda: app.state.markets and app.state.accounts, "the console is attached")
        yield console


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PaperDesk]:
    async with paper_desk(tmp_path, count=6) as running:
        yield running


@pytest.fixture
async def console(desk: PaperDesk) -> AsyncIterator[Console]:
    async with console_on(desk) as running:
        yield running
