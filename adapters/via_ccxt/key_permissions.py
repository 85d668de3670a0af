"""What a venue says an API key may do, in this desk's words. Reads only.

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
from hedge_tui.domain.key_rights import UNTOLD, KeyRights
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.via_ccxt.egress import Egress
    from adapters.via_ccxt.factory import KeyPair
    from hedge_tui.domain.ports.pacing import Pacer

Reader = tuple["Callable[[Any], Awaitable[Any]]", "Callable[[Any], KeyRights]"]


async def key_permissions(
    venue: str, mode: Mode, key: KeyPair, egress: Egress, pacer: Pacer | None = None
) -> KeyRights:
    """What a key may do; `UNTOLD` where the venue does not say, or not to this desk.

    Raises:
        Refused: the venue does not accept the key. Unavailable, OutcomeUnknown: it gave no answer.
        ConfigError: the egress is unusable.
    """
    reader = _READERS.get(venue)
    # Binance's demo systems have no sapi.
    if reader is None or mode is Mode.DEMO:
        return UNTOLD
    ask, read = reader
    quirks = quirks_of(venue)
    keys = {"apiKey": key.api_key.reveal(), "secret": key.secret.reveal()}
    if key.passphrase is not None:
        keys["password"] = key.passphrase.reveal()
    wiring = Wiring(quirks, pacer or FreePacer(), Redactor(keys.values()))
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


def _binance(answer: Any, trading: str) -> KeyRights:
    names = {
        "enableReading": "read",
        "enableSpotAndMarginTrading": "spot",
        "enableFutures": "futures",
        "enableMargin": "margin",
        "enableWithdrawals": "withdraw",
        "enableInternalTransfer": "transfer",
        "permitsUniversalTransfer": "transfer",
    }
    words = _true(answer, names)
    return KeyRights(
        words,
        may_trade=trading in words,
        ip_restricted=answer.get("ipRestrict") is True,
        made_ns=int(answer.get("createTime") or 0) * 1_000_000,
    )


def _true(answer: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for name, word in names.items() if answer.get(name) is True))


def _bybit(answer: Any) -> KeyRights:
    result = answer["result"]
    may_trade = str(result.get("readOnly")) != "1"
    words = ["read", "trade"] if may_trade else ["read"]
    for word in {one for row in (result.get("permissions") or {}).values() for one in row}:
        if word == "Withdraw":
            words.append("withdraw")
        elif "Transfer" in word:
            words.append("transfer")
    ips = tuple(str(ip) for ip in result.get("ips") or () if ip != "*")
    return KeyRights(tuple(dict.fromkeys(words)), may_trade=may_trade, ip_restricted=bool(ips), ips=ips)


def _okx(answer: Any) -> KeyRights:
    row = answer["data"][0]
    names = {"read_only": "read", "trade": "trade", "withdraw": "withdraw"}
    words = tuple(
        names[word.strip()] for word in str(row.get("perm", "")).split(",") if word.strip() in names
    )
    ips = tuple(ip for ip in str(row.get("ip", "")).split(",") if ip)
    return KeyRights(words, may_trade="trade" in words, ip_restricted=bool(ips), ips=ips)


def _kraken(answer: Any) -> KeyRights:
    result = answer["result"]
    names = {"query-funds": "read", "modify-trades": "trade", "withdraw-funds": "withdraw"}
    words = tuple(dict.fromkeys(names[word] for word in result.get("permissions") or [] if word in names))
    ips = tuple(str(ip) for ip in result.get("ipAllowlist") or ())
    return KeyRights(words, may_trade="trade" in words, ip_restricted=bool(ips), ips=ips)


_READERS: dict[str, Reader] = {
    "binance": (lambda x: x.sapi_get_account_apirestrictions(), lambda answer: _binance(answer, "spot")),
    "binanceusdm": (
        lambda x: x.sapi_get_account_apirestrictions(),
        lambda answer: _binance(answer, "futures"),
    ),
    "bybit": (lambda x: x.private_get_v5_user_query_api(), _bybit),
    "okx": (lambda x: x.private_get_account_config(), _okx),
    "kraken": (lambda x: x.private_post_getapikeyinfo(), _kraken),
}
