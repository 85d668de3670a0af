"""Carries out the faults that strike open WebSocket connections, when the control port arms them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.sandbox.connection import Connection, Disturbance
from adapters.sandbox.faults import Fault, FaultKind

if TYPE_CHECKING:
    from adapters.sandbox.served_venue import ServedVenue
    from adapters.sandbox.world import World

MALFORMED = b'{"e":"ORDER_TRADE_UPDATE","E":17,"o":{"s":"BTC'
"""A frame that breaks off in the middle of a value."""


_DISTURBANCES = {
    FaultKind.WS_GAP: Disturbance.GAP,
    FaultKind.WS_DUPLICATE: Disturbance.DUPLICATE,
    FaultKind.WS_REORDER: Disturbance.REORDER,
    FaultKind.WS_LATE: Disturbance.LATE,
}


def strike(world: World, fault: Fault) -> int:
    """Do what `fault` says to every open connection that it matches; returns how many were struck."""
    struck = 0
    for venue in world.venues():
        if fault.kind is FaultKind.LISTEN_KEY_EXPIRED:
            struck += _expire(world, venue, fault)
            continue
        if fault.kind is FaultKind.WS_FOREIGN:
            struck += venue.user_streams.mix_up(fault.body, fault.account, fault.frames)
            continue
        for connection in list(venue.connections):
            where = f"{connection.path} {' '.join(connection.topics)}"
            if fault.matches("GET", where, connection.account) and fault.strikes():
                _hit(connection, fault)
                struck += 1
    return struck


def _hit(connection: Connection, fault: Fault) -> None:
    match fault.kind:
        case FaultKind.WS_CLOSE:
            connection.close(fault.code or 1008)
        case FaultKind.WS_ABORT:
            connection.abort()
        case FaultKind.WS_MALFORMED:
            connection.send(fault.body.encode() or MALFORMED)
        case FaultKind.WS_FLOOD:
            for _ in range(fault.frames):
                connection.send(fault.body.encode() or MALFORMED)
        case FaultKind.WS_HUGE:
            connection.send(b'{"e":"huge","x":"' + b"x" * (fault.frames * 1_000_000) + b'"}')
        case FaultKind.WS_HALF_OPEN:
            connection.fall_dumb()
        case kind if kind in _DISTURBANCES:
            connection.disturb(_DISTURBANCES[kind], fault.frames, fault.seconds)
        case _:
            connection.silence(fault.seconds)


def _expire(world: World, venue: ServedVenue, fault: Fault) -> int:
    accounts = [fault.account] if fault.account else [account.name for account in venue.accounts]
    struck = 0
    for account in accounts:
        key = venue.listen_keys.expire(account)
        if key is not None:
            venue.end_listen_key(account, key, world.clock.now_ms())
            struck += 1
    return struck
