"""Which instruments of a venue are followed: the configuration's globs, quote assets and limit."""

from __future__ import annotations

import logging
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec

from adapters.via_ccxt.numbers import float_of
from hedge_tui.domain.errors import HedgeError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from hedge_tui.domain.instrument import Instrument

_log = logging.getLogger(__name__)


class Followed(msgspec.Struct, frozen=True):
    """`[venues.NAME]` as the feed worker is told it.

    Attributes:
        globs: of unified symbols, such as "BTC/*"; one of them has to fit.
        quotes: quote assets; empty for all.
        most: instruments at most, those with the largest 24 h turnover; 0 for no limit.
    """

    globs: tuple[str, ...] = ("*",)
    quotes: tuple[str, ...] = ()
    most: int = 0


EVERYTHING = Followed()


def candidates(instruments: Iterable[Instrument], followed: Followed) -> list[Instrument]:
    """The active instruments that globs and quote assets let through, in the order given."""
    return [
        one
        for one in instruments
        if one.active
        and (not followed.quotes or one.quote in followed.quotes)
        and any(fnmatchcase(one.symbol, glob) for glob in followed.globs)
    ]


def largest(found: Sequence[Instrument], most: int, turnover: Mapping[str, float]) -> list[Instrument]:
    """The `most` instruments with the largest turnover, in the order given; all of them for 0.

    Args:
        found: to choose from.
        most: how many at most.
        turnover: by unified symbol, in any one unit; missing counts as nothing.
    """
    if not most or len(found) <= most:
        return list(found)
    ranked = sorted(found, key=lambda one: -turnover.get(one.symbol, 0.0))
    kept = {one.symbol for one in ranked[:most]}
    return [one for one in found if one.symbol in kept]


async def choose(
    instruments: Sequence[Instrument],
    symbols: Sequence[str],
    followed: Followed,
    tickers: Callable[[], Awaitable[Any]],
) -> list[Instrument]:
    """The instruments to follow.

    Args:
        instruments: all that the venue lists.
        symbols: exactly these, where there are any.
        followed: the choice otherwise.
        tickers: ccxt's fetch_tickers; only asked where more fit than `followed.most`.
    """
    if symbols:
        wanted = set(symbols)
        return [one for one in instruments if one.symbol in wanted]
    found = candidates(instruments, followed)
    if not followed.most or len(found) <= followed.most:
        return found
    turnover: dict[str, float] = {}
    try:
        for symbol, ticker in (await tickers()).items():
            traded = float_of(ticker.get("quoteVolume"))
            if traded > 0:  # and not NaN
                turnover[symbol] = traded
    except (HedgeError, AttributeError) as error:
        _log.warning("turnovers are not known, the first %d listed are followed: %s", followed.most, error)
    return largest(found, followed.most, turnover)
