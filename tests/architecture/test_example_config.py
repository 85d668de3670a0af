"""`config.example.toml` shows every key, says what each means, and holds the defaults."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hedge_tui.config import (
    AccountSettings,
    EgressSettings,
    HardCaps,
    RiskOverrides,
    Settings,
    VenueSettings,
    parse,
)

SECTIONS = {one.name: type(getattr(Settings(), one.name)) for one in dataclasses.fields(Settings)}
TABLES: dict[str, Any] = {
    **{name: kind for name, kind in SECTIONS.items() if dataclasses.is_dataclass(kind)},
    "accounts": AccountSettings,
    "egress": EgressSettings,
    "venues.binanceusdm": VenueSettings,
    "risk.hard": HardCaps,
    "risk.groups.core": RiskOverrides,
    "risk.accounts.paper-1": RiskOverrides,
}


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "config.example.toml").read_text()


def keys_of(text: str) -> Iterator[tuple[str, str, bool]]:
    """(table, key, explained) of every key, also of those that are commented out."""
    table, above = "", ""
    for line in text.splitlines():
        bare = line.removeprefix("# ")
        if header := re.fullmatch(r"\[+([\w.-]+)\]+", bare):
            table = header[1]
        elif key := re.match(r"(\w+) = ", bare):
            # Keys of a table that repeats another's are explained there.
            yield table, key[1], above.startswith("# ") or table.startswith("risk.")
        above = line


def test_it_parses_to_the_defaults(text: str) -> None:
    example = parse(text, Path("config.example.toml"))
    assert set(example.venues.values()) == {VenueSettings()}
    assert dataclasses.replace(example, accounts=(), venues={}) == Settings()
    (account,) = example.accounts
    assert account == AccountSettings(account.name, account.venue, account.mode, balance="10000 USDT")


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_shown_and_explained(table: str, text: str) -> None:
    wanted = {one.name for one in dataclasses.fields(TABLES[table])}
    wanted -= {"accounts", "groups", "hard"} if table == "risk" else {"accounts"}
    found = {key: explained for where, key, explained in keys_of(text) if where == table}
    assert set(found) == wanted
    assert [key for key, explained in found.items() if not explained] == []


def test_what_is_commented_out_is_right_too(text: str) -> None:
    """Every commented key, once uncommented, is accepted."""
    whole = re.sub(r'(?m)^# (\[risk|\[\[egress|\w+ = |"orders)', r"\1", text)
    settings = parse(whole.replace("groups = []", 'groups = ["core"]', 1), Path("config.example.toml"))
    assert settings.accounts[0].address == ("127.0.0.1", 18443)
    assert settings.risk.accounts["paper-1"].max_open_orders == 50
    assert settings.risk.groups["core"].max_order_quantity == {"BTC": 1}
    assert settings.risk.hard.max_order_notional == 50_000
    assert settings.egress[0].route().address == "proxy.example:3128"
    assert settings.keys


def test_it_is_meant_for_every_version_of_the_schema(text: str) -> None:
    tables = {where for where, _, _ in keys_of(text)}
    assert tables <= {*TABLES, "keys"}
