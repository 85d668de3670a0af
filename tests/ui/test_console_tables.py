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
        await console.until(lambda: table.sort == Sort("last", descending=True), "sorted")
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


async def test_columns_are_chosen_in_a_dialog(console):
    table = console.pane("watchlist").table
    await console.until(lambda: table.total_rows > 4, "markets")
    await console.press("w", "C")
    await console.until(lambda: console.dialog("ColumnsDialog"), "the dialog opens")
    listed = console.app.screen.list
    await console.until(lambda: console.app.focused is listed, "the columns have the keys")
    assert "price_decimals" not in listed.row_keys(), "what only serves other columns is not offered"
    await console.press("down", "space")
    visible = lambda: [column.key for column in table.columns if column.visible]  # noqa: E731
    await console.until(lambda: "last" not in visible(), "hidden")
    await console.press("space", "right", "right")
    width = lambda: next(column.width for column in table.columns if column.key == "last")  # noqa: E731
    await console.until(lambda: "last" in visible() and width() == 12, "wider")
    await console.press("K")
    order = lambda: [column.key for column in table.columns][:2]  # noqa: E731
    await console.until(lambda: order() == ["last", "symbol"], "moved")
    assert listed.cursor_key == "last"
    await console.press("j", "j", "f")
    await console.until(lambda: table.fixed_columns == 3, "frozen")
    await console.press("k", "f")
    await console.until(lambda: table.fixed_columns == 1, "freed from there on")
    assert listed.get_row("last")["frozen"] == "frozen"
    assert listed.get_row("change_24h")["meaning"] == "change of the last price in 24 hours"
    table.sort_by("bid")
    await console.press("r")
    wanted = {**table.delivered, "sort": {"column": "bid", "descending": False}}
    await console.until(lambda: table.state() == wanted, "as delivered, but for the sort")
    await console.press("escape")
    await console.until(lambda: not console.dialog("ColumnsDialog"), "closed")


async def test_an_export_holds_what_is_shown_and_says_where_it_is(desk, tmp_path):
    async with console_on(desk, exports=tmp_path / "exports") as console:
        table = console.pane("watchlist").table
        await console.until(lambda: table.total_rows > 4, "markets")
        await console.press("w", "E")
        await console.until(lambda: list((tmp_path / "exports").glob("trade-watchlist-*Z.csv")), "a file")
        (path,) = (tmp_path / "exports").iterdir()
        words = f"{table.total_rows} rows of"
        said = lambda: any(words in n.message for n in console.app._notifications)  # noqa: E731
        await console.until(said, "where it is")
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        rows = path.read_text().splitlines()
        assert rows[0].startswith("symbol,last,change_24h")
        assert len(rows) == table.total_rows + 1
        table.pick(table.row_keys()[:2])
        await console.press("E")
        await console.until(lambda: len(list((tmp_path / "exports").iterdir())) == 2, "a second file")


async def test_an_export_that_cannot_be_written_is_said(desk, tmp_path):
    (tmp_path / "exports").write_text("a file where the folder should be")
    async with console_on(desk, exports=tmp_path / "exports") as console:
        table = console.pane("watchlist").table
        await console.until(lambda: table.total_rows > 4, "markets")
        await console.press("w", "E")
        said = lambda: any("cannot be exported" in n.message for n in console.app._notifications)  # noqa: E731
        await console.until(said, "why not")


async def test_the_help_of_a_table_says_how_to_filter_it(console):
    await console.press("w", "?")
    await console.until(lambda: console.dialog("ReaderDialog"), "the help opens")
    assert "spread<2" in str(console.app.screen._text)
