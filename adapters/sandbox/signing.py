"""Who sent a request, and did they sign it: key, permissions, timestamp, recvWindow and signature.

HMAC-SHA256 with a shared secret, or Ed25519 or RSA (PKCS #1 v1.5, SHA-256) with the key pair's public half.

REST signs the exact text of query and body; the WebSocket API signs its parameters in alphabetical order.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from adapters.sandbox.refusal import (
    BAD_KEY_FORMAT,
    BAD_SIGNATURE,
    REJECTED_KEY,
    TOO_EARLY,
    TOO_LATE,
    WINDOW_TOO_LARGE,
    again,
    illegal,
    missing,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adapters.sandbox.accounts import AccountSpec

_KEY_FORMAT = re.compile(r"^[A-Za-z0-9]{64}$")
_SIGNATURE = re.compile(r"(^|&)signature=([^&]*)")
DEFAULT_WINDOW_MS = 5_000
LARGEST_WINDOW_MS = 60_000
AHEAD_MS = 1_000
"""How far a client's clock may run ahead of the venue's."""


class Keyring:
    """The accounts by their API key."""

    def __init__(self, accounts: Iterable[AccountSpec]) -> None:
        self._by_key = {account.key: account for account in accounts}
        self._changed: dict[str, frozenset[str]] = {}
        self._addresses: dict[str, frozenset[str]] = {}

    def owner(self, key: str | None, permission: str | None, address: str = "") -> AccountSpec:
        """The account of an API key that may do `permission` (None: any key will do) from `address`.

        Raises:
            VenueRefusal: -2014 no key or malformed; -2015 unknown key, the permission is missing, or the
                address is not in the key's list.
        """
        if not key or not _KEY_FORMAT.match(key):
            raise again(BAD_KEY_FORMAT)
        account = self._by_key.get(key)
        allowed = frozenset() if account is None else self.permissions(account)
        if account is None or not allowed or (permission is not None and permission not in allowed):
            raise again(REJECTED_KEY)
        listed = self._addresses.get(account.name)
        if listed is None:
            return account if allowed == account.permissions else replace(account, permissions=allowed)
        if listed and address not in listed:
            raise again(REJECTED_KEY)
        return replace(account, permissions=allowed, ip_restricted=bool(listed))

    def permissions(self, account: AccountSpec) -> frozenset[str]:
        """What the account's key may do now."""
        return self._changed.get(account.name, account.permissions)

    def change(self, account: str, permissions: frozenset[str] | None) -> None:
        """Let a key do other things from now on; empty revokes it, None is what it was given at first."""
        if permissions is None:
            self._changed.pop(account, None)
        else:
            self._changed[account] = permissions

    def restrict(self, account: str, addresses: frozenset[str] | None) -> None:
        """Let a key be used from these addresses alone; empty from everywhere, None as at first."""
        if addresses is None:
            self._addresses.pop(account, None)
        else:
            self._addresses[account] = addresses

    def name_of(self, key: str | None) -> str:
        """The account's name for the ledger and for faults, "" for an unknown key."""
        account = self._by_key.get(key or "")
        return account.name if account else ""


def check_time(params: Mapping[str, str], now_ms: int) -> None:
    """Judge `timestamp` and `recvWindow` as the venue does.

    Raises:
        VenueRefusal: -1102 or -1100 a missing or malformed number, -1131 window over a minute, -1021 outside.
    """
    text = params.get("timestamp")
    if not text:
        raise missing("timestamp")
    if not text.isdigit():
        raise illegal("timestamp")
    window_text = params.get("recvWindow") or str(DEFAULT_WINDOW_MS)
    if not window_text.isdigit():
        raise illegal("recvWindow")
    window = int(window_text)
    if window > LARGEST_WINDOW_MS:
        raise again(WINDOW_TOO_LARGE)
    sent = int(text)
    if sent >= now_ms + AHEAD_MS:
        raise again(TOO_EARLY)
    if now_ms - sent > window:
        raise again(TOO_LATE)


def signed_text(query: str, body: str) -> tuple[str, str | None]:
    """The text a REST client must have signed, and the signature it sent.

    The venue signs the query followed by the body with nothing between; the signature itself is cut out.
    """
    signature: str | None = None
    parts: list[str] = []
    for part in (query, body):
        found = _SIGNATURE.search(part)
        if found:
            signature = found.group(2)
            parts.append((part[: found.start()] + part[found.end() :]).removeprefix("&"))
        else:
            parts.append(part)
    return "".join(parts), signature


def check_signature(account: AccountSpec, text: str, signature: str | None) -> None:
    """Compare the signature in constant time.

    Raises:
        VenueRefusal: -1102 none was sent, -1022 it does not match.
    """
    if not signature:
        raise missing("signature")
    if "PUBLIC KEY" in account.secret:
        if not _signed_by(account.secret, text, unquote(signature)):
            raise again(BAD_SIGNATURE)
        return
    expected = hmac.new(account.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature.lower()):
        raise again(BAD_SIGNATURE)


def _signed_by(public_key: str, text: str, signature: str) -> bool:
    """Whether the owner of a key pair signed `text`; the signature is base64, as REST and sockets send it."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

    key = _public_key(public_key)
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(raw, text.encode())
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


@functools.lru_cache(maxsize=256)
def _public_key(pem: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    return load_pem_public_key(pem.encode())


def sorted_text(params: Mapping[str, str]) -> str:
    """What a WebSocket API client must have signed: all parameters but the signature, sorted by name."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature")
