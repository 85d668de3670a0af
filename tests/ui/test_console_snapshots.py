"""How every screen and dialog looks, with frozen data at fixed sizes."""

from __future__ import annotations

from typing import Any

import pytest
from console_desk import press_keys
from scripted_client import BTC, NOW_NS, TABLES, ScriptedClient, preview

from hedge_tui.config import ConsoleSettings
from hedge_tui.domain.errors import EngineUnreachable
from hedge_tui.ui.app import HedgeApp
from hedge_tui.ui.widgets.ladder_cursor import QUIET_S
from hedge_tui.wire import messages as m

SIZES = {"120x40": (120, 40), "80x24": (80, 24)}
LINE = "@main,desk-1,desk-2 buy 2000usd/each BTC.p at ask ioc"


def app_on(client: ScriptedClient | None, **settings: Any) -> HedgeApp:
    async def attach() -> Any:
        if client is None:
            raise EngineUnreachable("no engine answers at /run/hedge/demo.sock")
        return client

    app = HedgeApp(attach, ConsoleSettings(**settings), now_ns=lambda: NOW_NS)
    app.monotonic = lambda: app.link.since_s + 12  # type: ignore[method-assign]
    return app


def keys(*names: str, attached: bool = True) -> Any:
    """Wait for the data, press, let everything settle."""

    async def run(pilot: Any) -> None:
        app = pilot.app
        while attached and not (app.state.markets and app.state.accounts and not app.pump._fresh):
            await pilot.pause(0.01)
        while not attached and not app.link.reason:
            await pilot.pause(0.01)
        await press_keys(pilot, *names)
        for _ in range(4):
            app._paint()
            app.tell_screen()
            await pilot.pause(0.05)
        dialog = app.screen
        if hasattr(dialog, "_arming"):
            moment = dialog._now() + 1
            dialog._now = lambda: moment
            dialog._until = moment + 8
        await pilot.pause(0.15)

    return run


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("screen", ["M", "T", "P", "R", "O", "F", "J", "H"])
def test_screens(snap_compare, screen, size):
    assert snap_compare(app_on(ScriptedClient()), terminal_size=size, run_before=keys(screen))


def test_the_trade_screen_of_a_large_terminal(snap_compare):
    assert snap_compare(app_on(ScriptedClient()), terminal_size=(200, 50), run_before=keys("e"))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_ladder_while_armed(snap_compare, monkeypatch, size):
    row = ["e1", "console-1-1", NOW_NS + 272 * 10**9, 272, 5_000.0, 3_500.0, "USDT", "main", BTC, 3]
    monkeypatch.setitem(TABLES, "armed", [row])

    async def run(pilot: Any) -> None:
        await keys("b")(pilot)
        ladder = pilot.app.desk_screen().book.cursor
        while ladder.at is None:
            await pilot.pause(0.01)
        await keys("j", "j", "j")(pilot)
        await pilot.pause(QUIET_S)  # only then the window follows the market
        await keys()(pilot)

    assert snap_compare(app_on(ScriptedClient()), terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [*SIZES.values(), (200, 50)], ids=[*SIZES, "200x50"])
def test_a_ban_counts_down_in_the_status_bar_and_on_the_feeds_screen(snap_compare, monkeypatch, size):
    until = NOW_NS + 43 * 10**9
    monkeypatch.setitem(TABLES, "bans", [["binance||", "binance", "", "", 418, until, 43.0]])
    budgets = [[*row[:-1], 43.0] if row[1] == "binance" else row for row in TABLES["budgets"]]
    monkeypatch.setitem(TABLES, "budgets", budgets)
    assert snap_compare(app_on(ScriptedClient()), terminal_size=size, run_before=keys("F"))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_desk_that_has_sent_nothing_says_so(snap_compare, monkeypatch, size):
    for topic in ("budgets", "lanes", "routes", "feeds", "log"):
        monkeypatch.setitem(TABLES, topic, [])
    assert snap_compare(app_on(ScriptedClient()), terminal_size=size, run_before=keys("F"))


def test_light(snap_compare):
    assert snap_compare(
        app_on(ScriptedClient(), theme="light"), terminal_size=(120, 40), run_before=keys("p")
    )


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_confirm(snap_compare, size):
    assert snap_compare(app_on(ScriptedClient()), terminal_size=size, run_before=keys(":", *LINE, "enter"))


def test_confirm_in_a_terminal_too_small_for_its_columns(snap_compare):
    assert snap_compare(
        app_on(ScriptedClient()), terminal_size=(36, 20), run_before=keys(":", *LINE, "enter")
    )


def test_a_refused_line_is_marked_where_it_is_wrong(snap_compare):
    client = ScriptedClient()
    client.answers["@main buy 500 BTC.p"] = m.Failure(
        1, "command", "'500' could be a quantity, a worth or a price", (10, 13), "say the unit: 500usd",
        ("500btc (quantity)", "500usd (worth)", "at 500 (a price)"),
    )  # fmt: skip
    assert snap_compare(
        app_on(client), terminal_size=(120, 40), run_before=keys(":", *"@main buy 500 BTC.p", "enter")
    )


def test_completion(snap_compare):
    assert snap_compare(
        app_on(ScriptedClient()), terminal_size=(120, 40), run_before=keys(":", *"@main buy 500usd BTC.p ")
    )


def test_panic(snap_compare):
    assert snap_compare(app_on(ScriptedClient()), terminal_size=(80, 24), run_before=keys("ctrl+k"))


def test_panic_at_work(snap_compare):
    client = ScriptedClient()
    client.panic(
        [
            ("desk-1", "done", True, "14 of 14 cancelled, 2 protective stops kept"),
            ("desk-2", "cancelling", False, "NOT REACHED: connection refused; 12 entries may still rest"),
            ("spot-1", "done", True, "nothing was resting"),
        ]
    )
    assert snap_compare(app_on(client), terminal_size=(120, 40), run_before=keys("ctrl+k"))


def test_a_dead_journal(snap_compare, monkeypatch):
    (row,) = TABLES["summary"]
    monkeypatch.setitem(TABLES, "summary", [[*row[:-1], "the journal cannot be written: disk is full"]])
    assert snap_compare(app_on(ScriptedClient()), terminal_size=(120, 40), run_before=keys("O"))


def test_help_of_a_pane(snap_compare):
    assert snap_compare(app_on(ScriptedClient()), terminal_size=(120, 40), run_before=keys("o", "?"))


def test_a_lost_engine(snap_compare):
    assert snap_compare(app_on(None), terminal_size=(120, 40), run_before=keys(attached=False))


def test_read_only(snap_compare):
    client = ScriptedClient(trading=False)
    client.answers[LINE] = preview(LINE)
    assert snap_compare(app_on(client), terminal_size=(120, 40), run_before=keys(":", *LINE, "enter"))
