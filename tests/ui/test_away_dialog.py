"""The away report on attach: after an absence, in nobody's way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from scripted_client import ScriptedClient

from hedge_tui.config import ConsoleSettings
from hedge_tui.ui.app import HedgeApp
from hedge_tui.ui.modals.away import AwayDialog

LINES = ["since 11-20 02:00, 8 h", "PnL 12.00 USDT", "", "1 alarms", "  it \x1b[31mburns"]


class Absent(ScriptedClient):
    """A desk that nobody looked at for eight hours."""

    absent_s = 8 * 3600

    async def query(self, name: str, **args: Any) -> Any:
        if name == "away":
            return {"since_ns": 1, "absent_s": self.absent_s, "back_ns": 2, "lines": LINES}
        return await super().query(name, **args)


def app_on(client: ScriptedClient) -> HedgeApp:
    async def attach() -> Any:
        return client

    return HedgeApp(attach, ConsoleSettings())


async def settle(pilot: Any, condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await pilot.pause(0.01)


@pytest.mark.parametrize("key", ["colon", "T", "escape", "space", "ctrl+k"])
async def test_one_key_is_enough_and_does_what_it_always_does(key: str) -> None:
    app = app_on(Absent())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot, lambda: app.state.markets and app.state.accounts)
        await settle(pilot, lambda: isinstance(app.screen, AwayDialog))
        assert "\x1b" not in str(app.screen._text)
        await pilot.press(key)
        if key == "ctrl+k":
            await settle(pilot, lambda: type(app.screen).__name__ == "PanicDialog")
        else:
            await settle(pilot, lambda: app.screen is app.screen_stack[0])
        if key == "colon":
            await settle(pilot, lambda: app.desk_screen().bar.is_open)


async def test_a_short_absence_and_an_absence_that_was_told_say_nothing() -> None:
    client = Absent()
    client.absent_s = 14 * 60
    app = app_on(client)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot, lambda: app.state.markets and app.state.accounts)
        await pilot.pause(0.2)
        assert len(app.screen_stack) == 1
        client.absent_s = 3600
        await app.data._away(asked=False)
        assert isinstance(app.screen, AwayDialog)
        await pilot.press("escape")
        await settle(pilot, lambda: len(app.screen_stack) == 1)
        await app.data._away(asked=False)
        assert len(app.screen_stack) == 1, "the same absence is told once"


async def test_it_waits_while_something_is_typed() -> None:
    client = Absent()
    client.absent_s = 0
    app = app_on(client)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot, lambda: app.state.markets and app.state.accounts)
        await pilot.press("colon")
        await settle(pilot, lambda: app.desk_screen().bar.is_open)
        client.absent_s = 3600
        await app.data._away(asked=False)
        assert len(app.screen_stack) == 1
        assert app.desk_screen().bar.is_open
