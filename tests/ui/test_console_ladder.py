"""The ladder and armed mode on a real engine: keys, fills without a dialog, and the dialog's return."""

from __future__ import annotations

from decimal import Decimal

import pytest
from console_desk import Console, console_on

FAR_BELOW = ("c", "full_stop", "full_stop", "full_stop", "full_stop", "pagedown", "j")
"""Keys to a price that the market does not reach while a test runs."""


async def ladder(console: Console) -> Decimal:
    """BTC.p on screen, the ladder active and awake; gives the cursor's price, far below the market."""
    await console.line("account desk-1")
    await console.until(lambda: console.app.state.scope == "desk-1", "the account is chosen")
    await console.line("chart BTC.p")
    await console.until(lambda: console.app.state.instrument.endswith("BTC/USDT:USDT"), "the market")
    await console.until(lambda: not console.bar.is_open, "the bar closes")
    await console.press("b")
    book = console.app.desk_screen().book
    await console.until(lambda: book.cursor_price, "prices with a cursor")
    await console.until(lambda: book._arming.armed(book._now_s()), "the keys count")
    for key in FAR_BELOW:
        before = book.cursor._key_s
        await console.press(key)
        await console.until(lambda before=before: book.cursor._key_s != before, "the key is answered")
    assert book.cursor_price is not None
    return book.cursor_price


async def arm(console: Console, line: str = "arm 5m cap 2kusd") -> None:
    await console.line(line)
    await console.until(lambda: console.dialog("ConfirmDialog"), "the envelope is asked for")
    await console.armed()
    await console.press("enter")
    await console.until(lambda: console.app.desk_screen().has_class("-armed"), "the frame is red")
    await console.until(lambda: not console.dialog("ConfirmDialog"), "the dialog closes")
    book = console.app.desk_screen().book
    await console.until(lambda: book._arming.armed(book._now_s()), "the keys count")


def state(console: Console):
    return console.desk.engine.desk.state


async def test_without_arming_a_key_opens_the_preview_of_its_line(console):
    price = await ladder(console)
    await console.press("3", "b")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")
    assert console.app.screen._preview.text.startswith("buy 1kusd BTC")
    assert console.app.screen._preview.text.endswith(f" at {price:f}")
    assert console.orders() == []
    await console.armed()
    await console.press("enter")
    await console.until(console.orders, "the order rests")
    assert console.orders()[0].request.price == price


async def test_armed_the_key_sends_at_once_and_x_takes_the_level_off(console):
    await ladder(console)
    await arm(console)
    book = console.app.desk_screen().book
    price = book.cursor_price
    await console.press("b")
    await console.until(console.orders, "an order without a dialog")
    assert console.dialog("ConfirmDialog") is None
    assert console.orders()[0].request.price == price
    assert state(console).runs[console.orders()[0].request.run].envelope == state(console).armed.envelope
    await console.until(lambda: book._here() and not book._here()[0].pending, "it is on the ladder")
    await console.press("x")
    await console.until(lambda: not console.orders(), "it is gone")
    await console.until(lambda: book._arming.armed(book._now_s()), "the key counts again")
    await console.press("S")
    await console.until(console.fills, "sold at the market, without a dialog")
    await console.until(lambda: book.standing.startswith("short"), "the position is in the title")
    assert console.dialog("ConfirmDialog") is None


async def test_a_spent_cap_brings_the_dialog_back_with_both_values(console):
    await ladder(console)
    await arm(console, "arm 5m cap 400usd")
    await console.press("1", "b")
    await console.until(lambda: len(console.orders()) == 1, "the first goes at once")
    book = console.app.desk_screen().book
    await console.until(lambda: book._arming.armed(book._now_s()), "the key counts again")
    await console.press("b")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the second is asked for")
    words = " ".join(console.app.screen._preview.warnings)
    assert "left of the armed cap 400.00" in words
    assert len(console.orders()) == 1


async def test_after_its_time_the_frame_is_calm_and_the_dialog_is_back(console):
    await ladder(console)
    await arm(console, "arm 2s cap 2kusd")
    screen = console.app.desk_screen()
    assert "ARMED 0:0" in str(screen.status.render())
    assert "ARMED 0:0" in str(screen.hints.render())
    await console.until(lambda: not screen.has_class("-armed"), "the frame is calm")
    await console.press("b")
    await console.until(lambda: console.dialog("ConfirmDialog"), "the preview opens")


@pytest.mark.parametrize("how", ["escapes", "lock"])
async def test_ways_out(desk, console, how):
    await ladder(console)
    await arm(console)
    if how == "escapes":
        await console.press("escape", "escape")
    else:
        async with console_on(desk) as second:
            await second.press("f9")
            await second.until(lambda: second.app.state.trading, "the other console took the lock")
            assert state(console).armed is None
    await console.until(lambda: state(console).armed is None, "disarmed")
    await console.until(lambda: not console.app.desk_screen().has_class("-armed"), "the frame is calm")


async def test_a_console_that_leaves_takes_its_envelope_along(desk, console):
    async with console_on(desk) as second:
        await second.press("f9")
        await second.until(lambda: second.app.state.trading, "it trades")
        await ladder(second)
        await arm(second)
        assert state(console).armed is not None
        await console.until(
            lambda: "armed elsewhere" in str(console.app.desk_screen().status.render()),
            "the other one is told",
        )
        assert not console.app.desk_screen().has_class("-armed")
    await console.until(lambda: state(console).armed is None, "disarmed")


async def test_the_key_that_opens_the_pane_never_buys(console):
    await console.line("account desk-1")
    await console.until(lambda: console.app.state.scope == "desk-1", "the account is chosen")
    await console.until(lambda: not console.bar.is_open, "the bar closes")
    book = console.app.desk_screen().book
    await console.until(lambda: book._book, "a book")
    await console.press("b", "b", "b", "b")
    assert book.active
    await console.until(lambda: "too quick" in book._said, "it says so")
    assert console.dialog("ConfirmDialog") is None


async def test_the_price_in_hand_goes_into_the_line(console):
    price = await ladder(console)
    await console.press("d")
    await console.until(lambda: console.bar.is_open, "the bar opens")
    assert console.bar.input.value.startswith("sell 250usd BTC")
    assert console.bar.input.value.endswith(f" at {price:f}")
    assert console.app.desk_screen().book.cursor_price == price  # still in sight while the line is typed
    await console.press("escape", "escape")
    screen = console.app.desk_screen()
    await console.until(lambda: screen.chart.candle_count > 50, "candles")
    await console.press("v", "left", "left", "shift+up", "i")
    await console.until(lambda: console.bar.is_open, "the bar opens")
    typed = Decimal(console.bar.input.value.rpartition(" ")[2])
    assert typed % book_tick(console) == 0
    assert abs(float(typed) - screen.chart.cross_price) <= float(book_tick(console))


def book_tick(console: Console) -> Decimal:
    return console.app.desk_screen().book.tick


async def test_a_preset_is_set_by_a_line_and_kept(console):
    await ladder(console)
    await console.line("set preset 1 0.02btc")
    await console.until(lambda: console.app.desk_screen().book.size_text == "0.02btc", "the size changes")
    await console.line("set preset 1 0.02btc BTC.p")
    await console.until(lambda: console.bar.feedback.fault is not None, "a refusal")


async def test_sizes_outside_the_ladder_and_aliases_in_the_help(console):
    await console.line("account desk-1")
    await console.until(lambda: console.app.state.scope == "desk-1", "the account is chosen")
    await console.line('alias scalp = "buy $1 BTC.p at bid post"')
    await console.until(lambda: console.app.state.aliases.get("scalp"), "the alias is known")
    await console.until(lambda: not console.bar.is_open, "the bar closes")
    await console.press("v", "2")
    await console.until(lambda: console.bar.is_open, "a buy begins")
    assert console.bar.input.value.startswith("buy 500usd ")
    console.bar.input.value = "sell "
    console.bar.input.cursor_position = 5
    await console.press("alt+3")
    await console.until(lambda: console.bar.input.value == "sell 1kusd ", "the size is put in")
    await console.press("escape", "escape", "escape")
    await console.until(lambda: not console.bar.is_open, "the bar closes")
    await console.press("H")
    await console.until(lambda: console.app.desk_screen().mode_id == "help", "the help")
    await console.until(lambda: "scalp" in console.app.desk_screen().commands.row_keys(), "it is listed")
