"""Limits and halts in the console: the panes, the status line, and the dialog that asks for a word again."""

from __future__ import annotations

from typing import Any

from console_desk import Console

from hedge_tui.ui.columns.restraints import bar, room
from hedge_tui.ui.desk_data import held_words
from hedge_tui.wire.replica import Table


def rows(console: Console, pane: str) -> dict[str, dict[str, Any]]:
    table = console.pane(pane).body
    return {key: table.get_row(key) for key in table.row_keys()}


async def test_a_limit_is_tightened_at_once_and_loosened_when_typed_again(console: Console) -> None:
    await console.press("R")
    await console.until(lambda: console.app.desk_screen().mode_id == "risk", "the screen opens")
    await console.until(lambda: "|max_order_notional" in rows(console, "limits"), "the limits are there")
    await console.line("limit max_order_notional 500 @desk-1")
    key = "account:desk-1|max_order_notional"
    await console.until(lambda: rows(console, "limits").get(key, {}).get("shown") == "500", "it holds")
    await console.line("limit max_order_notional 700 @desk-1")
    await console.until(lambda: console.dialog("RetypeDialog"), "it asks")
    await console.type("7")
    await console.press("enter")
    dialog = console.dialog("RetypeDialog")
    await console.until(lambda: "asked for" in str(dialog.query_one("#words").render()), "not so")
    assert rows(console, "limits")[key]["shown"] == "500"
    await console.type("700")
    await console.press("enter")
    await console.until(lambda: rows(console, "limits")[key]["shown"] == "700", "now it does")
    assert not console.dialog("RetypeDialog")


async def test_a_halt_is_on_the_status_line_and_in_the_tables(console: Console) -> None:
    await console.press("R")
    await console.until(lambda: console.app.desk_screen().mode_id == "risk", "the screen opens")
    await console.line("halt because of a test")
    screen = console.app.desk_screen()
    await console.until(lambda: screen.status.figures.held == "HALTED the desk", "the line says so")
    assert screen.has_class("-halted")
    assert console.app.link.replica.table("holds").get("desk", "lift") == "resume"
    await console.line("resume")
    await console.until(lambda: console.dialog("RetypeDialog"), "it asks")
    await console.press("escape")
    await console.until(lambda: not console.dialog("RetypeDialog"), "left as it is")
    assert screen.status.figures.held
    await console.until(lambda: console.bar.is_open, "the line stays to be changed")
    await console.press("enter")
    await console.until(lambda: console.dialog("RetypeDialog"), "it asks again")
    await console.type("resume")
    await console.press("enter")
    await console.until(lambda: not screen.status.figures.held, "set free")
    assert not screen.has_class("-halted")


def test_the_bar_and_the_word_beside_it() -> None:
    def row(value: float, used: float) -> dict[str, Any]:
        return {"value": value, "used": used, "share": used / value if value else float("nan"), "text": ""}

    assert [room(row(10.0, used)) for used in (0.0, 7.9, 8.0, 10.0, 10.1)] == [
        "free",
        "free",
        "tight",
        "full",
        "over",
    ]
    assert room(row(0.0, 3.0)) == "shut"
    assert bar(row(10.0, 0.001)).count("█") == 1  # what is not nothing shows
    assert bar(row(1000.0, 999.0)).count("·") == 1  # nothing shows as full that is not
    assert bar(row(10.0, 30.0)) == "█" * 12


def test_the_worst_is_named_first() -> None:
    table = Table("holds")
    assert held_words(None) == ""
    for scope, of, state in (("account:b", "b", "reducing"), ("group:x", "group x", "halted")):
        table.rows[scope] = [scope, of, state, 0, "keyboard", "", ""]
    assert held_words(table) == "HALTED group x +1"
