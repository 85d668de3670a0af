"""The trader of a simulated world: types lines at one of two consoles and confirms what is previewed."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from decimal import Decimal

from faults.world.oracle import Oracle
from faults.world.venues import Venues

from hedge_tui.engine.engine import Engine
from hedge_tui.wire import messages as m

_PRICE = re.compile(r"\{(BTC|ETH)([+-][\d.]+)\}")


class Trader:
    """Types at whichever engine runs.

    Attributes:
        typed: lines so far. refused: those that came to nothing.
    """

    def __init__(
        self, engine: Callable[[], Engine], venues: Venues, oracle: Oracle, rng: random.Random
    ) -> None:
        self._engine = engine
        self._venues = venues
        self._oracle = oracle
        self._rng = rng
        self._typing: set[asyncio.Task[None]] = set()
        self.typed = self.refused = 0

    def begin(self, text: str, console: str) -> None:
        """Begin to type."""
        task = asyncio.get_running_loop().create_task(self._type(text, console))
        self._typing.add(task)
        task.add_done_callback(self._typing.discard)

    def lose(self) -> None:
        """The engine is gone; whoever waits for its answer waits no more."""
        for task in self._typing:
            task.cancel()

    async def _type(self, text: str, console: str) -> None:
        """Type a line and confirm what is previewed, perhaps twice, perhaps from the other console."""
        engine, who = self._engine(), console
        text = self._filled_in(text)
        if not text:
            return
        self.typed += 1
        self._oracle.word()
        self._oracle.story(f"typed   {text}")
        if text.startswith("panic"):
            self._oracle.panic()
        answer = await engine.lines.submit(m.Submit(1, text), who, may_trade=True, holds_lock=True)
        if isinstance(answer, m.Preview):
            await asyncio.sleep(self._rng.random() * 1.5)
            message = m.Confirm(2, answer.hash, wait=False)
            if self._rng.random() < 0.1:
                answers = [engine.lines.confirm(message, name) for name in (who, who, "second")]
                await asyncio.gather(*answers)
            else:
                answer = await engine.lines.confirm(message, who)
        if isinstance(answer, m.Failure):
            self._oracle.story(f"        {answer.message}")
            self.refused += 1

    def _filled_in(self, text: str) -> str:
        def price(found: re.Match[str]) -> str:
            at = self._venues.prices[found[1]] * (1 + Decimal(found[2]) / 100)
            return f"{at.quantize(Decimal('0.1')):f}"

        text = _PRICE.sub(price, text)
        if "{row}" in text:
            state = self._engine().desk.state
            if not state.working:
                return ""
            id_ = self._rng.choice(list(state.working))
            request = state.orders[id_].request
            size = f"{request.quantity * self._rng.choice((1, 2, 3)) / 2:f}"
            coin = request.instrument.partition(":")[2].partition("/")[0].lower()
            text = text.replace("{row}", str(state.rows[id_])).replace("{size}", size + coin)
        return text
