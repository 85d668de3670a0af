"""Private keys in PEM form: recognised, brought to the one form that signs, or refused with what to do."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from hedge_tui.credentials.credential import KeyType
from hedge_tui.credentials.errors import VaultEntryError
from hedge_tui.credentials.private_key import read_secret


def pem(key: object, encrypted: bool = False, pkcs1: bool = False) -> str:
    shape = serialization.PrivateFormat.TraditionalOpenSSL if pkcs1 else serialization.PrivateFormat.PKCS8
    hidden = serialization.BestAvailableEncryption(b"x") if encrypted else serialization.NoEncryption()
    made: bytes = key.private_bytes(serialization.Encoding.PEM, shape, hidden)  # type: ignore[attr-defined]
    return made.decode()


ED = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RSA = rsa.generate_private_key(65537, 1024)


def test_a_shared_secret_stays_as_it_is() -> None:
    assert read_secret(" abc/+= \n") == ("abc/+=", KeyType.HMAC)


@pytest.mark.parametrize("spoil", [str, lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("\n", "\\n")])
def test_ed25519_in_any_line_ends(spoil) -> None:
    text, kind = read_secret(f"  {spoil(pem(ED))}\n")
    assert kind is KeyType.ED25519
    assert text == pem(ED).strip()
    assert len(text) <= 120, "ccxt takes a longer one for RSA"


def test_rsa() -> None:
    text, kind = read_secret(pem(RSA))
    assert (text, kind) == (pem(RSA).strip(), KeyType.RSA)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (pem(ED, encrypted=True), "openssl pkcs8"),
        (pem(RSA, pkcs1=True), "openssl pkcs8"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA nor"),
        (pem(ED)[:60], "PKCS #8"),
        (pem(ED).replace("MC4", "M!4"), "cannot be read"),
    ],
    ids=["encrypted", "PKCS #1", "elliptic curve", "cut short", "spoilt"],
)
def test_what_cannot_be_used_is_said_without_a_part_of_it(text: str, words: str) -> None:
    with pytest.raises(VaultEntryError, match=words) as told:
        read_secret(text)
    assert text.splitlines()[1][:20] not in str(told.value)
