"""Risk and Portfolio on a real desk: a position, a typed stress test, the views of the money."""

from __future__ import annotations

from typing import Any

from console_desk import Console


def rows(console: Console, pane: str) -> dict[str, dict[str, Any]]:
    """Rows that a pane shows, by key."""
    table = console.pane(pane).body
    return {key: table.get_row(key) for key in table.row_keys()}


async def test_a_position_shows_on_the_risk_screen_and_a_move_can_be_tried(console: Console) -> None:
    await console.send("@desk-1 sell 0.3btc BTC.p")
    await console.until(console.fills, "it fills")
    await console.press("R")
    await console.until(lambda: console.app.desk_screen().mode_id == "risk", "the screen opens")
    await console.until(lambda: "desk-1" in rows(console, "deltas"), "the delta is there")
    delta = rows(console, "deltas")["desk-1"]
    assert delta["BTC"] == delta["net"] < -1_000
    await console.until(lambda: rows(console, "risk")["desk-1"]["exposure"] < -1_000, "so is the account's")
    stress = rows(console, "stress")
    await console.until(lambda: rows(console, "stress")["+10"]["worst_account"] == "desk-1", "a rise costs")
    assert list(stress) == ["-30", "-20", "-10", "-5", "+5", "+10", "+20", "+30"]
    await console.press("m")
    await console.until(lambda: console.bar.is_open, "the bar opens")
    await console.type("BTC +900%")
    await console.press("enter")
    await console.until(lambda: console.dialog("ReaderDialog"), "the answer opens")
    words = console.dialog("ReaderDialog")._text.plain
    assert "stress BTC +900%" in words
    assert "desk-1 (cross USDT) is liquidated after" in words
    await console.press("escape")
    await console.until(lambda: not console.dialog("ReaderDialog"), "it closes")


async def test_the_portfolio_is_added_up_by_what_is_asked(console: Console) -> None:
    await console.press("P")
    await console.until(lambda: console.app.desk_screen().mode_id == "portfolio", "the screen opens")
    await console.until(lambda: rows(console, "portfolio"), "there are rows")
    assert all(key.startswith("account:") for key in rows(console, "portfolio"))
    for view in ("venue", "group", "tag", "asset", "account"):
        await console.press("v")
        await console.until(
            lambda view=view: console.pane("portfolio").title == f"Portfolio by {view}",  # type: ignore[misc]
            view,
        )
        assert all(key.startswith(f"{view}:") for key in rows(console, "portfolio"))
    first = console.pane("portfolio").body.cursor_key
    console.pane("portfolio").body.move_cursor(key=first)
    await console.press("enter")
    name = first.partition(":")[2]
    await console.until(lambda: console.pane("equity").detail.startswith(f"account {name}"), "its line")
    await console.press("right_square_bracket")
    await console.until(lambda: "[1w]" in console.pane("equity").detail, "over a week")
    console.pane("portfolio").body.move_cursor(key=first)
    await console.press("enter")
    await console.until(lambda: console.pane("equity").detail.startswith("desk"), "the desk's again")


async def test_a_position_without_a_stop_says_so_until_it_has_one(console: Console) -> None:
    await console.send("@desk-1 buy 0.4btc BTC.p")
    await console.press("p")
    await console.until(lambda: rows(console, "positions"), "the position is there")
    (row,) = rows(console, "positions").values()
    assert row["protection"] == "UNPROTECTED"
    assert row["break_even"] > row["entry_price"]
    await console.send("@desk-1 sell 0.1btc BTC.p stop:1000 reduce")
    await console.until(
        lambda: next(iter(rows(console, "positions").values()))["protection"].strip() == "25%",
        "it covers a quarter",
    )
