from decimal import Decimal
from pathlib import Path

import pytest

from adapters.sandbox.accounts import TRADING, demo_accounts, load_accounts
from hedge_tui.domain.errors import ConfigError

TOML = """
[[accounts]]
name = "alice"
key = "k1"
secret = "s1"
permissions = ["read", "spot"]
spot = { USDT = "100.5", BTC = "0.1" }

[[accounts]]
name = "bob"
key = "k2"
secret = "s2"
usdm = { USDT = "5000" }
"""


def test_accounts_are_read_from_toml(tmp_path: Path):
    path = tmp_path / "accounts.toml"
    path.write_text(TOML)
    alice, bob = load_accounts(path)
    assert alice.permissions == {"read", "spot"}
    assert alice.spot == {"USDT": Decimal("100.5"), "BTC": Decimal("0.1")}
    assert (bob.permissions, bob.usdm) == (TRADING, {"USDT": Decimal(5000)})


def test_a_secret_is_not_in_the_repr(tmp_path: Path):
    path = tmp_path / "accounts.json"
    path.write_text('[{"name": "a", "key": "k", "secret": "very-secret"}]')
    assert "very-secret" not in repr(load_accounts(path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"name": "a", "key": "k", "secret": "s", "balance": {}}]', "unknown field balance"),
        ('[{"name": "a", "key": "k", "secret": ""}]', "secret must be"),
        ('[{"name": "a", "key": "k", "secret": "s", "permissions": ["fly"]}]', "unknown permission fly"),
        ('[{"name": "a", "key": "k", "secret": "s", "spot": {"BTC": "-1"}}]', "0 or more"),
        ('[{"name": "a", "key": "k", "secret": "s", "spot": {"BTC": "x"}}]', "no quantity"),
        ('[{"name": "a", "key": "k", "secret": "s"}, {"name": "a", "key": "l", "secret": "s"}]', "unique"),
        ("[]", "non-empty list"),
        ("{", "Expecting"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, words: str):
    path = tmp_path / "accounts.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        load_accounts(path)


def test_the_demo_has_twelve_accounts_on_two_venues():
    accounts = demo_accounts()
    assert [one.name for one in accounts] == [f"desk-{n}" for n in range(1, 13)]
    assert sum(bool(one.usdm) for one in accounts) == 9
    assert sum(bool(one.spot) for one in accounts) == 3
    assert [one.name for one in accounts if one.dual_side] == ["desk-12"]
    assert len({one.key for one in accounts} | {one.secret for one in accounts}) == 24
    assert all(len(one.key) == 64 and not one.permissions & {"withdraw", "transfer"} for one in accounts)
