"""Average-cost accounting against an oracle that keeps every lot apart, and the PnL identity."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from plan_bench import BTC, INVERSE, instrument

from hedge_tui.domain.order import Side
from hedge_tui.engine.cost import Holding, pnl, trade

FILLS = st.lists(
    st.tuples(
        st.sampled_from(list(Side)),
        st.integers(1, 5_000).map(lambda n: Decimal(n) / 1000),
        st.integers(100, 900_000).map(lambda n: Decimal(n) / 10),
    ),
    min_size=1,
    max_size=40,
)
LINEAR = instrument(BTC, contract_size=Decimal("0.1"))
COIN = instrument(INVERSE, contract_size=Decimal(100))
CLOSE = Fraction(1, 10**12)


def value_of(price: Decimal, *, inverse: bool) -> Fraction:
    """What one unit is worth in the asset that PnL is counted in, but for the contract size."""
    return Fraction(-1) / Fraction(price) if inverse else Fraction(price)


def run(fills: list[tuple[Side, Decimal, Decimal]], one: object) -> tuple[Holding, Decimal]:
    holding, realized = Holding(), Decimal(0)
    with localcontext(prec=60):
        for side, quantity, price in fills:
            holding, gain = trade(holding, side, quantity, price, one)  # type: ignore[arg-type]
            realized += gain
    return holding, realized


@given(FILLS)
def test_average_cost_equals_the_oracle(fills: list[tuple[Side, Decimal, Decimal]]) -> None:
    position, cost, realized = Fraction(0), Fraction(0), Fraction(0)
    for side, quantity, price in fills:
        left = Fraction(quantity) * side.sign
        if position * left < 0:
            closing = min(abs(left), abs(position)) * (1 if left > 0 else -1)
            part = -closing / position
            realized += -closing * Fraction(price) - cost * part
            cost -= cost * part
            position += closing
            left -= closing
        position += left
        cost += left * Fraction(price)
    holding, ours = run(fills, LINEAR)
    assert Fraction(holding.quantity) == position
    if position:
        assert abs(Fraction(holding.entry_price) - cost / position) < CLOSE
    else:
        assert holding == Holding()
    assert abs(Fraction(ours) - realized * Fraction(1, 10)) < CLOSE


@given(FILLS, st.integers(100, 900_000))
def test_realized_plus_unrealized_is_the_money_that_came_and_what_is_held(
    fills: list[tuple[Side, Decimal, Decimal]], mark: int
) -> None:
    at = Decimal(mark) / 10
    holding, realized = run(fills, LINEAR)
    with localcontext(prec=60):
        pending = pnl(holding.quantity, holding.entry_price, at, LINEAR)
    cash = sum(-side.sign * Fraction(q) * Fraction(p) for side, q, p in fills)
    worth = (cash + Fraction(holding.quantity) * Fraction(at)) * Fraction(1, 10)
    assert abs(Fraction(realized) + Fraction(pending) - worth) < CLOSE


@given(FILLS)
def test_an_inverse_position_opened_and_closed_in_one_go_each_earns_by_the_reciprocal(
    fills: list[tuple[Side, Decimal, Decimal]],
) -> None:
    side, quantity, entry = fills[0]
    exit_price = fills[-1][2]
    holding, realized = run([(side, quantity, entry), (side.opposite, quantity, exit_price)], COIN)
    gain = value_of(exit_price, inverse=True) - value_of(entry, inverse=True)
    assert holding == Holding()
    assert abs(Fraction(realized) - gain * side.sign * Fraction(quantity) * 100) < CLOSE


def test_an_inverse_average_is_that_of_the_contracts_not_of_the_price() -> None:
    """Two lots of 10 contracts at 50,000 and 100,000: the margin asset sees the harmonic mean."""
    fills = [(Side.BUY, Decimal(10), Decimal(50_000)), (Side.BUY, Decimal(10), Decimal(100_000))]
    holding, _ = run(fills, COIN)
    closed, realized = run([*fills, (Side.SELL, Decimal(20), Decimal(100_000))], COIN)
    apart = 10 * 100 * (Fraction(1, 50_000) - Fraction(1, 100_000))
    assert closed == Holding()
    assert abs(Fraction(realized) - apart) < CLOSE
    assert abs(Fraction(holding.entry_price) - Fraction(200_000, 3)) < CLOSE
