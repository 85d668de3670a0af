"""What the ccxt clients read of an account's past explains every unit in its wallets, whatever the pages."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from adapters.paper.records import IncomeKind
from adapters.via_ccxt import past_spot, past_usdm
from hedge_tui.domain import acts
from hedge_tui.domain.order import Side
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.state import DeskState
from tests.contract.ccxt_fixtures import ExecutionBench, execution_bench

if TYPE_CHECKING:
    from adapters.sandbox.control import SandboxControl
    from hedge_tui.domain.past import PastPage

ZERO = Decimal(0)


async def whole_past(bench: ExecutionBench, *, keep: bool = True) -> list[PastPage]:
    """All pages of all sources."""
    pages, known = [], set()
    for source in bench.client.past_sources([bench.instrument.id], whole=True):
        mark, done = "", False
        while not done:
            page = await bench.client.read_past(source, mark, known.__contains__)
            pages.append(page)
            known |= {fill.key for fill in page.fills} if keep else set()
            mark, done = page.mark, page.done
    return pages


def booked(pages: list[PastPage]) -> DeskState:
    """The pages as the desk books them, twice: no row counts twice."""
    state = DeskState()
    for page in pages * 2:
        for fill in page.fills:
            apply(state, acts.FillImported(1, fill))
        for flow in page.flows:
            apply(state, acts.CashMoved(1, flow))
    return state


def earned(state: DeskState, asset: str) -> Decimal:
    return sum((s.net + s.moved for key, s in state.book.cells.items() if key[5] == asset), ZERO)


async def wallet(bench: ExecutionBench, asset: str) -> Decimal:
    rows = await bench.control.balances(bench.account)
    venue = bench.client.venue
    return next(
        Decimal(row["total"])
        for row in rows
        if row["asset"] == asset and row["venue"] == venue and row["what"] == "balance"
    )


@pytest.mark.parametrize("page", [1000, 4])
async def test_the_income_history_and_the_trades_it_names(
    sandbox: Any, control: SandboxControl, monkeypatch: pytest.MonkeyPatch, page: int
):
    monkeypatch.setattr(past_usdm, "PAGE", page)
    async with execution_bench(sandbox, control, "binanceusdm") as bench:
        before = await wallet(bench, "USDT")
        for number in range(5):
            side = Side.SELL if number in (1, 4) else Side.BUY
            await bench.client.place([bench.market(side=side)])
        await control.pay_funding(bench.venue_symbol, "0.001")
        await control.pay_funding(bench.venue_symbol, "-0.0003")
        await control.transfer(bench.account, "binanceusdm", "USDT", "125.5")
        await control.transfer(bench.account, "binanceusdm", "USDT", "-25.25")
        sandbox.world.usdm.adjust(bench.account, "USDT", Decimal("1.75"), IncomeKind.COMMISSION_REBATE)
        pages = await whole_past(bench)
        state = booked(pages)
        after = await wallet(bench, "USDT")
        assert len([fill for one in pages for fill in one.fills]) == 5
        assert after - before == earned(state, "USDT") != 0
        sums = [s for key, s in state.book.cells.items() if key[5] == "USDT"]
        assert sum(s.transfers for s in sums) == Decimal("100.25")
        assert sum(s.other for s in sums) == Decimal("1.75")
        funding = {key[3] for key, s in state.book.cells.items() if s.funding}
        assert funding == {bench.instrument.id}, "the ledger names the instrument, the stream does not"
        assert pages[-1].settles


async def test_an_execution_that_is_in_the_books_is_not_asked_for_again(
    sandbox: Any, control: SandboxControl
):
    async with execution_bench(sandbox, control, "binanceusdm") as bench:
        await bench.client.place([bench.market()])
        (first,) = await whole_past(bench)
        asked = len(await control.requests())
        page = await bench.client.read_past("income", "", {fill.key for fill in first.fills}.__contains__)
        assert page.fills == ()
        paths = [row["path"] for row in (await control.requests())[asked:]]
        assert paths == ["/fapi/v1/income"]


@pytest.mark.parametrize("page", [1000, 2])
async def test_spot_executions_deposits_withdrawals_and_transfers(
    sandbox: Any, control: SandboxControl, monkeypatch: pytest.MonkeyPatch, page: int
):
    monkeypatch.setattr(past_spot, "PAGE", page)
    async with execution_bench(sandbox, control, "binance") as bench:
        base = bench.instrument.base
        before = {asset: await wallet(bench, asset) for asset in ("USDT", base)}
        for number in range(5):
            await bench.client.place([bench.market(side=Side.SELL if number == 3 else Side.BUY)])
        treasury = sandbox.world.spot.treasury
        for quantity in ("10", "11", "12"):
            treasury.deposit(bench.account, "USDT", Decimal(quantity))
        treasury.withdraw(bench.account, "USDT", Decimal(4), address="x")
        mine, other = (bench.account, "spot"), ("desk-10", "spot")
        treasury.transfer(mine, (bench.account, "usdm"), "USDT", Decimal("100.5"))
        treasury.transfer((bench.account, "usdm"), mine, "USDT", Decimal("0.5"))
        treasury.transfer(mine, other, "USDT", Decimal(7), between_accounts=True)
        treasury.transfer(other, mine, "USDT", Decimal(3), between_accounts=True)
        pages = await whole_past(bench)
        fills = [fill for one in pages for fill in one.fills]
        assert len({fill.venue_order_id for fill in fills}) == 5
        moved: dict[str, Decimal] = {}
        for flow in (flow for one in pages for flow in one.flows):
            moved[flow.kind] = moved.get(flow.kind, ZERO) + flow.quantity
        assert moved == {"deposit": Decimal(33), "withdrawal": Decimal(-4), "transfer": Decimal(-104)}
        for asset, at_first in before.items():
            change = sum(moved.values()) if asset == "USDT" else ZERO
            for fill in fills:
                signed = fill.quantity * fill.side.sign
                change += signed if asset == base else -signed * fill.price
                change -= fill.commission if fill.commission_asset == asset else ZERO
            assert await wallet(bench, asset) == at_first + change
        state = booked(pages)
        assert sum(s.moved for s in state.book.cells.values()) == Decimal(-75)
