"""What one seed makes of a desk's day: accounts, what the trader types, what the world does, what fails."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from faults.world.lines import Desk, draw_line, opening_line
from faults.world.weather import Fault, Spell

BEGIN_S = 3.0
LENGTH_S = 30.0
"""Acts and faults lie in this much time after `BEGIN_S`; what they cause may last longer."""


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """One account: where, with how much money (USDT), holding both sides apart or not."""

    name: str
    venue: str
    hedge: bool
    funds: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens at one moment.

    Attributes:
        what: `type` (a line of the first console), `second` (of another one), or what the world does.
    """

    at_s: float
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.at_s:6.1f} s  {self.what:10} {self.text}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that a seed decides before the world begins to turn."""

    seed: int
    accounts: tuple[AccountSpec, ...]
    steps: tuple[Step, ...]
    spells: tuple[Spell, ...]

    @property
    def end_s(self) -> float:
        """When the last act and the last spell are over."""
        times = [BEGIN_S, *(s.at_s for s in self.steps), *(s.to_s for s in self.spells)]
        return max(times)

    def __str__(self) -> str:
        desk = ", ".join(
            f"{a.name} ({a.venue}{', hedge mode' if a.hedge else ''}, {a.funds} USDT)" for a in self.accounts
        )
        spells = "\n".join(f"  {spell}" for spell in self.spells)
        steps = "\n".join(f"  {step}" for step in self.steps)
        return f"seed {self.seed}: {desk}\nfaults:\n{spells}\nwhat happens:\n{steps}"


def draw(seed: int) -> Scenario:
    """The scenario of a seed."""
    rng = random.Random(f"scenario {seed}")
    accounts = _accounts(rng)
    spells = _spells(rng, [a.name for a in accounts])
    steps = [*_typed(rng, accounts), *_world(rng, accounts)]
    steps.sort(key=lambda step: step.at_s)
    return Scenario(seed, accounts, tuple(steps), tuple(spells))


def _accounts(rng: random.Random) -> tuple[AccountSpec, ...]:
    found = []
    for number in range(rng.randrange(2, 6)):
        kind = rng.choice(("one-way", "one-way", "hedge", "spot"))
        venue = "binance" if kind == "spot" else "binanceusdm"
        funds = rng.choice((100_000, 1_000_000, 3_000))
        found.append(AccountSpec(f"a{number + 1}", venue, kind == "hedge", funds))
    return tuple(found)


def _moment(rng: random.Random) -> float:
    return BEGIN_S + round(rng.random() * LENGTH_S, 2)


def _spells(rng: random.Random, names: list[str]) -> list[Spell]:
    found = []
    for fault in rng.sample(list(Fault), rng.randrange(1, 13)):
        for _ in range(rng.randrange(1, 4)):
            start = _moment(rng) - BEGIN_S * rng.random()
            account = rng.choice(names) if rng.random() < 0.5 else ""
            length = rng.choice((2.0, 6.0, 15.0))
            if fault is Fault.STREAM_FROZEN:
                length = min(length, 10.0)  # longer silence is noticed
            spell = Spell(
                fault,
                start,
                min(start + length, BEGIN_S + LENGTH_S),
                account,
                rng.choice((0.2, 0.5, 1.0)),
            )
            found.append(spell)
    return sorted(found, key=lambda s: s.from_s)


def _typed(rng: random.Random, accounts: tuple[AccountSpec, ...]) -> list[Step]:
    desk = Desk(
        [a.name for a in accounts if a.venue == "binanceusdm" and not a.hedge],
        [a.name for a in accounts if a.hedge],
        [a.name for a in accounts if a.venue == "binance"],
    )
    steps = []
    steps += [
        Step(BEGIN_S + rng.random(), "type", opening_line(rng, desk.only(a.name)))
        for a in accounts
        if rng.random() < 0.6
    ]
    for _ in range(rng.randrange(10, 26)):
        console = "second" if rng.random() < 0.1 else "type"
        steps.append(Step(_moment(rng), console, draw_line(rng, desk)))
    if rng.random() < 0.25:
        steps.append(Step(_moment(rng), "type", rng.choice(("panic", "panic", "panic flat"))))
    if rng.random() < 0.2:
        at = _moment(rng)
        scope = rng.choice([a.name for a in accounts])
        steps.append(Step(at, "type", f"@{scope} arm 5m cap 20kusd on ETH.p,BTC.p"))
        steps += [
            Step(at + rng.random() * 4, "type", draw_line(rng, desk.only(scope)) + " !")
            for _ in range(rng.randrange(1, 4))
        ]
    return steps


def _world(rng: random.Random, accounts: tuple[AccountSpec, ...]) -> list[Step]:
    names = [a.name for a in accounts]
    drawn: list[tuple[float, Callable[[], tuple[str, str]]]] = [
        (2.0, lambda: ("move", f"{rng.choice(('BTC', 'ETH'))} {rng.choice((-3, -1, -0.4, 0.4, 1, 3))}")),
        (0.2, lambda: ("move", f"{rng.choice(('BTC', 'ETH'))} {rng.choice((-9, 9))}")),
        (0.8, lambda: ("thin", rng.choice(("BTC", "ETH")))),
        (0.6, lambda: ("by hand", f"{rng.choice(names)} {rng.choice(('trade', 'order', 'cancel'))}")),
        (0.4, lambda: ("crash", f"{rng.choice(('lost', 'reached'))} {rng.choice((0.2, 2, 5))}")),
        (0.15, lambda: ("sleep", rng.choice(("20", "90", "4000")))),
        (0.15, lambda: ("freeze", rng.choice(("1", "4", "20")))),
        (0.2, lambda: ("clock", rng.choice(("-3600", "-2", "2", "30", "3600")))),
        (0.08, lambda: ("disk full", "")),
        (0.2, lambda: ("leverage", f"{rng.choice(names)} {rng.choice((3, 10, 50))}")),
        (0.15, lambda: ("mode", rng.choice(names))),
        (0.15, lambda: ("grid", rng.choice(("BTC", "ETH")))),
        (0.2, lambda: ("transfer", f"{rng.choice(names)} {rng.choice((500, -200))}")),
    ]
    steps = []
    for often, make in drawn:
        count = int(often) + (rng.random() < often % 1)
        for _ in range(count):
            what, text = make()
            steps.append(Step(_moment(rng), what, text))
            if what == "disk full":
                steps.append(Step(min(steps[-1].at_s + 6, BEGIN_S + LENGTH_S), "crash", "lost 1"))
    return steps
