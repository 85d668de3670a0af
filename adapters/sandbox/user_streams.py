"""Who listens to which account: listen keys of USD-M, signature subscriptions of spot, and their frames."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from adapters.sandbox.refusal import VenueRefusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.sandbox.connection import Connection

KEY_LIFE_MS = 60 * 60_000
"""A listen key dies when it was not kept alive for an hour."""


@dataclass(slots=True)
class Subscription:
    """One listener.

    Attributes:
        wrap: the spot subscription id that each event is wrapped with; None sends events bare.
        listen_key: the USD-M key it came with, or "".
    """

    connection: Connection
    account: str
    wrap: int | None = None
    listen_key: str = ""


class ListenKeys:
    """USD-M listen keys: one living key per account."""

    def __init__(self) -> None:
        self._by_account: dict[str, tuple[str, int]] = {}
        self._made = 0

    def open(self, account: str, now_ms: int) -> str:
        """The account's key, made if it has none; its hour starts anew."""
        key, expires = self._by_account.get(account, ("", 0))
        if not key or now_ms >= expires:
            self._made += 1
            key = hashlib.sha256(f"{account}:{self._made}:{now_ms}".encode()).hexdigest()
        self._by_account[account] = (key, now_ms + KEY_LIFE_MS)
        return key

    def keep_alive(self, account: str, now_ms: int) -> str:
        """Give the account's key another hour.

        Raises:
            VenueRefusal: -1125, it has none or it has expired.
        """
        key, expires = self._by_account.get(account, ("", 0))
        if not key or now_ms >= expires:
            raise VenueRefusal(-1125, "This listenKey does not exist.")
        self._by_account[account] = (key, now_ms + KEY_LIFE_MS)
        return key

    def close(self, account: str) -> None:
        """Forget the account's key."""
        self._by_account.pop(account, None)

    def owner(self, key: str, now_ms: int) -> str | None:
        """The account of a living key."""
        for account, (held, expires) in self._by_account.items():
            if held == key and now_ms < expires:
                return account
        return None

    def expired(self, now_ms: int) -> list[tuple[str, str]]:
        """Remove and return (account, key) of those that died."""
        dead = [(account, key) for account, (key, expires) in self._by_account.items() if now_ms >= expires]
        for account, _ in dead:
            del self._by_account[account]
        return dead

    def expire(self, account: str) -> str | None:
        """Kill one account's key at once; returns it."""
        key, _ = self._by_account.pop(account, ("", 0))
        return key or None


class UserStreams:
    """The listeners of one venue's accounts."""

    def __init__(self) -> None:
        self._by_account: dict[str, list[Subscription]] = {}
        self._mixed: dict[str, tuple[str, int]] = {}

    def mix_up(self, source: str, target: str, events: int) -> int:
        """Send the next events of `source` to the listeners of `target` too; how many those are now."""
        self._mixed[source] = (target, events)
        return len(self._by_account.get(target, ()))

    def set_right(self) -> None:
        """End all mix-ups."""
        self._mixed.clear()

    def add(self, subscription: Subscription) -> None:
        """Start sending the account's events."""
        self._by_account.setdefault(subscription.account, []).append(subscription)

    def remove(self, connection: Connection, wrap: int | None = None) -> None:
        """Stop sending to a connection: one of its subscriptions, or all when `wrap` is None."""
        for account, listeners in list(self._by_account.items()):
            kept = [
                one
                for one in listeners
                if one.connection is not connection or (wrap is not None and one.wrap != wrap)
            ]
            if kept:
                self._by_account[account] = kept
            else:
                del self._by_account[account]

    def drop_key(self, account: str, listen_key: str) -> None:
        """Stop sending to listeners that came with a dead key; their sockets stay open, as at the venue."""
        listeners = self._by_account.get(account, [])
        self._by_account[account] = [one for one in listeners if one.listen_key != listen_key]

    def publish(self, account: str, event: dict[str, Any]) -> None:
        """Send one event to everybody who listens to the account."""
        listeners = [*self._by_account.get(account, ()), *self._strangers(account)]
        bare: bytes | None = None
        for one in listeners:
            if one.wrap is None:
                bare = bare or orjson.dumps(event)
                one.connection.send(bare)
            else:
                one.connection.send(orjson.dumps({"subscriptionId": one.wrap, "event": event}))

    def _strangers(self, account: str) -> list[Subscription]:
        """Listeners of another account that hear this event by a mix-up."""
        target, left = self._mixed.get(account, ("", 0))
        if not left:
            return []
        self._mixed[account] = (target, left - 1)
        return self._by_account.get(target, [])

    def of(self, account: str = "") -> Iterator[Subscription]:
        """All subscriptions, or those of one account."""
        for name, listeners in self._by_account.items():
            if not account or name == account:
                yield from listeners
