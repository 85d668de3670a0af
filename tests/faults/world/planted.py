"""Bugs of the worst kind, planted into one engine: the worlds must find each of them soon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.errors import VenueError
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.health import FeedState
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine.desk import drop

if TYPE_CHECKING:
    from hedge_tui.domain.order import OrderRequest
    from hedge_tui.engine.engine import Engine


def send_again(engine: Engine) -> None:
    """An order without an answer is sent again."""
    dispatch: Any = engine.executor._dispatch
    take = dispatch._take

    def taken(requests: list[OrderRequest], reports: list[Report]) -> Any:
        silent = {r.client_order_id for r in reports if r.kind is ReportKind.NO_ANSWER}
        again = [request for request in requests if request.client_order_id in silent]
        if again:
            client = engine.clients.of(again[0].account)
            engine._supervisor.spawn(client.place(again), name="again")
        return take(requests, reports)

    dispatch._take = taken


def reject_silence(engine: Engine) -> None:
    """An order without an answer is called rejected."""
    dispatch: Any = engine.executor._dispatch
    take = dispatch._take

    def taken(requests: list[OrderRequest], reports: Sequence[Report]) -> Any:
        said = [
            replace(r, kind=ReportKind.REJECTED) if r.kind is ReportKind.NO_ANSWER else r for r in reports
        ]
        return take(requests, said)

    dispatch._take = taken


def believe_empty_lists(engine: Engine) -> None:
    """An order in doubt that the list of open orders lacks is called absent."""
    settler: Any = engine.reconciler._settler
    look = settler._round

    async def looked(account: str, doubts: dict[Any, Any]) -> None:
        client = engine.clients.get(account)
        if client is not None:
            try:
                listed = {report.client_order_id for report in await client.open_orders()}
            except VenueError:
                return
            for id_ in [id_ for id_ in doubts if id_ not in listed]:
                order = engine.desk.state.orders.get(id_)
                if order is not None and not order.status.terminal:
                    settler._learner.absent(order, 1)
        await look(account, doubts)

    settler._round = looked


def send_before_it_is_written(engine: Engine) -> None:
    """Nobody waits for the disk."""
    record = engine.desk.record

    def recorded(*batch: Any) -> asyncio.Future[int]:
        drop(record(*batch))
        at_once: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        at_once.set_result(0)
        return at_once

    engine.desk.record = recorded  # type: ignore[method-assign]


def forget_fills(engine: Engine) -> None:
    """Executions that are told while an account reconnects are marked as known and never counted."""
    take = engine.intake._one

    def taken(event: Any, at: int, batch: Any) -> Any:
        if isinstance(event, Fill) and engine.desk.accounts[event.account].state is not FeedState.LIVE:
            engine.desk.state.seen_fills.setdefault(event.key)
            return batch
        return take(event, at, batch)

    engine.intake._one = taken  # type: ignore[method-assign]


PLANTED: dict[str, tuple[Callable[[Engine], None], frozenset[str]]] = {
    "send again on time-out": (send_again, frozenset({"doubled"})),
    "rejected on time-out": (reject_silence, frozenset({"false terminal"})),
    "an empty list of open orders is proof": (believe_empty_lists, frozenset({"false terminal"})),
    "no write-ahead": (send_before_it_is_written, frozenset({"write-ahead"})),
    "fills forgotten while reconnecting": (forget_fills, frozenset({"executions lost"})),
}
"""What it is -> how it is planted, and as what it is found."""
