"""The Markets screen on a real engine: figures, groups, picks, and the lines that begin there."""

from __future__ import annotations

import math

from hedge_tui.ui.screens.markets import MarketsScreen

BTC = "binanceusdm:BTC/USDT:USDT"


async def opened(console) -> MarketsScreen:
    await console.press("M")
    await console.until(lambda: isinstance(console.app.screen, MarketsScreen), "Markets opens")
    screen = console.app.screen
    await console.until(lambda: screen.table.total_rows > 4, "markets")
    return screen


async def test_quotes_and_slower_figures_come_together_in_one_row(console):
    screen = await opened(console)
    table = screen.table
    await console.until(lambda: table.get_row(BTC)["turnover_24h"] > 0, "turnover")
    await console.until(lambda: table.get_row(BTC)["interest_value"] > 0, "open interest", 30)
    markets = console.desk.engine.desk.markets
    # The market moves on while the screen is looked at.
    await console.until(lambda: table.get_row(BTC)["last"] == markets.last(BTC), "the last price")
    yearly = lambda: round(markets.stats[BTC].funding_rate * 3 * 365, 6)  # noqa: E731
    await console.until(lambda: table.get_row(BTC)["funding_apr"] == yearly(), "the funding of a year")
    assert table.get_row(BTC)["bid_depth"] > 0
    assert math.isnan(table.get_row(BTC)["basis_apr"])
    await console.until(lambda: table.get_row(BTC)["funding_in"] > 0, "the count-down")
    spot = table.get_row("binance:BTC/USDT")
    assert math.isnan(spot["funding_rate"])
    assert math.isnan(spot["interest_value"])
    assert "up" in console.pane("markets").detail


async def test_only_the_screen_in_sight_follows_the_figures(console):
    board = console.desk.engine.board
    followed = lambda: {topic for follower in board._followers for topic in follower.topics}  # noqa: E731
    assert "markets" not in followed()
    await opened(console)
    await console.until(lambda: "markets" in followed(), "figures are followed")
    await console.press("T")
    await console.until(lambda: "markets" not in followed(), "and no longer")


async def test_an_asset_stands_over_its_markets(console):
    screen = await opened(console)
    await console.press("g")
    await console.until(lambda: "BTC" in screen.table.group_names(), "groups")
    await console.until(lambda: screen.table.get_row(BTC)["turnover_24h"] > 0, "turnover")
    await console.press("g")
    await console.until(lambda: not screen.table.group_names(), "no groups")
    await console.press("slash", "g", "g")
    await console.until(lambda: screen.table.filter_text == "gg", "two letters")
    assert screen.table.group is None


async def test_enter_opens_the_market_on_trade(console):
    screen = await opened(console)
    screen.table.move_cursor(key="binanceusdm:ETH/USDT:USDT")
    await console.press("enter")
    await console.until(lambda: console.app.desk_screen().mode_id == "trade", "Trade opens")
    assert console.app.state.instrument == "binanceusdm:ETH/USDT:USDT"


async def test_picked_markets_are_bought_in_one_line_and_named_in_its_preview(console):
    screen = await opened(console)
    await console.line("account desk-1")
    await console.until(lambda: console.app.state.scope == "desk-1", "the scope")
    await console.press("slash")
    await console.type("usdt:usdt")
    await console.press("enter")
    await console.until(lambda: console.app.focused is screen.table, "keys are back in the table")
    names = ["binanceusdm:BTC/USDT:USDT", "binanceusdm:ETH/USDT:USDT"]
    screen.table.pick(names)
    await console.press("i")
    await console.until(lambda: console.bar.is_open, "the bar opens")
    assert console.bar.input.value == "buy  picked"
    await console.type("200usd/each")
    assert console.bar.input.value == "buy 200usd/each picked"
    await console.press("enter")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")
    assert sorted(row.instrument for row in console.app.screen._preview.rows) == names
    await console.armed()
    await console.press("y")
    await console.until(lambda: len({f.instrument for f in console.fills()}) == 2, "both are bought")
    await console.until(lambda: screen.table.get_row(BTC)["net_value"] > 150, "the own position")


async def test_one_market_is_sold_by_name(console):
    screen = await opened(console)
    screen.table.move_cursor(key=BTC)
    await console.press("d")
    await console.until(lambda: console.bar.is_open, "the bar opens")
    assert console.bar.input.value == f"sell  {BTC}"
    await console.press("escape")


async def test_plus_and_minus_keep_the_watchlist(console):
    screen = await opened(console)
    screen.table.pick([BTC, "binance:BTC/USDT"])
    await console.press("+")
    await console.until(lambda: set(console.app.state.watchlist) == {BTC, "binance:BTC/USDT"}, "watched")
    await console.press("-")
    await console.until(lambda: console.app.state.watchlist == (), "watched no more")


async def test_a_venue_that_falls_silent_is_said(console, monkeypatch):
    screen = await opened(console)
    pane = console.pane("markets")
    await console.until(lambda: screen.table.get_row(BTC)["turnover_24h"] > 0, "figures")
    assert pane.stale == ""
    await console.desk.connector.data("binanceusdm").stop()
    monkeypatch.setattr("hedge_tui.engine.markets.MARKET_STALE_S", 0.5)
    await console.until(lambda: "binanceusdm SILENT" in pane.stale, "the silence is said")
