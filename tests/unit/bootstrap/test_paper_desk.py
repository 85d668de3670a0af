"""Keys and paper never meet: paper accounts take none, accounts with keys are never put on paper."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from adapters.paper_accounts.execution import LivePaperExecution
from adapters.paper_accounts.shared_data import SharedData
from adapters.via_ccxt.execution import CcxtExecutionClient
from hedge_tui.bootstrap.connector import VenueConnector
from hedge_tui.config import parse
from hedge_tui.credentials.credential import Credential
from hedge_tui.credentials.redaction import Redactor
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.errors import ConfigError, CredentialError
from hedge_tui.domain.key_rights import KeyRights
from hedge_tui.domain.secret import Secret
from hedge_tui.engine.clock import SystemClock

CONFIG = """
[[accounts]]
name = "paper-1"
venue = "binanceusdm"
mode = "paper"
balance = "10000 USDT"

[[accounts]]
name = "real-1"
venue = "binanceusdm"
mode = "live"

[[accounts]]
name = "spot-1"
venue = "binance"
mode = "live"
"""


class Vault:
    """Knows keys of both names, and remembers who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def credential(self, name: str) -> Credential:
        self.asked.append(name)
        return Credential(
            name,
            "",
            Secret("key"),
            Secret("secret"),
            None,
            1,
            rights=KeyRights(("read", "trade"), may_trade=True),
        )


@pytest.fixture
def connector(tmp_path: Path) -> VenueConnector:
    settings = parse(CONFIG, tmp_path / "config.toml")
    made = VenueConnector(settings, tmp_path / "vault.hedge", Redactor(), SystemClock(), random.Random(0))
    made.vault = Vault()  # type: ignore[assignment]
    return made


def account(name: str, mode: Mode) -> Account:
    return Account(name, "binanceusdm", mode)


def test_a_paper_account_is_made_without_a_look_into_the_vault(connector):
    connector.data("binanceusdm")
    client = connector.execution(account("paper-1", Mode.PAPER))
    assert isinstance(client, LivePaperExecution)
    assert connector.vault.asked == []


def test_a_paper_account_does_not_wait_for_the_vault(connector):
    connector.vault = None
    connector.data("binanceusdm")
    assert isinstance(connector.execution(account("paper-1", Mode.PAPER)), LivePaperExecution)
    with pytest.raises(CredentialError):
        connector.execution(account("real-1", Mode.LIVE))


def test_a_live_account_beside_it_goes_to_the_venue(connector):
    connector.data("binanceusdm")
    client = connector.execution(account("real-1", Mode.LIVE))
    assert isinstance(client, CcxtExecutionClient)
    assert connector.vault.asked == ["real-1"]


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.DEMO, Mode.SANDBOX])
def test_paper_refuses_every_other_mode(connector, mode):
    connector.data("binanceusdm")
    with pytest.raises(ConfigError, match="cannot be traded on paper"):
        connector._paper.execution(account("real-1", mode))


def test_a_venue_client_refuses_paper():
    from adapters.via_ccxt.egress import Egress
    from adapters.via_ccxt.factory import make_execution

    with pytest.raises(ConfigError, match="paper account"):
        make_execution(
            account("paper-1", Mode.PAPER),
            Vault().credential("paper-1"),
            Egress(None, None),
            shelf=None,
            pacer=None,
            clock=SystemClock(),
            rng=random.Random(0),
        )


def test_only_venues_with_paper_accounts_are_listened_to(connector):
    assert isinstance(connector.data("binanceusdm"), SharedData)
    assert not isinstance(connector.data("binance"), SharedData)


def test_outside_a_running_engine_there_is_no_paper(connector):
    with pytest.raises(ConfigError, match="inside a running engine only"):
        connector.execution(account("paper-1", Mode.PAPER))
