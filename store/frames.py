"""What the history client and its worker say to each other: length-prefixed msgpack.

Four bytes of length, big-endian, then one `Request` or `Reply`. Candles travel as the raw bytes of their
columns (little-endian, microseconds for the opens), so that neither side walks over rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from hedge_tui.domain.series import CandleSeries

if TYPE_CHECKING:
    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.instrument import InstrumentId

LENGTH_BYTES = 4
MAX_FRAME = 256 * 1024 * 1024


class Request(msgspec.Struct, array_like=True, frozen=True):
    """One call: `method` is a name from the worker's table."""

    id: int
    method: str
    args: list[Any]


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """The answer to the request of the same id; id 0 is a greeting or later notices, a list of texts.

    Attributes:
        failure: "" when `value` holds the result; else "store" (the disk or a file refused), "caller" (the
            request makes no sense) or "bug", and `value` is the message.
    """

    id: int
    failure: str
    value: Any


_ENCODER = msgspec.msgpack.Encoder(decimal_format="string")


def encode_frame(message: Request | Reply) -> bytes:
    """The bytes of a message with its length."""
    body = _ENCODER.encode(message)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def pack_columns(columns: tuple[Any, ...]) -> list[bytes]:
    """Columns, the first in microseconds, as bytes."""
    opens, *values = columns
    return [
        np.ascontiguousarray(opens, "<i8").tobytes(),
        *(np.ascontiguousarray(value, "<f8").tobytes() for value in values),
    ]


def unpack_columns(packed: list[bytes]) -> tuple[Any, ...]:
    """The arrays of `pack_columns`; they share memory with the bytes and cannot be written."""
    opens, *values = packed
    return (np.frombuffer(opens, "<i8"), *(np.frombuffer(value, "<f8") for value in values))


def series_of(instrument: InstrumentId, timeframe: Timeframe, packed: list[bytes]) -> CandleSeries:
    """A reply's columns as a series; microseconds become nanoseconds."""
    opens, *values = unpack_columns(packed)
    return CandleSeries(instrument, timeframe, opens * 1_000, *values)


def columns_of(series: CandleSeries) -> list[bytes]:
    """A series as a request's columns; nanoseconds become microseconds."""
    opens, *values = series.columns()
    return pack_columns((opens // 1_000, *values))
