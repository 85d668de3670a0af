"""What a fold gave, as a document and in words: the desk at one moment, and whether a replay is sound."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.instrument import symbol_of
from hedge_tui.engine.checkpoint import state_hash

if TYPE_CHECKING:
    from datetime import tzinfo

    from hedge_tui.engine.record.fold import Compared, Replay
    from hedge_tui.engine.state import DeskState

SHOWN = 30
"""Most lines of one kind; the document has them all."""


def state_document(seq: int, state: DeskState) -> dict[str, Any]:
    """The desk after act `seq`: numbers with exact digits, times UTC nanoseconds."""
    return {
        "act": seq,
        "at_ns": state.last_ns,
        "hash": state_hash(state),
        "orders": dict(Counter(order.status.value for order in state.orders.values())),
        "working": [
            {
                "row": state.rows.get(order.request.client_order_id),
                "client_order_id": order.request.client_order_id,
                "account": order.request.account,
                "instrument": order.request.instrument,
                "side": order.request.side.value,
                "quantity": f"{order.request.quantity:f}",
                "price": f"{order.request.price:f}" if order.request.price is not None else None,
                "filled": f"{order.filled:f}",
                "status": order.status.value,
            }
            for order in state.working_orders()
        ],
        "holdings": [
            {
                "account": account,
                "instrument": instrument,
                "position_side": side.value,
                "quantity": f"{held.quantity:f}",
                "entry_price": f"{held.entry_price:f}",
            }
            for (account, instrument, side), held in state.holdings.items()
            if held.quantity
        ],
        "fills": len(state.seen_fills),
        "sent_today": {name: f"{value:f}" for name, value in state.day_notional.items()},
        "armed": state.armed is not None,
        "settings": {f"{scope} {name}": value for (scope, name), value in state.settings.items()},
    }


def state_lines(document: dict[str, Any], zone: tzinfo) -> list[str]:
    """That document for a person."""
    counts = ", ".join(f"{count} {status}" for status, count in document["orders"].items()) or "none yet"
    lines = [
        f"after act {document['act']:,} of {_when(document['at_ns'], zone)}",
        f"state hash   {document['hash']}",
        f"orders       {counts}",
        f"fills        {document['fills']:,}",
        *_some("at work", [_order(one) for one in document["working"]]),
        *_some("held", [_held(one) for one in document["holdings"]]),
        *_some("sent today", [f"{name} {value}" for name, value in document["sent_today"].items()]),
        *_some("settings", [f"{name}: {value}" for name, value in document["settings"].items()]),
    ]
    return [*lines, "armed"] if document["armed"] else lines


def replay_document(found: Replay) -> dict[str, Any]:
    """Everything a replay compared."""
    return {
        "sound": found.sound,
        "first": found.first,
        "last": found.last,
        "hash": found.hash,
        "faults": found.faults,
        "checkpoints": [
            {"act": one.seq, "engine": one.engine, "fold": one.fold or None, "same": one.same}
            for one in found.compared
        ],
        "from_checkpoint": None if found.from_checkpoint is None else dict(
            zip(("act", "hash"), found.from_checkpoint, strict=True)
        ),
        "decisions": {
            "same": found.decisions.same,
            "unlike": [{"act": seq, "why": why} for seq, why in found.decisions.unlike],
        },
    }  # fmt: skip


def replay_lines(found: Replay, zone: tzinfo) -> list[str]:
    """The same for a person."""
    if not found.last:
        return ["the journal is empty: nothing to replay"]
    span = f"{_when(found.first_ns, zone)} to {_when(found.last_ns, zone)}"
    lines = [
        f"acts         {found.first:,} to {found.last:,}, {span}",
        f"state hash   {found.hash}",
        *(f"checkpoint   act {one.seq:,}: {_verdict(one)}" for one in found.compared),
    ]
    if found.from_checkpoint is not None:
        seq, digest = found.from_checkpoint
        word = "the same state hash" if digest == found.hash else f"ANOTHER state hash: {digest}"
        lines.append(f"             from act {seq:,} on: {word}")
    if found.faults:
        lines.append(f"ledger       {found.faults} acts contradict what came before them")
    unlike = found.decisions.unlike
    if found.decisions.same or unlike:
        every = found.decisions.same + len(unlike)
        lines.append(f"decisions    {found.decisions.same} of {every} come out the same from their figures")
        lines += [f"             act {seq:,}: {why}" for seq, why in unlike[:SHOWN]]
    lines.append("the replay is sound" if found.sound else "the replay does NOT agree with the engine")
    return lines


def _verdict(one: Compared) -> str:
    if not one.fold:
        return "written by another version or for other trading days; it cannot be compared"
    return "the same" if one.same else f"NOT the same: the engine had {one.engine}, the fold {one.fold}"


def _order(one: dict[str, Any]) -> str:
    price = f" at {one['price']}" if one["price"] else ""
    what = f"{one['side']} {one['quantity']} {symbol_of(one['instrument'])}{price}"
    return f"#{one['row']} {one['account']} {what}, {one['filled']} filled, {one['status']}"


def _held(one: dict[str, Any]) -> str:
    side = "" if one["position_side"] == "net" else f" {one['position_side']}"
    return f"{one['account']} {one['quantity']} {symbol_of(one['instrument'])}{side} at {one['entry_price']}"


def _some(title: str, words: list[str]) -> list[str]:
    more = [f"and {len(words) - SHOWN} more (--json has all)"] if len(words) > SHOWN else []
    return [f"{title if not index else '':<12} {one}" for index, one in enumerate([*words[:SHOWN], *more])]


def _when(at_ns: int, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(at_ns // 1_000_000_000, zone):%Y-%m-%d %H:%M:%S}"
