"""Loads a venue's markets once, in a thread, and shares them between all its accounts.

ccxt needs its own market structures to sign and parse; the desk needs `Instrument`s. Both come from
one load, kept off the engine's loop (4,000 markets take half a second of CPU). Used by `factory`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.traffic.lease import AcrossLoops
from adapters.via_ccxt.attempt import attempting
from adapters.via_ccxt.errors import judge
from adapters.via_ccxt.instance import bare_instance, close_instance, open_instance
from adapters.via_ccxt.instruments import instruments_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.wiring import FreePacer, Wiring
from hedge_tui.domain.errors import ConfigError, HedgeError
from hedge_tui.domain.ports.pacing import Lane, Pacer

if TYPE_CHECKING:
    from adapters.via_ccxt.egress import Egress
    from adapters.via_ccxt.quirks import Quirks
    from hedge_tui.domain.account import Mode
    from hedge_tui.domain.instrument import Instrument


_FRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class Markets:
    """One venue's markets, ready to be shared.

    Attributes:
        source: a ccxt instance without session that holds them.
        instruments: the same in the desk's words.
        clock_ms: our clock minus the venue's when they were loaded, milliseconds.
    """

    source: Any
    instruments: tuple[Instrument, ...]
    clock_ms: int = 0

    def hand_to(self, instance: Any) -> None:
        """Let another instance of the same venue use these markets; they are shared, not copied."""
        instance.set_markets_from_exchange(self.source)
        instance.options["timeDifference"] = self.clock_ms


class MarketShelf:
    """Keeps the markets of each venue, mode and egress; loads what is asked for first."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, Egress], Markets] = {}
        self._renewed: dict[tuple[str, str, Egress], float] = {}
        self._locks: dict[tuple[str, str, Egress], asyncio.Lock] = {}

    async def get(self, quirks: Quirks, mode: Mode, egress: Egress, pacer: Pacer) -> Markets:
        """The markets, loaded if they are not kept yet.

        Raises:
            Unavailable, OutcomeUnknown, Refused: the venue gave no usable answer.
        """
        key = (quirks.venue, str(mode), egress)
        async with self._locks.setdefault(key, asyncio.Lock()):
            kept = self._kept.get(key)
            if kept is None:
                kept = self._kept[key] = await load_in_thread(quirks, mode, egress, pacer)
            return kept

    async def renew(self, quirks: Quirks, mode: Mode, egress: Egress, pacer: Pacer) -> Markets:
        """The markets loaded anew, unless they were within the last minute: accounts share them.

        Raises:
            Unavailable, OutcomeUnknown, Refused: the venue gave no usable answer; the old ones are kept.
        """
        key, loop = (quirks.venue, str(mode), egress), asyncio.get_running_loop()
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key not in self._kept or loop.time() - self._renewed.get(key, -_FRESH_S) >= _FRESH_S:
                self._kept[key] = await load_in_thread(quirks, mode, egress, pacer)
                self._renewed[key] = loop.time()
            return self._kept[key]

    def forget(self, venue: str) -> None:
        """Load this venue's markets anew when they are next asked for (its filters changed)."""
        for key in [key for key in self._kept if key[0] == venue]:
            del self._kept[key]


async def load_in_thread(quirks: Quirks, mode: Mode, egress: Egress, pacer: Pacer) -> Markets:
    """Load the markets on a loop of their own in another thread, so that this one goes on.

    Raises:
        Unavailable, OutcomeUnknown, Refused: the venue gave no usable answer.
    """
    across = AcrossLoops(pacer, asyncio.get_running_loop())
    return await asyncio.to_thread(lambda: asyncio.run(load(quirks, mode, egress, across)))


async def load(quirks: Quirks, mode: Mode, egress: Egress, pacer: Pacer) -> Markets:
    """Load the markets on the running loop: for a worker that has nothing else to do."""
    wiring = Wiring(quirks, pacer, Redactor())
    instance = open_instance(wiring, egress, mode)
    try:
        with attempting(Lane.RECONCILE) as attempt:
            try:
                await instance.load_markets()
                clock_ms = await _clock_ms(instance)
            except (HedgeError, ConfigError):
                raise
            except Exception as error:  # noqa: BLE001 - every failure of ccxt is judged by its traces
                raise judge(error, attempt, quirks, wiring.redact).error() from None
        found = instruments_of(quirks.venue, instance.markets.values(), instance.precisionMode)
    finally:
        await close_instance(instance)
    source = bare_instance(Wiring(quirks, FreePacer(), Redactor()), mode)
    source.set_markets_from_exchange(instance)
    return Markets(source, tuple(found), clock_ms)


async def _clock_ms(instance: Any) -> int:
    """Our clock minus the venue's, or 0 where the venue has no time call."""
    if not instance.has.get("fetchTime"):
        return 0
    await instance.load_time_difference()
    return int(instance.options.get("timeDifference") or 0)
