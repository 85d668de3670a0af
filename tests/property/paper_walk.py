"""Long random lives for the state machines of `test_paper_venue`: dense, repeatable from a seed."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.order import OrderType, Side, TimeInForce, TriggerSource

if TYPE_CHECKING:
    from collections.abc import Sequence

D = Decimal
INVARIANTS = (
    "money_is_conserved",
    "book_is_uncrossed",
    "reads_agree",
    "locks_match_the_open_orders",
    "lists_keep_their_promise",
    "positions_are_the_sum_of_fills",
    "realized_pnl_is_average_cost",
    "margins_match_a_fresh_sum",
    "nobody_is_under_water",
    "legs_are_the_sum_of_their_fills",
)


def walk(machine: Any, accounts: Sequence[str], seed: int, steps: int) -> None:
    """A long random life, denser than what the search above finds in the same time."""
    rng = random.Random(seed)

    def price(width: int = 12) -> Decimal:
        return D(10_000 + rng.randint(-width, width)) / 100

    def quantity() -> Decimal:
        return D(rng.choice((1, 7, 500, 1_000, rng.randint(1, 20_000)))) / 1000

    def who() -> tuple[str, Side]:
        return rng.choice(accounts), rng.choice(list(Side))

    def depth() -> list[Decimal]:
        return [quantity() for _ in range(rng.randint(0, 4))]

    def flip() -> bool:
        return rng.random() < 0.3

    stops = [t for t in OrderType if t.triggered]
    tifs = [TimeInForce.GTC] * 5 + [TimeInForce.IOC, TimeInForce.FOK]
    acts = {
        "set_book": (6, lambda: (price(), depth(), depth())),
        "print_trade": (5, lambda: (price(), quantity(), rng.choice(list(Side)))),
        "limit": (
            12,
            lambda: (
                *who(),
                quantity(),
                price(),
                {"tif": rng.choice(tifs), "reduce_only": flip(), "post_only": flip()},
            ),
        ),
        "good_till_date": (1, lambda: (*who(), quantity(), price(), rng.randint(1, 30))),
        "market_order": (5, lambda: (*who(), quantity(), flip())),
        "stop": (
            5,
            lambda: (
                *who(),
                quantity(),
                price(),
                {
                    "price": price(),
                    "kind": rng.choice(stops),
                    "source": rng.choice(list(TriggerSource)),
                    "reducing": rng.choice(("", "reduce_only", "close_position")),
                },
            ),
        ),
        "cancel": (2, lambda: (rng.choice(accounts), rng.randint(0, 50))),
        "cancel_all": (0.3, lambda: (rng.choice(accounts),)),
        "amend": (
            4,
            lambda: (rng.choice(accounts), rng.randint(0, 50), quantity(), price(), rng.randint(0, 2)),
        ),
        "transfer": (1, lambda: (rng.choice(accounts), rng.randint(-150, 60))),
        "set_mark": (6, lambda: (price(rng.choice((30, 300, 900))),)),
        "funding": (1, lambda: (D(rng.randint(-100, 100)) / 10_000,)),
        "leverage": (1, lambda: (rng.choice(accounts), rng.choice((3, 20, 50, 50)))),
        "pair": (
            4,
            lambda: (
                *who(),
                quantity(),
                rng.randint(1, 12),
                {"below": rng.randint(1, 12), "entry": rng.choice((None, None, -3, 3))},
            ),
        ),
        "insurance": (0.5, lambda: (rng.randint(0, 40),)),
        "deleverage": (0.5, lambda: (rng.choice(accounts), quantity())),
        "own_margin": (2, lambda: (rng.choice(accounts), rng.randint(-40, 40))),
        "margin_mode": (1, lambda: (rng.choice(accounts), rng.random() < 0.5)),
    }
    names = [name for name in acts if hasattr(machine, name)]
    weights = [acts[name][0] for name in names]
    checks = [getattr(machine, name) for name in INVARIANTS if hasattr(machine, name)]
    machine.market()
    for step in range(steps):
        name = rng.choices(names, weights)[0]
        drawn = acts[name][1]()
        keywords = drawn[-1] if isinstance(drawn[-1], dict) else {}
        getattr(machine, name)(*(value for value in drawn if value is not keywords), **keywords)
        if step % 5 == 0:
            for check in checks:
                check()
