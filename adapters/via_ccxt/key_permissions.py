"""What a venue says an API key may do, in this desk's words; for `hedge keys test`. Reads only.

Words: read, trade (or spot and futures, where the venue tells them apart), withdraw, transfer. Binance's
answer is proven against the sandbox; the others follow their venues' documentation and are unproven.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.attempt import attempting
from adapters.via_ccxt.errors import judge
from adapters.via_ccxt.instance import close_instance, open_instance
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.wiring import FreePacer, Wiring
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.via_ccxt.egress import Egress
    from adapters.via_ccxt.factory import KeyPair

Reader = tuple["Callable[[Any], Awaitable[Any]]", "Callable[[Any], list[str]]"]


async def key_permissions(venue: str, mode: Mode, key: KeyPair, egress: Egress) -> list[str] | None:
    """The permissions of a key; None where the venue tells none, or not to this desk.

    Raises:
        Refused: the venue does not accept the key. Unavailable, OutcomeUnknown: it gave no answer.
        ConfigError: the egress is unusable.
    """
    reader = _READERS.get(venue)
    # Binance's demo systems have no sapi.
    if reader is None or mode is Mode.DEMO:
        return None
    ask, read = reader
    quirks = quirks_of(venue)
    keys = {"apiKey": key.api_key.reveal(), "secret": key.secret.reveal()}
    if key.passphrase is not None:
        keys["password"] = key.passphrase.reveal()
    wiring = Wiring(quirks, FreePacer(), Redactor(keys.values()))
    instance = open_instance(wiring, egress, mode, keys=keys)
    try:
        with attempting(Lane.ACCOUNT) as attempt:
            try:
                return read(await ask(instance))
            except ConfigError:
                raise
            except Exception as error:  # noqa: BLE001 - every failure of ccxt is judged by its traces
                raise judge(error, attempt, quirks, wiring.redact).error() from None
    finally:
        await close_instance(instance)


def _binance(answer: Any) -> list[str]:
    names = {
        "enableReading": "read",
        "enableSpotAndMarginTrading": "spot",
        "enableFutures": "futures",
        "enableWithdrawals": "withdraw",
        "enableInternalTransfer": "transfer",
        "permitsUniversalTransfer": "transfer",
    }
    return _true(answer, names)


def _true(answer: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(word for name, word in names.items() if answer.get(name) is True))


def _bybit(answer: Any) -> list[str]:
    result = answer["result"]
    found = ["read"] if str(result.get("readOnly")) == "1" else ["read", "trade"]
    for word in {one for row in (result.get("permissions") or {}).values() for one in row}:
        if word == "Withdraw":
            found.append("withdraw")
        elif "Transfer" in word:
            found.append("transfer")
    return list(dict.fromkeys(found))


def _okx(answer: Any) -> list[str]:
    words = str(answer["data"][0].get("perm", "")).split(",")
    names = {"read_only": "read", "trade": "trade", "withdraw": "withdraw"}
    return [names[word.strip()] for word in words if word.strip() in names]


def _kraken(answer: Any) -> list[str]:
    names = {
        "query-funds": "read",
        "modify-trades": "trade",
        "withdraw-funds": "withdraw",
    }
    found = answer["result"].get("permissions") or []
    return list(dict.fromkeys(names[word] for word in found if word in names))


_READERS: dict[str, Reader] = {
    "binance": (lambda x: x.sapi_get_account_apirestrictions(), _binance),
    "binanceusdm": (lambda x: x.sapi_get_account_apirestrictions(), _binance),
    "bybit": (lambda x: x.private_get_v5_user_query_api(), _bybit),
    "okx": (lambda x: x.private_get_account_config(), _okx),
    "kraken": (lambda x: x.private_post_getapikeyinfo(), _kraken),
}
