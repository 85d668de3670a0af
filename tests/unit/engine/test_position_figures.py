"""Break-even, next funding, protection and distance to liquidation, against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from plan_bench import BTC, INVERSE, NOW_NS, PlanBench, instrument

from hedge_tui.domain import acts
from hedge_tui.domain.account import CashFlow, Position
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, OrderType, PositionSide, Side, VenueOrderId
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine import checkpoint
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.risk.break_even import break_even
from hedge_tui.engine.risk.carry import next_payment
from hedge_tui.engine.risk.headline import headline
from hedge_tui.engine.risk.position import PositionFigures, figures_of
from hedge_tui.engine.state import DeskState

D = Decimal
LINEAR = instrument(BTC, taker_fee=D("0.001"))
COIN = instrument(INVERSE, contract_size=D(100), taker_fee=D("0.0005"))
HOUR = 3_600_000_000_000


def fill(
    side: Side, quantity: str, price: str, fee: str, at: int, *, id_: str = BTC, **more: str
) -> acts.Filled:
    return acts.Filled(
        at,
        Fill(
            "desk-1",
            InstrumentId(id_),
            f"t{at}{side}",
            ClientOrderId(""),
            VenueOrderId(""),
            side,
            D(quantity),
            D(price),
            D(fee),
            more.get("asset", "USDT"),
            Liquidity.TAKER,
            at,
            at,
            position_side=PositionSide(more["leg"]) if "leg" in more else None,
        ),
    )


def funding(quantity: str, at: int, id_: str | None = BTC) -> acts.CashMoved:
    of = InstrumentId(id_) if id_ is not None else None
    return acts.CashMoved(at, CashFlow("desk-1", f"f{at}", "funding", "USDT", D(quantity), at, of))


def folded(*batch: acts.Act) -> DeskState:
    state = PlanBench().state
    for act in batch:
        apply(state, act)
    return state


@pytest.mark.parametrize(
    ("one", "quantity", "entry", "costs", "price"),
    [
        # (2 x 100 + 0.2 + 0.1) / (2 x 0.999)
        (LINEAR, "2", "100", ("0.2", "-0.1"), "100.25025025025"),
        # (-2 x 100 + 0.2 - 0.3) / (-2 x 1.001)
        (LINEAR, "-2", "100", ("0.2", "0.3"), "99.9500499500499"),
        # funding has paid for entry, fees and the way out
        (LINEAR, "1", "100", ("0", "100"), None),
        # 100 x 10.005 / (1000 / 50000 - 0.00001)
        (COIN, "10", "50000", ("0.00001", "0"), "50050.025012506"),
        # 100 x -9.995 / (-1000 / 50000 - 0.00001)
        (COIN, "-10", "50000", ("0.00001", "0"), "49950.024987506"),
        (LINEAR, "0", "100", ("0", "0"), None),
        (LINEAR, "1", "0", ("0", "0"), None),
    ],
)
def test_break_even(one, quantity, entry, costs, price) -> None:
    fees, paid = costs
    found = break_even(D(quantity), D(entry), one, fees=D(fees), funding=D(paid))
    assert (found is None) == (price is None)
    if found is not None:
        assert abs(found - D(price)) < D("1e-9")


def test_a_partial_close_takes_its_share_of_fees_and_funding_along() -> None:
    state = folded(
        fill(Side.BUY, "2", "100", "0.2", 1),
        fill(Side.BUY, "2", "120", "0.24", 2),
        funding("-0.4", 3),
        fill(Side.SELL, "3", "130", "0.39", 4),
    )
    (part,) = state.open_parts.values()
    assert (part.quantity, part.opened_ns, part.complete) == (D(1), 1, True)
    assert part.fees["USDT"] == D("0.11")
    assert part.funding["USDT"] == D("-0.1")


def test_a_flip_starts_anew_with_its_share_of_the_commission() -> None:
    state = folded(
        fill(Side.BUY, "2", "100", "0.2", 1), funding("-1", 2), fill(Side.SELL, "5", "110", "0.55", 3)
    )
    (part,) = state.open_parts.values()
    assert (part.quantity, part.opened_ns) == (D(-3), 3)
    assert part.fees["USDT"] == D("0.33")
    assert not part.funding
    flat = folded(fill(Side.BUY, "2", "100", "0.2", 1), fill(Side.SELL, "2", "110", "0.2", 2))
    assert not flat.open_parts


def test_what_our_fills_do_not_explain_has_no_break_even_and_no_age() -> None:
    bench = PlanBench()
    bench.position("desk-1", BTC, "2", "100")
    (position,) = bench.accounts["desk-1"].positions.values()
    apply(bench.state, acts.LedgerSeeded(5, "desk-1", BTC, D(2), D(100)))
    figures = figures_of(position, bench.state, bench.markets)
    assert (figures.break_even, figures.opened_ns) == (None, 0)
    said = figures_of(replace(position, break_even=D("100.1")), bench.state, bench.markets).break_even
    # The venue's figure holds the fees so far; the taker fee of leaving comes on top.
    assert said == D("200.2") / (2 - 2 * D("0.0005"))
    apply(bench.state, fill(Side.BUY, "1", "100", "0.2", 6))
    other = figures_of(position, bench.state, bench.markets)
    assert other.break_even is None


def test_long_and_short_held_apart_are_two_parts_and_their_funding_is_not_known() -> None:
    state = folded(
        fill(Side.BUY, "2", "100", "0.2", 1, leg="long"),
        fill(Side.SELL, "1", "100", "0.1", 2, leg="short"),
        funding("-0.1", 3),
    )
    assert {key[2]: part.quantity for key, part in state.open_parts.items()} == {"long": D(2), "short": D(-1)}
    assert not any(part.complete for part in state.open_parts.values())


def test_open_parts_outlive_a_checkpoint() -> None:
    state = folded(fill(Side.BUY, "2", "100", "0.2", 1), funding("-0.4", 3))
    again = DeskState()
    checkpoint.load(again, checkpoint.dump(state))
    assert again.open_parts == state.open_parts


def test_fees_in_another_asset_are_counted_in_settle() -> None:
    bench = PlanBench()
    bench.position("desk-1", BTC, "2", "60000")
    (position,) = bench.accounts["desk-1"].positions.values()
    apply(bench.state, fill(Side.BUY, "2", "60000", "0.001", 1, asset="BTC"))
    figures = figures_of(position, bench.state, bench.markets)
    worth = bench.markets.asset_price("BTC")
    expected = break_even(D(2), D(60000), bench.markets.instruments[BTC], fees=D("0.001") * (worth or D(0)))
    assert figures.break_even == expected


@pytest.mark.parametrize(
    ("one", "quantity", "mark", "rate", "paid"),
    [
        (LINEAR, "2", "60000", 0.0001, "-12"),
        (LINEAR, "-2", "60000", 0.0001, "12"),
        (COIN, "-10", "50000", -0.0002, "-0.000004"),
        (LINEAR, "2", None, 0.0001, None),
        (LINEAR, "2", "60000", float("nan"), None),
    ],
)
def test_next_payment(one, quantity, mark, rate, paid) -> None:
    found = next_payment(D(quantity), D(mark) if mark else None, rate, one)
    assert found == (D(paid) if paid is not None else None)


def held(quantity: str, side: str = "net", **more: object) -> Position:
    return Position("desk-1", InstrumentId(BTC), PositionSide(side), D(quantity), D(60000), **more)  # type: ignore[arg-type]


def protection(position: Position, *orders: dict[str, object]) -> Decimal:
    bench = PlanBench()
    for order in orders:
        bench.order(**order)  # type: ignore[arg-type]
    return figures_of(
        position, bench.state, bench.markets, stops=list(bench.state.working_orders())
    ).protected


STOP = {"side": Side.SELL, "type": OrderType.STOP_MARKET, "price": None, "trigger_price": D(55000)}


def test_protected_share() -> None:
    assert protection(held("2")) == 0
    assert protection(held("2"), {**STOP, "quantity": "0.5", "reduce_only": True}) == D("0.25")
    assert protection(held("2"), {**STOP, "quantity": "9", "reduce_only": True}) == 1
    assert protection(held("2"), {**STOP, "quantity": "0", "close_position": True}) == 1
    # Not a stop that can only shrink it, of the wrong side, of another account, a target.
    assert protection(held("2"), {**STOP, "quantity": "2"}) == 0
    assert protection(held("-2"), {**STOP, "quantity": "2", "reduce_only": True}) == 0
    assert protection(held("2"), {**STOP, "quantity": "2", "reduce_only": True, "account": "desk-2"}) == 0
    target = {**STOP, "type": OrderType.TAKE_PROFIT_MARKET, "quantity": "2", "reduce_only": True}
    assert protection(held("2"), target) == 0
    apart = {**STOP, "quantity": "1", "position_side": PositionSide.LONG}
    assert protection(held("2", "long"), apart) == D("0.5")
    assert protection(held("-2", "short"), {**apart, "side": Side.BUY}) == 0


def test_distance_to_liquidation_counts_against_the_position() -> None:
    bench = PlanBench()
    bench.stats(BTC, mark=60000.0)
    long_ = replace(held("2"), liquidation_price=D(54000))
    short = replace(held("-2"), liquidation_price=D(63000))
    gone = replace(held("2"), liquidation_price=D(66000))
    figures = [figures_of(p, bench.state, bench.markets, atr=600.0) for p in (long_, short, gone)]
    assert [f.liquidation_distance for f in figures] == [D("0.1"), D("0.05"), D("-0.1")]
    assert [f.atr_distance for f in figures] == [10, 5, -10]
    assert figures_of(held("2"), bench.state, bench.markets).liquidation_distance is None
    assert figures_of(long_, bench.state, bench.markets).atr_distance is None


def of(**changes: object) -> PositionFigures:
    none = PositionFigures(
        "USDT", D(1), D(1), D(1), D(0), None, None, None, None, 0, None, D(0), True, (), 0, ()
    )
    return replace(none, **changes)  # type: ignore[arg-type]


def test_the_headline_sums_the_payments_of_the_next_moment_alone() -> None:
    soon, later = NOW_NS + HOUR, NOW_NS + 2 * HOUR
    positions = [
        (
            held("2"),
            of(
                funding_next=D(-3),
                funding_next_ns=soon,
                liquidation_distance=D("0.2"),
                protected=D(1),
                unprotected=False,
            ),
        ),
        (held("-1"), of(funding_next=D(1), funding_next_ns=soon + 5, liquidation_distance=D("0.1"))),
        (held("3"), of(funding_next=D(50), funding_next_ns=later)),
        (held("4"), of(funding_next=D(70), funding_next_ns=NOW_NS - 1)),
    ]
    line = headline([], positions, lambda _, quantity: quantity, NOW_NS)
    assert (line.funding_next, line.funding_next_ns) == (D(-2), soon)
    assert line.nearest is positions[1][0]
    assert (line.nearest_distance, line.unprotected, line.positions) == (D("0.1"), 3, 4)
    empty = headline([], [], lambda _, quantity: quantity, NOW_NS)
    assert (empty.nearest, empty.funding_next, empty.leverage, empty.pnl_today) == (None, None, None, None)


@pytest.mark.parametrize(
    ("sure", "doubted", "share", "marked"),
    [
        ((), (), "0", True),
        (("2",), (), "1", False),
        (("2",), ("2",), "1", False),
        (("1",), (), "0.5", False),
        (("1",), ("1",), "0.5", True),
        ((), ("2",), "0", True),
    ],
)
def test_a_stop_in_doubt_protects_nothing(
    sure: tuple[str, ...], doubted: tuple[str, ...], share: str, marked: bool
) -> None:
    bench = PlanBench()
    for quantity in sure:
        bench.order(**{**STOP, "quantity": quantity, "reduce_only": True})
    for quantity in doubted:
        row = bench.order(**{**STOP, "quantity": quantity, "reduce_only": True})
        id_ = bench.state.by_row[row]
        report = Report(ReportKind.CANCEL_NO_ANSWER, "desk-1", InstrumentId(BTC), id_, NOW_NS)
        apply(bench.state, acts.Reported(NOW_NS, report))
    figures = figures_of(
        held("2"), bench.state, bench.markets, stops=list(bench.state.working_orders("desk-1"))
    )
    assert (figures.protected, figures.unprotected) == (D(share), marked)
    assert len(figures.stops_in_doubt) == len(doubted)
