"""Ed25519 and RSA keys: unmodified ccxt signs with the private half, the sandbox knows the public one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ccxt.pro
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from adapters.sandbox.accounts import sandbox_account
from hedge_tui.credentials.private_key import read_secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import aiohttp

    from adapters.sandbox.options import SandboxOptions

PAIRS: dict[str, Any] = {
    "ed": ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
    "rsa": rsa.generate_private_key(65537, 2048),
}


def private(name: str) -> str:
    made = PAIRS[name].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return read_secret(made.decode())[0]


def public(name: str) -> str:
    shape = serialization.PublicFormat.SubjectPublicKeyInfo
    made: bytes = PAIRS[name].public_key().public_bytes(serialization.Encoding.PEM, shape)
    return made.decode()


@pytest.fixture
def sandbox_options(sandbox_options: SandboxOptions) -> SandboxOptions:
    accounts = [
        replace(sandbox_account(name, spot={"USDT": "1000"}, usdm={"USDT": "2000"}), secret=public(name))
        for name in PAIRS
    ]
    import json

    file: Path = sandbox_options.directory.parent / "accounts.json"
    rows = [
        {"name": a.name, "key": a.key, "secret": a.secret, "spot": {"USDT": "1000"}, "usdm": {"USDT": "2000"}}
        for a in accounts
    ]
    file.write_text(json.dumps({"accounts": rows}))
    return replace(sandbox_options, accounts_file=file)


@pytest.fixture
async def client(
    sandbox: Any, session: aiohttp.ClientSession
) -> AsyncIterator[Callable[[str, str, str], Any]]:
    made: list[Any] = []

    def make(venue: str, account: str, secret: str) -> Any:
        keys = {"apiKey": sandbox.account(account).key, "secret": secret, "session": session}
        one = getattr(ccxt.pro, venue)({**keys, "enableRateLimit": False})
        one.timeout_on_exit = 0
        made.append(one)
        return one

    yield make
    for one in made:
        await one.close()


@pytest.mark.parametrize("name", PAIRS)
async def test_requests_are_signed_with_the_private_half(client: Callable[..., Any], name: str) -> None:
    usdm = client("binanceusdm", name, private(name))
    assert (await usdm.fetch_balance())["USDT"]["total"] == 2000
    order = await usdm.create_order("BTC/USDT:USDT", "limit", "buy", 0.01, 20_000)
    assert order["status"] == "open"
    await usdm.cancel_order(order["id"], "BTC/USDT:USDT")


@pytest.mark.parametrize("name", PAIRS)
async def test_the_streams_session_is_signed_too(client: Callable[..., Any], name: str) -> None:
    spot = client("binance", name, private(name))
    assert (await spot.fetch_balance())["USDT"]["total"] == 1000
    order = await spot.create_order_ws("BTC/USDT", "limit", "buy", 0.001, 20_000)
    assert order["status"] == "open"
    await spot.ensure_user_data_stream_ws_subscribe_signature("spot")
    stranger = client("binance", name, private("rsa" if name == "ed" else "ed"))
    # ccxt trips over its own clean-up after the venue's refusal.
    with pytest.raises((ccxt.pro.ExchangeError, KeyError)):
        await stranger.ensure_user_data_stream_ws_subscribe_signature("spot")


async def test_another_pair_is_refused(client: Callable[..., Any]) -> None:
    stranger = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for secret in (read_secret(stranger.decode())[0], private("rsa"), "a-shared-secret"):
        with pytest.raises(ccxt.pro.ExchangeError, match="-1022"):
            await client("binanceusdm", "ed", secret).fetch_balance()
