"""Acts to bytes and back: one JSON document per act, readable with any SQLite tool.

Both journals go through here, so that whatever the simulation can journal, the disk can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hedge_tui.domain.acts import ACT_TYPES
from hedge_tui.domain.errors import LedgerError, StoreError

if TYPE_CHECKING:
    from hedge_tui.domain.acts import Act

_ENCODER = msgspec.json.Encoder(decimal_format="string")
_DECODERS = {kind: msgspec.json.Decoder(act) for kind, act in ACT_TYPES.items()}


def encode_act(act: Act) -> tuple[int, str, bytes]:
    """(at_ns, kind, body) of an act; decimals stand as text, exactly.

    The body is read back at once: a row that cannot be read would keep the engine from ever starting again.

    Raises:
        LedgerError: the act has a value that the journal cannot hold, or no registered kind.
    """
    if ACT_TYPES.get(act.kind) is not type(act):
        raise LedgerError(f"{type(act).__name__} is not a registered act")
    try:
        body = _ENCODER.encode(act)
        _DECODERS[act.kind].decode(body)
    except (TypeError, ValueError, OverflowError) as error:
        raise LedgerError(f"the act {act.kind} cannot be journalled: {error}") from error
    return act.at_ns, act.kind, body


def decode_act(seq: int, kind: str, body: bytes) -> Act:
    """The act of one row.

    Raises:
        StoreError: of an unknown kind, or not of that kind's form; names the row.
    """
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise StoreError(f"act {seq} of the journal is of kind {kind!r}, which this version does not know")
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        raise StoreError(f"act {seq} of the journal ({kind}) cannot be read: {error}") from error
