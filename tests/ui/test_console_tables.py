"""Tables of the console as a trader arranges them: kept over a restart, saved as views."""

from __future__ import annotations

import json

from console_desk import console_on

from hedge_tui.ui.widgets.live_table import Sort


async def test_a_table_comes_back_as_it_was_left(desk, tmp_path):
    kept = tmp_path / "state.json"
    async with console_on(desk, kept=kept) as console:
        table = console.pane("watchlist").table
        await console.until(lambda: table.total_rows > 4, "markets")
        table.focus()
        await console.press("right", "right", "}", ">", "ctrl+g", "s", "s")
        table.group_by("venue")
        table.fold("binanceusdm")
        wanted = table.state()
        console.app.exit()
    assert "trade.watchlist" in json.loads(kept.read_text())["tables"]
    async with console_on(desk, kept=kept) as console:
        table = console.pane("watchlist").table
        assert table.state() == wanted
        assert table.group == "venue"
        table.restore(table.delivered)
        console.app.exit()
    assert json.loads(kept.read_text())["tables"] == {}, "as delivered: nothing to keep"


async def test_a_broken_file_is_said_and_the_console_starts(desk, tmp_path):
    kept = tmp_path / "state.json"
    kept.write_text('{"version": 1, "tables": {"trade.watchlist": {"columns": [7], "sort": 5, "group": 9}}}')
    async with console_on(desk, kept=kept) as console:
        assert console.pane("watchlist").table.group is None
        console.app.exit()
    kept.write_text("not json")
    async with console_on(desk, kept=kept) as console:
        said = lambda: any("kept as state.json.aside-1" in n.message for n in console.app._notifications)  # noqa: E731
        await console.until(said, "the file is said to be put aside")


async def test_views_are_saved_shown_listed_and_removed(console):
    table = console.pane("watchlist").table
    await console.until(lambda: table.total_rows > 4, "markets")
    await console.press("w")
    table.sort_by("bid", descending=True)
    table.set_filter("eth")
    await console.line("view save carry")
    await console.until(lambda: console.app.tables.view_names() == ["carry"], "saved")
    table.set_filter("")
    table.sort_by("symbol")
    await console.press("P")
    await console.until(lambda: console.app.desk_screen().mode_id == "portfolio", "another screen")
    await console.line("view carry")
    await console.until(lambda: console.app.desk_screen().mode_id == "trade", "back on the table's screen")
    await console.until(lambda: table.filter_text == "eth", "filtered as saved")
    assert table.sort == Sort("bid", descending=True)
    await console.line("view nothing")
    said = lambda words: any(words in n.message for n in console.app._notifications)  # noqa: E731
    await console.until(lambda: said("no view nothing. views: carry"), "what there is")
    await console.line("view remove carry")
    await console.until(lambda: console.app.tables.view_names() == [], "gone")
