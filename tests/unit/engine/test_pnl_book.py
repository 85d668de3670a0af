"""The PnL book: stream and ledger tell one movement between them; days, sessions, tags, coins."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hedge_tui.domain import acts
from hedge_tui.domain.account import Account, CashFlow, Mode
from hedge_tui.domain.errors import StoreError
from hedge_tui.domain.fill import Fill, Liquidity
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.order import ClientOrderId, OrderRequest, OrderType, Side, VenueOrderId
from hedge_tui.engine import checkpoint
from hedge_tui.engine.bookings import EVERYTHING
from hedge_tui.engine.pnl.book import KEEP_DAYS, Sums
from hedge_tui.engine.pnl.calendar import Calendar
from hedge_tui.engine.pnl.report import Report
from hedge_tui.engine.reduce import apply
from hedge_tui.engine.state import DeskState

D = Decimal
NS = 10**9
DAY = 86_400 * NS
T0 = 20_000 * DAY
COIN = InstrumentId("binance:BTC/USDT")
PERP = InstrumentId("binanceusdm:BTC/USDT:USDT")


def flow(id_: str, quantity: str, at: int = T0, kind: str = "funding", **more: Any) -> acts.CashMoved:
    return acts.CashMoved(at, CashFlow("a", id_, kind, "USDT", D(quantity), at, **more))


def told(id_: str, quantity: str, at: int = T0, kind: str = "funding") -> acts.CashMoved:
    return flow(id_, quantity, at, kind, told=True)


def read(until: int, source: str = "income", *, settles: bool = True) -> acts.PastRead:
    return acts.PastRead(until, "a", source, "m", until, done=True, settles=settles)


def fill(  # noqa: PLR0917 - read as a row
    trade: int, side: Side, quantity: str, price: str, at: int, instrument: InstrumentId = COIN
) -> Fill:
    id_, venue_id = ClientOrderId(f"{trade:032x}"), VenueOrderId(str(trade))
    return Fill(
        "a", instrument, str(trade), id_, venue_id, side, D(quantity), D(price), D("0.1"), "USDT",
        Liquidity.TAKER, at, at,
    )  # fmt: skip


def total(state: DeskState) -> Sums:
    found = Sums()
    for sums in state.book.cells.values():
        found.add(sums)
    return found


def run(*batch: acts.Act) -> DeskState:
    state = DeskState()
    for act in batch:
        apply(state, act)
    return state


WORD, ROW = told("s", "-1.5"), flow("FUNDING_FEE/7", "-1.5", instrument=PERP)


@pytest.mark.parametrize("order", [(WORD, ROW), (ROW, WORD), (WORD, ROW, WORD, ROW), (ROW,)])
def test_one_movement_is_booked_once_whoever_tells_it_first(order: tuple[acts.Act, ...]) -> None:
    state = run(*order)
    assert total(state).funding == D("-1.5")
    (key,) = state.book.cells
    assert key[3] == PERP, "the ledger's row, which knows the instrument, is the one that stays"
    assert [one.instrument for one in state.cash] == [PERP]


def test_twice_the_same_sum_in_one_second_is_two_movements() -> None:
    batch = [told("s1", "5", kind="transfer"), told("s2", "5", T0 + 1, "transfer")]
    state = run(*batch, flow("t/1", "5", kind="transfer"), flow("t/2", "5", T0 + 1, "transfer"))
    assert total(state).transfers == 10
    assert state.unsettled["a"].told == []


def test_a_word_for_two_rows_is_taken_back_when_the_ledger_is_read_past_it() -> None:
    """One update of the stream may tell the funding of all positions together."""
    state = run(told("s", "-3"), flow("f/1", "-1"), flow("f/2", "-2"))
    assert total(state).funding == -6
    apply(state, read(T0 + 60 * NS))
    assert total(state).funding == -6, "the ledger may be late"
    apply(state, read(T0 + 200 * NS))
    assert total(state).funding == -3


def test_a_word_stays_where_the_ledger_does_not_hold_everything() -> None:
    state = run(told("s", "8", kind="deposit"), read(T0 + DAY, "deposits", settles=False))
    assert total(state).deposits == 8


def test_money_that_moved_is_no_profit_and_nets_to_zero_between_own_accounts() -> None:
    state = run(flow("1", "100", kind="deposit"), flow("2", "-40", kind="transfer"))
    apply(state, acts.CashMoved(T0, CashFlow("b", "3", "transfer", "USDT", D(40), T0)))
    found = total(state)
    assert (found.net, found.deposits, found.transfers) == (0, 100, 0)


def test_today_and_flows_follow_what_is_taken_back() -> None:
    state = DeskState()
    apply(state, acts.DayStarted(T0, T0, "USDT", (("a", D(1000)),)))
    apply(state, told("s", "-3", T0 + NS))
    apply(state, told("d", "50", T0 + NS, "transfer"))
    apply(state, read(T0 + 300 * NS))
    assert state.today["a", ""].funding == {"USDT": 0}
    assert state.flows["a"] == {"USDT": 0}
    assert state.book.cells == {}


def test_a_coins_cost_is_that_of_the_venues_order_however_late_an_execution_is_told() -> None:
    first = fill(1, Side.BUY, "1", "100", T0)
    missed = fill(2, Side.BUY, "1", "200", T0 + NS)
    sold = fill(3, Side.SELL, "1", "300", T0 + 2 * NS)
    late = run(*(acts.Filled(T0, one) for one in (first, sold, missed)))
    right = run(*(acts.Filled(T0, one) for one in (first, missed, sold)))
    assert total(late).realized == total(right).realized == 150
    assert late.holdings == right.holdings
    assert late.realized == right.realized


def test_coins_from_before_keep_the_cost_they_were_bought_at() -> None:
    """Bought at 100, worth 500 when the desk first looked, sold at 600: it earned 500, not 100."""
    state = run(
        acts.LedgerSeeded(T0, "a", COIN, D(2), D(500)),
        acts.Filled(T0, fill(9, Side.SELL, "1", "600", T0 + NS)),
        acts.FillImported(T0, fill(1, Side.BUY, "3", "100", T0 - 9 * DAY)),
        acts.FillImported(T0, fill(2, Side.SELL, "1", "110", T0 - 8 * DAY)),
    )
    assert total(state).realized == 100 + 10
    apply(state, acts.PastRead(T0, "a", EVERYTHING, "trades", T0, done=True))
    assert total(state).realized == 500 + 10


def test_coins_of_unknown_cost_realize_nothing() -> None:
    state = run(acts.FillImported(T0, fill(1, Side.SELL, "3", "100", T0)))
    assert total(state).realized == 0


def test_a_day_begins_where_the_trader_says() -> None:
    state = DeskState()
    state.calendar = Calendar("America/New_York", "17:00")
    apply(state, flow("1", "1", state.calendar.start_of(state.calendar.date_of(T0)) - 1))
    apply(state, flow("2", "1", state.calendar.start_of(state.calendar.date_of(T0))))
    lines, _ = Report(state.book, state.calendar, {}).lines("day")
    assert len(lines) == 2
    assert lines[1].start_ns - lines[0].start_ns == DAY


def test_a_checkpoint_of_another_calendar_is_passed_over() -> None:
    saved = checkpoint.dump(run(flow("1", "1")))
    state = DeskState()
    state.calendar = Calendar("Asia/Tokyo", "00:00")
    with pytest.raises(StoreError, match="counts days by UTC 00:00"):
        checkpoint.load(state, saved)


def test_sessions_part_the_book_and_old_days_are_forgotten() -> None:
    state = run(
        flow("1", "1"),
        acts.SessionStarted(T0 + NS, "asia"),
        flow("2", "2", T0 + 2 * NS),
        acts.SessionStarted(T0 + 3 * NS, "asia"),
        flow("3", "4", T0 + 4 * NS),
        flow("4", "8", T0 + 2 * NS),  # told late: it belongs to the session it happened in
    )
    lines, every = Report(state.book, state.calendar, {}).lines("session")
    assert [line.assets["USDT"].funding for line in lines] == [1, 10, 4]
    assert len({line.key for line in lines}) == 3
    assert every.assets["USDT"].funding == 15
    apply(state, flow("5", "16", T0 + (KEEP_DAYS + 2) * DAY))
    assert total(state).funding == 16


def test_a_tag_takes_along_what_was_earned_before_it_was_given() -> None:
    request = OrderRequest(
        ClientOrderId(f"{7:032x}"), "a", PERP, Side.BUY, OrderType.MARKET, D(1), None, run="r1"
    )
    state = run(
        acts.OrdersIntended(T0, (request,)),
        acts.OrdersSending(T0, (request.client_order_id,)),
        acts.Filled(T0, fill(7, Side.BUY, "1", "100", T0, PERP)),
    )
    accounts = {"a": Account("a", "binanceusdm", Mode.SANDBOX, tags=("desk",))}
    report = Report(state.book, state.calendar, accounts)
    assert [line.key for line in report.lines("tag")[0]] == ["desk"]
    apply(state, acts.SettingChanged(T0, "tag", "run:r1", "carry", "keyboard"))
    assert [line.key for line in report.lines("tag")[0]] == ["carry"]
    apply(state, acts.SettingChanged(T0, "tag", "run:r1", "", "keyboard"))
    assert [line.key for line in report.lines("tag")[0]] == ["desk"]
    assert total(state).fees == D("0.1")


def test_an_account_of_two_groups_counts_in_both_and_once_in_all() -> None:
    state = run(flow("1", "3"))
    accounts = {"a": Account("a", "binance", Mode.SANDBOX, ("core", "swing"))}
    lines, every = Report(state.book, state.calendar, accounts).lines("group")
    assert [(line.key, line.assets["USDT"].funding) for line in lines] == [("core", 3), ("swing", 3)]
    assert every.assets["USDT"].funding == 3
