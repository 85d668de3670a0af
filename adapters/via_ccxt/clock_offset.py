"""How far a venue's clock is from this machine's; for `hedge doctor`. Asks once, without keys."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from adapters.via_ccxt.attempt import attempting
from adapters.via_ccxt.errors import judge
from adapters.via_ccxt.instance import close_instance, open_instance
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.wiring import FreePacer, Wiring
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError, Unavailable
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from adapters.via_ccxt.egress import Egress


async def clock_offset_s(venue: str, egress: Egress, mode: Mode = Mode.LIVE) -> float:
    """Seconds that the venue's clock is ahead of ours; half the round trip is taken as its way.

    Raises:
        ConfigError: the egress is unusable. LookupError: ccxt.pro knows no such venue.
        Unavailable, OutcomeUnknown, Refused: the venue gave no time.
    """
    quirks = quirks_of(venue)
    wiring = Wiring(quirks, FreePacer(), Redactor())
    instance = open_instance(wiring, egress, mode)
    try:
        if not instance.has.get("fetchTime"):
            raise Unavailable(f"{venue} tells no time")
        with attempting(Lane.ACCOUNT) as attempt:
            try:
                # The first call pays for the connection, which would look like a clock that is behind.
                await instance.fetch_time()
                sent = time.time()
                theirs_ms = await instance.fetch_time()
                back = time.time()
            except ConfigError:
                raise
            except Exception as error:  # noqa: BLE001 - every failure of ccxt is judged by its traces
                raise judge(error, attempt, quirks, wiring.redact).error() from None
    finally:
        await close_instance(instance)
    if theirs_ms is None:
        raise Unavailable(f"{venue} gave no time")
    return float(theirs_ms) / 1000 - (sent + back) / 2
