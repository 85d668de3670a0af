"""Layout mode by keys, layouts by name, and what of them is there after a restart."""

from __future__ import annotations

import asyncio
from typing import Any

from console_desk import press_keys
from scripted_client import NOW_NS, ScriptedClient

from hedge_tui.ui.app import HedgeApp
from hedge_tui.ui.modals.layout_keys import LayoutKeys


def app_on(tmp_path, **more: Any) -> HedgeApp:
    async def attach() -> Any:
        return ScriptedClient()

    return HedgeApp(attach, now_ns=lambda: NOW_NS, kept=tmp_path / "console_state", **more)


def places(app: HedgeApp) -> dict[tuple[str, ...], tuple[int, int]]:
    """Panes of each place, and where it begins."""
    grid = app.desk_screen().grid
    return {slot.panes: (slot.region.x, slot.region.y) for slot in grid.slots(grid.size)}


async def settled(pilot: Any, told: Any) -> None:
    """Let the app run until it is so; the time-out only ends a test that fails anyway."""
    async with asyncio.timeout(20):
        while not told():
            await pilot.pause(0.01)


async def test_panes_are_moved_split_and_resized_by_keys_and_stay_so(tmp_path):
    app = app_on(tmp_path)
    async with app.run_test(size=(160, 48)) as pilot:
        await settled(pilot, lambda: app.state.markets)
        grid = app.desk_screen().grid
        before = places(app)
        await press_keys(pilot, "v", "ctrl+w")
        await settled(pilot, lambda: isinstance(app.screen, LayoutKeys))
        await press_keys(pilot, "h")
        await settled(pilot, lambda: places(app)["chart",] == before["watchlist",])
        wide = next(s for s in grid.slots(grid.size) if "chart" in s.panes).region.width
        await press_keys(pilot, "L", "L")
        await settled(pilot, lambda: next(
            s for s in grid.slots(grid.size) if "chart" in s.panes).region.width > wide + 8)  # fmt: skip
        await press_keys(pilot, "m")
        await settled(pilot, lambda: ("chart",) not in places(app))
        await press_keys(pilot, "s")
        await settled(pilot, lambda: ("chart",) in places(app))
        await press_keys(pilot, "enter")
        await settled(pilot, lambda: not isinstance(app.screen, LayoutKeys))
        app.layouts.carry_out("save", "scalp")
        mine = places(app)
        app.layouts.carry_out("reset", "")
        assert places(app) == before
        app.layouts.carry_out("show", "default")
        assert places(app) == mine  # it was changed before it was saved under another name
        app.layouts.carry_out("show", "scalp")
        assert places(app) == before
        app.layouts.carry_out("show", "nobody")
        assert app.layouts.name == "scalp"
        app.exit()
    other = app_on(tmp_path, layout="default", first_screen="orders")
    async with other.run_test(size=(160, 48)) as pilot:
        await settled(pilot, lambda: other.desk_screen().mode_id == "orders")
        other.action_screen_named("trade")
        await settled(pilot, lambda: other.desk_screen().mode_id == "trade" and places(other) == mine)
        await pilot.resize_terminal(80, 24)
        await settled(pilot, lambda: other.desk_screen().grid.size.width == 80)
        assert len(places(other)) == 2  # too small for it: as delivered
