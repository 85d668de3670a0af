"""By which routes accounts reach their venues, and what the vault adds."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from hedge_tui.bootstrap.connector import VenueConnector
from hedge_tui.bootstrap.ways import Ways
from hedge_tui.config import parse
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.domain.secret import Secret
from hedge_tui.engine.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[[egress]]
name = "tokyo"
kind = "http"
address = "proxy.example:3128"
user = "desk"
trusted = true
share = 0.5

[[accounts]]
name = "main"
venue = "binanceusdm"
mode = "live"
egress = "tokyo"

[[accounts]]
name = "other"
venue = "binanceusdm"
mode = "live"

[venues.binanceusdm]
rate_share = 0.6
"""


class OpenVault:
    """As much of a vault as is asked for."""

    def __init__(self, **secrets: str) -> None:
        self._secrets = secrets

    def names(self) -> tuple[str, ...]:
        return tuple(name.replace("_", ".") for name in self._secrets)

    def credential(self, name: str) -> Any:
        return SimpleNamespace(secret=Secret(self._secrets[name.replace(".", "_")]))


def test_each_account_takes_its_own_route_and_public_data_all(tmp_path: Path) -> None:
    settings = parse(CONFIG, tmp_path / "config.toml")
    ways = Ways(settings.egress)
    main, other = (ways.of(account) for account in settings.accounts)
    assert main.names(keyed=True) == ("tokyo",)
    assert other.names(keyed=True) == ("direct",)
    assert main.names(keyed=False) == other.names(keyed=False) == ("direct", "tokyo")
    assert main == other, "they share markets, whatever routes they take"


def test_passwords_are_there_once_the_vault_is_open(tmp_path: Path) -> None:
    settings = parse(CONFIG, tmp_path / "config.toml")
    opened: list[Any] = [None]
    ways = Ways(settings.egress, lambda: opened[0])
    passwords = ways.of(settings.accounts[0]).passwords
    assert "tokyo" not in passwords
    assert list(passwords) == []
    opened[0] = OpenVault(egress_tokyo="hunter2", main="a key")
    assert passwords["tokyo"].reveal() == "hunter2"
    assert list(passwords) == ["tokyo"]
    assert "hunter2" not in repr(ways.of(settings.accounts[0]))


async def test_a_route_plans_with_its_share_of_what_the_venue_may_be_asked(tmp_path: Path) -> None:
    settings = parse(CONFIG, tmp_path / "config.toml")
    connector = VenueConnector(settings, tmp_path / "vault", Redactor(), SystemClock(), random.Random(1))
    assert connector._planned("binanceusdm", "direct") == 0.6
    assert connector._planned("binanceusdm", "tokyo") == 0.3
    shown = {one.name: one for one in connector.balancer.snapshot().routes}
    assert (shown["tokyo"].address, shown["tokyo"].trusted) == ("proxy.example:3128", True)
    assert shown["direct"].state == "untried"
