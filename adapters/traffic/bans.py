"""Stops that venues order: bans (418) of an address, pauses (429) of an address or of one account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain.ports.pacing import Per
from hedge_tui.domain.traffic import BanState

if TYPE_CHECKING:
    from hedge_tui.domain.ports.pacing import Heard

BAN = 418
PAUSE = 429
DEFAULT_S = {BAN: 60.0, PAUSE: 10.0}
"""How long an answer of that status stops, when it names no time."""
WHOLE_S = 1.0
"""Put upon the time of a ban: venues tell whole seconds, rounded down, and the last one is ban as well."""
LONGEST_S = 3 * 86_400.0
"""The longest that a venue bans; a header that says more is not believed."""
Key = tuple[str, str, str]
"""(system, route, account); the account is "" when the address is stopped."""


@dataclass(slots=True)
class Ban:
    """One stop; `until` is the balancer's clock, in seconds."""

    status: int
    until: float


class Bans:
    """The stops that run."""

    def __init__(self) -> None:
        self._running: dict[Key, Ban] = {}

    def heard(self, heard: Heard, system: str, now: float) -> bool:
        """Take in a response; True when it stops something longer than before."""
        if heard.status not in DEFAULT_S:
            return False
        asked = heard.retry_after_s
        seconds = min(DEFAULT_S[heard.status] if asked is None else max(asked, 0.0), LONGEST_S)
        if heard.status == BAN and asked is not None:
            seconds += WHOLE_S
        alone = heard.status == PAUSE and heard.per is Per.ACCOUNT
        key = (system, "", heard.account) if alone and heard.account else (system, heard.route, "")
        return self.put(key, Ban(heard.status, now + seconds), now)

    def put(self, key: Key, ban: Ban, now: float) -> bool:
        """Stop until `ban.until`; a shorter stop never shortens a longer one."""
        running = self._running.get(key)
        if running is not None and running.until >= ban.until:
            return False
        if running is not None and running.until > now:
            ban.status = min(ban.status, running.status)  # a ban that a pause prolongs is still a ban
        self._running[key] = ban
        return True

    def stops(self, system: str, route: str, account: str, now: float) -> Ban | None:
        """What stops a request of `account` over `route`, the longer one; None when nothing does."""
        if not self._running:
            return None
        found = [self._running.get((system, route, ""))]
        if account:
            found.append(self._running.get((system, "", account)))
        return max((one for one in found if one and one.until > now), key=lambda one: one.until, default=None)

    def running(self, now: float) -> dict[Key, Ban]:
        """Those that have not ended."""
        self._running = {key: ban for key, ban in self._running.items() if ban.until > now}
        return dict(self._running)

    def states(self, now: float, now_ns: int) -> tuple[BanState, ...]:
        """As they are shown."""
        return tuple(
            BanState(*key, ban.status, now_ns + round((ban.until - now) * 1e9), ban.until - now)
            for key, ban in self.running(now).items()
        )
