"""Panic under simulated time: lost answers, venues that cannot be reached, two presses, a thousand orders."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from faulty_execution import FaultyExecution
from simulated_desk import BTC, ETH, Faults, SimulatedDesk, SimulatedLoop, simulate

from hedge_tui.domain.health import FeedState
from hedge_tui.domain.order import ClientOrderId, OrderRef, OrderRequest, OrderStatus, OrderType, Side
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.wire import messages as m

S = OrderStatus
SEEDS = int(os.environ.get("HEDGE_SEEDS", "12"))


def run(
    scenario: Callable[[SimulatedDesk], object], seed: int = 1, *, hedged: bool = False, **more: object
) -> None:
    async def main(loop: SimulatedLoop) -> None:
        desk = SimulatedDesk(loop, seed, **more)  # type: ignore[arg-type]
        for name in desk.names if hedged else ():
            desk.venue.set_hedge_mode(name, enabled=True)
        await desk.start()
        await scenario(desk)  # type: ignore[misc]
        assert desk.engine.desk.faults == 0

    simulate(main)


async def text_of(desk: SimulatedDesk, line: str) -> str:
    done = await desk.send(line)
    assert isinstance(done, m.Done), done
    return done.text


def resting(desk: SimulatedDesk) -> int:
    return sum(len(desk.venue.open_orders(name)) for name in desk.names)


def held(desk: SimulatedDesk, name: str = "desk-1") -> Decimal:
    return sum((p.quantity for p in desk.venue.positions(name)), Decimal(0))


def settled(desk: SimulatedDesk) -> bool:
    return not desk.engine.panic.at_work


def turned_away(report: Report) -> Report:
    """A 429: the venue did not look at the cancel."""
    words = {"reason": "Too many requests.", "code": "-1003"}
    return replace(report, kind=ReportKind.CANCEL_REFUSED, turned_away=True, **words)


def refusing(desk: SimulatedDesk, reason: str, names: Sequence[str]) -> dict[str, object]:
    """From now on nothing reaches the venue for these accounts; returns what mends it."""
    kept: dict[str, object] = {}
    for name in names:
        client = desk.clients[name]
        kept[name] = client.cancel

        async def cancel(refs: Sequence[OrderRef], client: object = client) -> list[Report]:
            await asyncio.sleep(0.05)
            now = desk.clock.now_ns()
            return [
                Report(
                    ReportKind.CANCEL_REFUSED, r.account, r.instrument, r.client_order_id, now, reason=reason
                )
                for r in refs
            ]

        client.cancel = cancel  # type: ignore[method-assign, assignment]
    return kept


def careless(
    desk: SimulatedDesk, client: FaultyExecution, name: str, closed: dict[tuple[str, str, str], Decimal]
) -> None:
    """A venue that knows no reduce-only, on a line that delivers a third of the orders seconds late."""
    place, deliver = client.place, client._place

    def unguarded(request: OrderRequest) -> Report:
        key = (name, str(request.instrument), request.position_side.value)
        closed[key] = closed.get(key, Decimal(0)) + request.quantity
        return deliver(replace(request, reduce_only=False))

    async def late(requests: Sequence[OrderRequest]) -> list[Report]:
        if desk.rng.random() > 1 / 3:
            return await place(requests)
        for request in requests:
            desk.loop.call_later(1 + 14 * desk.rng.random(), unguarded, request)
        return [client._silence(request) for request in requests]

    client._place = unguarded  # type: ignore[method-assign]
    client.place = late  # type: ignore[method-assign]


def test_what_cannot_be_reached_is_said_and_tried_until_it_answers() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send(" & ".join(f"@all buy 0.01btc/each BTC.p at {59_000 - i}" for i in range(12)))
        kept = refusing(desk, "no connection: connection refused", ["desk-2"])
        told = (await text_of(desk, "panic")).splitlines()
        assert told[0] == "desk-1: 12 of 12 cancelled"
        assert told[1].startswith("desk-2: NOT REACHED: no connection: connection refused; 12 entries may")
        await asyncio.sleep(60)
        assert not settled(desk)
        desk.clients["desk-2"].cancel = kept["desk-2"]  # type: ignore[method-assign, assignment]
        await desk.until(lambda: settled(desk), 8)
        assert resting(desk) == 0
        assert desk.engine.panic.text.splitlines()[1] == "desk-2: 12 of 12 cancelled"

    run(scenario)


def test_an_account_without_a_key_is_named_and_holds_nothing_up() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.01btc BTC.p at 59000")
        desk.engine.clients.drop("desk-2")
        health = desk.engine.desk.accounts["desk-2"].health
        assert health is not None
        why = "no API key yet; run `hedge keys add desk-2`"
        desk.engine.desk.accounts["desk-2"].health = replace(health, state=FeedState.LOCKED, detail=why)
        told = (await text_of(desk, "panic")).splitlines()
        assert told == [
            "desk-1: 1 of 1 cancelled",
            f"desk-2: NOT REACHED: {why}; 0 entries known to rest there",
        ]
        assert settled(desk)

    run(scenario)


def test_the_trader_ends_the_trying() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        kept = refusing(desk, "no connection: host is down", ["desk-2"])
        await text_of(desk, "panic")
        stopped = await text_of(desk, "panic stop")
        assert "desk-2: NOT REACHED: no connection: host is down; 1 entry may still rest" in stopped
        assert "desk-1" not in stopped
        desk.clients["desk-2"].cancel = kept["desk-2"]  # type: ignore[method-assign, assignment]
        await asyncio.sleep(30)
        assert len(desk.venue.open_orders("desk-2")) == 1
        assert await text_of(desk, "panic stop") == "panic is not at work"
        assert (await text_of(desk, "panic")).splitlines()[1] == "desk-2: 1 of 1 cancelled"

    run(scenario)


def test_a_third_turned_away_is_asked_again_without_looking_anything_up() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        line = " & ".join(f"@all buy 0.01btc/each BTC.p at {59_000 - i}" for i in range(30))
        await desk.send(line)
        asked: list[str] = []
        for client in desk.clients.values():
            find = client.find_order

            async def look(ref: OrderRef, find: object = find) -> Report | None:
                asked.append(ref.client_order_id)
                return await find(ref)  # type: ignore[operator, no-any-return]

            client.find_order = look  # type: ignore[method-assign, assignment]
            cancel = client.cancel

            async def busy(refs: Sequence[OrderRef], cancel: object = cancel) -> list[Report]:
                through = [ref for ref in refs if desk.rng.random() > 1 / 3]
                answers = {r.client_order_id: r for r in await cancel(through)}  # type: ignore[operator]
                now = desk.clock.now_ns()
                return [
                    answers.get(ref.client_order_id)
                    or turned_away(
                        Report(
                            ReportKind.CANCEL_REFUSED, ref.account, ref.instrument, ref.client_order_id, now
                        )
                    )
                    for ref in refs
                ]

            client.cancel = busy  # type: ignore[method-assign, assignment]
        await text_of(desk, "panic")
        await desk.until(lambda: settled(desk), 10)
        assert resting(desk) == 0
        assert asked == []

    run(scenario)


def test_a_thousand_orders_on_twenty_accounts() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        line = " & ".join(f"@all buy 0.01btc/each BTC.p at {59_000 - i}" for i in range(50))
        await desk.send(line)
        assert resting(desk) == 1_000
        begun, first, seen = desk.loop.now, [], set()

        def before(_account: str, refs: Sequence[OrderRef]) -> None:
            first.append(desk.loop.now - begun)
            seen.update(ref.client_order_id for ref in refs)
            if len(seen) == 1_000:
                everything.append(desk.loop.now - begun)

        everything: list[float] = []
        desk.hooks.before_cancel = before
        desk.hooks.cancelled = lambda reports: [
            turned_away(r) if desk.rng.random() < 1 / 3 else r for r in reports
        ]
        await text_of(desk, "panic")
        assert min(first) < 1
        assert everything[0] < 5
        await desk.until(lambda: settled(desk), 30)
        assert resting(desk) == 0
        assert len(desk.engine.panic.progress) == 20

    run(scenario, accounts=20)


def test_orders_of_others_are_cancelled_and_their_stops_kept() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p")
        await asyncio.sleep(1)
        entry = OrderRequest(
            ClientOrderId("f" * 32),
            "desk-1",
            BTC,
            Side.BUY,
            OrderType.LIMIT,
            Decimal("0.01"),
            Decimal(58_000),
        )
        stop = replace(
            entry,
            client_order_id=ClientOrderId("e" * 32),
            side=Side.SELL,
            type=OrderType.STOP_MARKET,
            price=None,
            trigger_price=Decimal(58_500),
            reduce_only=True,
        )
        await desk.clients["desk-1"].place([entry, stop])
        await desk.until(lambda: len(desk.engine.desk.state.working) == 2, 5)
        assert "desk-1: 1 of 1 cancelled, 1 protective stop kept" in await text_of(desk, "panic")
        (left,) = desk.venue.open_orders("desk-1")
        assert left.client_order_id == "e" * 32

    run(scenario)


def test_nothing_new_leaves_while_panic_works_on_an_account() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        words = "panic works on desk-2: `panic stop` ends it, then send again"
        await desk.send("@desk-2 buy 0.01btc BTC.p at 59000")
        await desk.send("@desk-2 buy 0.02btc BTC.p at 58000")
        line = m.Submit(1, "@desk-2 buy 0.05btc BTC.p at 57000")
        previewed = await desk.engine.lines.submit(line, "test", may_trade=True)
        assert isinstance(previewed, m.Preview)
        kept = refusing(desk, "no connection", ["desk-2"])
        await text_of(desk, "panic")
        typed = await desk.send("@desk-2 buy 0.02btc BTC.p at 59000")
        confirmed = await desk.engine.lines.confirm(m.Confirm(2, previewed.hash, wait=True), "test")
        for refused in (typed, confirmed):
            assert isinstance(refused, m.Failure)
            assert (refused.kind, refused.message) == ("denied", words)
        assert len(desk.venue.open_orders("desk-2")) == 2
        both = await desk.send("@all buy 0.03btc/each BTC.p at 59000")
        assert isinstance(both, m.Result)
        assert [o.quantity for o in desk.venue.open_orders("desk-1")] == [Decimal("0.03")]
        desk.clients["desk-2"].cancel = kept["desk-2"]  # type: ignore[method-assign, assignment]
        assert isinstance(await desk.send("@desk-2 cancel all"), m.Result)
        assert not desk.venue.open_orders("desk-2")
        await desk.until(lambda: settled(desk), 30)
        await desk.send("@desk-2 buy 0.02btc BTC.p at 59000")
        assert [o.quantity for o in desk.venue.open_orders("desk-2")] == [Decimal("0.02")]

    run(scenario)


def test_panic_stop_lets_orders_leave_again() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-2 buy 0.01btc BTC.p at 59000")
        refusing(desk, "no connection", ["desk-2"])
        await text_of(desk, "panic")
        assert isinstance(await desk.send("@desk-2 buy 0.02btc BTC.p at 59000"), m.Failure)
        await text_of(desk, "panic stop")
        await desk.send("@desk-2 buy 0.02btc BTC.p at 59000")
        await asyncio.sleep(10)
        assert [o.quantity for o in desk.venue.open_orders("desk-2")] == [Decimal("0.01"), Decimal("0.02")]
        refused = {o.request.quantity: o.cancel_asked for o in desk.engine.desk.state.working_orders()}
        assert refused[Decimal("0.02")] is False

    run(scenario)


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("hedged", [False, True], ids=["one way", "hedge mode"])
def test_panic_flat_pressed_again_and_again_never_closes_twice(seed: int, hedged: bool) -> None:
    """Even at a venue that knows no reduce-only: what is lost is settled before anything is sent again."""

    async def scenario(desk: SimulatedDesk) -> None:
        desk.price(ETH, 3_000)
        mild, desk.faults.lose_answer = replace(desk.faults), 0.0
        if hedged:
            await desk.send("@all buy 0.3btc/each BTC.p long & @all sell 0.2btc/each BTC.p short")
        else:
            await desk.send("@all buy 0.3btc/each BTC.p & @all sell 2eth/each ETH.p")
        await desk.until(lambda: all(len(a.positions) == 2 for a in desk.engine.desk.accounts.values()), 10)
        before = {
            n: {(p.instrument, p.side): p.quantity for p in desk.venue.positions(n)} for n in desk.names
        }
        closed: dict[tuple[str, str, str], Decimal] = {}
        for name, client in desk.clients.items():
            careless(desk, client, name, closed)
        desk.faults.lose_answer = mild.lose_answer
        pressing = []
        for _ in range(4):
            pressing.append(asyncio.ensure_future(text_of(desk, "panic flat")))
            await asyncio.sleep(desk.rng.random() * 3)
        await asyncio.gather(*pressing)
        await desk.until(lambda: settled(desk), 240)
        for name in desk.names:
            assert not any(p.quantity for p in desk.venue.positions(name)), desk.engine.panic.text
        wanted = {
            (n, str(k[0]), k[1].value): abs(q)
            for n, positions in before.items()
            for k, q in positions.items()
            if q
        }
        assert closed == wanted

    run(scenario, seed, hedged=hedged, faults=Faults(0.0, 0.4, 0.1, 0.6, 6.0, 1.0))


def test_a_position_below_the_lot_is_told_and_not_tried_for_ever() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p")
        await asyncio.sleep(1)
        coarse = replace(desk.instruments[0], grid=replace(desk.instruments[0].grid, lot=Decimal(1)))
        desk.engine.desk.set_instruments([coarse])
        told = await text_of(desk, "panic flat")
        assert "desk-1: 0 of 1 position closed, LEFT OPEN: BTC/USDT:USDT 0.100 is below the lot 1" in told
        assert settled(desk)

    run(scenario)


def test_an_entry_that_fills_while_it_is_cancelled_is_closed_too() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@desk-1 buy 0.1btc BTC.p & @desk-1 buy 0.2btc BTC.p at 59990")
        await asyncio.sleep(1)

        def fall(_account: str, _refs: Sequence[OrderRef]) -> None:
            desk.hooks.before_cancel = lambda _account, _refs: None
            desk.price(BTC, 59_900)

        desk.hooks.before_cancel = fall
        told = await text_of(desk, "panic flat")
        await desk.until(lambda: settled(desk), 20)
        assert "1 filled before that" in desk.engine.panic.text, told
        assert held(desk) == 0

    run(scenario, faults=Faults(stream_lag_s=1.0))


def test_a_late_order_called_absent_is_cancelled_when_it_turns_up() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        late: list[OrderRequest] = []
        client = desk.clients["desk-1"]
        place = client.place

        async def swallow(requests: Sequence[OrderRequest]) -> list[Report]:
            late.extend(requests)
            return [client._silence(request) for request in requests]

        client.place = swallow  # type: ignore[method-assign, assignment]
        sending = asyncio.ensure_future(desk.send("@desk-1 buy 0.01btc BTC.p at 59000"))
        await asyncio.sleep(0.5)
        await text_of(desk, "panic")
        await desk.until(lambda: settled(desk), 60)
        assert [o.status for o in desk.engine.desk.state.orders.values()] == [S.ABSENT]
        await place(late)
        assert resting(desk) == 1
        await desk.until(lambda: resting(desk) == 0, 10)
        await sending

    run(scenario)


def test_a_panic_that_died_with_its_engine_is_told_at_the_next_start() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        await desk.send("@all buy 0.01btc/each BTC.p at 59000")
        refusing(desk, "no connection", ["desk-2"])
        await text_of(desk, "panic")
        await asyncio.sleep(1)
        await desk.crash()
        await desk.start()
        told = [note.text for _, note in desk.engine.desk.state.log if note.level == "alarm"]
        assert any("panic was at work when the engine ended" in words for words in told)
        await asyncio.sleep(20)
        assert resting(desk) == 1, "a restarted engine sends nothing by itself"
        await text_of(desk, "panic")
        await desk.until(lambda: settled(desk), 20)
        assert desk.engine.desk.state.panic is None
        assert resting(desk) == 0
        await asyncio.sleep(1)
        await desk.crash()
        await desk.start()
        told = [note.text for _, note in desk.engine.desk.state.log if "when the engine ended" in note.text]
        assert len(told) == 1

    run(scenario)


def test_a_restart_with_a_thousand_orders_on_twenty_accounts_compares_them_all() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        line = " & ".join(f"@all buy 0.01btc/each BTC.p at {59_000 - i}" for i in range(50))
        await desk.send(line)
        await asyncio.sleep(1)
        await desk.crash()
        desk.price(BTC, 58_990)
        begun = desk.loop.now
        await desk.start()
        await desk.agree(30)
        assert desk.loop.now - begun < 30
        left = resting(desk)
        assert 0 < left < 1_000
        await asyncio.sleep(5)
        assert resting(desk) == left
        assert all(client.placed == [] for client in desk.clients.values())

    run(scenario, accounts=20)


def test_abort_lets_nothing_leave_and_says_what_stays() -> None:
    async def scenario(desk: SimulatedDesk) -> None:
        line = " ; ".join(f"@all buy 0.01btc/each BTC.p at {59_000 - i}" for i in range(25))
        sending = asyncio.ensure_future(desk.send(line))
        left: list[float] = []
        desk.hooks.before_place = lambda _account, _requests: left.append(desk.loop.now)
        await asyncio.sleep(2.0)
        pressed = desk.loop.now
        told = await text_of(desk, "abort")
        await sending
        await asyncio.sleep(10)
        assert left[-1] <= pressed + 0.3
        placed = sum(len(client.placed) for client in desk.clients.values())
        assert 0 < placed < 50
        assert told == f"aborted: {placed} of 50 orders had left and stay; nothing more leaves"
        assert resting(desk) == placed
        assert await text_of(desk, "abort") == "nothing is being sent"

    run(scenario, faults=Faults(delay_s=0.2))
