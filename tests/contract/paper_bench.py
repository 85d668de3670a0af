"""The bench of the contract suite made of a paper account that trades on the sandbox's public side."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.paper_accounts.execution import LivePaperExecution
from adapters.paper_accounts.live_paper import LivePaper
from adapters.paper_accounts.shared_data import SharedData
from adapters.paper_accounts.state_file import DiskFile
from adapters.sandbox.control import SandboxControl
from adapters.traffic.balancer import Balancer
from adapters.traffic.home import Home
from adapters.via_ccxt.factory import make_local_data
from adapters.via_ccxt.markets import MarketShelf
from adapters.via_ccxt.quirk_tables import limits_of
from hedge_tui.domain.account import Account, Mode
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.instrument import instrument_id
from hedge_tui.domain.market import Quote
from tests.contract.ccxt_fixtures import SYMBOLS, ExecutionBench, Recorder, SkippingClock, egress_of

ACCOUNT = "paper-1"
BALANCES = {
    "binance": {"USDT": Decimal(100_000), "BTC": Decimal(2)},
    "binanceusdm": {"USDT": Decimal(100_000)},
}


class PaperTruth:
    """What the cards ask a venue's own books, asked of the paper venue; prices are the sandbox's."""

    def __init__(self, paper: LivePaper, control: SandboxControl, venue: str) -> None:
        self._paper, self._control, self._venue = paper, control, venue

    async def orders(self, account: str) -> list[dict[str, Any]]:
        venue = self._paper.venue
        found = [o for id_ in venue.instruments for o in venue.all_orders(account, id_)]
        fields = ("client_order_id", "price", "quantity", "status")
        return [{name: getattr(order, name) for name in fields} for order in found]

    async def fills(self, account: str) -> list[dict[str, Any]]:
        venue = self._paper.venue
        fields = ("quantity", "price", "commission", "commission_asset", "trade_id")
        found = [t for id_ in venue.instruments for t in venue.trades(account, id_)]
        return [{name: getattr(trade, name) for name in fields} for trade in found]

    async def balances(self, account: str) -> list[dict[str, Any]]:
        found = self._paper.venue.balances(account)
        return [
            {"what": "balance", "venue": self._venue, "asset": asset, "total": balance.total}
            for asset, balance in found.items()
        ]

    async def move_price(self, venue: str, symbol: str, price: str) -> None:
        await self._control.move_price(venue, symbol, price)


@asynccontextmanager
async def paper_bench(sandbox: Any, control: SandboxControl, venue: str, folder: Path):
    """A started paper account on live data of the sandbox."""
    clock, symbol = SkippingClock(), SYMBOLS[venue]
    data = SharedData(
        make_local_data(
            venue,
            egress_of(sandbox),
            shelf=MarketShelf(),
            pacer=Balancer(limits_of, clock).pacer(Home(venue)),
            clock=clock,
            rng=random.Random(1),
            mode=Mode.SANDBOX,
            symbols=(symbol,),
        )
    )
    paper = LivePaper(data, DiskFile(folder / "paper" / f"{venue}.json"), clock, {ACCOUNT: BALANCES[venue]})
    client = LivePaperExecution(paper, Account(ACCOUNT, venue, Mode.PAPER))
    public, seen = Recorder(), Recorder()
    await data.start(public.many)
    try:
        await data.watch(["quotes", "stats"])
        id_ = instrument_id(venue, symbol)
        quote = await public.until(Quote, lambda q: q.instrument == id_)
        await client.start(seen.one)
        await seen.state(FeedState.LIVE)
        yield ExecutionBench(
            client,
            seen,
            PaperTruth(paper, control, venue),  # type: ignore[arg-type]
            clock,
            paper.venue.instruments[id_],
            "BTCUSDT",
            ACCOUNT,
            Decimal(quote.bid_text),
            sandbox=sandbox,
        )
    finally:
        await client.stop()
        await data.stop()
