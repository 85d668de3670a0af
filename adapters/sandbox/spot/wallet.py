"""Wallet handlers (sapi): transfers between the wallets of an account and between accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.paper.refusal import PaperRefusal, RefusalCode
from adapters.sandbox import order_fields
from adapters.sandbox.digits import plain
from adapters.sandbox.refusal import VenueRefusal, missing

if TYPE_CHECKING:
    from decimal import Decimal

    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue
    from adapters.sandbox.treasury import ChainMove, Transfer, Wallet

DOMAIN = "@sandbox.example"
_NAMES: dict[Wallet, str] = {"spot": "MAIN", "usdm": "UMFUTURE"}
_TYPES: dict[str, tuple[Wallet, Wallet]] = {
    "MAIN_UMFUTURE": ("spot", "usdm"),
    "UMFUTURE_MAIN": ("usdm", "spot"),
}
_ACCOUNT_TYPES: dict[str, Wallet] = {"SPOT": "spot", "USDT_FUTURE": "usdm"}
_ACCOUNT_WORDS: dict[Wallet, str] = {"spot": "SPOT", "usdm": "USDT_FUTURE"}
_IN, _OUT = 1, 2


def transfer(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST asset/transfer between the account's own wallets.

    Raises:
        VenueRefusal: -1130 a type or amount that is not offered, -5013 less is free, -1108 wrong asset.
    """
    wallets = _TYPES.get(call.text("type"))
    if wallets is None:
        raise VenueRefusal(-1130, "Data sent for parameter 'type' is not valid.")
    name = call.owner.name
    return {"tranId": _move(venue, call, (name, wallets[0]), (name, wallets[1])).tran_id}


def transfers(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET asset/transfer of one type, newest first, in pages."""
    word, name = call.text("type"), call.owner.name
    found = [
        one
        for one in venue.treasury.transfers
        if not one.between_accounts and one.source == name and _type(one) == word and inside(one, call)
    ]
    size, page = min(call.integer("size") or 10, 100), call.integer("current") or 1
    newest = list(reversed(found))[(page - 1) * size : page * size]
    rows = [
        {
            "asset": one.asset,
            "amount": plain(one.quantity),
            "type": word,
            "status": "CONFIRMED",
            "tranId": one.tran_id,
            "timestamp": one.at_ms,
        }
        for one in newest
    ]
    return {"total": len(found), "rows": rows}


def universal_transfer(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """POST sub-account/universalTransfer; an account that is not named is the caller's own.

    Raises:
        VenueRefusal: -1130, -5013, -1108, or -12022 for an unknown account.
    """
    source = (_named(venue, call, "fromEmail"), _wallet(call, "fromAccountType"))
    target = (_named(venue, call, "toEmail"), _wallet(call, "toAccountType"))
    done = _move(venue, call, source, target, client_id=call.params.get("clientTranId", ""))
    return {"tranId": done.tran_id, "clientTranId": done.client_id}


def universal_transfers(venue: ServedVenue, call: Call) -> dict[str, Any]:
    """GET sub-account/universalTransfer, newest first."""
    found = [one for one in venue.treasury.transfers if one.between_accounts and inside(one, call)]
    for name, side in (("fromEmail", "source"), ("toEmail", "target")):
        if call.params.get(name):
            found = [one for one in found if getattr(one, side) == _named(venue, call, name)]
    if call.params.get("clientTranId"):
        found = [one for one in found if one.client_id == call.params["clientTranId"]]
    limit, page = call.limit(500, 500), call.integer("page") or 1
    rows = [
        {
            "tranId": one.tran_id,
            "fromEmail": one.source + DOMAIN,
            "toEmail": one.target + DOMAIN,
            "asset": one.asset,
            "amount": plain(one.quantity),
            "createTimeStamp": one.at_ms,
            "fromAccountType": _ACCOUNT_WORDS[one.source_wallet],
            "toAccountType": _ACCOUNT_WORDS[one.target_wallet],
            "status": "SUCCESS",
            "clientTranId": one.client_id,
        }
        for one in list(reversed(found))[(page - 1) * limit : page * limit]
    ]
    return {"result": rows, "totalCount": len(found)}


def own_transfers(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET sub-account/transfer/subUserHistory: what came from and went to other accounts, newest first."""
    name, asset, kind = call.owner.name, call.params.get("asset"), call.integer("type")
    rows: list[dict[str, Any]] = []
    for one in reversed(venue.treasury.transfers):
        if not one.between_accounts or not inside(one, call) or (asset and one.asset != asset):
            continue
        for direction, mine, other in ((_OUT, one.source, one.target), (_IN, one.target, one.source)):
            if mine == name and kind in (None, direction):
                rows.append(_own_row(one, direction, other))
    return rows[: call.limit(500, 500)]


def sub_accounts(venue: ServedVenue, _call: Call) -> dict[str, Any]:
    """GET sub-account/list."""
    return {
        "subAccounts": [
            {
                "email": one.name + DOMAIN,
                "isFreeze": False,
                "createTime": 1_700_000_000_000,
                "isManagedSubAccount": False,
                "isAssetManagementSubAccount": False,
            }
            for one in venue.accounts
        ]
    }


def _move(
    venue: ServedVenue,
    call: Call,
    source: tuple[str, Wallet],
    target: tuple[str, Wallet],
    *,
    client_id: str | None = None,
) -> Transfer:
    asset, quantity = call.text("asset"), amount(call)
    try:
        return venue.treasury.transfer(
            source,
            target,
            asset,
            quantity,
            between_accounts=client_id is not None,
            client_id=client_id or "",
        )
    except PaperRefusal as error:
        if error.code is RefusalCode.INSUFFICIENT_BALANCE:
            raise VenueRefusal(-5013, "Asset transfer failed: insufficient balance") from error
        if error.code is RefusalCode.UNKNOWN_ACCOUNT:
            raise VenueRefusal(-12022, "The sub-account does not exist.") from error
        raise VenueRefusal(-1108, "Invalid asset.") from error


def amount(call: Call) -> Decimal:
    """The quantity to move: above zero, with at most eight decimals.

    Raises:
        VenueRefusal: -1102 missing, -1130 otherwise wrong.
    """
    quantity = order_fields.required(call, "amount")
    if quantity <= 0 or order_fields.digits(quantity) > 8:
        raise VenueRefusal(-1130, "Data sent for parameter 'amount' is not valid.")
    return quantity


def _named(venue: ServedVenue, call: Call, name: str) -> str:
    text = call.params.get(name, "")
    account = text.removesuffix(DOMAIN) or call.owner.name
    if all(one.name != account for one in venue.accounts):
        raise VenueRefusal(-12022, "The sub-account does not exist.")
    return account


def _wallet(call: Call, name: str) -> Wallet:
    word = call.params.get(name)
    if not word:
        raise missing(name)
    if word not in _ACCOUNT_TYPES:
        raise VenueRefusal(-1130, f"Data sent for parameter '{name}' is not valid.")
    return _ACCOUNT_TYPES[word]


def _type(one: Transfer) -> str:
    return f"{_NAMES[one.source_wallet]}_{_NAMES[one.target_wallet]}"


def inside(one: Transfer | ChainMove, call: Call) -> bool:
    """Whether something happened in the time that a query asks for."""
    start, end = call.integer("startTime"), call.integer("endTime")
    return (start is None or one.at_ms >= start) and (end is None or one.at_ms <= end)


def _own_row(one: Transfer, direction: int, other: str) -> dict[str, Any]:
    return {
        "counterParty": "subAccount",
        "email": other + DOMAIN,
        "type": direction,
        "asset": one.asset,
        "qty": plain(one.quantity),
        "fromAccountType": _ACCOUNT_WORDS[one.source_wallet],
        "toAccountType": _ACCOUNT_WORDS[one.target_wallet],
        "status": "SUCCESS",
        "tranId": one.tran_id,
        "time": one.at_ms,
    }
