"""How acts change the state: fills in any order, orders counted once, memory bounded, nothing half done."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hedge_tui.domain import acts
from hedge_tui.domain.account import CashFlow
from hedge_tui.domain.errors import LedgerError
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import (
    ClientOrderId,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    VenueOrderId,
)
from hedge_tui.domain.report import Report, ReportKind
from hedge_tui.engine import bookings, reduce
from hedge_tui.engine.pnl.booking import settle_of
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.state import DeskState

BTC = InstrumentId("binanceusdm:BTC/USDT:USDT")
D = Decimal
S = OrderStatus


def id_(number: int) -> ClientOrderId:
    return ClientOrderId(f"{number:032x}")


def request(number: int, quantity: str = "1", **more: object) -> OrderRequest:
    more.setdefault("run", "run")
    return OrderRequest(
        id_(number),
        "desk-1",
        BTC,
        Side.BUY,
        OrderType.LIMIT,
        D(quantity),
        D(100),
        **more,  # type: ignore[arg-type]
    )


def report(number: int, kind: ReportKind, venue: str | None = None, **more: object) -> acts.Reported:
    venue_id = VenueOrderId(venue) if venue else None
    return acts.Reported(5, Report(kind, "desk-1", BTC, id_(number), 5, venue_id, **more))  # type: ignore[arg-type]


def fill(
    number: int | None,
    trade: str,
    quantity: str,
    price: str = "100",
    *,
    venue: str = "",
    at: int = 5,
    **more: object,
) -> acts.Filled:
    client = id_(number) if number is not None else ClientOrderId("")
    return acts.Filled(
        at,
        Fill(
            "desk-1",
            BTC,
            trade,
            client,
            VenueOrderId(venue),
            Side.BUY,
            D(quantity),
            D(price),
            D("0.01"),
            "USDT",
            Liquidity.TAKER,
            at,
            at,
            **more,  # type: ignore[arg-type]
        ),
    )


def fold(*given: acts.Act, state: DeskState | None = None) -> DeskState:
    state = state or DeskState()
    for act in given:
        apply(state, act)
        check_indexes(state)
    return state


def sent(*numbers: int, quantity: str = "1") -> list[acts.Act]:
    return [
        acts.OrdersIntended(1, tuple(request(n, quantity) for n in numbers)),
        acts.OrdersSending(2, tuple(id_(n) for n in numbers)),
    ]


def check_indexes(state: DeskState) -> None:
    """Every order is in exactly the index its status calls for."""
    working = {i for i, o in state.orders.items() if o.status.working}
    finished = {i for i, o in state.orders.items() if o.status.terminal}
    assert set(state.working) == working
    assert set(state.intents) == state.orders.keys() - working - finished
    assert set(state.finished) == finished
    assert state.rows.keys() == state.orders.keys()
    assert {row: i for i, row in state.rows.items()} == state.by_row
    for (account, venue_id), i in state.by_venue_id.items():
        assert state.orders[i].venue_order_id == venue_id
        assert state.orders[i].request.account == account


def test_every_kind_of_act_has_a_step() -> None:
    assert reduce._STEPS.keys() == acts.ACT_TYPES.keys()


def test_a_fill_counts_once() -> None:
    state = fold(*sent(1), fill(1, "t1", "0.4"), fill(1, "t1", "0.4"))
    assert state.orders[id_(1)].filled == D("0.4")
    assert state.holdings["desk-1", BTC, PositionSide.NET].quantity == D("0.4")
    assert len(state.fills) == 1


def test_a_fill_before_the_acknowledgement() -> None:
    state = fold(*sent(1), fill(1, "t1", "0.4", venue="77"), report(1, ReportKind.ACKED, "77"))
    order = state.orders[id_(1)]
    assert (order.status, order.filled, order.venue_order_id) == (S.PARTIAL, D("0.4"), "77")


def test_a_fill_that_names_only_the_venues_id_waits_for_the_acknowledgement() -> None:
    state = fold(*sent(1), fill(None, "t1", "0.4", venue="77"), fill(None, "t2", "0.6", "110", venue="77"))
    assert state.orders[id_(1)].filled == 0
    fold(report(1, ReportKind.ACKED, "77"), state=state)
    order = state.orders[id_(1)]
    assert (order.status, order.filled, order.average_price) == (S.FILLED, D(1), D(106))
    assert not state.strays


def test_a_fill_after_the_cancel_still_counts() -> None:
    state = fold(
        *sent(1),
        report(1, ReportKind.LIVE, "77"),
        report(1, ReportKind.CANCELLED, "77"),
        fill(1, "t1", "0.4"),
    )
    assert (state.orders[id_(1)].status, state.orders[id_(1)].filled) == (S.CANCELLED, D("0.4"))
    fold(fill(1, "t2", "0.6"), state=state)
    assert state.orders[id_(1)].status is S.FILLED


def test_more_than_was_ordered_is_booked_and_nothing_is_left() -> None:
    state = fold(*sent(1), fill(1, "t1", "1.5"))
    assert (state.orders[id_(1)].filled, state.orders[id_(1)].remaining) == (D("1.5"), 0)
    assert state.holdings["desk-1", BTC, PositionSide.NET].quantity == D("1.5")


def test_long_and_short_of_one_instrument_have_a_cost_each() -> None:
    long, short = PositionSide.LONG, PositionSide.SHORT
    state = fold(
        fill(None, "t1", "2", "100", position_side=long),
        fill(None, "t2", "1", "200", position_side=long),
        acts.LedgerSeeded(5, "desk-1", BTC, D(-3), D(130), short),
        fill(None, "t3", "1", "90", position_side=short),
    )
    held = {key[2]: (h.quantity, h.entry_price.quantize(D("0.01"))) for key, h in state.holdings.items()}
    assert held == {long: (D(3), D("133.33")), short: (D(-2), D("130.00"))}
    assert state.realized["desk-1", BTC, "t3"] == 40
    assert state.realized["desk-1", BTC, "t2"] == 0


def test_each_leg_has_its_own_sums_of_the_day() -> None:
    long, short = PositionSide.LONG, PositionSide.SHORT
    state = fold(
        fill(None, "t1", "1", "100", position_side=long, realized_pnl=D(5)),
        fill(None, "t2", "1", "100", position_side=short, realized_pnl=D(-2)),
        fill(None, "t3", "1", "100", realized_pnl=D(1)),
    )
    realized = {leg: today.realized["USDT"] for (_, leg), today in state.today.items()}
    assert realized == {f"{BTC}|long": 5, f"{BTC}|short": -2, BTC: 1}


def test_a_fill_without_a_side_takes_that_of_its_order() -> None:
    intended = acts.OrdersIntended(1, (request(1, position_side=PositionSide.SHORT),))
    state = fold(intended, acts.OrdersSending(2, (id_(1),)), fill(1, "t1", "1"))
    assert list(state.holdings) == [("desk-1", BTC, PositionSide.SHORT)]


def test_reports_and_fills_of_the_same_execution_are_not_added_up() -> None:
    state = fold(
        *sent(1),
        report(1, ReportKind.FILL, "77", filled=D("0.4"), average_price=D(100)),
        fill(1, "t1", "0.4", "100", venue="77"),
    )
    assert state.orders[id_(1)].filled == D("0.4")


def test_a_late_first_fill_does_not_spoil_the_average() -> None:
    state = fold(
        *sent(1),
        report(1, ReportKind.FILL, "77", filled=D("0.5"), average_price=D(104)),
        fill(1, "t1", "0.1", "100", venue="77"),
    )
    assert (state.orders[id_(1)].filled, state.orders[id_(1)].average_price) == (D("0.5"), D(104))


def test_an_order_that_comes_back_is_finished_once_when_it_ends_again() -> None:
    state = fold(*sent(1), report(1, ReportKind.NO_ANSWER), report(1, ReportKind.ABSENT))
    assert list(state.finished) == [id_(1)]
    fold(report(1, ReportKind.LIVE, "77"), state=state)
    assert not state.finished
    fold(report(1, ReportKind.CANCELLED, "77"), report(1, ReportKind.CANCELLED, "77"), state=state)
    assert list(state.finished) == [id_(1)]


def test_a_denied_intent_is_finished_and_was_never_working() -> None:
    state = fold(acts.OrdersIntended(1, (request(1),)), report(1, ReportKind.DENIED))
    assert list(state.finished) == [id_(1)]
    fold(acts.CancelsSending(3, (id_(1),)), state=state)
    assert not state.orders[id_(1)].cancel_asked


@pytest.mark.parametrize(
    "act",
    [
        acts.OrdersIntended(1, (request(2), request(1))),
        acts.OrdersIntended(1, (request(3), request(3))),
        acts.OrdersSending(2, (id_(9),)),
        fill(8, "t1", "1"),
    ],
)
def test_a_contradiction_leaves_the_state_as_it_was(act: acts.Act) -> None:
    state = fold(*sent(1), acts.OrdersIntended(1, (request(8),)))
    before = (dict(state.orders), dict(state.holdings), state.next_row, state.day_orders, len(state.fills))
    with pytest.raises(LedgerError):
        apply(state, act)
    assert before == (
        dict(state.orders),
        dict(state.holdings),
        state.next_row,
        state.day_orders,
        len(state.fills),
    )


def test_a_fill_while_an_amendment_is_on_its_way_does_not_end_the_order() -> None:
    state = fold(*sent(1), report(1, ReportKind.LIVE, "77"), acts.AmendSending(3, id_(1), "2", "100"))
    fold(fill(1, "t1", "1", venue="77"), state=state)
    assert state.orders[id_(1)].status is S.PARTIAL
    fold(report(1, ReportKind.AMENDED, "77", quantity=D(2)), state=state)
    assert (state.orders[id_(1)].status, state.orders[id_(1)].remaining) == (S.PARTIAL, 1)


def test_a_refused_amendment_lets_the_filled_order_end() -> None:
    state = fold(*sent(1), report(1, ReportKind.LIVE, "77"), acts.AmendSending(3, id_(1), "2", "100"))
    fold(fill(1, "t1", "1", venue="77"), report(1, ReportKind.AMEND_REFUSED), state=state)
    assert state.orders[id_(1)].status is S.FILLED


def test_a_late_report_does_not_undo_an_amendment() -> None:
    state = fold(
        *sent(1),
        report(1, ReportKind.LIVE, "77", venue_ns=10),
        report(1, ReportKind.AMENDED, "77", venue_ns=30, quantity=D(3), price=D(90)),
        report(1, ReportKind.AMENDED, "77", venue_ns=20, quantity=D(2), price=D(95)),
    )
    made = state.orders[id_(1)].request
    assert (made.quantity, made.price) == (3, 90)


def test_memory_is_bounded_and_rows_are_never_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduce, "KEEP_FINISHED", 10)
    monkeypatch.setattr(reduce, "KEEP_RUNS", 5)
    monkeypatch.setattr(reduce, "KEEP_STRAYS", 4)
    monkeypatch.setattr(bookings, "KEEP_SEEN", 20)
    state = DeskState()
    for n in range(1, 200):
        run = f"run-{n}"
        fold(
            acts.LineConfirmed(1, run, "buy", "h", "keyboard"),
            acts.OrdersIntended(1, (request(n, run=run),)),
            acts.OrdersSending(2, (id_(n),)),
            report(n, ReportKind.LIVE, f"v{n}"),
            fill(n, f"t{n}", "1", venue=f"v{n}"),
            fill(None, f"s{n}", "1", venue=f"nobody-{n}"),
            acts.LineConfirmed(1, f"cancel-{n}", "cancel", "h", "keyboard"),
            state=state,
        )
    assert len(state.orders) == len(state.finished) == len(state.rows) == len(state.by_row) == 10
    assert len(state.by_venue_id) == len(state.fill_sums) == 10
    assert len(state.seen_fills) <= 20
    assert len(state.strays) <= 4
    assert len(state.runs) <= 6
    assert len(state.run_orders) <= 10
    assert state.next_row == 200
    assert len(state.realized) == len(state.fills)


def test_an_adopted_order_is_known_by_the_venues_id() -> None:
    order = Order(request(1, run=""), S.LIVE, 1, 1, VenueOrderId("77"), external=True)
    state = fold(acts.OrderAdopted(1, order), acts.OrderAdopted(2, order))
    assert len(state.orders) == 1
    fold(fill(None, "t1", "1", venue="77"), state=state)
    assert state.orders[id_(1)].status is S.FILLED


def test_ids_of_another_account_do_not_meet() -> None:
    state = fold(*sent(1), report(1, ReportKind.LIVE, "77"))
    assert state.order_of("desk-2", id_(1), "77") is None


def test_the_days_sums_start_again_and_keep_what_the_new_day_had_seen() -> None:
    midnight = 1_000
    flow = CashFlow("desk-1", "f1", "funding", "USDT", D(-3), midnight, BTC)
    state = fold(
        acts.DayStarted(10, 0, "USDT", (("desk-1", D(500)),)),
        fill(None, "old", "1", at=900),
        fill(None, "new", "1", at=midnight + 1, realized_pnl=D(7)),
        acts.CashMoved(midnight + 2, flow),
        acts.CashMoved(midnight + 2, flow),
        acts.DayStarted(midnight + 5, midnight, "USDT", ()),
    )
    today = state.today["desk-1", BTC]
    assert today.realized == {"USDT": D(7)}
    assert today.fees == {"USDT": D("0.01")}
    assert today.funding == {"USDT": D(-3)}
    assert state.day_equity == {}


def test_money_moved_before_the_days_equity_was_taken_is_part_of_it() -> None:
    def moved(name: str, at: int) -> acts.CashMoved:
        return acts.CashMoved(at, CashFlow("desk-1", name, "deposit", "USDT", D(100), at))

    state = fold(moved("early", 5), acts.DayStarted(10, 1, "USDT", (("desk-1", D(500)),)))
    assert state.flows == {}
    fold(moved("history", 7), moved("new", 20), moved("new", 20), state=state)
    assert state.flows == {"desk-1": {"USDT": D(100)}}


def test_the_days_caps_count_what_was_meant_and_what_amendments_add() -> None:
    more = request(2, reduce_only=True)
    state = fold(
        acts.OrdersIntended(1, (request(1), more), (D(100), D(40))),
        acts.OrdersSending(2, (id_(1),)),
        report(1, ReportKind.LIVE, "77"),
        acts.AmendSending(3, id_(1), "2", "100", D(50)),
    )
    assert (state.day_notional, state.day_orders) == ({"desk-1": D(150)}, 2)


def test_settings_are_kept_and_removed() -> None:
    state = fold(acts.SettingChanged(1, "alias", "b1", "buy 1btc BTC.p", "keyboard"))
    assert state.settings == {("alias", "b1"): "buy 1btc BTC.p"}
    fold(acts.SettingChanged(2, "alias", "b1", "", "keyboard"), state=state)
    assert state.settings == {}


def test_the_settle_asset_of_an_unlisted_instrument_is_read_from_its_name() -> None:
    state = DeskState()
    assert [settle_of(state, n) for n in ("v:BTC/USDT", "v:BTC/USDT:USDT", "v:BTC/USD:BTC")] == [
        "USDT",
        "USDT",
        "BTC",
    ]
