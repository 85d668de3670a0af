"""Frames on a stream socket: four bytes of length, then msgpack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hedge_tui.domain.errors import HedgeError
from hedge_tui.wire.messages import ClientMessage, ServerMessage

if TYPE_CHECKING:
    import asyncio

MAX_BYTES = 64 * 1024 * 1024
"""Longest message accepted; a longer one means that the peer does not speak this protocol."""

_ENCODER = msgspec.msgpack.Encoder(decimal_format="string")
_FROM_CLIENT: msgspec.msgpack.Decoder[ClientMessage] = msgspec.msgpack.Decoder(ClientMessage)
_FROM_SERVER: msgspec.msgpack.Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)


class WireError(HedgeError):
    """The peer sent something that is no message of this protocol."""


def encode(message: Any) -> bytes:
    """One message as bytes, length first."""
    body = _ENCODER.encode(message)
    return len(body).to_bytes(4, "big") + body


def decode_client(body: bytes) -> ClientMessage:
    """A client's message.

    Raises:
        WireError: it is none.
    """
    try:
        return _FROM_CLIENT.decode(body)
    except msgspec.MsgspecError as error:
        raise WireError(f"not a message of this protocol: {error}") from error


def decode_server(body: bytes) -> ServerMessage:
    """An engine's message.

    Raises:
        WireError: it is none.
    """
    try:
        return _FROM_SERVER.decode(body)
    except msgspec.MsgspecError as error:
        raise WireError(f"not a message of this protocol: {error}") from error


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The body of the next message.

    Raises:
        asyncio.IncompleteReadError: the peer has gone.
        WireError: the length is absurd.
    """
    size = int.from_bytes(await reader.readexactly(4), "big")
    if size > MAX_BYTES:
        raise WireError(f"a message of {size} bytes is over the limit of {MAX_BYTES}")
    return await reader.readexactly(size)
