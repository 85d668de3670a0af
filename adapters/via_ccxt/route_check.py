"""Tries one egress route to a venue: does it reach it, how fast, and from which address. Sends no key."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.attempt import attempting
from adapters.via_ccxt.errors import judge, venue_words
from adapters.via_ccxt.instance import close_instance, open_instance
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.redaction import Redactor
from adapters.via_ccxt.wiring import FreePacer, Wiring
from hedge_tui.domain.account import Mode
from hedge_tui.domain.ports.pacing import Lane

if TYPE_CHECKING:
    from adapters.via_ccxt.egress import Egress
    from hedge_tui.domain.route import Route

_MADE_UP = "0" * 64
"""Has the form of an API key and is nobody's."""
_ADDRESS = re.compile(r"request ip: ([0-9a-fA-F.:]+)")


@dataclass(frozen=True, slots=True)
class RouteCheck:
    """What came of it.

    Attributes:
        problem: why the venue was not reached, "" if it was.
        dial_ms: for the connection, TLS included; answer_ms: for one small request over it.
        seen_as: by which address the venue saw it, "" where the venue does not tell.
    """

    problem: str = ""
    dial_ms: float = 0.0
    answer_ms: float = 0.0
    seen_as: str = ""


async def check_route(venue: str, egress: Egress, route: Route, mode: Mode = Mode.LIVE) -> RouteCheck:
    """Try one route.

    Raises:
        ConfigError: the egress is unusable. LookupError: ccxt.pro knows no such venue.
    """
    quirks = quirks_of(venue)
    wiring = Wiring(quirks, FreePacer(), Redactor([secret.reveal() for secret in egress.passwords.values()]))
    instance = open_instance(wiring, replace(egress, routes=(route,)), mode)
    try:
        with attempting(Lane.ACCOUNT) as attempt:
            began = time.monotonic()
            try:
                await _small(instance)
                dialled = time.monotonic()
                await _small(instance)
            except Exception as error:  # noqa: BLE001 - every failure of ccxt is judged by its traces
                return RouteCheck(judge(error, attempt, quirks, wiring.redact).reason)
            answered = time.monotonic()
            took_s = answered - dialled
            seen = await _seen_as(instance, quirks.tells_address) if quirks.tells_address else ""
            return RouteCheck("", 1e3 * max(0.0, dialled - began - took_s), 1e3 * took_s, seen)
    finally:
        await close_instance(instance)


async def _small(instance: Any) -> None:
    """The smallest question that the venue has."""
    await (instance.fetch_time() if instance.has.get("fetchTime") else instance.fetch_markets())


async def _seen_as(instance: Any, call: tuple[str, str]) -> str:
    """Asks with a made-up key: some venues say from where they do not take it."""
    api, path = call
    url = f"{instance.urls['api'][api]}/{path}"
    headers = {"X-MBX-APIKEY": _MADE_UP}
    try:
        async with instance.sessions.over("").post(url, headers=headers) as response:
            words = venue_words(json.loads(await response.text()))
    except Exception:  # noqa: BLE001 - it is told or it is not
        return ""
    found = _ADDRESS.search(words)
    return found[1] if found else ""
