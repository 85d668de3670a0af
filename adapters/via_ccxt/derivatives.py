"""Open interest and funding of derivatives: what `data` asks for, and how the answers are read.

ccxt's unified calls are used, so that any venue that has them is served; one that has not is Refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.numbers import float_of, ns_of_ms
from hedge_tui.domain.errors import Refused
from hedge_tui.domain.instrument import instrument_id, symbol_of
from hedge_tui.domain.market import Funding, OpenInterest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.instrument import InstrumentId

PERIOD = "5m"
_PERIOD_MS = 300_000
_MOST_SAMPLES = 500
_PAID_ROWS = 1_000
"""Last payments asked at once; a venue with more perpetuals tells those that were paid last."""


async def ask_open_interest(instance: Any, instrument: InstrumentId, since_ns: int, now_ns: int) -> Any:
    """Ccxt's rows, oldest first: the newest alone, or every 5 minutes since `since_ns`.

    Raises:
        Refused: the venue does not tell it.
    """
    symbol, has = symbol_of(instrument), instance.has
    if not instance.market(symbol).get("contract"):
        # ccxt would ask for the future of the same name.
        raise Refused(f"{symbol} is no derivative", "")
    if since_ns and has.get("fetchOpenInterestHistory"):
        count = min(_MOST_SAMPLES, max(1, (now_ns - since_ns) // (_PERIOD_MS * 1_000_000) + 1))
        # The last `count` rows: with a start, a venue counts its rows from there.
        return await instance.fetch_open_interest_history(symbol, PERIOD, None, int(count))
    if not has.get("fetchOpenInterest"):
        raise Refused(f"{instance.id} does not tell open interest", "")
    return [await instance.fetch_open_interest(symbol)]


def open_interest_of(rows: Any, instrument: InstrumentId, now_ns: int) -> OpenInterest:
    """Samples out of ccxt's rows; those without a number are left out, those without a time are of now."""
    kept: dict[int, float] = {}
    for row in rows if isinstance(rows, list) else ():
        quantity = float_of(row.get("openInterestAmount")) if isinstance(row, dict) else float("nan")
        if quantity >= 0:
            kept[ns_of_ms(row.get("timestamp")) or now_ns] = quantity
    times = sorted(kept)
    return OpenInterest(instrument, tuple(times), tuple(kept[at] for at in times))


async def ask_funding(instance: Any) -> tuple[Any, Any]:
    """(intervals by symbol, payments newest last), each None where the venue has no such call.

    Raises:
        Refused: it has neither.
    """
    has = instance.has
    if not has.get("fetchFundingIntervals") and not has.get("fetchFundingRateHistory"):
        raise Refused(f"{instance.id} does not tell funding", "")
    intervals = await instance.fetch_funding_intervals() if has.get("fetchFundingIntervals") else None
    paid = None
    if has.get("fetchFundingRateHistory"):
        try:
            paid = await instance.fetch_funding_rate_history(None, None, _PAID_ROWS)
        except TypeError:
            paid = None
        except Exception as error:
            # Most venues tell payments of one symbol at a time only: that is not worth a call for each.
            if type(error).__name__ != "ArgumentsRequired":
                raise
    return intervals, paid


def funding_of(venue: str, symbols: Iterable[str], intervals: Any, paid: Any) -> list[Funding]:
    """One row for each perpetual of which something is said.

    Args:
        venue: ccxt id.
        symbols: unified symbols of its perpetuals.
        intervals: as `ask_funding` gives them.
        paid: likewise.
    """
    hours = {
        symbol: _hours(row.get("interval"))
        for symbol, row in (intervals.items() if isinstance(intervals, dict) else ())
    }
    last: dict[str, tuple[int, float]] = {}
    for row in paid if isinstance(paid, list) else ():
        at, rate = ns_of_ms(row.get("timestamp")), float_of(row.get("fundingRate"))
        if rate == rate and at >= last.get(row["symbol"], (0, 0.0))[0]:  # noqa: PLR0124 - NaN test
            last[row["symbol"]] = (at, rate)
    found = []
    for symbol in symbols:
        if symbol not in hours and symbol not in last:
            continue
        at, rate = last.get(symbol, (0, float("nan")))
        found.append(Funding(instrument_id(venue, symbol), hours.get(symbol), rate, at))
    return found


def _hours(text: Any) -> int | None:
    """Hours out of ccxt's "8h"."""
    words = str(text or "")
    return int(words[:-1]) if words[:-1].isdigit() and words.endswith("h") and words[:-1] != "0" else None
