"""`hedge pnl` and `hedge away`: what they ask, print and refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from hedge_tui.cli.pnl import _question
from hedge_tui.domain.errors import CommandError
from hedge_tui.engine.pnl.book import COLUMNS
from hedge_tui.engine.pnl.report import BY

if TYPE_CHECKING:
    from conftest import CommandDesk

LINE = {"net", *COLUMNS, "fills", "assets", "unpriced"}


def test_the_book_has_stable_names_and_adds_up(desk: CommandDesk) -> None:
    desk.out("do", "@desk-1 buy 0.01btc BTC.p", "--yes")
    desk.out("do", "@desk-2 sell 0.01btc BTC.p", "--yes")
    for by in BY:
        found = desk.json("pnl", "--by", by, "--days", "2")
        assert " ".join(sorted(found)) == "by currency day_start imports rows since_ns timezone total"
        assert found["by"] == by
        assert all(set(row) == {"key", "start_ns", *LINE} for row in found["rows"])
        assert set(found["total"]) == LINE
        assert all("USDT" in row["assets"] for row in found["rows"]), found["rows"]
        for name in ("net", "fees"):
            exact = sum(Decimal(row["assets"]["USDT"][name]) for row in found["rows"])
            assert exact == Decimal(found["total"]["assets"]["USDT"][name]) != 0, (by, name)
    accounts = {row["key"]: row for row in desk.json("pnl", "--by", "account")["rows"]}
    assert {"desk-1", "desk-2"} <= set(accounts)
    (own,) = desk.json("pnl", "--by", "account", "--account", "desk-1")["rows"]
    assert own == accounts["desk-1"]


def test_a_session_and_a_tag_have_rows_of_their_own(desk: CommandDesk) -> None:
    desk.out("do", "session start tokyo", "--yes")
    desk.out("do", "@desk-1 buy 0.01btc BTC.p", "--yes")
    order = desk.json("orders", "--all")[-1]
    answer = desk.out("do", f"tag id:{order['client_order_id']} #swing", "--yes")
    assert "#swing" in answer
    by_session = {row["key"]: row for row in desk.json("pnl", "--by", "session")["rows"]}
    by_tag = {row["key"]: row for row in desk.json("pnl", "--by", "tag")["rows"]}
    assert by_session["tokyo"]["fills"] == by_tag["swing"]["fills"] == 1
    assert by_session["tokyo"]["assets"] == by_tag["swing"]["assets"]
    desk.out("do", f"tag id:{order['client_order_id']} #swing off", "--yes")
    assert "swing" not in {row["key"] for row in desk.json("pnl", "--by", "tag")["rows"]}


def test_the_table_says_currency_and_days(desk: CommandDesk) -> None:
    out = desk.out("pnl", "--by", "venue")
    assert "total" in out
    assert "in USDT at live prices; days begin at 00:00 UTC" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--by", "wek"), "PnL is not told by 'wek'"),
        (("--since", "yesterday"), "'yesterday' is no date"),
        (("--days", "3", "--since", "2026-11-01"), "--days 3 and --since 2026-11-01 say two things"),
    ],
)
def test_what_means_nothing_is_refused(desk: CommandDesk, words: tuple[str, ...], message: str) -> None:
    assert message in desk.error("pnl", *words, code=2)


def test_days_are_asked_for_where_nothing_else_is_said() -> None:
    assert _question(None, "", "day", "")["days"] == 30
    assert _question(None, "", "session", "")["days"] is None
    assert _question(None, "2026-11-01", "", "")["days"] is None
    with pytest.raises(CommandError):
        _question(None, "2026-13-01", "", "")


def test_away_tells_fills_of_the_time_asked_for(desk: CommandDesk) -> None:
    desk.out("do", "@desk-1 buy 0.01btc BTC.p", "--yes")
    found = desk.json("away", "--since", "1h")
    assert found["fills"]["count"] >= 1
    assert found["fills"]["complete"]
    assert Decimal(found["fills"]["notional"]) > 0
    assert Decimal(found["pnl"]["fees"]) > 0
    out = desk.out("away", "--since", "1h30m")
    assert "fills" in out
    assert "desk-1" in out


def test_away_without_a_console_says_what_to_type(desk: CommandDesk) -> None:
    assert "--since 8h" in desk.out("away")
    assert "length of time" in desk.error("away", "--since", "soon", code=2)
