"""One way to call ccxt: watched, judged, and with nothing of the failure's inside left to leak.

A failed ccxt call carries keys in its traceback; what leaves here is a fresh error without a cause,
made from the verdict. Used by the order desk, the account desk and the streams.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.attempt import Attempt, Stage, attempting
from adapters.via_ccxt.errors import LOCAL, Blame, Verdict, judge
from hedge_tui.domain.errors import Unavailable
from hedge_tui.domain.ports.pacing import Lane, lane_now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.via_ccxt.wiring import Wiring

_log = logging.getLogger(__name__)
_SKEW_PAUSE_S = 1.0
"""Least time between two measurements of the venue's clock: it may jump again at once."""
RECALLED = Verdict(Blame.NOT_SENT, "it was recalled before it left", LOCAL)


@dataclass(slots=True)
class Answer:
    """What came of one call.

    Attributes:
        value: ccxt's answer; None after a failure.
        verdict: what the failure means; None after a success.
        attempt: what reached the wire.
    """

    value: Any
    verdict: Verdict | None
    attempt: Attempt


class VenueCaller:
    """Calls one ccxt instance.

    Args:
        wiring: of the instance.
        where: what to call the account or feed in logs.

    Attributes:
        recalls: how often orders were recalled; what was asked under an older count must not leave.
    """

    def __init__(self, wiring: Wiring, where: str) -> None:
        self._wiring = wiring
        self._where = where
        self._instance: Any = None
        self._skew: asyncio.Task[None] | None = None
        self._skewed_at = 0.0
        self._revocable: dict[asyncio.Timeout, Attempt] = {}
        self.recalls = 0

    @property
    def instance(self) -> Any:
        """The ccxt instance.

        Raises:
            Unavailable: it is not open (before the start, after the stop, or its markets are not loaded).
        """
        if self._instance is None:
            raise Unavailable(f"{self._where} is not connected yet")
        return self._instance

    @property
    def ready(self) -> bool:
        """Whether calls can be made."""
        return self._instance is not None

    def attach(self, instance: Any) -> None:
        """Use this instance from now on; None detaches."""
        self._instance = instance

    async def call(
        self,
        lane: Lane,
        function: Callable[[Any], Awaitable[Any]],
        *,
        orders: int = 0,
        patience_s: float | None = None,
    ) -> Answer:
        """Await `function(instance)`, watched; failures are verdicts, never exceptions."""
        with attempting(lane_now(lane), orders=orders, patience_s=patience_s) as attempt:
            return await self._watched(attempt, function)

    async def send(
        self,
        lane: Lane,
        function: Callable[[Any], Awaitable[Any]],
        *,
        orders: int,
        patience_s: float,
        asked: int,
    ) -> Answer:
        """`call` for orders and amendments, which `recall` takes back while no byte of them has left.

        Args:
            lane: how urgent it is.
            function: makes the call.
            orders: how many it places.
            patience_s: longest wait for the rate budget.
            asked: `recalls` when the orders were handed over; they must not leave under a newer count.
        """
        if asked != self.recalls:
            return Answer(None, RECALLED, Attempt(lane))
        with attempting(lane_now(lane), orders=orders, patience_s=patience_s) as attempt:
            waiting = asyncio.timeout(None)
            try:
                async with waiting:
                    self._revocable[waiting] = attempt
                    return await self._watched(attempt, function)
            except TimeoutError as error:
                if not attempt.acts_sent:
                    return Answer(None, RECALLED, attempt)
                # Its first byte left in the very moment.
                return Answer(None, judge(error, attempt, self._wiring.quirks, self._wiring.redact), attempt)
            finally:
                self._revocable.pop(waiting, None)

    def recall(self) -> None:
        """Take back every order that waits for the pacer or for a connection."""
        self.recalls += 1
        now = asyncio.get_running_loop().time()
        for waiting, attempt in self._revocable.items():
            if attempt.stage < Stage.SENT and not attempt.acts_sent:
                waiting.reschedule(now)

    async def _watched(self, attempt: Attempt, function: Callable[[Any], Awaitable[Any]]) -> Answer:
        try:
            return Answer(await function(self.instance), None, attempt)
        except Exception as error:  # noqa: BLE001 - every failure of ccxt is judged by its traces
            verdict = judge(error, attempt, self._wiring.quirks, self._wiring.redact)
        if verdict.code in self._wiring.quirks.clock_codes:
            self._heal_clock()
        return Answer(None, verdict, attempt)

    async def ask(
        self, lane: Lane, function: Callable[[Any], Awaitable[Any]], patience_s: float | None = None
    ) -> Any:
        """The same for questions: the value, or an error.

        Raises:
            Unavailable, Refused, OutcomeUnknown: by what reached the wire.
        """
        answer = await self.call(lane, function, patience_s=patience_s)
        if answer.verdict is not None:
            raise answer.verdict.error()
        return answer.value

    def refused_on_stream(self, error: BaseException) -> None:
        """A signed subscription failed outside of `call`; measure the clock if the venue blames that."""
        words = str(error)
        if any(code in words for code in self._wiring.quirks.clock_codes):
            self._heal_clock()

    async def stop(self) -> None:
        """End what runs in the background."""
        if self._skew is not None:
            self._skew.cancel()
            await asyncio.gather(self._skew, return_exceptions=True)
            self._skew = None

    def _heal_clock(self) -> None:
        """The venue finds our clock off: measure the difference again, for the next request."""
        now = asyncio.get_running_loop().time()
        if self._skew is not None and not self._skew.done():
            return
        if self._skewed_at and now - self._skewed_at < _SKEW_PAUSE_S:
            return
        self._skewed_at = now
        self._skew = asyncio.ensure_future(self._measure())

    async def _measure(self) -> None:
        try:
            # Cancels fail without it too: it goes first.
            with attempting(Lane.CANCEL):
                await self.instance.load_time_difference()
        except Exception as error:  # noqa: BLE001 - the next refusal measures again
            _log.warning("%s: the venue's clock cannot be asked: %s", self._where, self._wiring.redact(error))
