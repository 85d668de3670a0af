"""What the settings hold once read."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import UTC
from decimal import Decimal
from pathlib import Path

import pytest

from hedge_tui.config import RiskCaps, Settings, load, parse, zone
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.errors import ConfigError

TEXT = """
keys = { "orders.cancel" = "x,delete" }

[desk]
timezone = "Europe/Berlin"

[[accounts]]
name = "desk-1"
venue = "binanceusdm"
mode = "sandbox"
connect = "127.0.0.1:18443"
ca_file = "tls/sandbox-ca.pem"
groups = ["core"]
tags = ["basis"]
weight = 1.5

[[accounts]]
name = "cold"
venue = "binance"
mode = "live"
key = "shared"
read_only = true

[venues.binance]
symbols = ["BTC/*"]

[risk]
max_order_notional = 0
price_collar_pct = 0.1

[risk.accounts.cold]
max_order_count = 0
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return parse(TEXT, tmp_path / "config.toml")


def test_an_empty_file_and_no_file_give_the_defaults(tmp_path: Path) -> None:
    assert parse("", tmp_path / "config.toml") == load(tmp_path / "none.toml") == Settings()


def test_an_account_becomes_the_domains_account(settings: Settings, tmp_path: Path) -> None:
    first, second = settings.accounts
    assert first.account() == Account(
        "desk-1", "binanceusdm", Mode.SANDBOX, ("core",), ("basis",), Decimal("1.5")
    )
    assert first.address == ("127.0.0.1", 18443)
    assert first.ca_path == tmp_path / "tls/sandbox-ca.pem"
    assert (first.key_name, second.key_name) == ("desk-1", "shared")
    assert second.account().read_only
    assert second.address is None
    assert second.ca_path is None


def test_numbers_are_read_as_written_not_as_floats(settings: Settings) -> None:
    assert settings.risk.price_collar_pct == Decimal("0.1")
    assert settings.accounts[0].weight == Decimal("1.5")


def test_zero_means_zero_and_absent_means_the_default(settings: Settings) -> None:
    assert settings.risk.max_order_notional == 0
    assert settings.risk.max_order_count == RiskCaps().max_order_count > 0


def test_an_account_has_caps_of_its_own_beside_the_desks(settings: Settings) -> None:
    cold = settings.risk.accounts["cold"]
    assert (cold.max_order_count, cold.max_order_notional) == (0, None)
    assert "desk-1" not in settings.risk.accounts


def test_venues_without_a_table_have_the_defaults(settings: Settings) -> None:
    assert settings.venue("binance").symbols == ("BTC/*",)
    assert settings.venue("bybit").symbols == ("*",)


def test_keys_may_stand_in_an_inline_table(settings: Settings) -> None:
    assert settings.keys == {"orders.cancel": "x,delete"}


def test_the_zone_is_the_desks(settings: Settings) -> None:
    assert str(zone(settings)) == "Europe/Berlin"
    assert zone(Settings()) is UTC


def test_settings_are_frozen_and_travel_to_other_processes(settings: Settings) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.desk.timezone = "UTC"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_a_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("")
    file.chmod(0o620)
    with pytest.raises(ConfigError, match="chmod go-w"):
        load(file)
    file.chmod(0o644)
    assert load(file) == Settings()


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'[desk]\ntimezone = "\xe4"\n')
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="no UTF-8"):
        load(file)
