"""The desk's money against the venue's own books after a random day: to the cent, transfers never PnL."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

import pytest
from simulated_desk import BTC, ETH, Faults, SimulatedDesk, SimulatedLoop, simulate

from adapters.paper.records import IncomeKind
from hedge_tui.domain.market import MarketStats
from hedge_tui.engine import portfolio

CENT = Decimal("0.01")
START = Decimal(1_000_000)


def mark(desk: SimulatedDesk, instrument: str, price: int) -> None:
    """A new price at the venue, and told to the desk."""
    desk.price(instrument, price)  # type: ignore[arg-type]
    stats = MarketStats(instrument, desk.clock.now_ns(), last=float(price), mark=float(price))  # type: ignore[arg-type]
    desk.engine.feeds.take([stats])


async def a_day(desk: SimulatedDesk) -> dict[str, Decimal]:
    """Trades, funding, deposits and withdrawals; returns what was moved in, by account."""
    rng = random.Random(desk.seed)
    moved = dict.fromkeys(desk.names, Decimal(0))
    price = {BTC: 60_000, ETH: 3_000}
    for instrument, at in price.items():
        mark(desk, instrument, at)
    await desk.start()
    await asyncio.sleep(2)  # the day's first equity is taken
    for _ in range(30):
        symbol = rng.choice(("BTC", "ETH"))
        size = {"BTC": rng.randrange(1, 900) / 1000, "ETH": rng.randrange(1, 9000) / 1000}[symbol]
        name, side = rng.choice(desk.names), rng.choice(("buy", "sell"))
        line = rng.choice(
            (
                f"@{name} {side} {size}{symbol} {symbol}.p",
                f"@{name} {side} {size}{symbol} {symbol}.p at {'ask' if side == 'buy' else 'bid'}",
                f"@{name} {side} {size}{symbol} {symbol}.p at {'bid' if side == 'buy' else 'ask'}",
                f"@{name} close {symbol}.p",
            )
        )
        await desk.send(line)
        now = desk.clock.now_ns()
        match rng.randrange(4):
            case 0:
                rate = Decimal(rng.randrange(-30, 30)) / 100_000
                desk.hub.publish(desk.venue.pay_funding(rng.choice((BTC, ETH)), rate, now))
            case 1:
                amount = Decimal(rng.randrange(-50_000, 50_000)) / 100
                kind = rng.choice(("DEPOSIT", "TRANSFER")) if amount > 0 else "WITHDRAW"
                desk.hub.publish(desk.venue.transfer(name, "USDT", amount, now, kind))
                moved[name] += amount
            case _:
                for instrument, old in list(price.items()):
                    new = price[instrument] = old + rng.randrange(-20, 20) * (10 if instrument == BTC else 1)
                    mark(desk, instrument, new)
        await asyncio.sleep(rng.random() * 1200)
    await asyncio.sleep(70)
    return moved


@pytest.mark.parametrize("seed", range(5))
def test_the_desk_agrees_with_the_venue_to_the_cent(seed: int) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, faults=Faults(0.0, 0.1, 0.0, 0.2, 0.5, 0.3))
        moved = await a_day(desk)
        state, markets = desk.engine.desk.state, desk.engine.desk.markets
        for name in desk.names:
            ours = portfolio.summarise(desk.engine.desk.accounts[name], state, markets)
            theirs = desk.venue.margin(name, "USDT")
            income = list(desk.venue.income(name))

            def total(*kinds: IncomeKind, income: list = income) -> Decimal:
                return sum((i.quantity for i in income if i.kind in kinds), Decimal(0))

            assert abs(ours.balance - theirs.wallet) < CENT
            assert abs(ours.unrealized - theirs.unrealized) < CENT
            assert abs(ours.equity - theirs.margin_balance) < CENT
            assert abs(ours.realized_today - total(IncomeKind.REALIZED_PNL)) < CENT
            assert abs(-ours.fees_today - total(IncomeKind.COMMISSION)) < CENT
            assert abs(ours.funding_today - total(IncomeKind.FUNDING_FEE)) < CENT
            # What was moved in or out is no profit.
            assert ours.pnl_today is not None
            assert abs(ours.pnl_today - (theirs.margin_balance - START - moved[name])) < CENT
            parts = ours.realized_today + ours.unrealized + ours.funding_today - ours.fees_today
            assert abs(ours.pnl_today - parts) < CENT
        assert any(moved.values())

    simulate(main)


def test_our_own_average_cost_agrees_with_what_the_venue_says_it_realized() -> None:
    """Spot venues do not tell: the same arithmetic must give what a futures venue does tell."""

    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 5)
        await a_day(desk)
        from hedge_tui.engine import cost

        holdings: dict[tuple[str, str], cost.Holding] = {}
        count = 0
        for fill in desk.engine.desk.state.fills:
            key = (fill.account, fill.instrument)
            one = desk.engine.desk.markets.instruments[fill.instrument]
            held = holdings.get(key, cost.Holding())
            holdings[key], realized = cost.trade(held, fill.side, fill.quantity, fill.price, one)
            assert fill.realized_pnl is not None
            assert abs(realized - fill.realized_pnl) < Decimal("0.000001")
            count += bool(realized)
        assert count > 3

    simulate(main)


def test_a_new_day_starts_from_its_own_equity() -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, 2)
        mark(desk, BTC, 60_000)
        await desk.start()
        await asyncio.sleep(2)
        await desk.send("@desk-1 buy 1btc BTC.p")
        mark(desk, BTC, 60_100)
        await asyncio.sleep(90)
        account = desk.engine.desk.accounts["desk-1"]

        def summary() -> portfolio.AccountSummary:
            return portfolio.summarise(account, desk.engine.desk.state, desk.engine.desk.markets)

        first = summary()
        assert first.fees_today > 0
        day = desk.engine.desk.state.day_ns
        await asyncio.sleep((day + 86_400 * 10**9 - desk.clock.now_ns()) / 1e9 + 2)
        second = summary()
        assert desk.engine.desk.state.day_ns == day + 86_400 * 10**9
        assert (second.fees_today, second.realized_today, second.pnl_today) == (0, 0, 0)
        mark(desk, BTC, 60_200)
        await asyncio.sleep(90)
        assert summary().pnl_today == 100

    simulate(main)
