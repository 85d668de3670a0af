"""What one ccxt instance is wired to: its pacer, its redactor, and whoever listens to its frames.

One `Wiring` hangs on each instance as `desk`; the overrides in `instance` talk to it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.errors import retry_after_s
from adapters.via_ccxt.quirk_tables import quirks_of
from adapters.via_ccxt.stated_limits import stated_limits
from hedge_tui.domain.ports.pacing import Heard, Pacer, Per, RateLimit, Spend, Went

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Mapping

    from adapters.via_ccxt.attempt import Attempt
    from adapters.via_ccxt.quirks import Quirks
    from adapters.via_ccxt.redaction import Redactor


_OPENING_PATIENCE_S = 5.0


class FreePacer:
    """A pacer that holds nothing back: for one-off calls that are counted elsewhere, and for tests."""

    async def acquire(self, spend: Spend) -> str:
        """Return at once."""
        del spend
        return ""

    def heard(self, heard: Heard) -> None:
        """Learn nothing."""

    def went(self, went: Went) -> None:
        """Learn nothing."""


@dataclass(slots=True, repr=False)
class Wiring:
    """Everything of ours that an instance needs.

    Attributes:
        account: name for the pacer, "" for public data.
        over: names of the egress routes that may be taken; () for any.
        raw: sees each text frame first; True keeps it from ccxt (the quotes' fast path).
        tap: sees each parsed frame before ccxt does; True keeps it from ccxt.
        frames: received so far.
        life: URL of each connection -> when its latest frame or pong came, by `monotonic`.
        malformed: frames that could not be read; malformed_why: the latest reason.
        timers: what ccxt has scheduled for later.
    """

    quirks: Quirks
    pacer: Pacer
    redact: Redactor
    account: str = ""
    over: tuple[str, ...] = ()
    raw: Callable[[str, Any], bool] | None = None
    tap: Callable[[str, Any], bool] | None = None
    frames: int = 0
    life: dict[str, float] = field(default_factory=dict)
    malformed: int = 0
    malformed_why: str = ""
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    monotonic: Callable[[], float] = time.monotonic

    def spend(self, attempt: Attempt, api: str, call: tuple[str, str], cost: float) -> Spend:
        """What a request costs by the venue's own count; `call` is its method and path."""
        attempt.system = self.quirks.system(api)
        return Spend(
            lane=attempt.lane,
            weight=self.quirks.weight(api, *call, cost),
            orders=attempt.orders,
            account=self.account,
            patience_s=attempt.patience_s,
            system=attempt.system,
            over=self.over,
        )

    def opening(self, attempt: Attempt) -> Spend:
        """What the opening of a WebSocket costs; its stream's supervisor tries again where it may not yet."""
        return Spend(
            attempt.lane,
            0.0,
            account=self.account,
            patience_s=_OPENING_PATIENCE_S,
            connects=1,
            over=self.over,
        )

    def not_opened(self, route: str, status: int, headers: Mapping[str, str]) -> None:
        """The handshake of a WebSocket was refused with this HTTP status."""
        self.pacer.heard(Heard(status, self.account, retry_after_s(dict(headers)), route=route))

    def dialled(self, route: str, took_s: float, problem: str) -> None:
        """Tell the pacer how a dial went; see `Went`."""
        self.went(route, took_s, problem)

    def went(
        self, route: str, took_s: float, problem: str, *, dial: bool = True, pause_s: float = 0.0
    ) -> None:
        """Tell the pacer how a route fared; see `Went`."""
        self.pacer.went(Went(route, took_s, self.redact(problem) if problem else "", dial, pause_s))

    def heard(self, attempt: Attempt, status: int, code: str = "") -> None:
        """Tell the pacer what the response to the latest request of `attempt` said.

        Args:
            attempt: whose headers are there.
            status: HTTP status.
            code: the venue's own code, "" if the body was not read (yet).
        """
        limits = self.quirks.limits if not attempt.system else quirks_of(attempt.system).limits
        self.pacer.heard(
            Heard(
                status,
                self.account,
                retry_after_s(attempt.headers),
                tuple(_used(attempt.headers, limits)),
                attempt.route,
                attempt.system,
                Per.ACCOUNT if code in self.quirks.account_codes else Per.ADDRESS,
            )
        )

    def stated(self, attempt: Attempt) -> None:
        """An answer states the venue's limits (`exchangeInfo`): they overrule our table."""
        limits = stated_limits(attempt.json["rateLimits"])
        heard = Heard(attempt.status or 200, self.account, route=attempt.route, system=attempt.system)
        self.pacer.heard(replace(heard, limits=limits))

    def saw_frame(self, url: str) -> None:
        """A text frame came."""
        self.frames += 1
        self.life[url] = self.monotonic()

    def touch(self, url: str) -> None:
        """A sign of life other than a frame: a pong, or a fresh connection."""
        self.life[url] = self.monotonic()

    def silent_s(self, urls: Iterable[str]) -> float:
        """Seconds since the last sign of life of the most silent of these connections."""
        now = self.monotonic()
        return max((now - self.life.get(url, now) for url in urls), default=0.0)

    def saw_malformed(self, error: BaseException) -> None:
        """A frame could not be read; it is skipped and the stream goes on."""
        self.malformed += 1
        self.malformed_why = self.redact(f"{type(error).__name__}: {error}")

    def drop_timers(self) -> None:
        """Cancel what ccxt has scheduled for later."""
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()


def _used(headers: dict[str, str], limits: tuple[RateLimit, ...]) -> list[tuple[str, float]]:
    wanted = {limit.header for limit in limits if limit.header}
    found: list[tuple[str, float]] = []
    for name, value in headers.items():
        if name.lower() in wanted:
            try:
                found.append((name.lower(), float(value)))
            except ValueError:
                continue
    return found
