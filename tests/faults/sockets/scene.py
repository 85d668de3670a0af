"""One run of one case: an account, a console on it, faults for it alone, and the verdict at the end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faults.sockets import agreement
from faults.sockets import verdict as v
from faults.sockets.record import QUESTIONS, Seen, now_ns, truth_of
from faults.tally import runs

from hedge_tui.bootstrap.places import journal_folder
from hedge_tui.wire import messages as m
from hedge_tui.wire.client import EngineClient, RequestRefused
from store.journal.replay import read_record

_NUMBERS = itertools.count(1)

if TYPE_CHECKING:
    from faults.sockets.bench import Bench

MARKETS = {"binanceusdm": "BTC.p", "binance": "BTC.s"}
INSTRUMENTS = {"binanceusdm": "binanceusdm:BTC/USDT:USDT", "binance": "binance:BTC/USDT"}
PLACING = r"(batchOrders|/order|algoOrder)$"
"""Paths of requests that place, amend or cancel single orders and batches."""
PATIENCE_S = 12.0
LOOK_S = 0.05
DWELL_S = float(runs(0, 3))
"""The long form looks again after some seconds: what was settled stays settled."""


class Scene:
    """What a case is played with.

    Attributes:
        account: all for itself. symbol: as typed. market: the venue's name of it.
        origin: its own, so that the refusals of one scene do not hold the source of another.
        last: the market's price when the scene began.
        strangers: venue order ids of orders that others gave a client id of ours.
        slept: when the engine was suspended, (from, to): nobody can show anything then.
    """

    def __init__(self, bench: Bench, client: EngineClient, account: str, venue: str) -> None:
        self.bench = bench
        self.control = bench.control
        self.client = client
        self.account = account
        self.venue = venue
        self.symbol = MARKETS[venue]
        self.market = "BTCUSDT"
        self.instrument = INSTRUMENTS[venue]
        self.origin = f"rule:scene-{next(_NUMBERS)}"
        self.last = Decimal(0)
        self.began_ns = 0
        self.mark = 0
        self.journal_mark = 0
        self.strangers: set[str] = set()
        self.slept: list[tuple[int, int]] = []
        self._faults: list[int] = []

    async def begin(self) -> None:
        """Remember where ledger and journal stand; nothing is open on this account."""
        self.mark = (await self.control.health())["seq"]
        self.journal_mark = self._journal_end()
        await self.until_live(60.0)
        self.began_ns = now_ns()
        self.last = await self.price()

    # -- what a trader does

    async def type(self, line: str, *, wait: bool = True, client: EngineClient | None = None) -> Any:
        """Type a line for this account and confirm what is previewed; Failures raise RequestRefused."""
        client = client or self.client
        answer = await client.submit(line, scope=self.account, origin=self.origin)
        if isinstance(answer, m.Preview):
            assert answer.sendable, answer
            return await client.confirm(answer.hash, wait=wait)
        return answer

    async def type_when_ready(self, line: str, limit_s: float = PATIENCE_S) -> Any:
        """The same as soon as the desk lets it go: while a stream is away it refuses to add risk."""

        async def sendable() -> bool:
            try:
                answer = await self.client.submit(f"{line} ?", scope=self.account, origin=self.origin)
            except RequestRefused:
                return False
            return isinstance(answer, m.Preview) and not any(row.problem for row in answer.rows)

        await self.until_true(sendable, limit_s)
        return await self.type(line)

    def typed(self, line: str) -> asyncio.Task[Any]:
        """The same in the background."""
        return asyncio.create_task(self.type(line))

    def rest(self, quantity: str = "0.01", below: str = "3", side: str = "buy") -> str:
        """A line for an order that rests, so many percent away from the market."""
        sign = -1 if side == "buy" else 1
        return f"{side} {quantity}btc {self.symbol} at {self.at(sign * float(below))}"

    def take(self, quantity: str = "0.01", side: str = "buy") -> str:
        """A line for an order that fills at once."""
        return f"{side} {quantity}btc {self.symbol} at {self.at(1 if side == 'buy' else -1)}"

    def at(self, percent: float) -> str:
        """A price so many percent from where the market stood."""
        return f"{self.last * (1 + Decimal(str(percent)) / 100):.1f}"

    def several(self, count: int, **fields: Any) -> str:
        """A line for so many resting orders."""
        return " & ".join(self.rest(below=str(2 + i / 10), **fields) for i in range(count))

    # -- what goes wrong

    async def fault(self, kind: str, *, method: str = "POST", path: str = PLACING, **fields: Any) -> int:
        """Arm a fault for this account's order requests, unless told otherwise."""
        fields = {"account": self.account, "count": 1} | fields
        id_ = await self.control.fault(kind, method=method, path=path, **fields)
        self._faults.append(id_)
        return id_

    async def strike(self, kind: str, **fields: Any) -> int:
        """Strike this account's open streams."""
        return await self.control.strike(kind, **({"account": self.account, "count": None} | fields))

    async def calm(self) -> None:
        """End the faults of this scene."""
        for id_ in self._faults:
            await self.control.disarm(id_)
        self._faults.clear()

    async def struck(self, id_: int) -> int:
        """How often a fault that is still armed struck."""
        return next(one["struck"] for one in await self.control.faults() if one["id"] == id_)

    async def until_struck(self, id_: int, times: int, limit_s: float = PATIENCE_S) -> None:
        """Wait until an armed fault has struck so often."""

        async def enough() -> bool:
            return await self.struck(id_) >= times

        await self.until_true(enough, limit_s)

    async def act(self, method: str, path: str, **params: Any) -> Any:
        """What the account's owner does on the venue's own page."""
        return await self.control.act(self.account, self.venue, method, path, **params)

    # -- what is seen

    @property
    def seen(self) -> dict[str, list[Seen]]:
        """Every order of this scene as it was shown."""
        return self.bench.watch.of(self.account, self.began_ns)

    def now(self) -> dict[str, str]:
        """Status of each order of this scene."""
        return {id_: rows[-1].status for id_, rows in self.seen.items()}

    async def until(self, said: Callable[[], Any], limit_s: float = PATIENCE_S, what: str = "") -> None:
        """Wait until the desk shows something."""
        end = time.monotonic() + limit_s
        while not said():
            assert time.monotonic() < end, f"{what or 'not so'} within {limit_s:g} s: {self.now()}"
            await asyncio.sleep(LOOK_S)

    async def until_all(self, *statuses: str, count: int = 1, limit_s: float = PATIENCE_S) -> None:
        """Wait until all orders of the scene, at least `count`, are shown with one of these statuses."""
        await self.until(
            lambda: len(self.now()) >= count and set(self.now().values()) <= set(statuses),
            limit_s,
            f"all of {statuses}",
        )

    async def until_true(self, ask: Callable[[], Awaitable[Any]], limit_s: float = PATIENCE_S) -> Any:
        """Wait until a question to venue or engine is answered with something."""
        end = time.monotonic() + limit_s
        while not (found := await ask()):
            assert time.monotonic() < end, f"not so within {limit_s:g} s"
            await asyncio.sleep(LOOK_S)
        return found

    async def until_live(self, limit_s: float = 30.0) -> None:
        """Wait until the account's private feed is live."""
        await self.until(lambda: self.bench.watch.state(self.account) == "live", limit_s, "live")

    async def asleep(self, seconds: float) -> None:
        """Suspend the engine for a while."""
        begun = now_ns()
        await self.bench.suspend(seconds)
        self.slept.append((begun, now_ns()))

    async def moved(self, percent: float) -> bool:
        """Whether the desk has seen the price move so far from where the scene began."""
        return abs(await self.price() / self.last - 1) * 100 >= Decimal(str(percent))

    async def price(self) -> Decimal:
        """Where the market stands."""
        rows = await self.client.query("markets")
        return Decimal(str(next(row["last"] for row in rows if row["instrument"] == self.instrument)))

    async def rows(self, *kinds: str) -> list[dict[str, Any]]:
        """Ledger rows of this account since the scene began."""
        found = await self.control.ledger(*kinds, since=self.mark)
        return [row for row in found if row.get("account") == self.account]

    async def truth(self) -> list[dict[str, Any]]:
        """The venue's newest row of each order of this scene."""
        newest = {row["order_id"]: row for row in await self.rows("order")}
        return list(newest.values())

    async def requests(self, method: str, path: str = PLACING) -> list[dict[str, Any]]:
        """Requests of this account."""
        found = await self.rows("request")
        return [row for row in found if row["method"] == method and re.search(path, row["path"])]

    def journalled(self, id_: str) -> bool:
        """Whether the journal file holds the SENDING of an order, for whoever reads it now."""
        return id_ in self._sending()

    async def noted(self, words: str) -> bool:
        """Whether the desk said so in this scene; as its journal has it, for whoever reads it now."""
        rows = read_record(self._journal, self.journal_mark + 1)
        return any(row.kind == "noted" and words in str(row.body) for row in rows)

    # -- the end

    async def judged(self, settle_s: float) -> v.Verdict:
        """Wait until everything is settled, then compare all that was shown with all that was so."""
        begun, unequal = time.monotonic(), ["not looked at yet"]
        while unequal and time.monotonic() - begun < settle_s:
            await asyncio.sleep(0.2)
            unequal = await agreement.differences(self)
        await asyncio.sleep(DWELL_S)
        unequal = unequal or await agreement.differences(self)
        found = v.Verdict(unequal=unequal)
        rows = await self.control.ledger("request", "order", since=self.mark)
        own = [row for row in rows if row.get("account") == self.account]
        seen = self.seen
        truth = truth_of(own, seen)
        requests = [row for row in rows if row["kind"] == "request"]
        found.doubled = v.doubled(own, self.strangers)
        found.lost = v.lost(seen, truth)
        found.false = v.false_certainty(seen, truth, now_ns(), self.slept)
        found.early = v.sent_too_early(requests, self._sending(), seen)
        found.banned = v.sent_while_banned(requests)
        found.orders = sum(not rows[0].external for rows in seen.values())
        return found

    async def end(self) -> None:
        """Leave the account without orders, faults and filters for the next case."""
        await self.calm()
        # What was still to be lost, held back, turned round or kept silent.
        await self.strike("ws_gap", frames=0)
        await self.strike("ws_silence", seconds=0.01)
        with contextlib.suppress(RequestRefused, AssertionError):  # nothing rests
            await self.type("cancel all")
        working = ("acked", "live", "partial", *QUESTIONS)
        await self.until(lambda: not set(self.now().values()) & set(working), 45.0, "all over")

    def _journal_end(self) -> int:
        """Number of the newest act on disk."""
        path = self._journal / "journal.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            (newest,) = connection.execute("select coalesce(max(seq), 0) from acts").fetchone()
        return int(newest)

    def _sending(self) -> dict[str, int]:
        """By client order id, when the journal wrote down that it is being sent."""
        found: dict[str, int] = {}
        for row in read_record(self._journal, self.journal_mark + 1):
            if row.kind == "orders_sending":
                found |= dict.fromkeys(json.loads(row.body)["client_order_ids"], row.at_ns)
        return found

    @property
    def _journal(self) -> Path:
        return journal_folder(self.bench.desk.folder)
