"""Our client order ids in each venue's clothing, reversibly.

Ours are 32 lowercase hex characters. Most venues take them as they are; two want another form of the
same 128 bits. Used wherever an order goes out or comes back.
"""

from __future__ import annotations

import base64
import binascii
import re
from enum import StrEnum

from hedge_tui.domain.order import ClientOrderId

_OURS = re.compile(r"[0-9a-f]{32}")
_GATE_LENGTH = 24


class IdForm(StrEnum):
    """How a venue wants a client order id."""

    HEX = "hex"
    """32 hex characters, as ours."""
    HEX_0X = "hex_0x"
    """`0x` and 32 hex characters (Hyperliquid)."""
    GATE = "gate"
    """`t-` and at most 28 characters: the 16 bytes in URL-safe base64."""


def is_ours(client_order_id: str) -> bool:
    """Whether an id has the form that this desk makes."""
    return _OURS.fullmatch(client_order_id) is not None


def to_venue(client_order_id: str, form: IdForm) -> str:
    """Our id in the venue's form; ids that are not ours go as they are.

    >>> to_venue("00112233445566778899aabbccddeeff", IdForm.GATE)
    't-ABEiM0RVZneImaq7zN3u_w'
    """
    if not is_ours(client_order_id):
        return client_order_id
    if form is IdForm.HEX_0X:
        return "0x" + client_order_id
    if form is IdForm.GATE:
        return "t-" + base64.urlsafe_b64encode(bytes.fromhex(client_order_id)).decode().rstrip("=")
    return client_order_id


def from_venue(said: str | None, form: IdForm) -> ClientOrderId:
    """The venue's form back in ours; what is not ours comes back as it is, None as "".

    >>> from_venue("t-ABEiM0RVZneImaq7zN3u_w", IdForm.GATE)
    '00112233445566778899aabbccddeeff'
    """
    if not said:
        return ClientOrderId("")
    if form is IdForm.HEX_0X and said.startswith("0x") and is_ours(said[2:]):
        return ClientOrderId(said[2:])
    if form is IdForm.GATE and said.startswith("t-") and len(said) == _GATE_LENGTH:
        try:
            raw = base64.b64decode(said[2:] + "==", altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return ClientOrderId(said)
        return ClientOrderId(raw.hex())
    return ClientOrderId(said)
