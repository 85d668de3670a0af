"""The stress test against the simulated venue's own liquidation, and what has to hold for any book."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from plan_bench import BTCS, ETHBTC, INVERSE, PlanBench, instrument
from simulated_desk import BTC, ETH, perpetual

from adapters.paper.client import PaperExecution, PaperHub
from adapters.paper.events import Liquidated
from adapters.paper.margin_brackets import default_brackets
from adapters.paper.venue import PaperVenue
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, PositionSide, Side
from hedge_tui.engine import portfolio
from hedge_tui.engine.accounts import AccountState
from hedge_tui.engine.markets import Markets
from hedge_tui.engine.risk.account_risk import assess
from hedge_tui.engine.risk.delta import Delta, deltas
from hedge_tui.engine.risk.margin_book import Holder, Leg, MarginBook, gather
from hedge_tui.engine.risk.moves import Moves
from hedge_tui.engine.risk.stress import stress

D = Decimal
PRICES = {BTC: D(60_000), ETH: D(3_000)}
TICK = {BTC: D("0.1"), ETH: D("0.01")}
SIZES = st.integers(2, 8_000).map(lambda n: D(n) / 200)


@dataclass(frozen=True)
class Held:
    instrument: InstrumentId
    side: Side
    quantity: Decimal
    isolated: bool


BOOKS = st.lists(
    st.builds(
        Held,
        st.sampled_from([BTC, ETH]),
        st.sampled_from(list(Side)),
        SIZES,
        st.booleans(),
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda held: held.instrument,
)


class Clock:
    def now_ns(self) -> int:
        return 10**18

    def monotonic(self) -> float:
        return 0.0


def at_price(venue: PaperVenue, id_: InstrumentId, price: Decimal) -> list[object]:
    return list(venue.set_mark(id_, price, price, 10**18))


def desk_of(books: list[Held], money: int) -> tuple[PaperVenue, AccountState, Markets]:
    """An account of the simulated venue with these positions, and what the desk knows of it."""
    instruments = [perpetual(), perpetual("ETH", "0.01", "0.001")]
    venue = PaperVenue("usdm", instruments)
    hub = PaperHub(venue, Clock(), spot=False)
    venue.add_account("desk-1", {"USDT": D(10**8)})
    for id_, price in PRICES.items():
        at_price(venue, id_, price)
        venue.set_book(id_, [(price, D(10**5))], [(price + TICK[id_], D(10**5))], 10**18)
    for held in books:
        if held.isolated:
            venue.set_margin_mode("desk-1", held.instrument, isolated=True)
        left = held.quantity
        while left:
            part = min(left, D(100))
            request = OrderRequest(
                ClientOrderId(""), "desk-1", held.instrument, held.side, OrderType.MARKET, part
            )
            venue.place(request, 10**18)
            left -= part
    # Money goes out until what is left is near the margin that the positions need.
    free = venue.margin("desk-1", "USDT").available
    venue.transfer("desk-1", "USDT", -max(free - D(money), D(0)), 10**18)
    snapshot = asyncio.run(PaperExecution(hub, "desk-1", "binanceusdm").snapshot())
    state = AccountState(Account("desk-1", "binanceusdm", Mode.SANDBOX))
    state.take_snapshot(snapshot)
    markets = Markets("USDT")
    markets.set_instruments(instruments)
    return venue, state, markets


def forced(venue: PaperVenue, book: MarginBook, move: Decimal, nudge: int) -> bool:
    """Whether the venue liquidates at a move of all marks, `nudge` ticks further; gains come first."""
    events: list[object] = []
    legs = sorted(book.holders[0].legs, key=lambda leg: -leg.quantity * move)
    for leg in legs:
        id_, way = leg.instrument.id, 1 if move > 0 else -1
        price = leg.mark * (1 + move) + way * nudge * TICK[id_]
        events += at_price(venue, id_, price)
    return any(isinstance(event, Liquidated) for event in events)


@settings(max_examples=60, deadline=None)
@given(BOOKS, st.integers(0, 300_000), st.sampled_from([-1, 1]))
def test_the_venue_liquidates_where_stress_says_and_not_before(
    books: list[Held], money: int, way: int
) -> None:
    move = D(way) * D("0.6")
    venue, account, markets = desk_of(books, money)
    book = gather([account], markets)
    (found,) = stress(book, Moves(move)).accounts
    if not found.liquidations:
        assert not forced(venue, book, move, 0)
        return
    share = min(one.share for one in found.liquidations)
    assert not forced(venue, book, move * share, -2)
    assert forced(venue, book, move * share, 2)
    first = min(found.liquidations, key=lambda one: one.share)
    for id_, price in first.prices:
        assert abs(price - PRICES[id_] * (1 + move * share)) < TICK[id_]


def test_a_ladder_of_margin_is_followed_into_its_upper_steps() -> None:
    """600 BTC are far up the ladder; one flat rate would miss the price by hundreds of ticks."""
    venue, account, markets = desk_of([Held(BTC, Side.BUY, D(600), isolated=False)], 2_000_000)
    assert len(default_brackets(D(125))) > 3
    book = gather([account], markets)
    (found,) = stress(book, Moves(D("-0.9"))).accounts
    (liquidation,) = found.liquidations
    told = venue.positions("desk-1")[0].liquidation_price
    assert not forced(venue, book, D("-0.9") * liquidation.share, -2)
    assert forced(venue, book, D("-0.9") * liquidation.share, 2)
    ((_, price),) = liquidation.prices
    # The venue's own figure takes the step of today's notional; the fall ends on a lower one.
    assert told
    assert price <= told


LEGS = st.lists(
    st.tuples(
        st.sampled_from([BTC, ETH, INVERSE, ETHBTC + ":BTC"]),
        st.integers(-900, 900).filter(bool),
        st.integers(50, 150),
    ),
    max_size=5,
    unique_by=lambda row: row[0],
)
WALLETS = st.dictionaries(st.sampled_from(["USDT", "BTC", "ETH", "BNB"]), st.integers(0, 10**6), max_size=3)
MARKS = {BTC: D(60_000), ETH: D(3_000), INVERSE: D(60_000), ETHBTC + ":BTC": D("0.05")}
WORTH = {"USDT": D(1), "USD": D(1), "BTC": D(60_000), "ETH": D(3_000)}


def holder(name: str, legs: list[tuple[str, int, int]], wallets: dict[str, int]) -> Holder:
    made = []
    for id_, size, entry in legs:
        one = instrument(id_, contract_size=D(100) if id_ == INVERSE else D(1))
        quantity = D(size) if id_ == INVERSE else D(size) / 100
        mark = MARKS[id_]  # type: ignore[index]
        made.append(Leg(one, PositionSide.NET, quantity, mark * entry / 100, mark))
    return Holder(name, {asset: D(q) for asset, q in wallets.items()}, tuple(made))


DESKS = st.lists(st.tuples(LEGS, WALLETS), min_size=1, max_size=4).map(
    lambda rows: MarginBook(
        tuple(holder(f"desk-{i}", legs, wallets) for i, (legs, wallets) in enumerate(rows)), WORTH
    )
)
PERCENT = st.integers(-95, 300).map(lambda n: D(n) / 100)


@given(DESKS)
def test_no_move_changes_nothing(book: MarginBook) -> None:
    result = stress(book, Moves())
    assert result.change == 0
    assert not result.liquidated
    assert [a.equity for a in result.accounts] == [assess(one, book).equity for one in book.holders]


@given(DESKS, PERCENT)
def test_accounts_add_up_to_the_desk(book: MarginBook, move: Decimal) -> None:
    whole = stress(book, Moves(move), locate=False)
    alone = [stress(replace(book, holders=(one,)), Moves(move), locate=False) for one in book.holders]
    assert whole.equity == sum(one.equity for one in alone)
    assert whole.change == sum(one.change for one in alone)


@given(LEGS, WALLETS, PERCENT, PERCENT)
def test_a_book_of_longs_loses_more_the_deeper_it_falls(
    legs: list[tuple[str, int, int]], wallets: dict[str, int], one: Decimal, other: Decimal
) -> None:
    longs = [(id_, abs(size), entry) for id_, size, entry in legs if id_ in (BTC, ETH, INVERSE)]
    book = MarginBook((holder("desk-1", longs, wallets),), WORTH)
    low, high = sorted((one, other))
    deep, mild = (stress(book, Moves(move), locate=False) for move in (low, high))
    if high < 0:  # at 0 an account that is liquidated already is left as it is
        assert deep.equity <= mild.equity
        assert len(deep.accounts[0].liquidations) >= len(mild.accounts[0].liquidations)


@given(DESKS)
def test_net_delta_is_what_equity_moves_with(book: MarginBook) -> None:
    """A move too small to liquidate or to bend anything changes equity by the delta times the move."""
    tiny = D("1e-9")
    for asset in ("BTC", "ETH"):
        result = stress(book, Moves(D(0), {asset: tiny}), locate=False)
        for one, account in zip(book.holders, result.accounts, strict=True):
            if account.liquidations:
                continue
            expected = deltas(one, book).get(asset, Delta()).value * tiny
            assert abs(account.change - expected) < D("1e-6")


def test_equity_and_exposure_agree_with_the_portfolio() -> None:
    bench = PlanBench()
    bench.account("spot-1", "binance", {"USDT": 1000, "BTC": 2, "ETH": 5})
    bench.account("coin-1", "binancecoinm", {"BTC": 3})
    bench.position("desk-1", BTC, "2", "50000")
    bench.position("desk-1", ETH, "-9", "3100")
    bench.position("coin-1", INVERSE, "-500", "58000")
    book = gather(bench.accounts.values(), bench.markets)
    for one in book.holders:
        ours = assess(one, book)
        theirs = portfolio.summarise(bench.accounts[one.name], bench.state, bench.markets)
        assert abs(ours.equity - theirs.equity) < D("1e-12"), one.name
        assert abs(ours.exposure - theirs.exposure) < D("1e-12"), one.name
        assert abs(ours.gross_exposure - theirs.gross_exposure) < D("1e-12"), one.name
    assert BTCS in bench.markets.instruments
