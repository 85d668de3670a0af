"""The reading commands: field names that scripts rely on, tables that people read."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from hedge_tui.config.risk import NUMBERS

if TYPE_CHECKING:
    from conftest import CommandDesk

FIELDS = {
    "balances": "account asset free locked total value venue",
    "positions": "account adl base_quantity break_even entry_price funding_next funding_next_ns in_doubt"
    " instrument leverage liquidation_atr liquidation_distance liquidation_price margin_mode mark_price"
    " notional opened_ns position_side protected quantity settle side stops_in_doubt symbol tags"
    " unprotected unrealized venue",
    "orders": "account average_price client_order_id close_position created_ns external filled flags"
    " instrument origin position_side price quantity reason row run side status symbol time_in_force"
    " trail_pct trigger_price trigger_source type updated_ns venue venue_order_id",
    "fills": "account client_order_id commission commission_asset instrument liquidity position_side price"
    " quantity realized side symbol trade_id venue venue_ns venue_order_id",
    "markets": "ask ask_depth base basis_apr bid bid_depth change_1h change_24h change_5m day_position"
    " expiry_ns funding_apr funding_in_s funding_interval_h funding_last funding_last_ns funding_rate"
    " high_24h index_price instrument interest_1h interest_24h interest_value kind last low_24h mark"
    " net_position net_value next_funding_ns open_interest premium_bp price_decimals quantity_decimals quote"
    " relative_volume silent_s slippage_bp spread_bp symbol turnover_24h venue volume_24h",
    "runs": "at_ns failed filled filled_pct live orders origin run text unknown",
}
SUMMARY = (
    "balance equity exposure fees_today free funding_today margin_ratio margin_used pnl_today positions"
    " realized_today unpriced unrealized"
)


@pytest.fixture(autouse=True)
def _traded(desk: CommandDesk) -> None:
    """A fill and a resting order, once."""
    if not desk.json("orders"):
        desk.out("do", "@desk-1 buy 0.01btc BTC.p", "--yes")
        desk.out("do", "@desk-1 buy 0.01btc BTC.p at bid-3%", "--yes")


@pytest.mark.parametrize("name", FIELDS)
def test_rows_have_these_fields_and_no_others(desk: CommandDesk, name: str) -> None:
    rows = desk.json(name)
    assert rows
    assert {" ".join(sorted(row)) for row in rows} == {FIELDS[name]}


def test_documents_have_these_fields(desk: CommandDesk) -> None:
    pnl = desk.json("pnl")
    assert sorted(pnl) == ["accounts", "currency", "day_start_ns", "left_out", "total"]
    assert " ".join(sorted(pnl["accounts"][0])) == " ".join(sorted(["account", "venue", *SUMMARY.split()]))
    assert " ".join(sorted(pnl["total"])) == (
        "balance equity exposure fees_today funding_today pnl_today realized_today unrealized"
    )
    risk = desk.json("risk")
    assert sorted(risk) == ["accounts", "caps", "exposure", "holds", "limits", "risk", "states"]
    assert sorted(risk["limits"][0]) == ["by", "ceiling", "left", "name", "origin", "scope", "used", "value"]
    assert risk["states"]["desk-1"] == "active"
    assert sorted(risk["risk"]) == ["accounts", "currency", "deltas", "stress", "table"]
    assert sorted(risk["risk"]["accounts"][0]) == [
        "account",
        "equity",
        "exposure",
        "gross_exposure",
        "if_buys_fill",
        "if_sells_fill",
        "leverage",
        "liquidation_move",
        "margin_ratio",
        "nearest_liquidation",
        "orders",
        "unknown",
        "venue",
    ]
    assert set(risk["caps"]["desk-1"]) == set(NUMBERS)
    desk.out("do", "halt desk-2 because of a look")
    held = desk.json("risk")
    assert held["states"]["desk-2"] == "halted"
    assert sorted(held["holds"][0]) == ["by", "lift", "reason", "scope", "since_ns", "state"]
    assert "resume desk-2" in desk.out("risk")
    desk.out("do", "resume desk-2", "--again", "resume")
    assert sorted(risk["exposure"][0]) == [
        "accounts",
        "asset",
        "derivatives",
        "long",
        "net",
        "net_value",
        "short",
        "spot",
    ]
    assert set(desk.json("engine", "status")) >= {
        "version",
        "protocol",
        "pid",
        "data_dir",
        "started_ns",
        "locked",
        "accounts",
        "connected",
        "instruments",
        "quotes",
        "working_orders",
        "unknown_orders",
        "clients",
        "journal",
        "faults",
        "reporting_currency",
    }


def test_money_in_json_is_text_with_every_digit(desk: CommandDesk) -> None:
    position = desk.json("positions", "--account", "desk-1")[0]
    assert position["quantity"].startswith("0.01")
    assert isinstance(position["entry_price"], str)
    assert "e" not in position["entry_price"].lower()


@pytest.mark.parametrize("name", [*FIELDS, "pnl", "risk"])
def test_tables_have_no_scientific_numbers_and_no_nothing(desk: CommandDesk, name: str) -> None:
    text = desk.out(name)
    assert not re.search(r"None|\bnan\b|\d[eE][-+]\d|Decimal", text)
    assert text.count("\n") > 1


@pytest.mark.parametrize("name", [*FIELDS, "pnl", "risk"])
def test_no_table_is_wider_than_eighty_cells(
    desk: CommandDesk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedge_tui.cli.table.terminal_width", lambda: 80)
    lines = desk.out(name).splitlines()
    assert max(len(line) for line in lines) <= 80, max(lines, key=len)


def test_one_account(desk: CommandDesk) -> None:
    assert {row["account"] for row in desk.json("balances", "--account", "spot-1")} == {"spot-1"}
    assert desk.json("positions", "--account", "desk-2") == []
    assert "hedge do" in desk.out("positions", "--account", "desk-2")


def test_stress_sums_up_and_says_what_is_liquidated(desk: CommandDesk) -> None:
    found = desk.json("risk", "--stress", "-10%")["risk"]["stress"]
    assert Decimal(found["move"]) == Decimal("-0.1")
    # Each is rounded to the cent.
    apart = Decimal(found["change"]) - sum(Decimal(row["change"]) for row in found["accounts"])
    assert abs(apart) < Decimal("0.01") * len(found["accounts"])
    position = desk.json("positions", "--account", "desk-1")[0]
    (lost,) = (Decimal(row["change"]) for row in found["accounts"] if row["account"] == "desk-1")
    assert abs(lost + Decimal(position["notional"]) / 10) < Decimal("0.5")
    assert found["liquidated"] == []
    text = desk.out("risk", "--stress", "BTC -15% ETH +20%")
    assert "nothing was sent" in text
    assert "desk-1" in text
    assert "is not an asset" in desk.error("risk", "--stress", "-5% %%", code=2)


def test_an_unknown_account_is_an_error_not_an_empty_table(desk: CommandDesk) -> None:
    assert 'did you mean "desk-1"?' in desk.error("positions", "--account", "desk1", code=2)


def test_markets_are_found_counted_and_sorted(desk: CommandDesk) -> None:
    found: list[dict[str, Any]] = desk.json("markets", "--find", "btc")
    assert found
    assert all("BTC" in row["symbol"] for row in found)
    volumes = [row["turnover_24h"] for row in desk.json("markets")]
    assert volumes == sorted(volumes, reverse=True)
    falling = [row["change_24h"] for row in desk.json("markets", "--sort=-change_24h")]
    assert falling == sorted(falling)
    names = [row["symbol"] for row in desk.json("markets", "--sort", "symbol", "--limit", "4")]
    assert names == sorted(names)
    assert len(names) == 4
    assert 'did you mean "funding_apr"?' in desk.error("markets", "--sort", "fundingapr", code=2)
    assert len(desk.json("markets", "--count", "3")) == 3
    assert {row["venue"] for row in desk.json("markets", "--venue", "binance")} == {"binance"}
    assert 'no instrument has "XYZ"' in desk.out("markets", "--find", "XYZ")


def test_a_script_reads_nothing_when_there_is_no_engine(desk: CommandDesk, tmp_path: Any) -> None:
    from hedge_tui.cli import main

    desk.capture.readouterr()
    assert main.run(["positions", "--json", "--data-dir", str(tmp_path)]) == 3
    printed = desk.capture.readouterr()
    assert printed.out == ""
    assert "try: hedge engine run" in printed.err
