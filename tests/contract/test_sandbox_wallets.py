"""Money on its way: transfers, deposits, withdrawals and key permissions, through unmodified ccxt.pro."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ccxt
import orjson
import pytest

from adapters.sandbox.accounts import READ_ONLY, TRADING, sandbox_account

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from adapters.sandbox.control import SandboxControl
    from adapters.sandbox.options import SandboxOptions

BOTH = {"spot": {"USDT": "1000"}, "usdm": {"USDT": "500"}}


@pytest.fixture
def sandbox_options(sandbox_options: SandboxOptions) -> SandboxOptions:
    accounts = (
        sandbox_account("mover", **BOTH, permissions=TRADING | {"transfer"}),
        sandbox_account("other", **BOTH),
        sandbox_account("leaver", **BOTH, permissions=TRADING | {"withdraw"}),
        replace(sandbox_account("watcher", **BOTH, permissions=READ_ONLY), ip_restricted=True),
    )
    return replace(sandbox_options, accounts=accounts, spot_instruments=3, usdm_instruments=3)


async def futures_events(client: Any, session: aiohttp.ClientSession) -> Callable[[], Any]:
    key = (await client.fapiPrivatePostListenKey())["listenKey"]
    socket = await session.ws_connect(f"wss://fstream.binance.com/private/ws?listenKey={key}")

    async def coming() -> Any:
        return orjson.loads((await socket.receive(5)).data)

    return coming


async def totals(control: SandboxControl, account: str) -> dict[str, str]:
    rows = await control.balances(account)
    return {row["venue"]: row["total"] for row in rows if row["what"] == "balance"}


async def test_money_goes_between_the_wallets_and_both_are_told(
    ccxt_client: Callable[[str, str], Any], session: aiohttp.ClientSession, control: SandboxControl
):
    client = ccxt_client("binance", "mover")
    coming = await futures_events(client, session)
    done = await client.transfer("USDT", 200, "spot", "linear")
    event = await coming()
    assert (event["a"]["m"], event["a"]["B"][0]["bc"], event["a"]["P"]) == ("DEPOSIT", "200", [])
    await client.transfer("USDT", 50.5, "linear", "spot")
    assert (await coming())["a"]["m"] == "WITHDRAW"
    assert await totals(control, "mover") == {"binance": "850.5", "binanceusdm": "649.5"}
    (known,) = await client.fetch_transfers("USDT", params={"fromAccount": "spot", "toAccount": "linear"})
    assert (known["id"], known["amount"], known["status"]) == (done["id"], 200, "ok")
    income = await client.fapiPrivateGetIncome({"incomeType": "TRANSFER"})
    assert [row["income"] for row in income] == ["200.00000000", "-50.50000000"]
    with pytest.raises(ccxt.ExchangeError, match="-5013"):
        await client.transfer("USDT", 900, "spot", "linear")
    with pytest.raises(ccxt.ExchangeError, match="-1130"):
        await client.transfer("USDT", 1, "spot", "funding")
    with pytest.raises(ccxt.ExchangeError, match="-1108"):
        await client.transfer("BTC", 1, "spot", "linear")


async def test_money_goes_between_accounts(
    ccxt_client: Callable[[str, str], Any], session: aiohttp.ClientSession, control: SandboxControl
):
    mover, other = ccxt_client("binance", "mover"), ccxt_client("binance", "other")
    coming = await futures_events(other, session)
    emails = [row["email"] for row in (await mover.sapiGetSubAccountList())["subAccounts"]]
    asked = {
        "toEmail": next(one for one in emails if one.startswith("other")),
        "fromAccountType": "SPOT",
        "toAccountType": "USDT_FUTURE",
        "asset": "USDT",
        "amount": "300",
        "clientTranId": "rent",
    }
    done = await mover.sapiPostSubAccountUniversalTransfer(asked)
    assert (await coming())["a"]["m"] == "DEPOSIT"
    assert await totals(control, "other") == {"binance": "1000", "binanceusdm": "800"}
    history = await mover.sapiGetSubAccountUniversalTransfer({"clientTranId": "rent"})
    assert [row["tranId"] for row in history["result"]] == [done["tranId"]]
    for client, direction in ((mover, "2"), (other, "1")):
        (row,) = await client.sapiGetSubAccountTransferSubUserHistory()
        assert (str(row["type"]), row["qty"], row["tranId"]) == (direction, "300", done["tranId"])
    with pytest.raises(ccxt.ExchangeError, match="-12022"):
        await mover.sapiPostSubAccountUniversalTransfer({**asked, "toEmail": "nobody@sandbox.example"})


async def test_deposits_and_withdrawals_are_in_their_histories(
    ccxt_client: Callable[[str, str], Any], control: SandboxControl
):
    client = ccxt_client("binance", "leaver")
    await client.load_markets()
    await control.transfer("leaver", "binance", "USDT", "250")
    (deposit,) = await client.fetch_deposits()
    assert (deposit["currency"], deposit["amount"], deposit["status"]) == ("USDT", 250, "ok")
    sent = await client.withdraw("USDT", 100, "0x00000000000000000000000000000000000000aa")
    (withdrawal,) = await client.fetch_withdrawals()
    assert (withdrawal["id"], withdrawal["amount"], withdrawal["status"]) == (sent["id"], 100, "ok")
    assert (await totals(control, "leaver"))["binance"] == "1150"
    with pytest.raises(ccxt.ExchangeError, match="-4026"):
        await client.withdraw("USDT", 5_000, "0x00000000000000000000000000000000000000aa")


@pytest.mark.parametrize(
    ("account", "allowed"),
    [
        ("mover", {"enableReading", "enableSpotAndMarginTrading", "enableFutures", "enableInternalTransfer"}),
        ("leaver", {"enableReading", "enableSpotAndMarginTrading", "enableFutures", "enableWithdrawals"}),
        ("watcher", {"enableReading", "ipRestrict"}),
    ],
)
async def test_keys_say_what_they_may_do_and_may_not_do_more(
    ccxt_client: Callable[[str, str], Any], account: str, allowed: set[str]
):
    client = ccxt_client("binance", account)
    flags = await client.sapiGetAccountApiRestrictions()
    said = {name for name, value in flags.items() if value is True}
    assert said - {"permitsUniversalTransfer"} == allowed
    await client.fetch_balance()
    for permission, ask in (
        ("enableInternalTransfer", client.transfer("USDT", 1, "spot", "linear")),
        ("enableWithdrawals", client.withdraw("USDT", 1, "0x00000000000000000000000000000000000000aa")),
        ("enableSpotAndMarginTrading", client.create_order("BTC/USDT", "market", "buy", 0.001)),
    ):
        if permission in allowed:
            await ask
            continue
        with pytest.raises((ccxt.AuthenticationError, ccxt.DDoSProtection), match="-2015"):
            await ask
