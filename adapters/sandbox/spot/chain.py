"""Wallet handlers (sapi) of what comes from and goes to a chain: deposits and withdrawals."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from adapters.paper.refusal import PaperRefusal
from adapters.sandbox.digits import plain
from adapters.sandbox.refusal import VenueRefusal
from adapters.sandbox.spot.wallet import amount, inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.sandbox.call import Call
    from adapters.sandbox.served_venue import ServedVenue
    from adapters.sandbox.treasury import ChainMove

_DONE_DEPOSIT, _DONE_WITHDRAWAL = 1, 6


def withdraw(venue: ServedVenue, call: Call) -> dict[str, str]:
    """POST capital/withdraw/apply; it is done at once.

    Raises:
        VenueRefusal: -4026 less is free, -1130 a wrong amount.
    """
    coin, address, quantity = call.text("coin"), call.text("address"), amount(call)
    client_id = call.params.get("withdrawOrderId", "")
    try:
        done = venue.treasury.withdraw(
            call.owner.name,
            coin,
            quantity,
            address=address,
            network=call.params.get("network", ""),
            client_id=client_id,
        )
    except PaperRefusal as error:
        raise VenueRefusal(-4026, "User has insufficient balance") from error
    return {"id": _text_id(done)}


def withdrawals(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET capital/withdraw/history, newest first."""
    wanted = call.params.get("withdrawOrderId")
    return [
        {
            "id": _text_id(one),
            "amount": plain(-one.quantity),
            "transactionFee": "0",
            "coin": one.asset,
            "status": _DONE_WITHDRAWAL,
            "address": one.address,
            "txId": _chain_id(one),
            "applyTime": _words(one.at_ms),
            "network": one.network,
            "transferType": 0,
            "withdrawOrderId": one.client_id,
            "info": "",
            "confirmNo": 1,
            "walletType": 0,
            "txKey": "",
            "completeTime": _words(one.at_ms),
        }
        for one in _moves(venue, call, -1)
        if not wanted or one.client_id == wanted
    ]


def deposits(venue: ServedVenue, call: Call) -> list[dict[str, Any]]:
    """GET capital/deposit/hisrec, newest first."""
    return [
        {
            "id": _text_id(one),
            "amount": plain(one.quantity),
            "coin": one.asset,
            "network": one.network,
            "status": _DONE_DEPOSIT,
            "address": one.address,
            "addressTag": "",
            "txId": _chain_id(one),
            "insertTime": one.at_ms,
            "completeTime": one.at_ms,
            "transferType": 0,
            "confirmTimes": "1/1",
            "unlockConfirm": 1,
            "walletType": 0,
        }
        for one in _moves(venue, call, 1)
    ]


def deposit_address(_venue: ServedVenue, call: Call) -> dict[str, str]:
    """GET capital/deposit/address: a made-up one; money comes in through the control port alone."""
    return {"address": f"sandbox-{call.owner.name}", "coin": call.text("coin"), "tag": "", "url": ""}


def _moves(venue: ServedVenue, call: Call, sign: int) -> Sequence[ChainMove]:
    """A page of deposits (`sign` 1) or withdrawals (-1), newest first."""
    name, coin = call.owner.name, call.params.get("coin")
    found = [
        one
        for one in reversed(venue.treasury.moves)
        if one.account == name
        and one.quantity * sign > 0
        and (not coin or one.asset == coin)
        and inside(one, call)
    ]
    first = call.integer("offset") or 0
    return found[first : first + call.limit(1000, 1000)]


def _text_id(one: ChainMove) -> str:
    return _chain_id(one)[:32]


def _chain_id(one: ChainMove) -> str:
    return hashlib.sha256(f"{one.account}:{one.move_id}".encode()).hexdigest()


def _words(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
