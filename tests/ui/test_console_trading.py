"""The console on a real engine: lines, previews, confirmations, rows, the lock, losses."""

from __future__ import annotations

from decimal import Decimal

from console_desk import console_on
from textual.widgets import Static

from hedge_tui.ui.widgets.filter_line import FilterLine


async def test_a_line_over_three_accounts_is_previewed_confirmed_and_filled(console):
    await console.line("@desk-1,desk-2,desk-3 buy 2000usd/each BTC.p")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")
    rows = console.app.screen._preview.rows
    assert [row.account for row in rows] == ["desk-1", "desk-2", "desk-3"]
    assert console.fills() == []
    await console.armed()
    await console.press("y")
    accounts = {"desk-1", "desk-2", "desk-3"}
    await console.until(lambda: {f.account for f in console.fills()} == accounts, "fills everywhere")
    await console.until(lambda: not console.orders(), "nothing is left open")
    await console.until(lambda: console.pane("positions").table.row_count == 3, "three positions on screen")
    shown = console.pane("positions").table.get_row(console.pane("positions").table.row_keys()[0])
    bought = sum(f.quantity for f in console.fills() if f.account == shown["account"])
    assert Decimal(str(shown["quantity"])) == bought


async def test_keys_typed_before_the_dialog_is_armed_send_nothing(console):
    await console.line("@desk-1 buy 500usd BTC.p")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")
    dialog = console.app.screen
    clock = [dialog._now()]
    dialog._now = lambda: clock[0]
    dialog._arming = type(dialog._arming)(clock[0] + 1_000)
    for _ in range(5):
        await console.press("enter", "y")
    assert console.dialog("ConfirmDialog") is dialog
    assert dialog.phase.value == "asking"
    assert console.fills() == []
    assert console.orders() == []


async def test_one_confirmation_sends_once_however_often_enter_is_pressed(console):
    await console.line("@desk-1 buy 0.01btc BTC.p at bid-1%")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")
    await console.armed()
    sent = []
    send = console.app.screen._send

    async def counted(plan_hash):
        sent.append(plan_hash)
        return await send(plan_hash)

    console.app.screen._send = counted
    await console.press("enter", "enter", "y", "enter")
    await console.until(lambda: not console.dialog("ConfirmDialog"), "the dialog closes")
    assert len(sent) == 1
    await console.until(lambda: len(console.orders()) == 1, "one order")


async def test_escape_sends_nothing_and_keeps_the_line(console):
    await console.line("@desk-1 buy 500usd BTC.p")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")
    await console.press("escape")
    await console.until(lambda: console.bar.is_open, "the bar opens again")
    assert console.bar.input.value == "@desk-1 buy 500usd BTC.p"
    assert console.fills() == []


async def test_the_active_account_is_chosen_shown_and_used(console):
    assert console.app.state.scope == ""
    await console.line("account desk-2")
    await console.until(lambda: console.app.state.scope == "desk-2", "the scope changes")
    await console.until(
        lambda: "@desk-2" in str(console.app.desk_screen().status.render()), "it is on screen"
    )
    await console.send("buy 500usd BTC.p")
    await console.until(console.fills, "a fill")
    assert console.fills()[0].account == "desk-2"


async def test_without_an_account_nothing_is_guessed(console):
    await console.line("buy 500usd BTC.p")
    await console.until(lambda: console.bar.feedback.fault is not None, "a refusal")
    assert console.dialog("ConfirmDialog") is None
    assert console.bar.input.value == "buy 500usd BTC.p"


async def test_picked_orders_are_cancelled_with_one_key_and_a_preview(console):
    await console.send("@desk-1,desk-2,desk-3 buy 0.01btc/each BTC.p at bid-1%")
    await console.press("O")
    table = lambda: console.pane("orders").table  # noqa: E731 - read again at each look
    await console.until(lambda: console.app.desk_screen().mode_id == "orders", "the Orders screen")
    await console.until(lambda: table().row_count == 3, "three orders on screen")
    await console.press("home", "space", "space", "x")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")
    rows = console.app.screen._preview.rows
    assert [row.act for row in rows] == ["cancel", "cancel"]
    picked = {row.client_order_id for row in rows}
    await console.armed()
    await console.press("enter")
    await console.until(lambda: len(console.orders()) == 1, "one order is left")
    assert console.orders()[0].request.client_order_id not in picked
    await console.until(lambda: table().row_count == 1, "one row is left")


async def test_a_position_is_closed_from_its_row(console):
    await console.send("@desk-1 buy 2000usd BTC.p")
    await console.press("p")
    table = console.pane("positions").table
    await console.until(lambda: table.row_count == 1, "the position is on screen")
    await console.press("c")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")
    assert console.app.screen._preview.rows[0].effect == "closes"
    await console.armed()
    await console.press("enter")
    await console.until(lambda: table.row_count == 0, "the position is gone")


async def test_amend_fills_the_line_with_the_row(console):
    await console.send("@desk-1 buy 0.01btc BTC.p at bid-1%")
    await console.press("o")
    await console.until(lambda: console.pane("orders").table.row_count == 1, "the order is on screen")
    await console.press("a")
    await console.until(lambda: console.bar.is_open, "the bar opens")
    assert console.bar.input.value.startswith("@desk-1 amend #1 at ")


async def test_panic_cancels_all_and_ignores_keys_typed_too_early(console):
    await console.send("@desk-1,desk-2 buy 0.01btc/each BTC.p at bid-1%")
    await console.until(lambda: len(console.orders()) == 2, "two orders")
    await console.press("ctrl+k")
    await console.until(lambda: console.dialog("PanicDialog"), "the dialog opens")
    dialog = console.app.screen
    dialog._arming = type(dialog._arming)(dialog._now() + 1_000)
    await console.press("enter")
    assert not dialog.done
    dialog._arming = type(dialog._arming)(dialog._now() - 1)
    await console.press("enter")
    await console.until(lambda: not console.orders(), "no order is left")


async def test_panic_opens_over_a_confirm_dialog(console):
    await console.line("@desk-1 buy 500usd BTC.p")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")
    await console.press("ctrl+k")
    await console.until(lambda: console.dialog("PanicDialog"), "panic is on top")


async def test_a_second_console_reads_only_until_it_takes_over(desk, console):
    async with console_on(desk) as second:
        assert console.app.state.trading
        assert not second.app.state.trading
        await second.line("@desk-1 buy 500usd BTC.p")
        await second.until(lambda: second.dialog("ConfirmDialog"), "the preview opens")
        assert not second.app.screen.may_send
        await second.armed()
        await second.press("enter")
        assert second.fills() == []
        await second.press("f9")
        await second.until(lambda: second.app.screen.may_send, "it may trade now")
        await console.until(lambda: not console.app.state.trading, "the first one is told")
        await second.armed()
        await second.press("enter")
        await second.until(second.fills, "the order went out")


async def test_a_lost_engine_is_said_and_attached_again(desk, console):
    server = desk.engine.server
    for session in list(server._sessions.values()):
        session.writer.transport.abort()
    await console.until(lambda: console.app.desk_screen().banner.text, "the banner")
    assert "untouched" in console.app.desk_screen().banner.text
    assert console.pane("chart").stale == "NOT LIVE"
    await console.until(lambda: not console.app.desk_screen().banner.text, "attached again")
    assert console.pane("chart").stale == ""
    await console.send("@desk-1 buy 0.01btc BTC.p at bid-1%")
    await console.until(lambda: len(console.orders()) == 1, "trading goes on")


async def test_enter_on_a_market_shows_its_chart_book_and_trades(console):
    table = console.pane("watchlist").table
    first = console.app.state.instrument
    await console.until(lambda: table.cursor_key == first, "the cursor is on the market in focus")
    await console.press("w")
    await console.until(lambda: table.has_focus, "the markets have the keys")
    await console.press("down")
    await console.until(lambda: table.cursor_key != first, "the cursor moves")
    wanted = table.cursor_key
    await console.press("enter")
    await console.until(lambda: console.app.state.instrument == wanted, "the focus moves")
    screen = console.app.desk_screen()
    assert screen.book.topic == f"book:{wanted}"
    await console.until(lambda: screen.chart.candle_count > 100, "candles")
    await console.until(lambda: screen.book._book, "a book")
    assert {"SMA 20", "EMA 50"} <= set(screen.chart._scene.overlays)
    assert "RSI 14" in screen.chart._scene.panes


async def test_scrolling_back_loads_older_candles(console):
    screen = console.app.desk_screen()
    await console.until(lambda: screen.chart.candle_count > 100, "candles")
    before = screen.chart.candle_count
    await console.press("v", "home")
    await console.until(lambda: screen.chart.candle_count > before, "older candles")
    values = screen.chart.series.curves["sma(20)"].values
    assert len(values) == screen.chart.candle_count


async def test_own_orders_and_fills_are_drawn(console):
    await console.send("@desk-1 buy 0.02btc BTC.p")
    await console.send("@desk-1 buy 0.01btc BTC.p at bid-1%")
    screen = console.app.desk_screen()
    await console.line("chart BTC.p")
    await console.until(lambda: console.app.state.instrument.endswith("BTC/USDT:USDT"), "the chart moves")
    await console.until(lambda: screen.chart._scene.orders, "the order on the chart")
    await console.until(lambda: screen.chart._scene.marks, "the fill on the chart")


async def test_a_filter_leaves_the_rows_that_fit(console):
    table = console.pane("watchlist").table
    await console.until(lambda: table.total_rows > 4, "markets")
    await console.press("w", "slash")
    await console.type("eth")
    assert 0 < table.row_count < table.total_rows
    await console.type(" speed<5")
    line = console.pane("watchlist").query_one(FilterLine)
    await console.until(
        lambda: "no column 'speed'" in str(line.query_one(Static).render()), "the line says so"
    )
    assert 0 < table.row_count < table.total_rows, "the rest of the filter holds"
    await console.press("enter")
    await console.until(lambda: console.app.focused is table, "keys are back in the table", 3)
    await console.press("slash")
    await console.until(lambda: console.app.focused is not table, "the filter line")
    await console.press("escape")
    await console.until(lambda: table.row_count == table.total_rows, "all rows")


async def test_themes_indicators_and_timeframes_follow_the_line(console):
    await console.line("set theme light")
    await console.until(lambda: console.app.theme == "light", "the theme changes")
    await console.line("ind ema(9)")
    await console.until(lambda: "ema(9)" in console.app.state.indicators, "the indicator is on")
    await console.line("chart 1h")
    await console.until(lambda: console.app.state.timeframe == "1h", "the timeframe changes")
    await console.line("ind clear")
    await console.until(lambda: console.app.state.indicators == (), "no indicators")
    assert console.app.desk_screen().chart.topic.endswith("|1h|")


async def test_the_watchlist_holds_what_is_watched(console):
    await console.line("watch ETH.p")
    table = console.pane("watchlist").table
    await console.until(lambda: table.total_rows == 1, "one market is watched")
    await console.press("m")
    await console.until(lambda: table.total_rows > 1, "all markets again")


async def test_a_hostile_line_reaches_no_terminal(console):
    console.app.say("\x1b]52;c;ZXZpbA==\x07[@click=app.quit]x[/]")
    await console.pilot.pause(0.05)
    toast = next(iter(console.app.screen.query("Toast")))
    assert "\x1b" not in str(toast.render())
    assert "[@click" in str(toast.render())


async def test_panic_flat_from_its_dialog_shows_every_account_until_it_is_settled(console):
    await console.send("@desk-1 buy 0.01btc BTC.p")
    await console.until(lambda: len(console.positions()) == 1, "a position")
    await console.send("@desk-2 buy 0.01btc BTC.p at bid-1%")
    await console.press("ctrl+k")
    await console.until(lambda: console.dialog("PanicDialog"), "the dialog opens")
    dialog = console.app.screen
    await console.press("f")
    await console.until(
        lambda: "CLOSES EVERY POSITION" in str(dialog.query_one("#words").render()), "it says what f adds"
    )
    dialog._arming = type(dialog._arming)(dialog._now() - 1)
    await console.press("enter")
    await console.until(lambda: "settled on all" in str(dialog.query_one("#words").render()), "it is settled")
    for words in ("1 of 1 position closed", "1 of 1 cancelled"):
        await console.until(lambda words=words: words in str(dialog.query_one("#accounts").render()), words)
    await console.until(lambda: not console.positions() and not console.orders(), "nothing is left")
    await console.press("escape")
    await console.until(lambda: not console.dialog("PanicDialog"), "it closes")


async def test_abort_is_one_key_from_everywhere(console):
    await console.press("ctrl+x")
    await console.until(lambda: console.said("nothing is being sent"), "it says that nothing is sent")
