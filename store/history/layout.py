"""Where a series stands on disk: folder and file names that no venue's text can break out of.

`candles/v=binanceusdm/s=BTC-USDT-USDT/tf=1m/2026-11.parquet`, `equity/a=desk-1/2026-11.parquet`. The names
are for people and for tools that prune by path; what a file holds is said by the columns inside it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from hedge_tui.domain.candle import HOUR_NS, MINUTE_NS, Timeframe

_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_PLAIN_SYMBOL = re.compile(r"[A-Z0-9]{1,20}/[A-Z0-9]{1,20}(:[A-Z0-9]{1,20}(-[A-Z0-9.]{1,20}){0,3})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def encode_symbol(symbol: str) -> str:
    """`BTC/USDT:USDT` as `BTC-USDT-USDT`; anything unusual as a readable part and a digest."""
    if _PLAIN_SYMBOL.fullmatch(symbol):
        return symbol.replace("/", "-").replace(":", "-")
    return _with_digest(symbol)


def encode_name(name: str) -> str:
    """A venue or account name as it is when it is plain, else a readable part and a digest."""
    return name if _PLAIN_NAME.fullmatch(name) else _with_digest(name)


def _with_digest(text: str) -> str:
    # The digest keeps apart what differs only in case or in characters that a path cannot have.
    readable = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40]
    return f"{readable}~{blake2b(text.encode(errors='surrogatepass'), digest_size=6).hexdigest()}"


def candle_folder(venue: str, symbol: str, timeframe: Timeframe) -> str:
    """The folder of a series, relative to the history's root."""
    return f"candles/v={encode_name(venue)}/s={encode_symbol(symbol)}/tf={timeframe.value}"


def equity_folder(account: str) -> str:
    """The folder of an account's equity, relative to the history's root."""
    return f"equity/a={encode_name(account)}"


def candle_period(timeframe: Timeframe, open_us: int) -> str:
    """Which file of its series a candle belongs to: a month up to 5m, a year up to 4h, above that one file.

    A daily candle in monthly files would cost ten times the bytes.
    """
    if timeframe.width_ns <= 5 * MINUTE_NS:
        return month_of(open_us)
    if timeframe.width_ns <= 4 * HOUR_NS:
        return f"{_moment(open_us).year:04d}"
    return "all"


def month_of(at_us: int) -> str:
    """The month that holds a time, such as `2026-11`; UTC microseconds."""
    moment = _moment(at_us)
    return f"{moment.year:04d}-{moment.month:02d}"


def period_range_us(period: str) -> tuple[int, int]:
    """First microsecond of a period and the first one after it."""
    if period == "all":
        return -(1 << 62), 1 << 62
    year, _, month = period.partition("-")
    start = datetime(int(year), int(month or 1), 1, tzinfo=UTC)
    if month:
        end = datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)
    else:
        end = datetime(start.year + 1, 1, 1, tzinfo=UTC)
    return (start - _EPOCH) // _MICROSECOND, (end - _EPOCH) // _MICROSECOND


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)
