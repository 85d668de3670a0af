"""The ladder's cursor is bound to a price; its rows say what lies there."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hedge_tui.ui.own_levels import QueueGuess, own_orders, own_position
from hedge_tui.ui.quick_lines import cancel_at_once, order_line, presets_of, typed_symbol
from hedge_tui.ui.widgets.ladder_cursor import QUIET_S, LadderCursor
from hedge_tui.ui.widgets.price_ladder import LadderSight, RowOrders, price_ladder, rows_in


def cursor_at(mid: float, tick: str = "0.1", rows: int = 11) -> LadderCursor:
    cursor = LadderCursor()
    cursor.reset(Decimal(tick))
    cursor.fit(rows)
    cursor.centre(mid)
    return cursor


def text(cursor: LadderCursor, sight: LadderSight, width: int = 38, height: int = 14) -> list[str]:
    return ["".join(part for part, _ in line) for line in price_ladder(cursor, sight, width, height)]


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("market"), st.floats(50, 200)),
        st.tuples(st.just("wait"), st.floats(0, 2)),
        st.tuples(st.just("rows"), st.integers(3, 40)),
        st.tuples(st.just("move"), st.integers(-30, 30)),
        st.tuples(st.just("follow"), st.booleans()),
    ),
    max_size=40,
)


@given(MOVES)
def test_nothing_but_a_key_moves_the_price_under_the_cursor(moves):
    cursor, now, key_s = cursor_at(100.0), 0.0, -1.0
    for what, value in moves:
        price, top, following = cursor.price(cursor.at), cursor.top, cursor.following
        if what == "move":
            cursor.move(value)
            cursor.key(now)
            key_s = now
            assert cursor.in_sight
            continue
        if what == "market":
            moved = cursor.see(value, now)
            assert not (moved and (now - key_s < QUIET_S or not following))
            assert moved or cursor.top == top
        elif what == "wait":
            now += value
        elif what == "rows":
            shown = cursor.in_sight
            cursor.fit(value)
            assert cursor.in_sight or not shown
        else:
            cursor.following = value
        assert cursor.price(cursor.at) == price


def test_a_row_is_an_exact_price_at_every_step():
    cursor = cursor_at(64_000.0, "0.05")
    assert cursor.price(cursor.at) == Decimal("64000.00")
    cursor.move(1)
    assert cursor.price(cursor.at) == Decimal("64000.05")
    for _ in range(7):
        cursor.coarser(1, 64_000.0)
    assert (cursor.step, cursor.size) == (200, Decimal("10.00"))
    assert cursor.price(cursor.at) == 64_000
    cursor.coarser(-1, 64_000.0)
    assert (cursor.step, cursor.in_sight) == (100, True)


def test_bids_are_rounded_down_and_asks_up_so_that_a_row_never_looks_better_than_it_is():
    cursor = cursor_at(100.0)
    cursor.step = 10
    assert (cursor.row_of(99.9), cursor.row_of(99.9, up=True)) == (99, 100)
    assert cursor.row_of(100.0) == cursor.row_of(100.0, up=True) == 100


def test_the_finest_step_that_shows_the_near_levels_is_chosen():
    cursor = cursor_at(100.0, rows=12)
    cursor.choose_step([95.0, 105.0])
    assert cursor.step == 10
    cursor.choose_step([99.9, 100.1])
    assert cursor.step == 1


def test_a_cursor_out_of_sight_says_where_it_is_and_comes_back_with_the_window():
    cursor = cursor_at(100.0)
    assert cursor.see(90.0, 10.0)
    assert (cursor.in_sight, cursor.hidden_rows > 0) == (False, True)
    cursor.move(-1)
    assert cursor.in_sight
    assert cursor.price(cursor.at) == Decimal("99.9")


def test_rows_show_depth_own_orders_entry_and_what_is_pending():
    cursor = cursor_at(100.0)
    at = cursor.at
    own = {("buy", at - 2): RowOrders(0.5), ("sell", at + 2): RowOrders(1.25, pending=True)}
    sight = LadderSight(
        {at - 1: 3.0}, {at + 1: 4.0}, own, (1, 3), at - 3, True, "", ("250usd", "1kusd"), 1, "note"
    )
    lines = text(cursor, sight)
    by_price = {price: line for line in lines for price in (line.split() or [""]) if "." in price}
    assert "0.500" in by_price["99.8"]
    assert "1.2…" in by_price["100.2"]
    assert "L" in by_price["99.7"]
    assert "▸" in by_price["100.0◂"]
    assert "3.000" in by_price["99.9"]
    assert lines[-2].split() == ["1", "250", "2[1k]", "usd"]
    assert lines[-1].strip() == "note"


def test_lines_fit_every_size():
    cursor = cursor_at(64_000.0)
    for width in range(20, 90, 3):
        for height in range(3, 40, 3):
            cursor.fit(rows_in(height))
            lines = text(cursor, LadderSight(presets=("250usd", "0.1btc")), width, height)
            assert len(lines) in {0, height}
            assert {len(line) for line in lines} <= {width}


ROW = {
    "client_order_id": "a", "row": 3, "account": "desk-1", "side": "buy", "type": "limit", "price": 100.0,
    "quantity": 2.0, "filled": 0.5, "status": "live", "flags": "", "entry_price": 99.0, "unrealized": 1.5,
}  # fmt: skip


def test_own_orders_are_the_working_limit_orders():
    rows = [
        ROW,
        ROW | {"client_order_id": "b", "status": "filled"},
        ROW | {"client_order_id": "c", "status": "sending"},
        ROW | {"client_order_id": "d", "flags": "post cancelling"},
        ROW | {"type": "stop_limit"},
    ]
    assert [(o.id, o.quantity, o.pending) for o in own_orders(rows)] == [
        ("a", 1.5, False), ("c", 1.5, True), ("d", 1.5, True),
    ]  # fmt: skip


def test_the_position_is_that_of_the_accounts_in_scope():
    rows = [ROW | {"side": "long"}, ROW | {"account": "desk-2", "side": "short", "quantity": 6.0}]
    assert own_position(rows, ("desk-1",)).quantity == 2.0
    both = own_position(rows, ("desk-1", "desk-2"))
    assert (both.quantity, both.entry, both.unrealized) == (-4.0, 99.0, 3.0)
    assert own_position(rows, ("desk-3",)) is None


def test_the_queue_before_us_only_grows_shorter():
    guess, orders = QueueGuess(), own_orders([ROW])
    guess.look(orders, [[100.0, 11.5]], [])
    assert guess.ahead("a") == 10.0
    guess.look(orders, [[100.0, 5.5]], [])
    assert guess.ahead("a") == 4.0
    guess.look(orders, [[100.0, 50.0]], [])  # these came behind us
    assert guess.ahead("a") == 4.0
    guess.look([], [], [])
    assert guess.ahead("a") is None


def test_keys_become_lines():
    assert order_line("sell", "500usd", "BTC.p", Decimal("64000.10"), at_once=True) == (
        "sell 500usd BTC.p at 64000.10 !"
    )
    assert cancel_at_once([ROW]) == "@desk-1 cancel #3 !"
    assert presets_of({"preset.2": "0.1btc", "preset.4": "9usd"}, ("1usd", "2usd")) == (
        "1usd", "0.1btc", "9usd", "9usd",
    )  # fmt: skip


def test_a_symbol_is_short_only_where_it_means_one_market_of_the_accounts_venue():
    def row(venue, base, kind, symbol):
        return {"venue": venue, "base": base, "kind": kind, "symbol": symbol}

    markets = {
        "v:BTC/USDT:USDT": row("v", "BTC", "perpetual", "BTC/USDT:USDT"),
        "v:ETH/USDT:USDT": row("v", "ETH", "perpetual", "ETH/USDT:USDT"),
        "v:ETH/USDC:USDC": row("v", "ETH", "perpetual", "ETH/USDC:USDC"),
        "w:BTC/USDT:USDT": row("w", "BTC", "perpetual", "BTC/USDT:USDT"),
    }
    assert typed_symbol("v:BTC/USDT:USDT", markets, "v") == "BTC.p"
    assert typed_symbol("v:ETH/USDC:USDC", markets, "v") == "ETH/USDC:USDC"
    assert typed_symbol("v:BTC/USDT:USDT", markets, "w") == "v:BTC/USDT:USDT"
    assert typed_symbol("v:BTC/USDT:USDT", markets, "") == "v:BTC/USDT:USDT"
