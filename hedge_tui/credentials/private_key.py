"""What a typed or read signing secret is: a shared HMAC secret, or a private key in PEM form.

Binance and some other venues take Ed25519 and RSA keys: the trader makes the pair, gives the venue the public
half and keeps the private one. Only the form is looked at here; signing is the venue library's business.
"""

from __future__ import annotations

import base64
import binascii

from hedge_tui.credentials.credential import KeyType
from hedge_tui.credentials.errors import VaultEntryError

_BEGIN, _END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
_OIDS = {
    bytes.fromhex("06032b6570"): KeyType.ED25519,
    bytes.fromhex("06092a864886f70d010101"): KeyType.RSA,
}
"""How PKCS #8 names the algorithm, in DER."""
_ED25519_DER = 48
"""Bytes of a bare Ed25519 key. One with more (an embedded public key) is too long for ccxt to know it by."""
_LINE = 64


def read_secret(text: str) -> tuple[str, KeyType]:
    """The secret as it is kept, and how it signs; a PEM is brought to the one form that ccxt knows.

    Raises:
        VaultEntryError: a private key in a form that cannot be used; no message holds a part of it.
    """
    text = text.strip()
    if "-----BEGIN" not in text:
        return text, KeyType.HMAC
    text = text.replace("\\n", "\n").strip()
    body = "".join(text.removeprefix(_BEGIN).removesuffix(_END).split())
    if not text.startswith(_BEGIN) or not text.endswith(_END):
        raise VaultEntryError(
            "the private key is encrypted or not in PKCS #8 form; convert it: openssl pkcs8 -topk8 -nocrypt"
            " -in OLD.pem -out NEW.pem"
        )
    try:
        der = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise VaultEntryError("the private key is cut short or damaged: its base64 cannot be read") from None
    kind = next((kind for oid, kind in _OIDS.items() if oid in der[:32]), None)
    if kind is None or (kind is KeyType.ED25519 and len(der) != _ED25519_DER):
        raise VaultEntryError(
            "the private key is neither RSA nor plain Ed25519; make one:"
            " openssl genpkey -algorithm ed25519 -out KEY.pem"
        )
    lines = [body[at : at + _LINE] for at in range(0, len(body), _LINE)]
    return "\n".join([_BEGIN, *lines, _END]), kind
