"""What has been spent, and which bans run, kept in a small file: a restarted engine goes on counting.

Written at most each second, off the loop, and at the stop. A file that is torn or not ours is left
aside with a note, and the balancer then takes half of every budget for spent. Used by bootstrap.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import TYPE_CHECKING

import msgspec

from adapters.traffic.bans import LONGEST_S, Ban
from adapters.traffic.window import Step
from hedge_tui.config.paths import write_private_file

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.traffic.balancer import Balancer
    from adapters.traffic.budget import Budget
    from hedge_tui.domain.ports.clock import Clock

_log = logging.getLogger(__name__)
EVERY_S = 1.0
VERSION = 1
PARTS = 20
"""Steps that a window is kept in."""
_NS = 1e9


class KeptBudget(msgspec.Struct, frozen=True, array_like=True):
    """One budget; `steps` are (end in UTC nanoseconds, own, others, cancels), oldest first."""

    system: str
    route: str
    account: str
    name: str
    steps: list[tuple[int, float, float, float]]


class KeptBan(msgspec.Struct, frozen=True, array_like=True):
    """One stop, until `until_ns` UTC."""

    system: str
    route: str
    account: str
    status: int
    until_ns: int


class Kept(msgspec.Struct, frozen=True):
    """The content of the file."""

    version: int
    saved_ns: int
    budgets: list[KeptBudget]
    bans: list[KeptBan]


class KeptBudgets:
    """Keeps the budgets of one balancer in one file.

    Attributes:
        notices: what the trader should hear about the file that was found.
    """

    def __init__(self, file: Path, balancer: Balancer, clock: Clock) -> None:
        self._file = file
        self._balancer = balancer
        self._clock = clock
        self._saved = -1
        self._failed = ""
        self.notices: list[str] = []

    def load(self, *, bans_alone: bool = False) -> None:
        """Go on from the file; call it on the running loop, before anything is sent.

        Args:
            bans_alone: for a process beside the engine that must not wait for what the engine has spent.
        """
        now = self._clock.monotonic()
        try:
            kept = _read(self._file)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            if bans_alone:
                return
            self._balancer.ledger.start_carefully(now)
            self.notices.append(
                f"{self._file} is not used: {error}. Half of every rate budget counts as spent for now"
            )
            return
        now_ns = self._clock.now_ns()
        for one in () if bans_alone else kept.budgets:
            budget = self._balancer.ledger.named(one.system, one.route, one.account, one.name)
            if budget is not None:
                # Should the wall clock have been set back, a spend counts as of now.
                ends = ((min(end_ns, now_ns), spent) for end_ns, *spent in one.steps)
                budget.window.refill(Step(now - (now_ns - end_ns) / _NS, *spent) for end_ns, spent in ends)
        for ban in kept.bans:
            left_s = min(ban.until_ns - now_ns, ban.until_ns - kept.saved_ns) / _NS
            if 0 < left_s <= LONGEST_S:
                self._balancer.bans.put(
                    (ban.system, ban.route, ban.account), Ban(ban.status, now + left_s), now
                )

    async def run(self) -> None:
        """Save what has changed each second until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.save()

    async def save(self) -> None:
        """Save, if something has changed; a disk that refuses is said once in the log."""
        changed = self._balancer.changed
        if changed == self._saved:
            return
        image = self._image()
        try:
            await asyncio.to_thread(_write, self._file, image)
        except OSError as error:
            if str(error) != self._failed:
                self._failed = str(error)
                _log.warning("the rate budgets are not kept: %s", error)
            return
        self._saved, self._failed = changed, ""

    def _image(self) -> Kept:
        now, now_ns = self._clock.monotonic(), self._clock.now_ns()
        return Kept(
            VERSION,
            now_ns,
            [kept for budget in self._balancer.ledger if (kept := _kept(budget, now, now_ns)).steps],
            [
                KeptBan(*key, ban.status, now_ns + round((ban.until - now) * _NS))
                for key, ban in self._balancer.bans.running(now).items()
            ],
        )


def _kept(budget: Budget, now: float, now_ns: int) -> KeptBudget:
    """Neighbouring steps are put together as of the later one: never less spent than was."""
    budget.window.slide(now)
    steps = budget.window.steps()
    size = -(-len(steps) // PARTS) or 1
    groups = (steps[start : start + size] for start in range(0, len(steps), size))
    return KeptBudget(
        budget.system,
        budget.route,
        budget.account,
        budget.limit.name,
        [
            (
                now_ns + round((group[-1].end - now) * _NS),
                sum(step.own for step in group),
                sum(step.others for step in group),
                sum(step.cancels for step in group),
            )
            for group in groups
        ],
    )


def _write(file: Path, image: Kept) -> None:
    body = msgspec.json.encode(image)
    # Not synced: the end of the process does it no harm, and a power cut is told by the check sum.
    write_private_file(file, _check(body) + b"\n" + body + b"\n", sync=False)


def _read(file: Path) -> Kept:
    """The content of the file.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read. ValueError: it is torn or not ours.
    """
    check, _, body = file.read_bytes().partition(b"\n")
    body = body.removesuffix(b"\n")
    if check != _check(body):
        raise ValueError("it is torn or was changed")
    kept = msgspec.json.decode(body, type=Kept)
    if kept.version != VERSION:
        raise ValueError(f"it is of version {kept.version}, this is version {VERSION}")
    return kept


def _check(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).hexdigest().encode()
