"""The Journal screen on a real engine: what is done appears, enter explains it; a dead one is said in red."""

from __future__ import annotations

from datetime import UTC

from memory_record import MemoryRecord

from hedge_tui.engine.record.explain import explain
from hedge_tui.engine.record.explained import lines
from hedge_tui.ui.screens.journal import JournalScreen


async def opened(console) -> JournalScreen:
    record = MemoryRecord(console.desk.engine.desk.journal)
    console.desk.engine.queries.add("explain", lambda about: lines(explain(about, record), UTC))
    await console.press("J")
    await console.until(lambda: isinstance(console.app.screen, JournalScreen), "Journal opens")
    return console.app.screen


def texts(screen: JournalScreen) -> list[str]:
    return [screen.table.get_row(key)["text"] for key in screen.table.row_keys()]


async def test_what_is_done_appears_on_top_and_bookkeeping_does_not(console):
    screen = await opened(console)
    await console.line("note before lunch")
    await console.until(lambda: any("before lunch" in text for text in texts(screen)), "the note")
    await console.until(lambda: "before lunch" in texts(screen)[0], "newest on top")
    kinds = {screen.table.get_row(key)["kind"] for key in screen.table.row_keys()}
    assert not kinds & {"past read", "instrument told"}
    journal = console.desk.engine.desk.journal
    await console.until(
        lambda: f"of {journal.last_seq:,} acts" in console.pane("journal").detail, "the count"
    )


async def test_enter_explains_the_order_of_an_act(console):
    screen = await opened(console)
    await console.send("@desk-1 buy 0.01btc BTC.p at bid-2%")
    await console.until(lambda: any("intended: #1" in text for text in texts(screen)), "the intent")
    await console.press("slash", *"intended", "enter")
    await console.until(lambda: len(texts(screen)) == 1, "filtered")
    await console.press("enter")
    await console.until(lambda: console.dialog("ReaderDialog"), "the explanation")
    told = str(console.dialog("ReaderDialog")._text)
    for words in (
        "order #1",
        "typed (keyboard)",
        "allowed",
        "bid ",
        "exactly as it was then",
        "sent: #1",
    ):
        assert words in told, told


async def test_what_cannot_be_explained_is_said(console):
    await opened(console)

    def gone(about):
        raise ValueError(f"the journal holds nothing about {about}")

    console.desk.engine.queries.add("explain", gone)
    table = console.app.screen.table
    await console.until(lambda: table.row_count and table.has_focus, "rows, and the keys")
    await console.press("enter")
    await console.until(lambda: console.said("the journal holds nothing about"), "a toast")


async def test_a_journal_that_dies_is_said_in_red_on_every_screen_until_it_is_reopened(console):
    journal = console.desk.engine.desk.journal
    journal.fail_commit("database or disk is full")
    console.desk.engine.desk.note("info", "test", "this commit fails")
    banner = lambda: console.app.desk_screen().banner  # noqa: E731
    await console.until(lambda: "ORDERS ARE REFUSED" in banner().text and banner().alarm, "the red banner")
    assert "disk is full" in banner().text
    await console.press("J")
    await console.until(lambda: "journal reopen" in banner().text, "on the other screens, too")
    await console.line("journal reopen")
    await console.until(lambda: not banner().text, "the banner goes")
    assert journal.dead == ""
    assert console.said("is written again")
